/**
 * The wire, seen from the SDK's own clients: whatever they send is read, whatever is answered
 * reaches them. Seeded; `WIRE_SEED=<n> npx vitest run test/region/wire.test.ts` repeats a run.
 */
import { isDeepStrictEqual } from 'node:util';
import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as imageBuilder from '@aws-sdk/client-imagebuilder';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as route53 from '@aws-sdk/client-route-53';
import * as serviceQuotas from '@aws-sdk/client-service-quotas';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { describe, expect, test } from 'vitest';
import { toWireRequest } from '../../region/endpoint/request-handler.ts';
import type { SdkRequest } from '../../region/endpoint/request-handler.ts';
import { AwsError } from '../../region/kernel/aws-error.ts';
import { createRandom } from '../../region/kernel/chance.ts';
import type { ServiceName } from '../../region/kernel/service.ts';
import { decode } from '../../region/wire/decode.ts';
import type { DecodedCall, WireAnswer, WireRequest } from '../../region/wire/message.ts';
import { serviceModel } from '../../region/wire/model.ts';
import type { OperationModel, Shape } from '../../region/wire/model.ts';

const SEED = Number(process.env['WIRE_SEED'] ?? 20);

type Client = { send(command: unknown): Promise<Record<string, unknown>> };
type Answering = (call: DecodedCall) => WireAnswer;

const clients: Readonly<Record<ServiceName, readonly [object, string]>> = {
  'auto-scaling': [autoScaling, 'AutoScalingClient'],
  cloudwatch: [cloudwatch, 'CloudWatchClient'],
  dynamodb: [dynamodb, 'DynamoDBClient'],
  ec2: [ec2, 'EC2Client'],
  'elastic-load-balancing-v2': [elb, 'ElasticLoadBalancingV2Client'],
  eventbridge: [eventbridge, 'EventBridgeClient'],
  imagebuilder: [imageBuilder, 'ImagebuilderClient'],
  kms: [kms, 'KMSClient'],
  lambda: [lambda, 'LambdaClient'],
  'route-53': [route53, 'Route53Client'],
  'service-quotas': [serviceQuotas, 'ServiceQuotasClient'],
  sfn: [sfn, 'SFNClient'],
  sns: [sns, 'SNSClient'],
  sqs: [sqs, 'SQSClient'],
  ssm: [ssm, 'SSMClient'],
  sts: [sts, 'STSClient'],
};

/** A client whose requests `answering` answers, without a socket. */
function clientOf(name: ServiceName, answering: () => Answering, more: object = {}): Client {
  const [module, className] = clients[name];
  const Constructor = (module as Record<string, new (config: object) => Client>)[className]!;
  return new Constructor({
    endpoint: 'http://127.0.0.1',
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    maxAttempts: 1,
    disableHostPrefix: true,
    // SQS's client compares digests, and texts that were made up do not have the right ones.
    md5: false,
    requestHandler: {
      handle: async (request: SdkRequest) => {
        const call = decode(toWireRequest(request), 'request-1');
        if (!call) throw new Error(`nobody reads ${request.method} ${request.path}`);
        const { status, headers, body } = answering()(call);
        return { response: { statusCode: status, headers, body: Buffer.from(body) } };
      },
    },
    ...more,
  });
}

function commandOf(name: ServiceName, operation: string, input: unknown): unknown {
  const [module] = clients[name];
  const Command = (module as Record<string, new (input: unknown) => unknown>)[
    `${operation}Command`
  ];
  return Command && new Command(input);
}

/** A client with an endpoint id signs for all regions at once, which needs another library. */
const NOT_GENERATED: ReadonlySet<string> = new Set(['EndpointId']);

