/** What Teal asks of quotas of vCPUs, and what it makes of the answers. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type {
  CapacityReservation,
  Instance,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { toLaunchReading } from '../../shared/aws/preflight/launch.ts';
import { readProcessors } from '../../shared/aws/preflight/processors.ts';
import { quotaCodeOf } from '../../shared/aws/preflight/processor-quotas.ts';
import type { LaunchReading } from '../../shared/core/preflight/surroundings.ts';
import { awsError, scriptedClient, type Script } from './scripted-client.ts';

const NOW = '2026-11-21T09:07:00.000Z';
const QUOTA = {
  QuotaName: 'Running On-Demand Standard instances',
  Value: 64,
  UsageMetric: {
    MetricNamespace: 'AWS/Usage',
    MetricName: 'ResourceCount',
    MetricDimensions: { Class: 'Standard/OnDemand', Resource: 'vCPU' },
    MetricStatisticRecommendation: 'Maximum',
  },
};
const USED = {
  MetricDataResults: [
    {
      Timestamps: [new Date('2026-11-21T09:05:00Z'), new Date('2026-11-21T09:00:00Z')],
      Values: [12, 40],
    },
  ],
};

/** Answers with a refusal. */
const refuse = (code: string) => () => {
  throw awsError(code);
};

async function read(
  script: Script = {},
  { isOnHosts = false, ...launch }: Partial<LaunchReading> & { readonly isOnHosts?: boolean } = {},
) {
  const quotas = scriptedClient({ GetServiceQuota: () => ({ Quota: QUOTA }), ...script });
  const metrics = scriptedClient({ GetMetricData: () => USED, ...script });
  const ec2 = scriptedClient({ DescribeCapacityReservations: () => ({}), ...script });
  const wanted = {
    instanceTypes: ['t3.micro'],
    onDemand: { baseCount: 0, percentAboveBase: 100 },
    warmCount: 0,
    reservation: { isRequired: false, reservationIds: [], resourceGroupArns: [] },
    ...launch,
  } as unknown as LaunchReading;
  const readings = await readProcessors(
    { ec2: ec2.client, serviceQuotas: quotas.client, cloudWatch: metrics.client },
    {
      demand: {
        launch: wanted,
        instanceTypes: wanted.instanceTypes.map((instanceType) => ({ instanceType, vcpus: 2 })),
        greenCapacity: 3,
      },
      isOnHosts,
      now: NOW,
    },
  );
  return { readings, quotas: quotas.asked, metrics: metrics.asked, instances: ec2.asked };
}

describe('a quota of vCPUs', () => {
  it('is told with the newest number that its own metric has', async () => {
    const { readings, quotas, metrics, instances } = await read();
    expect(readings).toEqual([
      {
        type: 'known',
        purchase: 'onDemand',
        instanceTypes: ['t3.micro'],
        quotaCode: 'L-1216C47A',
        quotaName: 'Running On-Demand Standard instances',
        limit: 64,
        used: 12,
        usedAt: '2026-11-21T09:05:00.000Z',
      },
    ]);
    expect(instances).toEqual([]);
    expect(quotas).toEqual([
      { operation: 'GetServiceQuota', input: { ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' } },
    ]);
    expect(metrics[0]?.input).toMatchObject({
      StartTime: new Date('2026-11-21T08:37:00Z'),
      EndTime: new Date(NOW),
      MetricDataQueries: [
        {
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Usage',
              MetricName: 'ResourceCount',
              Dimensions: [
                { Name: 'Class', Value: 'Standard/OnDemand' },
                { Name: 'Resource', Value: 'vCPU' },
              ],
            },
            Stat: 'Maximum',
          },
        },
      ],
    });
  });

  it('is asked once for all types of it, and for Spot Instances apart', async () => {
    const { quotas, readings } = await read(
      {},
      {
        instanceTypes: ['c7g.large', 'g5.xlarge', 't3.micro'],
        onDemand: { baseCount: 1, percentAboveBase: 0 },
      },
    );
    expect(quotas.map(({ input }) => input['QuotaCode'])).toEqual([
      'L-1216C47A',
      'L-DB2E81BA',
      'L-34B43A08',
      'L-3819A6DF',
    ]);
    expect(readings.map(({ instanceTypes }) => instanceTypes)).toEqual([
      ['c7g.large', 't3.micro'],
      ['g5.xlarge'],
      ['c7g.large', 't3.micro'],
      ['g5.xlarge'],
    ]);
  });

  const unread: readonly [string, Script, string][] = [
    [
      'the role may not read it',
      { GetServiceQuota: refuse('AccessDeniedException') },
      'AWS answered AccessDeniedException to GetServiceQuota on L-1216C47A',
    ],
    [
      'Service Quotas is asked too often',
      { GetServiceQuota: refuse('TooManyRequestsException') },
      'AWS answered TooManyRequestsException to GetServiceQuota on L-1216C47A',
    ],
    [
      'there is no value',
      { GetServiceQuota: () => ({}) },
      'Service Quotas has no value of L-1216C47A',
    ],
    [
      'no metric counts its use',
      { GetServiceQuota: () => ({ Quota: { Value: 64 } }) },
      'Service Quotas names no metric of what is used of L-1216C47A',
    ],
    [
      'the role may not read metrics',
      { GetMetricData: refuse('AccessDenied') },
      'AWS answered AccessDenied to GetMetricData on L-1216C47A',
    ],
    [
      'the metric has no number of late',
      { GetMetricData: () => ({ MetricDataResults: [{ Timestamps: [], Values: [] }] }) },
      'CloudWatch has no recent number of what is used of L-1216C47A',
    ],
  ];
  it.each(unread)('stops no plan where %s', async (_why, script, reason) => {
    expect((await read(script)).readings).toMatchObject([{ type: 'unknown', reason }]);
  });

  it('is asked of no type that has none, and of no group that names no types', async () => {
    const mac = await read({}, { instanceTypes: ['mac2.metal'] });
    expect(mac.readings).toMatchObject([{ reason: 'AWS names none for mac2.metal' }]);
    const hosts = await read({}, { isOnHosts: true });
    expect(hosts.readings).toMatchObject([{ reason: 'Dedicated Hosts have quotas of their own' }]);
    const open = await read({}, { instanceTypes: [] });
    expect(open.readings).toMatchObject([{ reason: expect.stringContaining('by attributes') }]);
    expect([...mac.quotas, ...hosts.quotas, ...open.quotas]).toEqual([]);
  });
});

