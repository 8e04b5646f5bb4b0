/**
 * Bundles leave out parts of the SDK. Whatever AWS answers, Teal must make the same of it with
 * them as without.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetErrorClasses, markShapesPure, slimSdk } from '../../scripts/slim-sdk.ts';
import { EC2_BY_NAME } from '../../scripts/slim-shapes.ts';
import { type Answerer, loadBundle, openAnswerer } from './bundled.ts';

/** One call of each protocol that Teal speaks, each made into Teal's own failure. */
const SOURCE = `
  import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
  import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
  import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
  import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
  import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
  import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
  import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
  import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
  import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
  import { SFNClient, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
  import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
  import { StandardRetryStrategy } from '@smithy/core/retry';
  import { call } from './shared/aws/call.ts';

  const CALLS = {
    autoScaling: [AutoScalingClient, new DescribeAutoScalingGroupsCommand({})],
    cloudWatch: [CloudWatchClient, new DescribeAlarmsCommand({})],
    dynamoDb: [DynamoDBClient, new GetItemCommand({ TableName: 't', Key: { pk: { S: 'x' } } })],
    ec2: [EC2Client, new DescribeImagesCommand({})],
    loadBalancing: [ElasticLoadBalancingV2Client, new DescribeTargetGroupsCommand({})],
    kms: [KMSClient, new DescribeKeyCommand({ KeyId: 'k' })],
    route53: [Route53Client, new ChangeResourceRecordSetsCommand({ HostedZoneId: '/hostedzone/z', ChangeBatch: { Changes: [] } })],
    serviceQuotas: [ServiceQuotasClient, new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: 'L-1' })],
    ssm: [SSMClient, new PutParameterCommand({ Name: 'n', Value: 'v' })],
    stepFunctions: [SFNClient, new SendTaskSuccessCommand({ taskToken: 't', output: '{}' })],
    sns: [SNSClient, new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:0:t', Message: 'm' })],
  };

  export function locate(service, place) {
    const [Client] = CALLS[service];
    const { config } = new Client({ region: place.Region });
    try {
      const { url, headers, properties } = config.endpointProvider(place);
      return { href: url.href, headers, properties };
    } catch ({ message }) {
      return message;
    }
  }

  export async function fail(service, endpoint) {
    const [Client, command] = CALLS[service];
    const client = new Client({
      endpoint, region: 'us-east-1',
      retryStrategy: new StandardRetryStrategy({
        maxAttempts: 2,
        backoff: { computeNextBackoffDelay: () => 0, setDelayBase: () => undefined },
      }),
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    });
    try {
      await call('Anything', 'something', () => client.send(command));
    } catch ({ name, message, facts }) {
      return { name, message, facts };
    } finally {
      client.destroy();
    }
  }
`;

const query = (code: string): string =>
  `<ErrorResponse xmlns="http://example.com/"><Error><Type>Sender</Type><Code>${code}</Code>` +
  '<Message>That did not work.</Message></Error><RequestId>r-1</RequestId></ErrorResponse>';

const ec2 = (code: string): string =>
  `<Response><Errors><Error><Code>${code}</Code><Message>That did not work.</Message></Error>` +
  '</Errors><RequestID>r-1</RequestID></Response>';

const json = (code: string): string =>
  JSON.stringify({ __type: `com.amazonaws.any#${code}`, message: 'That did not work.' });

type Answer = [service: string, code: string, body: (code: string) => string, status?: number];