/** Operations that no round trip can show, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  InvokeAsync: 'takes a stream',
  InvokeWithResponseStream: 'answers a stream of events',
  CopySnapshot: 'the client adds a signed URL',
};

/** Values that a shape allows, at random. */
function createGenerator(random: () => number): (shape: Shape) => unknown {
  const TEXTS = ['abc', 'a b/c?&=é+%', '<x & "y">', "it's", ' ', '12', 'a\nb'];
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const structure = (shape: Shape, depth: number, needed: boolean): unknown => {
    const members = [...shape.structIterator()];
    const chosen = shape.isUnionSchema() ? [pick(members)] : members;
    const value: Record<string, unknown> = {};
    const required = Number((shape.getSchema() as unknown as unknown[])[6] ?? 0);
    for (const [index, [name, member]] of chosen.entries()) {
      const { httpResponseCode, httpPayload, idempotencyToken } = member.getMergedTraits();
      const must = index < required || httpPayload || idempotencyToken || shape.isUnionSchema();
      if (NOT_GENERATED.has(name) || member.isStreaming() || member.isDocumentSchema()) continue;
      if (!must && !httpResponseCode && (depth > 3 || random() < 0.35)) continue;
      const item = httpResponseCode ? 200 : generate(member, depth + 1, Boolean(must));
      if (item !== undefined) value[name] = item;
    }
    const [first] = members;
    if (Object.keys(value).length === 0 && needed && first) {
      value[first[0]] = generate(first[1], depth + 1, true);
    }
    return Object.keys(value).length === 0 && depth > 0 ? undefined : value;
  };
  const generate = (shape: Shape, depth: number, needed = false): unknown => {
    if (shape.isStructSchema()) return structure(shape, depth, needed);
    if (shape.isListSchema()) {
      const items = [0, 1].map(() => generate(shape.getValueSchema(), depth + 1, needed));
      const kept = items.filter((item) => item !== undefined);
      return kept.length > 0 ? kept : undefined;
    }
    if (shape.isMapSchema()) {
      const value = generate(shape.getValueSchema(), depth + 1, needed);
      return value === undefined ? undefined : { [pick(['k1', 'k.2'])]: value };
    }
    if (shape.isBooleanSchema()) return random() < 0.5;
    if (shape.isNumericSchema()) return Math.floor(random() * 100);
    if (shape.isTimestampSchema()) return new Date(Math.floor(random() * 1e6) * 1000);
    if (shape.isBlobSchema()) return new Uint8Array([1, 2, 255]);
    return pick(TEXTS);
  };
  return (shape) => (shape.isStructSchema() ? generate(shape, 0) : {});
}

/** A value without the traces of the SDK's own classes. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const entries = Object.entries(value)
    .filter(([name, item]) => name !== '$metadata' && item !== undefined)
    .map(([name, item]) => [name, plain(item)]);
  return Object.fromEntries(entries);
}

const spell = (value: unknown): string => JSON.stringify(plain(value));

async function roundTrip(
  name: ServiceName,
  operation: OperationModel,
  generate: (shape: Shape) => unknown,
  use: (answering: Answering) => Client,
): Promise<string | undefined> {
  const input = generate(operation.input);
  const output = generate(operation.output);
  const command = commandOf(name, operation.name, structuredClone(input));
  if (!command) return undefined;
  let seen: unknown;
  try {
    const answered = await use((call) => {
      seen = call.readInput();
      return call.reply(output);
    }).send(command);
    if (!isDeepStrictEqual(plain(seen), plain(input))) {
      return `${operation.name} read ${spell(seen)} for ${spell(input)}`;
    }
    if (isDeepStrictEqual(plain(answered), plain(output))) return undefined;
    return `${operation.name} answered ${spell(answered)} for ${spell(output)}`;
  } catch (error) {
    return `${operation.name}: ${(error as Error).message}`;
  }
}

async function failures(name: ServiceName, more: object = {}): Promise<readonly string[]> {
  let answering: Answering;
  const client = clientOf(name, () => answering, more);
  const generate = createGenerator(createRandom(SEED));
  const found: string[] = [];
  for (const operation of serviceModel(name).operations.values()) {
    if (operation.name in LEFT_OUT) continue;
    const failure = await roundTrip(name, operation, generate, (next) => {
      answering = next;
      return client;
    });
    if (failure) found.push(failure);
  }
  return found;
}

describe(`every modelled operation, with seed ${SEED}`, () => {
  for (const name of Object.keys(clients) as ServiceName[]) {
    test(`${name} reads what its client sends and the client reads what it answers`, async () => {
      expect((await failures(name)).slice(0, 5)).toEqual([]);
    });
  }

  test('cloudwatch speaks RPC v2 CBOR too', async () => {
    const cbor = { protocol: AwsSmithyRpcV2CborProtocol };
    expect((await failures('cloudwatch', cbor)).slice(0, 5)).toEqual([]);
  });

  test('the table of protocols agrees with what the clients are built for', () => {
    for (const [name, [module, className]] of Object.entries(clients)) {
      const Constructor = (module as Record<string, new (config: object) => object>)[className]!;
      const { config } = new Constructor({ region: 'us-east-1' }) as {
        config: { protocolSettings: Record<string, unknown>; defaultSigningName: string };
      };
      const { version, serviceTarget, xmlNamespace } = config.protocolSettings;
      const model = serviceModel(name as ServiceName);
      expect([name, model.version, model.target, model.signingName]).toEqual([
        name,
        version,
        serviceTarget,
        config.defaultSigningName,
      ]);
      expect(model.xmlNamespace ?? xmlNamespace).toBe(xmlNamespace);
    }
  });
});

/** Sends one command to a server that refuses, and answers the error that the client throws. */
async function refusalOf(
  name: ServiceName,
  operation: string,
  input: object,
  refuse: AwsError,
): Promise<Error & Record<string, unknown>> {
  const client = clientOf(name, () => (call) => call.fail(refuse));
  return client.send(commandOf(name, operation, input)).then(
    () => {
      throw new Error('the call was not refused');
    },
    (error: Error & Record<string, unknown>) => error,
  );
}

