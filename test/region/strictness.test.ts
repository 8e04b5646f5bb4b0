/**
 * Every served operation against the public model of its service: each value that the model
 * constrains is broken once, sent by a stock client, and has to be refused.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallRecord } from '../../region/endpoint/call-record.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import type { ServiceName } from '../../region/kernel/service.ts';
import { createRegion } from '../../region/region.ts';
import type { Region } from '../../region/region.ts';
import { constraintTable } from '../../region/wire/constraint-table.ts';
import { checkInput } from '../../region/wire/input-check.ts';
import { createBreaker } from './constraint-breaker.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

const codes: Readonly<Record<ServiceName, RegExp>> = {
  'auto-scaling': /^ValidationError$/,
  cloudwatch: /^ValidationError$/,
  dynamodb: /^(ValidationException|SerializationException)$/,
  ec2: /^(InvalidParameterValue|InvalidLaunchTemplateName\.(Malformed|NotFound)Exception)$/,
  'elastic-load-balancing-v2': /^ValidationError$/,
  eventbridge: /^ValidationException$/,
  imagebuilder: /^InvalidParameterValueException$/,
  kms: /^ValidationException$/,
  lambda: /^ValidationException$/,
  'route-53': /^Invalid(Input|ChangeBatch)$/,
  'service-quotas': /^ValidationException$/,
  sfn: /^ValidationException$/,
  sns: /^ValidationError$/,
  sqs: /^(ValidationException|SerializationException)$/,
  ssm: /^ValidationException$/,
  sts: /^ValidationError$/,
};

let region: Region;
beforeAll(() => {
  region = createRegion({ clock: createVirtualClock({ start: START }), isThrottled: false });
});
afterAll(async () => {
  await region.stop();
});

type Send = (operation: string, input: object) => Promise<unknown>;

/** A stock client. What it refuses by itself never reaches the region. */
async function clientOf(service: ServiceName): Promise<Send> {
  const module = (await import(`@aws-sdk/client-${service}`)) as Record<string, unknown>;
  const [, Client] = Object.entries(module).find(
    ([name]) => name.endsWith('Client') && !name.startsWith('_') && name !== '__Client',
  ) as [string, new (config: object) => { send(command: unknown): Promise<unknown> }];
  const client = new Client({
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials: region.administrator,
    maxAttempts: 1,
    requestHandler: region.endpoint.requestHandler,
  });
  return (operation, input) => {
    const Command = module[`${operation}Command`] as new (input: object) => unknown;
    return client.send(new Command(input));
  };
}

describe('a value that the service model forbids is refused before anything is done', () => {
  test.each(Object.keys(codes) as ServiceName[])('%s', async (service) => {
    const send = await clientOf(service);
    const breaks = createBreaker(service, START);
    const accepted: string[] = [];
    let sent = 0;
    for (const operation of Object.keys(constraintTable[service].operations)) {
      for (const { at, input } of breaks(operation)) {
        const calls: CallRecord[] = [];
        const stop = region.endpoint.onCall((call) => calls.push(call));
        const answer = await send(operation, input).then(
          () => 'accepted',
          (error: Error) => `${error.name}: ${error.message}`,
        );
        stop();
        const [call] = calls;
        // Without its name, a path leads to another operation.
        if (call?.operation !== operation) continue;
        sent += 1;
        if (!codes[service].test(call.errorCode ?? 'none'))
          accepted.push(`${operation} ${at}: ${answer}`);
      }
    }
    expect(accepted).toEqual([]);
    expect(sent).toBeGreaterThanOrEqual(FEWEST[service]);
  });
});

/** Broken values that reach the region at least, so that the test cannot pass by sending none. */
const FEWEST: Readonly<Record<ServiceName, number>> = {
  'auto-scaling': 550,
  cloudwatch: 200,
  dynamodb: 150,
  ec2: 115,
  'elastic-load-balancing-v2': 165,
  eventbridge: 145,
  imagebuilder: 1,
  kms: 1,
  lambda: 95,
  'route-53': 0,
  'service-quotas': 5,
  sfn: 90,
  sns: 3,
  sqs: 0,
  ssm: 20,
  sts: 0,
};

// Where it fails, test/region/opinions/write-constraints.ts writes the table anew.
test('the table of constraints knows every operation that the region serves', () => {
  const known = Object.entries(constraintTable).map(
    ([service, { operations }]) => [service, Object.keys(operations)] as const,
  );
  expect(new Map(known)).toEqual(region.endpoint.served);
});

const missing = (path: string): string =>
  `1 validation error detected: Value null at '${path}' failed to satisfy constraint: ` +
  'Member must not be null';

describe('an input without its required members is refused in the words of the service', () => {
  const cases: readonly [ServiceName, string, object, string, string][] = [
    [
      'elastic-load-balancing-v2',
      'DescribeTargetHealth',
      {},
      'ValidationError',
      missing('targetGroupArn'),
    ],
    [
      'elastic-load-balancing-v2',
      'RegisterTargets',
      { TargetGroupArn: 'x', Targets: [{ Port: 80 }] },
      'ValidationError',
      missing('targets.1.member.id'),
    ],
    ['sfn', 'StartExecution', {}, 'ValidationException', missing('stateMachineArn')],
    [
      'ec2',
      'RunInstances',
      { MinCount: 1 },
      'MissingParameter',
      'The request must contain the parameter MaxCount',
    ],
  ];
  test.each(cases)('%s %s', (name, operation, input, code, message) => {
    expect(() => checkInput(name, operation, input)).toThrow(
      expect.objectContaining({ code, message }),
    );
  });
});