/** Errors that the SDK has a class for, and one of each service that it has none for. */
const ANSWERS: readonly Answer[] = [
  ['autoScaling', 'ResourceContention', query, 500],
  ['autoScaling', 'ScalingActivityInProgress', query],
  ['autoScaling', 'ValidationError', query],
  ['cloudWatch', 'InvalidNextToken', json],
  ['cloudWatch', 'ThrottlingException', json],
  ['dynamoDb', 'ConditionalCheckFailedException', json],
  ['dynamoDb', 'ProvisionedThroughputExceededException', json],
  ['dynamoDb', 'InternalServerError', json, 500],
  ['dynamoDb', 'ValidationException', json],
  ['ec2', 'InvalidAMIID.NotFound', ec2],
  ['ec2', 'RequestLimitExceeded', ec2],
  ['loadBalancing', 'AccessDenied', query],
  ['loadBalancing', 'PriorRequestNotComplete', query],
  ['loadBalancing', 'ResourceInUse', query],
  ['loadBalancing', 'TargetGroupNotFound', query],
  ['stepFunctions', 'InvalidToken', json],
  ['stepFunctions', 'TaskTimedOut', json],
  ['stepFunctions', 'AccessDeniedException', json],
  ['kms', 'NotFoundException', json],
  ['route53', 'InvalidChangeBatch', query],
  ['route53', 'PriorRequestNotComplete', query],
  ['serviceQuotas', 'AccessDeniedException', json],
  ['serviceQuotas', 'NoSuchResourceException', json],
  ['serviceQuotas', 'TooManyRequestsException', json],
  ['ssm', 'ParameterNotFound', json],
  ['sns', 'NotFound', query, 404],
  ['sns', 'Throttled', query, 429],
  ['sns', 'AuthorizationError', query],
];

/** A region of each partition, and the two of GovCloud, which some services treat apart. */
const REGIONS = ['eu-west-1', 'cn-north-1', 'us-gov-east-1', 'us-gov-west-1', 'us-iso-east-1'];

/** Milliseconds to make bundles on a machine that is busy with other tests. */
const BUNDLING_MAX = 60_000;

interface Sdk {
  readonly fail: (service: string, endpoint: string) => Promise<unknown>;
  readonly locate: (service: string, place: Readonly<Record<string, unknown>>) => unknown;
}

function bundle(folder: string, isSlim: boolean): Promise<Sdk> {
  return loadBundle<Sdk>(path.join(folder, isSlim ? 'slim.mjs' : 'whole.mjs'), {
    stdin: { contents: SOURCE, resolveDir: path.resolve(import.meta.dirname, '../..') },
    plugins: isSlim ? [slimSdk(EC2_BY_NAME)] : [],
  });
}

describe('the SDK in a bundle', () => {
  let folder: string;
  let server: Answerer;
  let endpoint: string;
  let answer = { status: 400, body: '' };
  let asked = 0;
  let slim: Sdk;
  let whole: Sdk;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'teal-slim-'));
    [slim, whole] = await Promise.all([bundle(folder, true), bundle(folder, false)]);
    server = await openAnswerer((request, response) => {
      asked += 1;
      request.resume();
      response.writeHead(answer.status, { 'x-amzn-requestid': 'r-1' });
      response.end(answer.body);
    });
    ({ endpoint } = server);
  }, BUNDLING_MAX);

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it.each(ANSWERS)(
    'tells %s %s as the whole SDK does',
    async (service, code, body, status = 400) => {
      answer = { status, body: body(code) };
      asked = 0;
      const expected = await whole.fail(service, endpoint);
      const attempts = asked;
      asked = 0;
      expect(await slim.fail(service, endpoint)).toEqual(expected);
      // At least: by its class, the whole SDK takes PriorRequestNotComplete for an unknown error.
      expect(asked).toBeGreaterThanOrEqual(attempts);
      expect(expected).toMatchObject({ facts: { code } });
    },
  );

  it.each([...new Set(ANSWERS.map(([service]) => service))])(
    'finds %s where the whole SDK does, in every partition',
    (service) => {
      for (const Region of REGIONS) {
        for (const UseFIPS of [false, true]) {
          for (const UseDualStack of [false, true]) {
            const place = { Region, UseFIPS, UseDualStack };
            expect(slim.locate(service, place)).toEqual(whole.locate(service, place));
          }
        }
      }
      expect(slim.locate(service, { Region: 'eu-west-1' })).toHaveProperty('href');
    },
  );
});

describe('what is left out of it', () => {
  it('is a class for each error, but not the one that all of them share', () => {
    const base = '_s_registry.registerError(BaseException$, BaseException);';
    const one = 'n0_registry.registerError(NotFound$, NotFound);';
    expect(forgetErrorClasses(`${base}\n${one}\n`)).toBe(`${base}\n\n`);
  });

  it('is a shape that nobody uses', () => {
    expect(markShapesPure('export var A$ = [1, { [_k]: 2 }];')).toBe(
      'export var A$ = /* @__PURE__ */ (() => [1, { [_k]: 2 }])();',
    );
  });
});
