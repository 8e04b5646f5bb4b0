/**
 * The endpoint from outside: stock SDK clients, over a socket and without one.
 */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ModifyListenerCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, test } from 'vitest';
import { createEndpoint } from '../../region/endpoint/endpoint.ts';
import type { Endpoint } from '../../region/endpoint/endpoint.ts';
import { createFaultPlan } from '../../region/endpoint/faults.ts';
import { createIdentities } from '../../region/iam/identities.ts';
import type { Credentials, PolicyStatement } from '../../region/kernel/contracts.ts';
import type { Kernel } from '../../region/kernel/kernel.ts';
import type { Operation, Service } from '../../region/kernel/service.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createSts } from '../../region/services/sts/sts.ts';

const ROLE = 'arn:aws:iam::000000000000:role/shift-traffic';
const LISTENER = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/web/1/2';
const START = Date.parse('2026-01-01T00:00:00Z');

const opened: Endpoint[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((endpoint) => endpoint.close()));
});

/** An operation without resource-level permissions. */
function everywhere(action: string, run: () => unknown = () => ({})): Operation {
  return { permissions: () => [{ action, resources: ['*'] }], run };
}

/** A region with a few operations of several services. */
function createRegion(statements: readonly PolicyStatement[] = []) {
  const clock = createVirtualClock({ start: START });
  const lines: string[] = [];
  const modified: ModifyListenerCommandInput[] = [];
  const kernel: Kernel = {
    clock,
    random: () => 0.5,
    hex: (digits) => '0'.repeat(digits),
    emit: () => undefined,
    measure: () => undefined,
    log: (line) => lines.push(line),
  };
  const modifyListener: Operation<ModifyListenerCommandInput> = {
    permissions: (input) => [
      { action: 'elasticloadbalancing:ModifyListener', resources: [input.ListenerArn ?? ''] },
    ],
    run: (input) => {
      modified.push(input);
      return { Listeners: [{ ListenerArn: input.ListenerArn }] };
    },
  };
  const services: readonly Service[] = [
    createSts(),
    {
      name: 'elastic-load-balancing-v2',
      operations: {
        ModifyListener: modifyListener,
        DescribeLoadBalancers: everywhere('elasticloadbalancing:DescribeLoadBalancers', () => {
          throw new TypeError('a defect');
        }),
      },
    },
    { name: 'ec2', operations: { DescribeInstances: everywhere('ec2:DescribeInstances') } },
    { name: 'sfn', operations: { ListStateMachines: everywhere('states:ListStateMachines') } },
    { name: 'sns', operations: { Publish: everywhere('SNS:Publish') } },
    { name: 'lambda', operations: { UpdateAlias: everywhere('lambda:UpdateAlias') } },
    { name: 'cloudwatch', operations: { DescribeAlarms: everywhere('cloudwatch:DescribeAlarms') } },
  ];
  const identities = createIdentities();
  const policies = [{ Version: '2012-10-17', Statement: statements }];
  identities.addRole({ arn: ROLE, trust: ['lambda.amazonaws.com'], policies });
  const plan = createFaultPlan();
  const endpoint = createEndpoint({ kernel, services, identities, faults: plan.faults });
  opened.push(endpoint);
  const role = identities.assume({
    roleArn: ROLE,
    principal: 'lambda.amazonaws.com',
    sessionName: 'shift-traffic',
  });
  return { endpoint, identities, plan, clock, lines, modified, role };
}

function configOf(endpoint: Endpoint, credentials: Credentials) {
  return {
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
    requestHandler: endpoint.requestHandler,
  };
}

/** What the client throws. */
function failureOf(answer: Promise<unknown>): Promise<Record<string, unknown>> {
  return answer.then(
    (value) => {
      throw new Error(`the call succeeded: ${JSON.stringify(value)}`);
    },
    (error: Record<string, unknown>) => error,
  );
}

const SHIFT = new ModifyListenerCommand({ ListenerArn: LISTENER });

