import { describe, expect, it } from 'vitest';
import { activities, BLUE, computeRegion, GREEN, running, update } from './compute-region.ts';
import type { ComputeRegion } from './compute-region.ts';
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { ScalingPolicy } from '@aws-sdk/client-auto-scaling';

const LABEL = 'app/web/1/targetgroup/blue/1';
const named = { AutoScalingGroupName: 'blue' };

const tracking = (changes: object = {}) => ({
  ...named,
  PolicyName: 'requests',
  PolicyType: 'TargetTrackingScaling',
  EstimatedInstanceWarmup: 300,
  TargetTrackingConfiguration: {
    TargetValue: 100,
    PredefinedMetricSpecification: {
      PredefinedMetricType: 'ALBRequestCountPerTarget',
      ResourceLabel: LABEL,
    },
    ...changes,
  },
});

const put = async (region: ComputeRegion, input: object) =>
  region.onGroups<{ PolicyARN: string; Alarms: { AlarmName: string }[] }>(
    'PutScalingPolicy',
    input,
  );

async function policies(region: ComputeRegion): Promise<ScalingPolicy[]> {
  const { ScalingPolicies } = await region.onGroups<{ ScalingPolicies: ScalingPolicy[] }>(
    'DescribePolicies',
    named,
  );
  return ScalingPolicies;
}

async function alarms(region: ComputeRegion): Promise<MetricAlarm[]> {
  const { MetricAlarms } = await region.onAlarms<{ MetricAlarms: MetricAlarm[] }>('DescribeAlarms');
  return MetricAlarms;
}

const desired = async (region: ComputeRegion) => (await region.group('blue'))?.DesiredCapacity;

/** Lets minutes pass in each of which a metric has a value. */
async function report(region: ComputeRegion, minutes: number, value: number, metricName: string) {
  for (let minute = 0; minute < minutes; minute += 1) {
    const isCpu = metricName === 'CPUUtilization';
    region.kernel.measure({
      namespace: isCpu ? 'AWS/EC2' : 'AWS/ApplicationELB',
      metricName,
      dimensions: isCpu
        ? { AutoScalingGroupName: 'blue' }
        : { TargetGroup: 'targetgroup/blue/1', LoadBalancer: 'app/web/1' },
      value,
      unit: isCpu ? 'Percent' : 'Count',
    });
    await region.pass(60);
  }
}

const requests = (region: ComputeRegion, minutes: number, value: number) =>
  report(region, minutes, value, 'RequestCountPerTarget');

describe('target tracking', () => {
  it('keeps two alarms of its own that callers can see and read', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    const { PolicyARN, Alarms } = await put(region, tracking());
    expect(Alarms.map((alarm) => alarm.AlarmName)).toEqual([
      expect.stringMatching(/^TargetTracking-blue-AlarmHigh-[0-9a-f-]{36}$/),
      expect.stringMatching(/^TargetTracking-blue-AlarmLow-[0-9a-f-]{36}$/),
    ]);
    const [high, low] = await alarms(region);
    expect(high).toMatchObject({
      AlarmActions: [PolicyARN],
      MetricName: 'RequestCountPerTarget',
      Statistic: 'Sum',
      Threshold: 100,
      EvaluationPeriods: 3,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    expect(low).toMatchObject({ Threshold: 90, EvaluationPeriods: 15 });
    expect((await policies(region))[0]?.Alarms).toEqual(
      Alarms.map((alarm) => expect.objectContaining(alarm)),
    );
  });

  it('deletes its alarms with its policy, and with its group', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    await put(region, tracking());
    await region.onGroups('DeletePolicy', { ...named, PolicyName: 'requests' });
    expect(await alarms(region)).toEqual([]);
    await put(region, tracking());
    await region.onGroups('DeleteAutoScalingGroup', { ...named, ForceDelete: true });
    expect(await alarms(region)).toEqual([]);
  });

  it('loses its alarms when its policy becomes one of another type', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    const { PolicyARN } = await put(region, tracking());
    expect(await put(region, step({ PolicyName: 'requests' }))).toEqual({ PolicyARN, Alarms: [] });
    expect(await alarms(region)).toEqual([]);
  });

  it('does not name a target group that is not attached to the group', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    const policy = tracking({
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ALBRequestCountPerTarget',
        ResourceLabel: 'app/web/1/targetgroup/green/2',
      },
    });
    await expect(put(region, policy)).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(/^You can't specify a resource label unless the target group/),
    });
    await region.onGroups('AttachLoadBalancerTargetGroups', { ...named, TargetGroupARNs: [GREEN] });
    await put(region, policy);
  });

  it('scales out in proportion after three minutes above the target', async () => {
    const region = await running({ TargetGroupARNs: [BLUE], DesiredCapacity: 2 });
    await put(region, tracking());
    await region.pass(300);
    await requests(region, 2, 180);
    expect(await desired(region)).toBe(2);
    await requests(region, 3, 180);
    expect(await desired(region)).toBe(4);
    const [latest] = await activities(region);
    expect(latest?.Cause).toMatch(
      /a monitor alarm TargetTracking-blue-AlarmHigh-\S+ in state ALARM triggered policy requests changing the desired capacity from 2 to 4\./,
    );
  });

  it('scales in after fifteen quiet minutes, but never below the minimum', async () => {
    const region = await running({ TargetGroupARNs: [BLUE], DesiredCapacity: 4, MinSize: 1 });
    await put(region, tracking());
    await requests(region, 13, 40);
    expect(await desired(region)).toBe(4);
    await requests(region, 5, 40);
    expect(await desired(region)).toBe(2);
    // What is left serves twice as much now.
    await requests(region, 10, 95);
    expect(await desired(region)).toBe(2);
    await requests(region, 20, 0);
    expect(await desired(region)).toBe(1);
  });

  it('does not scale in while it is told not to, and has no alarm for it', async () => {
    const region = await running({ TargetGroupARNs: [BLUE], DesiredCapacity: 4 });
    const { Alarms } = await put(region, tracking({ DisableScaleIn: true }));
    expect(Alarms).toHaveLength(1);
    await requests(region, 20, 0);
    expect(await desired(region)).toBe(4);
  });

  it('does nothing while it is disabled, and acts at once when it is enabled in breach', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    await put(region, { ...tracking(), Enabled: false });
    await requests(region, 8, 300);
    expect(await desired(region)).toBe(2);
    await put(region, { ...tracking(), Enabled: true });
    expect(await desired(region)).toBe(6);
  });

  it('scales in only when all its policies agree', async () => {
    const region = await running({ TargetGroupARNs: [BLUE], DesiredCapacity: 4, MinSize: 1 });
    await put(region, tracking());
    await put(region, {
      ...tracking({
        TargetValue: 50,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      }),
      PolicyName: 'cpu',
    });
    await requests(region, 20, 0);
    expect(await desired(region)).toBe(4);
  });
});