/** Both fleets, of which one has ended since: 12 are used, and three instances of two do not fit. */
const FULL = { GetServiceQuota: () => ({ Quota: { ...QUOTA, Value: 17 } }) };

/** Answers with these instances, each of them with two vCPUs unless it says otherwise. */
const running = (...instances: readonly Instance[]) => ({
  Reservations: instances.map((one) => ({
    Instances: [
      { InstanceType: 't3.micro', CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 }, ...one },
    ],
  })),
});

/** A reservation of five places, all of them used unless it says otherwise. */
const place = (one: CapacityReservation): CapacityReservation => ({
  InstanceType: 't3.micro',
  State: 'active',
  TotalInstanceCount: 5,
  AvailableInstanceCount: 0,
  ...one,
});

describe('a quota of vCPUs whose metric leaves no room for green', () => {
  it('is told with the vCPUs of what runs against it now, of all pages', async () => {
    const { readings, instances } = await read({
      ...FULL,
      DescribeInstances: ({ NextToken }: { NextToken?: string }) =>
        NextToken === undefined
          ? { ...running({}, { InstanceType: 'c7g.large' }), NextToken: 'more' }
          : running({ CpuOptions: { CoreCount: 4, ThreadsPerCore: 1 } }),
    });
    expect(readings).toMatchObject([
      { type: 'known', used: 12, recount: { type: 'counted', used: 8 } },
    ]);
    const input = {
      Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }],
      MaxResults: 1000,
    };
    const counted = instances.filter(({ operation }) => operation === 'DescribeInstances');
    expect(counted.map((one) => one.input)).toEqual([
      { ...input, NextToken: undefined },
      { ...input, NextToken: 'more' },
    ]);
  });

  it('is told with the places of reservations that count before anybody uses them', async () => {
    const { readings, instances } = await read({
      ...FULL,
      DescribeInstances: () => running({}),
      DescribeCapacityReservations: () => ({
        CapacityReservations: [
          place({ AvailableInstanceCount: 3 }),
          place({ State: 'scheduled' }),
          place({ InstanceType: 'g5.xlarge' }),
          place({ ReservationType: 'capacity-block' }),
        ],
      }),
    });
    expect(readings).toMatchObject([{ recount: { type: 'counted', used: 2, unusedPlaces: 8 } }]);
    expect(instances.at(-1)?.input).toMatchObject({
      Filters: [
        { Name: 'state', Values: ['active', 'assessing', 'delayed', 'pending', 'scheduled'] },
      ],
    });
  });

  it('is not told where nobody may see the reservations', async () => {
    const { readings } = await read({
      ...FULL,
      DescribeInstances: () => running({}),
      DescribeCapacityReservations: refuse('UnauthorizedOperation'),
    });
    const reason =
      'AWS answered UnauthorizedOperation to DescribeCapacityReservations on all reservations';
    expect(readings).toMatchObject([{ recount: { type: 'uncounted', reason } }]);
  });

  const others: readonly [string, Instance][] = [
    ['of a family with a quota of its own', { InstanceType: 'g5.xlarge' }],
    ['that is a Spot Instance', { InstanceLifecycle: 'spot' }],
    ['in a Capacity Block', { InstanceLifecycle: 'capacity-block' }],
    ['on a Dedicated Host', { Placement: { Tenancy: 'host' } }],
  ];
  it.each(others)('does not count an instance %s', async (_which, other) => {
    const { readings } = await read({ ...FULL, DescribeInstances: () => running({}, other) });
    expect(readings).toMatchObject([{ recount: { type: 'counted', used: 2 } }]);
  });

  it('is told for On-Demand and Spot Instances apart, out of one count', async () => {
    const { readings, instances } = await read(
      { ...FULL, DescribeInstances: () => running({}, {}, { InstanceLifecycle: 'spot' }) },
      { onDemand: { baseCount: 1, percentAboveBase: 0 }, vcpus: 6 },
    );
    expect(readings).toMatchObject([
      { purchase: 'onDemand', recount: { used: 4 } },
      { purchase: 'spot', recount: { used: 2 } },
    ]);
    expect(instances.map(({ operation }) => operation)).toEqual([
      'DescribeInstances',
      'DescribeCapacityReservations',
    ]);
  });

  it('is not told where more instances run than a plan has the time to count', async () => {
    const { readings, instances } = await read({
      ...FULL,
      DescribeInstances: () => ({ ...running({}), NextToken: 'more' }),
    });
    expect(readings).toMatchObject([
      {
        type: 'known',
        recount: {
          type: 'uncounted',
          reason: 'EC2 did not name all instances that run in 5 calls',
        },
      },
    ]);
    expect(instances).toHaveLength(5);
  });

  it.each(['UnauthorizedOperation', 'RequestLimitExceeded'])(
    'stops no plan where EC2 answers %s',
    async (code) => {
      const { readings } = await read({ ...FULL, DescribeInstances: refuse(code) });
      const reason = `AWS answered ${code} to DescribeInstances on all instances`;
      expect(readings).toMatchObject([{ type: 'known', recount: { type: 'uncounted', reason } }]);
    },
  );
});