describe('over a socket', () => {
  test('a stock client signs, calls and reads the answer', async () => {
    const { endpoint, identities, modified } = createRegion();
    const client = new ElasticLoadBalancingV2Client({
      endpoint: await endpoint.listen(),
      region: 'us-east-1',
      credentials: identities.administrator,
    });
    const answer = await client.send(SHIFT);
    client.destroy();
    expect(answer.Listeners).toEqual([{ ListenerArn: LISTENER }]);
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(modified).toEqual([{ ListenerArn: LISTENER }]);
  });

  test('a path that the signature encodes twice is still recognised', async () => {
    const { endpoint, identities } = createRegion();
    const client = new LambdaClient({
      endpoint: await endpoint.listen(),
      region: 'us-east-1',
      credentials: identities.administrator,
    });
    const FunctionName = 'arn:aws:lambda:us-east-1:000000000000:function:web';
    const answer = await client.send(new UpdateAliasCommand({ FunctionName, Name: 'live (a)' }));
    client.destroy();
    expect(answer.$metadata.httpStatusCode).toBe(200);
  });

  test('a lost answer breaks the connection after the effect, and the SDK retries', async () => {
    const { endpoint, identities, plan, modified } = createRegion();
    plan.add({ operation: 'ModifyListener', times: 1, fault: { type: 'loseResponse' } });
    const client = new ElasticLoadBalancingV2Client({
      endpoint: await endpoint.listen(),
      region: 'us-east-1',
      credentials: identities.administrator,
      retryStrategy: {
        mode: 'immediate',
        acquireInitialRetryToken: () =>
          Promise.resolve({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
        refreshRetryTokenForRetry: (token: { getRetryCount(): number }) =>
          Promise.resolve({
            getRetryCount: () => token.getRetryCount() + 1,
            getRetryDelay: () => 0,
          }),
        recordSuccess: () => undefined,
      },
    });
    await client.send(SHIFT);
    client.destroy();
    expect(modified).toHaveLength(2);
    expect(endpoint.calls().map((call) => call.errorCode)).toEqual(['ECONNRESET', undefined]);
  });

  test('what no service answers is not found', async () => {
    const { endpoint } = createRegion();
    const origin = await endpoint.listen();
    expect((await fetch(`${origin}/favicon.ico`)).status).toBe(404);
    expect((await fetch(`${origin}/%zz`)).status).toBe(404);
  });
});

describe('a caller', () => {
  test('is told who they are, even with a role that may do nothing', async () => {
    const { endpoint, role, identities } = createRegion();
    const ask = (credentials: Credentials) =>
      new STSClient(configOf(endpoint, credentials)).send(new GetCallerIdentityCommand({}));
    expect(await ask(role)).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:sts::000000000000:assumed-role/shift-traffic/shift-traffic',
      UserId: expect.stringMatching(/^AROA[0-9A-F]{17}:shift-traffic$/),
    });
    expect((await ask(identities.administrator)).Arn).toBe(
      'arn:aws:iam::000000000000:user/administrator',
    );
  });

  const stranger = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' };
  test('with a key that was never given out is refused by each service in its way', async () => {
    const { endpoint } = createRegion();
    const config = configOf(endpoint, stranger);
    const elb = await failureOf(new ElasticLoadBalancingV2Client(config).send(SHIFT));
    const ec2 = await failureOf(new EC2Client(config).send(new DescribeInstancesCommand({})));
    const sfn = await failureOf(new SFNClient(config).send(new ListStateMachinesCommand({})));
    expect([elb['name'], ec2['name'], sfn['name']]).toEqual([
      'InvalidClientTokenId',
      'AuthFailure',
      'UnrecognizedClientException',
    ]);
    expect(endpoint.calls().map((call) => call.callerLabel)).toEqual(Array(3).fill('unknown'));
  });

  test('with the wrong secret, or a changed request, does not get through', async () => {
    const { endpoint, identities, modified } = createRegion();
    const { accessKeyId } = identities.administrator;
    const forged = configOf(endpoint, { accessKeyId, secretAccessKey: 'guessed' });
    const guess = await failureOf(new ElasticLoadBalancingV2Client(forged).send(SHIFT));
    expect(guess['name']).toBe('SignatureDoesNotMatch');
    const tampered = new ElasticLoadBalancingV2Client({
      ...configOf(endpoint, identities.administrator),
      requestHandler: {
        handle: (request: { body: string }) =>
          endpoint.requestHandler.handle({
            ...request,
            body: request.body.replace('web', 'api'),
          } as never),
      },
    });
    expect((await failureOf(tampered.send(SHIFT)))['name']).toBe('SignatureDoesNotMatch');
    expect(modified).toEqual([]);
  });

  test('who signs for another region or does not sign at all is refused', async () => {
    const { endpoint, identities } = createRegion();
    const config = { ...configOf(endpoint, identities.administrator), region: 'eu-west-1' };
    const elsewhere = await failureOf(new ElasticLoadBalancingV2Client(config).send(SHIFT));
    expect(elsewhere['name']).toBe('SignatureDoesNotMatch');
    const answer = await endpoint.handle({
      method: 'POST',
      url: '/',
      headers: { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' },
      body: Buffer.from('{}'),
    });
    expect(JSON.parse(String(answer.body))).toMatchObject({
      __type: 'MissingAuthenticationTokenException',
    });
  });
});

describe('a role', () => {
  test('that lacks a permission is refused by each service in its way', async () => {
    const { endpoint, role, modified } = createRegion();
    const config = configOf(endpoint, role);
    const user = 'User: arn:aws:sts::000000000000:assumed-role/shift-traffic/shift-traffic';
    const refusals = await Promise.all(
      [
        new ElasticLoadBalancingV2Client(config).send(SHIFT),
        new EC2Client(config).send(new DescribeInstancesCommand({})),
        new SFNClient(config).send(new ListStateMachinesCommand({})),
        new SNSClient(config).send(new PublishCommand({ Message: 'x' })),
        new CloudWatchClient(config).send(new DescribeAlarmsCommand({})),
      ].map(failureOf),
    );
    const [elb, ec2] = refusals;
    expect(
      refusals.map(({ name, $metadata }) => [name, ($metadata as Status).httpStatusCode]),
    ).toEqual([
      ['AccessDenied', 403],
      ['UnauthorizedOperation', 403],
      ['AccessDeniedException', 400],
      ['AuthorizationErrorException', 403],
      ['AccessDenied', 403],
    ]);
    expect(elb!['message']).toBe(
      `${user} is not authorized to perform: elasticloadbalancing:ModifyListener on resource: ` +
        `${LISTENER} because no identity-based policy allows the ` +
        'elasticloadbalancing:ModifyListener action',
    );
    expect(ec2!['message']).toBe(
      `You are not authorized to perform this operation. ${user} is not authorized to perform: ` +
        'ec2:DescribeInstances because no identity-based policy allows the ' +
        'ec2:DescribeInstances action',
    );
    expect(modified).toEqual([]);
  });

  test('does what its policy allows, and is told of an explicit deny', async () => {
    const Action = 'elasticloadbalancing:ModifyListener';
    const allowed = createRegion([{ Effect: 'Allow', Action, Resource: LISTENER }]);
    const client = new ElasticLoadBalancingV2Client(configOf(allowed.endpoint, allowed.role));
    await client.send(SHIFT);
    expect(allowed.modified).toHaveLength(1);
    const denied = createRegion([{ Effect: 'Deny', Action, Resource: '*' }]);
    const refusal = await failureOf(
      new ElasticLoadBalancingV2Client(configOf(denied.endpoint, denied.role)).send(SHIFT),
    );
    expect(refusal['message']).toMatch(/ with an explicit deny in an identity-based policy$/);
  });
});

interface Status {
  readonly httpStatusCode: number;
}

describe('an operation', () => {
  test('that the region does not implement is refused, never silently done', async () => {
    const { endpoint, identities } = createRegion();
    const client = new ElasticLoadBalancingV2Client(configOf(endpoint, identities.administrator));
    const refusal = await failureOf(
      client.send(new DeleteTargetGroupCommand({ TargetGroupArn: 'x' })),
    );
    expect(refusal).toMatchObject({
      name: 'NotImplemented',
      message: 'The region does not implement DeleteTargetGroup of elastic-load-balancing-v2.',
      $metadata: { httpStatusCode: 501 },
    });
  });

  test('with a defect answers an internal failure and tells the log', async () => {
    const { endpoint, identities, lines } = createRegion();
    const client = new ElasticLoadBalancingV2Client(configOf(endpoint, identities.administrator));
    const failure = await failureOf(client.send(new DescribeLoadBalancersCommand({})));
    expect(failure).toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    expect(lines[0]).toMatch(/^defect in DescribeLoadBalancers of .*: TypeError: a defect/);
    expect(lines[1]).toBe(
      'elastic-load-balancing-v2 DescribeLoadBalancers by administrator: InternalFailure',
    );
  });

  test('is recorded with its caller and its end, and told to whoever listens', async () => {
    const { endpoint, role } = createRegion();
    const heard: string[] = [];
    const asked: unknown[] = [];
    const stop = endpoint.onCall((call, input) => {
      heard.push(`${call.operation} ${call.errorCode}`);
      asked.push(input);
    });
    const client = new ElasticLoadBalancingV2Client(configOf(endpoint, role));
    await failureOf(client.send(SHIFT));
    stop();
    await failureOf(client.send(SHIFT));
    expect(heard).toEqual(['ModifyListener AccessDenied']);
    expect(asked).toEqual([expect.objectContaining({ ListenerArn: LISTENER })]);
    expect(endpoint.calls()[0]).toEqual({
      at: START,
      service: 'elastic-load-balancing-v2',
      operation: 'ModifyListener',
      callerLabel: 'shift-traffic',
      roleArn: ROLE,
      errorCode: 'AccessDenied',
    });
  });

  test('can be performed for a role without bytes, under the same rules', async () => {
    const { endpoint, identities, role } = createRegion();
    const { caller } = identities.find(role.accessKeyId, role.sessionToken)!;
    const call = { service: 'elastic-load-balancing-v2', operation: 'ModifyListener' } as const;
    const input = { ListenerArn: LISTENER };
    await expect(endpoint.perform({ ...call, caller, input })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    const administrator = identities.find(identities.administrator.accessKeyId, undefined)!.caller;
    await expect(endpoint.perform({ ...call, caller: administrator, input })).resolves.toEqual({
      Listeners: [{ ListenerArn: LISTENER }],
    });
  });
});

describe('a fault', () => {
  test('throttles a service as it throttles', async () => {
    const { endpoint, identities, plan } = createRegion();
    plan.add({ fault: { type: 'throttle' } });
    const config = configOf(endpoint, identities.administrator);
    const refusals = await Promise.all(
      [
        new ElasticLoadBalancingV2Client(config).send(SHIFT),
        new EC2Client(config).send(new DescribeInstancesCommand({})),
        new SFNClient(config).send(new ListStateMachinesCommand({})),
        new LambdaClient(config).send(new UpdateAliasCommand({ FunctionName: 'f', Name: 'n' })),
      ].map(failureOf),
    );
    expect(
      refusals.map(({ name, $metadata }) => [name, ($metadata as Status).httpStatusCode]),
    ).toEqual([
      ['Throttling', 400],
      ['RequestLimitExceeded', 503],
      ['ThrottlingException', 400],
      ['TooManyRequestsException', 429],
    ]);
  });

  test('loses a request before it takes effect, as a broken connection does', async () => {
    const { endpoint, identities, plan, modified } = createRegion();
    plan.add({ times: 1, fault: { type: 'loseRequest' } });
    const client = new ElasticLoadBalancingV2Client(configOf(endpoint, identities.administrator));
    expect(await failureOf(client.send(SHIFT))).toMatchObject({ code: 'ECONNRESET' });
    expect(modified).toEqual([]);
    await client.send(SHIFT);
    expect(modified).toHaveLength(1);
  });

  test('hits the calls it was meant for: one caller, one operation, the second time', async () => {
    const { endpoint, identities, plan } = createRegion();
    const refuse = { type: 'refuse', code: 'OperationInProgress', message: 'busy' } as const;
    const match = { service: 'elastic-load-balancing-v2', callerLabel: 'administrator' } as const;
    const remove = plan.add({
      ...match,
      operation: 'ModifyListener',
      skip: 1,
      times: 1,
      fault: refuse,
    });
    plan.add({ callerLabel: 'someone else', fault: { type: 'throttle' } });
    const client = new ElasticLoadBalancingV2Client(configOf(endpoint, identities.administrator));
    await client.send(SHIFT);
    expect(await failureOf(client.send(SHIFT))).toMatchObject({ message: 'busy' });
    await client.send(SHIFT);
    plan.add({ fault: refuse });
    plan.clear();
    remove();
    await client.send(SHIFT);
    expect(endpoint.calls().filter((call) => call.errorCode)).toHaveLength(1);
  });

  test('delays a call by region time, whether the caller holds time or not', async () => {
    const Action = 'elasticloadbalancing:ModifyListener';
    const region = createRegion([{ Effect: 'Allow', Action, Resource: '*' }]);
    const { endpoint, identities, plan, clock, role } = region;
    plan.add({ fault: { type: 'delay', milliseconds: 60_000 } });
    const shift = (credentials: Credentials) =>
      new ElasticLoadBalancingV2Client(configOf(endpoint, credentials)).send(SHIFT);
    await clock.runUntil(shift(identities.administrator));
    expect(clock.now() - START).toBe(60_000);
    await clock.runUntil(clock.work(() => shift(role)));
    expect(clock.now() - START).toBe(120_000);
  });
});
