import type {
  GetMetricDataCommandOutput,
  GetMetricStatisticsCommandOutput,
  ListMetricsCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { createCloudWatch } from '../../region/services/cloudwatch/cloudwatch.ts';
import { START, createTestRegion, permissionsOf, refusal, run } from './monitoring-region.ts';

const ELB = 'AWS/ApplicationELB';
const GREEN = { TargetGroup: 'targetgroup/green/1', LoadBalancer: 'app/web/2' };

function createRegion() {
  const region = createTestRegion();
  const cloudwatch = createCloudWatch({ kernel: region.kernel });
  const measure = (metricName: string, value: number) =>
    cloudwatch.record({ namespace: ELB, metricName, dimensions: GREEN, value, unit: 'Count' });
  const put = (data: object) =>
    run(cloudwatch.service, 'PutMetricData', { Namespace: 'Shop', MetricData: [data] });
  return { ...region, cloudwatch, service: cloudwatch.service, measure, put };
}

const dimensions = Object.entries(GREEN).map(([Name, Value]) => ({ Name, Value }));

function query(id: string, metricName: string, options: { stat?: string; period?: number } = {}) {
  return {
    Id: id,
    MetricStat: {
      Metric: { Namespace: ELB, MetricName: metricName, Dimensions: dimensions },
      Period: options.period ?? 60,
      Stat: options.stat ?? 'Sum',
    },
  };
}

async function read(
  region: ReturnType<typeof createRegion>,
  queries: object[],
  extra: object = {},
): Promise<GetMetricDataCommandOutput> {
  return run(region.service, 'GetMetricData', {
    MetricDataQueries: queries,
    StartTime: new Date(START),
    EndTime: new Date(region.clock.now() + 60_000),
    ScanBy: 'TimestampAscending',
    ...extra,
  });
}

describe('measurements of load balancers', () => {
  it('are not visible before their minute is over and the delay has passed', async () => {
    const region = createRegion();
    region.measure('RequestCount', 1);
    region.measure('RequestCount', 1);
    await region.advance(89);
    const early = await read(region, [query('m', 'RequestCount')]);
    expect(early.MetricDataResults?.[0]?.Values).toEqual([]);
    await region.advance(1);
    const late = await read(region, [query('m', 'RequestCount')]);
    expect(late.MetricDataResults).toEqual([
      {
        Id: 'm',
        Label: 'RequestCount',
        Timestamps: [new Date(START)],
        Values: [2],
        StatusCode: 'Complete',
      },
    ]);
  });

  it('leaves minutes without requests out, and FILL puts zeros there', async () => {
    const region = createRegion();
    region.measure('HTTPCode_Target_5XX_Count', 3);
    region.measure('RequestCount', 30);
    await region.advance(60);
    region.measure('RequestCount', 20);
    await region.advance(120);
    const { MetricDataResults: results } = await read(region, [
      query('errors', 'HTTPCode_Target_5XX_Count'),
      { ...query('requests', 'RequestCount'), ReturnData: false },
      { Id: 'rate', Expression: '100 * FILL(errors, 0) / requests' },
    ]);
    expect(results?.map(({ Id, Values }) => [Id, Values])).toEqual([
      ['errors', [3]],
      ['rate', [10, 0]],
    ]);
  });

  it('refuses a function of metric math that is not computed here', async () => {
    const region = createRegion();
    const queries = [
      query('m', 'RequestCount'),
      { Id: 'e', Expression: 'ANOMALY_DETECTION_BAND(m, 2)' },
    ];
    const answer = await refusal(region.service, 'GetMetricData', {
      MetricDataQueries: queries,
      StartTime: new Date(START - 60_000),
      EndTime: new Date(START),
    });
    expect(answer.code).toBe('ValidationError');
    expect(answer.message).toContain('ANOMALY_DETECTION_BAND');
  });

  it('gives long answers page by page, and says that a page is partial', async () => {
    const region = createRegion();
    for (let minute = 0; minute < 5; minute += 1) {
      region.measure('RequestCount', minute);
      await region.advance(60);
    }
    await region.advance(60);
    const queries = [query('m', 'RequestCount')];
    const first = await read(region, queries, { MaxDatapoints: 3 });
    expect(first.MetricDataResults?.[0]).toMatchObject({
      Values: [0, 1, 2],
      StatusCode: 'PartialData',
    });
    const second = await read(region, queries, { MaxDatapoints: 3, NextToken: first.NextToken });
    expect(second.MetricDataResults?.[0]).toMatchObject({ Values: [3, 4], StatusCode: 'Complete' });
    expect(second.NextToken).toBeUndefined();
  });
});

describe('custom metrics', () => {
  it('answer every statistic of values with counts', async () => {
    const region = createRegion();
    await region.put({ MetricName: 'Latency', Values: [10, 20, 100], Counts: [50, 45, 5] });
    const answer = await run<GetMetricStatisticsCommandOutput>(
      region.service,
      'GetMetricStatistics',
      {
        Namespace: 'Shop',
        MetricName: 'Latency',
        StartTime: new Date(START),
        EndTime: new Date(START + 60_000),
        Period: 60,
        Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
        ExtendedStatistics: ['p50', 'p95', 'p99.9'],
      },
    );
    expect(answer.Datapoints).toEqual([
      {
        Timestamp: new Date(START),
        Unit: 'None',
        SampleCount: 100,
        Sum: 1900,
        Average: 19,
        Minimum: 10,
        Maximum: 100,
        ExtendedStatistics: { p50: 10, p95: 20, 'p99.9': 100 },
      },
    ]);
  });

  it.each([
    ['a value that is no number', { MetricName: 'M', Value: Number.NaN }, 'InvalidParameterValue'],
    [
      'two kinds of values',
      { MetricName: 'M', Value: 1, Values: [1] },
      'InvalidParameterCombination',
    ],
    ['no value at all', { MetricName: 'M' }, 'MissingParameter'],
    [
      'counts that do not fit',
      { MetricName: 'M', Values: [1, 2], Counts: [1] },
      'InvalidParameterValue',
    ],
    ['an unknown unit', { MetricName: 'M', Value: 1, Unit: 'Fathoms' }, 'ValidationError'],
    [
      'a time of three weeks ago',
      { MetricName: 'M', Value: 1, Timestamp: new Date(START - 21 * 86_400_000) },
      'InvalidParameterValue',
    ],
  ])('refuses %s', async (_, datum, code) => {
    const region = createRegion();
    const input = { Namespace: 'Shop', MetricData: [datum] };
    expect((await refusal(region.service, 'PutMetricData', input)).code).toBe(code);
  });

  it('must not be written into a namespace of AWS', async () => {
    const region = createRegion();
    const input = { Namespace: ELB, MetricData: [{ MetricName: 'M', Value: 1 }] };
    expect((await refusal(region.service, 'PutMetricData', input)).code).toBe(
      'InvalidParameterValue',
    );
  });

  it('write nothing when one of several is wrong', async () => {
    const region = createRegion();
    await refusal(region.service, 'PutMetricData', {
      Namespace: 'Shop',
      MetricData: [{ MetricName: 'Good', Value: 1 }, { MetricName: 'Bad' }],
    });
    expect(await run<ListMetricsCommandOutput>(region.service, 'ListMetrics', {})).toMatchObject({
      Metrics: [],
    });
  });

  it('are permitted by namespace', () => {
    const { service } = createRegion();
    expect(permissionsOf(service, 'PutMetricData', { Namespace: 'Shop' })).toEqual([
      {
        action: 'cloudwatch:PutMetricData',
        resources: ['*'],
        context: { 'cloudwatch:namespace': 'Shop' },
      },
    ]);
  });
});

it('refuses more than 1,440 datapoints in the words of AWS', async () => {
  const { service } = createRegion();
  const answer = await refusal(service, 'GetMetricStatistics', {
    Namespace: 'Shop',
    MetricName: 'M',
    StartTime: new Date(START - 2 * 86_400_000),
    EndTime: new Date(START),
    Period: 60,
    Statistics: ['Sum'],
  });
  expect(answer.code).toBe('InvalidParameterCombination');
  expect(answer.message).toContain('You have requested up to 2,880 datapoints');
});

it('keeps a busy fortnight in hours, with no request lost', async () => {
  const region = createRegion();
  const hours = 14 * 24;
  for (let hour = 0; hour < hours; hour += 1) {
    region.measure('RequestCount', 5);
    await region.advance(1800);
    region.measure('RequestCount', 5);
    await region.advance(1800);
  }
  const { MetricDataResults: results } = await read(region, [
    query('m', 'RequestCount', { period: 86_400 }),
  ]);
  expect(results?.[0]?.Values).toEqual(Array.from({ length: 14 }, () => 240));
});

it('finds metrics by a dimension without a value', async () => {
  const region = createRegion();
  region.measure('RequestCount', 1);
  await region.put({ MetricName: 'Other', Value: 1 });
  const { Metrics: metrics } = await run<ListMetricsCommandOutput>(region.service, 'ListMetrics', {
    Dimensions: [{ Name: 'TargetGroup' }],
  });
  expect(metrics).toEqual([{ Namespace: ELB, MetricName: 'RequestCount', Dimensions: dimensions }]);
});