const vcpusOf = (data: ResponseLaunchTemplateData) =>
  toLaunchReading({} as AutoScalingGroup, data).vcpus;

describe('the vCPUs of one instance', () => {
  it('are those of its type, unless the template has CPU options that say how many', () => {
    expect(vcpusOf({})).toBeUndefined();
    expect(vcpusOf({ CpuOptions: { AmdSevSnp: 'enabled' } })).toBeUndefined();
    expect(vcpusOf({ CpuOptions: { CoreCount: 4, ThreadsPerCore: 1 } })).toBe(4);
  });
});

describe('the code of a quota', () => {
  const codes: readonly [string, string | undefined, string | undefined][] = [
    ['m7i-flex.large', 'L-1216C47A', 'L-34B43A08'],
    ['im4gn.large', 'L-1216C47A', 'L-34B43A08'],
    ['dl1.24xlarge', 'L-6E869C2A', 'L-85EED4F7'],
    ['d3.xlarge', 'L-1216C47A', 'L-34B43A08'],
    ['f2.6xlarge', 'L-74FC7D96', 'L-88CF9481'],
    ['g6e.xlarge', 'L-DB2E81BA', 'L-3819A6DF'],
    ['vt1.3xlarge', 'L-DB2E81BA', 'L-3819A6DF'],
    ['hpc7g.4xlarge', 'L-F7808C92', undefined],
    ['inf2.xlarge', 'L-1945791B', 'L-B5D1601B'],
    ['p4d.24xlarge', 'L-417A185B', 'L-7212CCBC'],
    ['p5.48xlarge', 'L-417A185B', undefined],
    ['trn1.2xlarge', 'L-2C3B7624', 'L-6B0D517C'],
    ['u-6tb1.metal', 'L-43DA4232', undefined],
    ['u7i-12tb.224xlarge', 'L-43DA4232', undefined],
    ['x2idn.16xlarge', 'L-7295265B', 'L-E3A00192'],
    ['mac2.metal', undefined, undefined],
  ];
  it.each(codes)('of %s is %s, and %s for Spot Instances', (type, onDemand, spot) => {
    expect(quotaCodeOf(type, 'onDemand')).toBe(onDemand);
    expect(quotaCodeOf(type, 'spot')).toBe(spot);
  });
});