describe('a refusal reaches the client as the exception it expects', () => {
  const cases: readonly [ServiceName, string, object, string, string, number][] = [
    [
      'elastic-load-balancing-v2',
      'DescribeTargetHealth',
      { TargetGroupArn: 'x' },
      'TargetGroupNotFound',
      'TargetGroupNotFoundException',
      400,
    ],
    [
      'auto-scaling',
      'DeleteAutoScalingGroup',
      { AutoScalingGroupName: 'x' },
      'ResourceInUse',
      'ResourceInUseFault',
      400,
    ],
    [
      'cloudwatch',
      'DeleteAlarms',
      { AlarmNames: ['x'] },
      'ResourceNotFound',
      'ResourceNotFound',
      400,
    ],
    [
      'sfn',
      'StartExecution',
      { stateMachineArn: 'x' },
      'StateMachineDoesNotExist',
      'StateMachineDoesNotExist',
      400,
    ],
    [
      'eventbridge',
      'DescribeRule',
      { Name: 'x' },
      'ResourceNotFoundException',
      'ResourceNotFoundException',
      400,
    ],
    [
      'lambda',
      'GetAlias',
      { FunctionName: 'x', Name: 'y' },
      'ResourceNotFoundException',
      'ResourceNotFoundException',
      404,
    ],
    [
      'ec2',
      'DescribeInstances',
      {},
      'InvalidInstanceID.NotFound',
      'InvalidInstanceID.NotFound',
      400,
    ],
    ['sns', 'Publish', { Message: 'x' }, 'NotFound', 'NotFoundException', 404],
  ];
  test.each(cases)('%s %s', async (name, operation, input, code, exception, status) => {
    const error = await refusalOf(name, operation, input, new AwsError(code, 'no <such> thing'));
    expect(error.name).toBe(exception);
    expect(error.message).toBe('no <such> thing');
    expect(error['$metadata']).toMatchObject({ httpStatusCode: status });
  });

  test('a failed condition of DynamoDB brings the item along', async () => {
    const refuse = new AwsError(
      'ConditionalCheckFailedException',
      'The conditional request failed',
      {
        fields: { Item: { owner: { S: 'someone' } } },
      },
    );
    const error = await refusalOf('dynamodb', 'PutItem', { TableName: 't', Item: {} }, refuse);
    expect(error['Item']).toEqual({ owner: { S: 'someone' } });
  });

  test('CloudWatch keeps its Query code although it speaks JSON', async () => {
    const refuse = new AwsError('InvalidParameterValue', 'bad period');
    const error = await refusalOf('cloudwatch', 'DescribeAlarms', {}, refuse);
    expect([error.name, (error['Error'] as { Code: string }).Code]).toEqual([
      'InvalidParameterValueException',
      'InvalidParameterValue',
    ]);
  });
});

function post(headers: Record<string, string>, body: string): WireRequest {
  return { method: 'POST', url: '/', headers, body: Buffer.from(body) };
}

describe('requests that no client of ours would send', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

  test('an action that the service never had is invalid', () => {
    const call = decode(post(form, 'Action=DescribeCats&Version=2015-12-01'), 'r')!;
    expect(call.service).toBe('elastic-load-balancing-v2');
    expect(() => call.readInput()).toThrow(expect.objectContaining({ code: 'InvalidAction' }));
  });

  test('an unknown target of a JSON service is an unknown operation', () => {
    const call = decode(post({ 'x-amz-target': 'AWSStepFunctions.Dance' }, '{}'), 'r')!;
    expect(() => call.readInput()).toThrow(
      expect.objectContaining({ code: 'UnknownOperationException' }),
    );
  });

  test('a number that is text, and a body that is no JSON, cannot be read', () => {
    const target = { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' };
    for (const body of ['{"maxResults":"ten"}', '{"maxResults":']) {
      expect(() => decode(post(target, body), 'r')!.readInput()).toThrow(
        expect.objectContaining({ code: 'SerializationException' }),
      );
    }
  });

  test('older tools reach CloudWatch in the Query protocol', () => {
    const body =
      'Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=a&AlarmNames.member.2=b';
    const call = decode(post(form, body), 'r')!;
    expect(call.readInput()).toEqual({ AlarmNames: ['a', 'b'] });
    const { body: text } = call.fail(new AwsError('ResourceNotFound', 'a & b'));
    expect(String(text)).toContain('<Code>ResourceNotFound</Code><Message>a &#38; b</Message>');
  });

  test('a service that the region does not speak is no call at all', () => {
    expect(
      decode(post({ 'x-amz-target': 'AWSBudgetServiceGateway.DescribeBudgets' }, '{}'), 'r'),
    ).toBeUndefined();
    expect(decode(post(form, 'Action=ListUsers&Version=2010-05-08'), 'r')).toBeUndefined();
  });
});