const count = async (data: object): Promise<number> => {
  const region = computeRegion({ program: { type: 'model', cpuPercent: 10 } });
  const id = await region.template(data, 'measured');
  const LaunchTemplate = { LaunchTemplateId: id };
  await region.createGroup({ DesiredCapacity: 1, LaunchTemplate });
  await region.pass(610);
  return region.measurements.filter((one) => 'AutoScalingGroupName' in one.dimensions).length;
};

describe('a program that says how busy it is', () => {
  it('scales its group by CPU', async () => {
    const region = await running(
      { DesiredCapacity: 2 },
      { program: { type: 'model', cpuPercent: 90 } },
    );
    await put(region, {
      ...tracking({
        TargetValue: 50,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      }),
      PolicyName: 'cpu',
    });
    await region.pass(45 * 60);
    expect(await desired(region)).toBe(6);
    const [first] = region.measurements.filter((one) => one.metricName === 'CPUUtilization');
    expect(first).toMatchObject({ value: 90, unit: 'Percent' });
  });

  it('is measured every minute only with detailed monitoring', async () => {
    expect(await count({})).toBe(2);
    expect(await count({ Monitoring: { Enabled: true } })).toBe(10);
  });
});

const step = (changes: object = {}) => ({
  ...named,
  PolicyName: 'steps',
  PolicyType: 'StepScaling',
  AdjustmentType: 'ChangeInCapacity',
  EstimatedInstanceWarmup: 120,
  StepAdjustments: [
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
    { MetricIntervalLowerBound: 20, ScalingAdjustment: 2 },
  ],
  ...changes,
});

const cpuAlarm = (PolicyARN: string, changes: object = {}) => ({
  AlarmName: 'busy',
  Namespace: 'AWS/EC2',
  MetricName: 'CPUUtilization',
  Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'blue' }],
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 60,
  ComparisonOperator: 'GreaterThanThreshold',
  AlarmActions: [PolicyARN],
  ...changes,
});

const cpu = (region: ComputeRegion, minutes: number, value: number) =>
  report(region, minutes, value, 'CPUUtilization');

const stepping = async () => {
  const region = await running({ DesiredCapacity: 2, DefaultCooldown: 60 });
  const { PolicyARN } = await put(region, step());
  await region.onAlarms('PutMetricAlarm', cpuAlarm(PolicyARN));
  await region.pass(120);
  return region;
};

