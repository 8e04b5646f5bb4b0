/**
 * What Teal refuses, it refuses before it has changed anything: the operator corrects it and starts
 * again.
 */
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { AddTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../region/endpoint/call-record.ts';
import type { Lab, Wish } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Calls of Teal's functions that changed something outside Teal's own table. */
function writes(lab: Lab): readonly string[] {
  return lab
    .calls()
    .filter(isChange)
    .map(({ operation }) => operation);
}

function isChange({ service, operation }: CallRecord): boolean {
  return service !== 'dynamodb' && service !== 'sns' && !/^(?:Describe|Get)/.test(operation);
}

/** One bad request, and what the operator reads. */
interface Case {
  readonly name: string;
  readonly wish?: Partial<Wish>;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly arrange?: (lab: Lab) => Promise<unknown>;
  readonly cause: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'a key that nobody knows',
    input: { bakeTimeSecond: 60 },
    cause: /bakeTimeSecond: no such key; did you mean bakeTimeSeconds\?/,
  },
  {
    name: 'a service that nobody has defined',
    input: { service: 'shop' },
    cause: /Nobody has defined the service shop/,
  },
  {
    name: 'an image that does not exist',
    input: { imageId: 'ami-0000000000000dead' },
    cause: /EC2 knows no image ami-0000000000000dead/,
  },
  {
    name: 'an image that is still being made',
    wish: { image: { state: 'pending' } },
    cause: /is pending; wait until it is available/,
  },
  {
    name: 'an image for another processor',
    wish: { image: { architecture: 'arm64' } },
    cause: /is built for arm64, which does not fit t3\.micro \(x86_64\)/,
  },
  {
    name: 'weights that do not rise',
    wish: {
      strategy: {
        type: 'steps',
        steps: [
          { greenWeightPercent: 50, holdSeconds: 60 },
          { greenWeightPercent: 20, holdSeconds: 60 },
        ],
      },
    },
    cause: /20 % follows 50 %/,
  },
  {
    name: 'an alarm that does not exist',
    wish: { alarms: ['web-5xx', 'web-latency'] },
    cause: /CloudWatch knows no alarm web-latency/,
  },
  {
    name: 'an alarm that is in ALARM already',
    arrange: ({ aws, estate }) =>
      aws.cloudWatch().send(
        new SetAlarmStateCommand({
          AlarmName: estate.alarmName,
          StateValue: 'ALARM',
          StateReason: 'somebody is at it',
        }),
      ),
    cause: /Alarm web-5xx is already in ALARM/,
  },
  {
    name: 'a listener that another controller writes to',
    arrange: ({ aws, estate }) =>
      aws.loadBalancing().send(
        new AddTagsCommand({
          ResourceArns: [estate.listenerArn],
          Tags: [{ Key: 'elbv2.k8s.aws/cluster', Value: 'shop' }],
        }),
      ),
    cause: /is the AWS Load Balancer Controller's, which would write over its weights/,
  },
];

describe('before anything is written', () => {
  test.each(CASES)('refuses $name', async ({ wish, input, arrange, cause }) => {
    const lab = await openLab();
    const before = await lab.act(() => lab.belongings());
    await lab.act(async () => arrange?.(lab));
    const { image, ...asked } = wish ?? {};
    const imageId = lab.addImage('v2', image);
    const id = await lab.start('bad', { service: 'web', imageId, ...asked, ...input });
    expect(await lab.end(id)).toEqual({
      status: 'FAILED',
      error: 'SpecRefused',
      cause: expect.stringMatching(cause),
    });
    expect(writes(lab)).toEqual([]);
    expect(await lab.act(() => lab.belongings())).toEqual(before);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('refuses a service whose target group no listener uses', async () => {
    const lab = await openLab({ estate: { hasListener: false } });
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringContaining('No listener or rule forwards to target group web-blue'),
    });
    expect(writes(lab)).toEqual([]);
  });

  test('refuses a second deployment of the same service, and the first goes on', async () => {
    const lab = await openLab();
    const first = await lab.deploy({ version: 'v2' });
    await lab.untilState(first, 'Hold');
    const before = writes(lab).length;
    const second = await lab.deploy({ version: 'v3' });
    await lab.until(() => !lab.isRunning(second), 60);
    expect(await lab.act(() => lab.execution(second))).toEqual({
      status: 'FAILED',
      error: 'ServiceBusy',
      cause: expect.stringMatching(/Deployment web-v2 of web is under way.*Nothing was changed/s),
    });
    expect(writes(lab)).toHaveLength(before);
    expect(await lab.end(first)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().byVersion['v3']).toBeUndefined();
  });

  test('lets one of two win that start at the same moment', async () => {
    const lab = await openLab();
    const ids = [await lab.deploy({ version: 'v2' }), await lab.deploy({ version: 'v3' })];
    const ends = [await lab.end(ids[0] ?? ''), await lab.end(ids[1] ?? '')];
    const [winner, loser] = ends.toSorted((a, b) => (a.status < b.status ? 1 : -1));
    expect(winner).toEqual({ status: 'SUCCEEDED' });
    expect(loser).toMatchObject({ error: 'ServiceBusy' });
    expect(await leftovers(lab)).toEqual([]);
  });
});

test('an alarm that has no data yet is no reason to refuse', async () => {
  const lab = await openLab();
  await lab.act(() =>
    lab.aws.cloudWatch().send(
      new PutMetricAlarmCommand({
        AlarmName: 'web-new',
        Namespace: 'Web',
        MetricName: 'Failures',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    ),
  );
  const id = await lab.deploy({ version: 'v2', alarms: ['web-new'] });
  expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
});