describe('step scaling', () => {
  it('lists the alarms of others that call it', async () => {
    const region = await stepping();
    expect((await policies(region))[0]?.Alarms).toMatchObject([{ AlarmName: 'busy' }]);
  });

  it('takes the step that the breach is as large as', async () => {
    const small = await stepping();
    await cpu(small, 2, 70);
    expect(await desired(small)).toBe(3);
    const large = await stepping();
    await cpu(large, 2, 85);
    expect(await desired(large)).toBe(4);
  });

  it('asks for no more while the instances it asked for warm up, then asks again', async () => {
    const region = await stepping();
    await cpu(region, 3, 70);
    expect(await desired(region)).toBe(3);
    await cpu(region, 3, 70);
    expect(await desired(region)).toBe(4);
  });

  it('loses its alarm action but not the alarm when it is deleted', async () => {
    const region = await stepping();
    await region.onGroups('DeletePolicy', { ...named, PolicyName: 'steps' });
    expect(await alarms(region)).toMatchObject([{ AlarmName: 'busy', AlarmActions: [] }]);
  });

  it('takes alarms that are left without an action along when its group is deleted', async () => {
    const region = await stepping();
    await region.onGroups('DeleteAutoScalingGroup', { ...named, ForceDelete: true });
    expect(await alarms(region)).toEqual([]);
  });

  it('is not called by an alarm whose actions are disabled', async () => {
    const region = await stepping();
    await region.onAlarms('DisableAlarmActions', { AlarmNames: ['busy'] });
    await cpu(region, 4, 90);
    expect(await desired(region)).toBe(2);
  });

  it('is not called while AlarmNotification is suspended, and at once when it is resumed', async () => {
    const region = await stepping();
    const process = { ...named, ScalingProcesses: ['AlarmNotification'] };
    await region.onGroups('SuspendProcesses', process);
    await cpu(region, 4, 70);
    expect(await desired(region)).toBe(2);
    await region.onGroups('ResumeProcesses', process);
    expect(await desired(region)).toBe(3);
  });

  it('scales in neither below the minimum nor while Terminate is suspended', async () => {
    const region = await running({ DesiredCapacity: 4, MinSize: 3, DefaultCooldown: 60 });
    await region.pass(120);
    const change = { StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -2 }] };
    await put(region, step(change));
    const execute = { ...named, PolicyName: 'steps', MetricValue: 10, BreachThreshold: 20 };
    await region.onGroups('SuspendProcesses', { ...named, ScalingProcesses: ['Terminate'] });
    await region.onGroups('ExecutePolicy', execute);
    expect(await desired(region)).toBe(4);
    await region.onGroups('ResumeProcesses', { ...named, ScalingProcesses: ['Terminate'] });
    await region.onGroups('ExecutePolicy', execute);
    expect(await desired(region)).toBe(3);
  });

  it.each<[string, object, RegExp]>([
    [
      'steps with a gap',
      {
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
          { MetricIntervalLowerBound: 20, ScalingAdjustment: 2 },
        ],
      },
      /gaps/,
    ],
    [
      'steps that overlap',
      {
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
          { MetricIntervalLowerBound: 5, ScalingAdjustment: 2 },
        ],
      },
      /overlap/,
    ],
    ['no step at all', { StepAdjustments: [] }, /at least one StepAdjustment/],
    ['a cooldown', { Cooldown: 60 }, /only for SimpleScaling/],
    ['an unknown aggregation', { MetricAggregationType: 'Median' }, /MetricAggregationType/],
  ])('refuses %s', async (_, changes, message) => {
    const region = computeRegion();
    await region.createGroup();
    await expect(put(region, step(changes))).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(message),
    });
  });
});

const simple = (changes: object = {}) => ({
  ...named,
  PolicyName: 'more',
  PolicyType: 'SimpleScaling',
  AdjustmentType: 'PercentChangeInCapacity',
  ScalingAdjustment: 10,
  Cooldown: 300,
  ...changes,
});

describe('simple scaling', () => {
  it('rounds a share of the capacity as AWS does', async () => {
    const region = await running({ DesiredCapacity: 2 });
    await put(region, simple());
    await region.onGroups('ExecutePolicy', { ...named, PolicyName: 'more' });
    expect(await desired(region)).toBe(3);
    await put(region, simple({ ScalingAdjustment: -10, MinAdjustmentMagnitude: 2 }));
    await region.onGroups('ExecutePolicy', { ...named, PolicyName: 'more' });
    expect(await desired(region)).toBe(1);
  });

  it('waits for its cooldown before an alarm can call it again', async () => {
    const region = await running({ DesiredCapacity: 1, DefaultCooldown: 60 });
    const { PolicyARN } = await put(region, simple());
    await region.onAlarms('PutMetricAlarm', cpuAlarm(PolicyARN));
    await region.pass(120);
    await cpu(region, 5, 90);
    expect(await desired(region)).toBe(2);
    await cpu(region, 5, 90);
    expect(await desired(region)).toBe(3);
  });

  it('refuses a caller that honours the cooldown', async () => {
    const region = await running({ DesiredCapacity: 1 });
    await put(region, simple());
    await update(region, { DesiredCapacity: 2 });
    await expect(
      region.onGroups('ExecutePolicy', { ...named, PolicyName: 'more', HonorCooldown: true }),
    ).rejects.toMatchObject({ code: 'ScalingActivityInProgress' });
  });
});

describe('an alarm that calls a policy which is gone', () => {
  it('goes on, and says in its history that the action failed', async () => {
    const region = await running();
    const { PolicyARN } = await put(region, step());
    await region.onAlarms('PutMetricAlarm', cpuAlarm(`${PolicyARN}x`));
    await cpu(region, 2, 90);
    expect(await alarms(region)).toMatchObject([{ StateValue: 'ALARM' }]);
    const history = JSON.stringify(
      await region.onAlarms('DescribeAlarmHistory', { HistoryItemType: 'Action' }),
    );
    expect(history).toContain('No policy found with ARN');
  });
});
