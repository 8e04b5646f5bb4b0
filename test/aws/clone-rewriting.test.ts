/** What is written for green from what AWS describes of blue. */
import type {
  MixedInstancesPolicy,
  ScalingPolicy,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { toGreenAlarm, toGreenAlarmName } from '../../shared/aws/clone/alarms.ts';
import { compareLists, compareMembers } from '../../shared/aws/clone/differences.ts';
import { metricNameOf, toGreenNames } from '../../shared/aws/clone/green-names.ts';
import { toGreenNotifications, toGreenWarmPool } from '../../shared/aws/clone/hooks.ts';
import { atVersion, templateOf } from '../../shared/aws/clone/mixed-instances.ts';
import { toGreenPolicy, warnAboutPolicies } from '../../shared/aws/clone/policies.ts';
import { toGreenSchedule } from '../../shared/aws/clone/schedules.ts';
import { describeClone, refuseDifferences, reportClone } from '../../shared/core/clone/report.ts';
import { NOW, plan } from '../core/situations.ts';

const BLUE_TARGETS = 'targetgroup/web-blue/0123456789abcdef';
const GREEN_TARGETS = 'targetgroup/web-g/fedcba9876543210';
const names = {
  blueGroupName: 'web-blue',
  greenGroupName: 'web-g',
  blueTargetGroup: BLUE_TARGETS,
  greenTargetGroup: GREEN_TARGETS,
};

const dimension = (Name: string, Value: string) => ({ Name, Value });

const policyArn = (id: string, group: string) =>
  `arn:aws:autoscaling:us-east-1:1:scalingPolicy:${id}:autoScalingGroupName/${group}:policyName/out`;

const action = (over: Partial<ScheduledUpdateGroupAction>): ScheduledUpdateGroupAction => ({
  AutoScalingGroupName: 'web-blue',
  ScheduledActionName: 'night',
  ScheduledActionARN: 'arn:action',
  Time: new Date(0),
  MinSize: 1,
  TimeZone: 'Europe/Berlin',
  ...over,
});

const row = (TopicARN: string, NotificationType: string) => ({ TopicARN, NotificationType });

const tracking: ScalingPolicy = {
  AutoScalingGroupName: 'web-blue',
  PolicyName: 'requests',
  PolicyARN: 'arn:blue-policy',
  PolicyType: 'TargetTrackingScaling',
  StepAdjustments: [],
  Alarms: [{ AlarmName: 'TargetTracking-web-blue-AlarmHigh' }],
  TargetTrackingConfiguration: {
    PredefinedMetricSpecification: {
      PredefinedMetricType: 'ALBRequestCountPerTarget',
      ResourceLabel: `app/web/50dc6c495c0c9188/${BLUE_TARGETS}`,
    },
    TargetValue: 100,
    DisableScaleIn: false,
  },
  Enabled: true,
};

describe('names of blue and green behind two load balancers', () => {
  const apart = { ...names, loadBalancers: { blue: 'app/one/1', green: 'app/two/2' } };

  it("are those of each one's own", () => {
    const blue = {
      ResourceLabel: `app/one/1/${BLUE_TARGETS}`,
      Dimensions: [dimension('LoadBalancer', 'app/one/1'), dimension('TargetGroup', BLUE_TARGETS)],
      Expression: `SELECT SUM(RequestCount) FROM "AWS/ApplicationELB" WHERE LoadBalancer = 'app/one/1'`,
    };
    expect(toGreenNames(blue, apart)).toEqual({
      ResourceLabel: `app/two/2/${GREEN_TARGETS}`,
      Dimensions: [dimension('LoadBalancer', 'app/two/2'), dimension('TargetGroup', GREEN_TARGETS)],
      Expression: `SELECT SUM(RequestCount) FROM "AWS/ApplicationELB" WHERE LoadBalancer = 'app/two/2'`,
    });
  });

  it('leave alone what is about a third one', () => {
    const third = { Dimensions: [dimension('LoadBalancer', 'app/three/3')] };
    expect(toGreenNames(third, apart)).toEqual(third);
  });
});

describe("green's scaling policy", () => {
  it("tracks the requests of green's target group", () => {
    expect(toGreenPolicy(tracking, names, false)).toEqual({
      AutoScalingGroupName: 'web-g',
      PolicyName: 'requests',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ALBRequestCountPerTarget',
          ResourceLabel: `app/web/50dc6c495c0c9188/${GREEN_TARGETS}`,
        },
        TargetValue: 100,
        DisableScaleIn: false,
      },
      Enabled: false,
    });
  });

  it('names green in every dimension, at any depth, and leaves other dimensions alone', () => {
    const customized = {
      Dimensions: [dimension('AutoScalingGroupName', 'web-blue'), dimension('LoadBalancer', 'x')],
      Metrics: [
        {
          Id: 'm1',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/ApplicationELB',
              MetricName: 'RequestCount',
              Dimensions: [dimension('TargetGroup', BLUE_TARGETS), dimension('Host', 'web-blue')],
            },
            Stat: 'Sum',
          },
        },
      ],
    };
    const policy: ScalingPolicy = {
      ...tracking,
      TargetTrackingConfiguration: { TargetValue: 1, CustomizedMetricSpecification: customized },
    };
    const green = toGreenPolicy(policy, names, true).TargetTrackingConfiguration;
    expect(green?.CustomizedMetricSpecification).toEqual({
      Dimensions: [dimension('AutoScalingGroupName', 'web-g'), dimension('LoadBalancer', 'x')],
      Metrics: [
        {
          Id: 'm1',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/ApplicationELB',
              MetricName: 'RequestCount',
              Dimensions: [dimension('TargetGroup', GREEN_TARGETS), dimension('Host', 'web-blue')],
            },
            Stat: 'Sum',
          },
        },
      ],
    });
  });

  it('predicts from the load of green, with a warning that there is no history', () => {
    const predictive: ScalingPolicy = {
      PolicyName: 'forecast',
      PolicyType: 'PredictiveScaling',
      PredictiveScalingConfiguration: {
        Mode: 'ForecastAndScale',
        MetricSpecifications: [
          {
            TargetValue: 50,
            PredefinedMetricPairSpecification: {
              PredefinedMetricType: 'ALBRequestCount',
              ResourceLabel: `app/web/1/${BLUE_TARGETS}`,
            },
          },
        ],
      },
    };
    const [specification] =
      toGreenPolicy(predictive, names, true).PredictiveScalingConfiguration?.MetricSpecifications ??
      [];
    expect(specification?.PredefinedMetricPairSpecification?.ResourceLabel).toBe(
      `app/web/1/${GREEN_TARGETS}`,
    );
    expect(warnAboutPolicies([tracking, predictive])).toEqual([
      expect.stringMatching(/^Predictive scaling policy forecast starts without history/),
    ]);
  });

  it('has the steps of a step policy, and the old name of its smallest step rewritten', () => {
    const step: ScalingPolicy = {
      PolicyName: 'out',
      PolicyType: 'StepScaling',
      AdjustmentType: 'PercentChangeInCapacity',
      MinAdjustmentStep: 2,
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 10 }],
    };
    const green = toGreenPolicy(step, names, true);
    expect(green).toMatchObject({
      MinAdjustmentMagnitude: 2,
      StepAdjustments: step.StepAdjustments,
    });
    expect(green).not.toHaveProperty('MinAdjustmentStep');
  });
});

describe('an expression that names blue', () => {
  it.each([
    [
      `SEARCH('{AWS/EC2,AutoScalingGroupName} AutoScalingGroupName="web-blue" CPU', 'Average')`,
      `SEARCH('{AWS/EC2,AutoScalingGroupName} AutoScalingGroupName="web-g" CPU', 'Average')`,
    ],
    ['AutoScalingGroupName=web-blue-2', 'AutoScalingGroupName=web-blue-2'],
    ['AutoScalingGroupName = web-blue AND x', 'AutoScalingGroupName = web-g AND x'],
    [`TargetGroup="${BLUE_TARGETS}"`, `TargetGroup="${GREEN_TARGETS}"`],
    ['m1 / m2', 'm1 / m2'],
  ])('%s becomes %s', (blue, green) => {
    expect(toGreenNames({ Expression: blue }, names)).toEqual({ Expression: green });
  });

  it('knows a target group in metrics by the end of its ARN', () => {
    const arn = `arn:aws:elasticloadbalancing:us-east-1:123456789012:${BLUE_TARGETS}`;
    expect(metricNameOf(arn)).toBe(BLUE_TARGETS);
  });
});

describe("green's alarm", () => {
  const alarm: MetricAlarm = {
    AlarmName: 'cpu-high',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:1:alarm:cpu-high',
    StateValue: 'ALARM',
    ActionsEnabled: true,
    AlarmActions: [policyArn('1', 'web-blue'), policyArn('9', 'other'), 'arn:aws:sns:x:1:people'],
    OKActions: [],
    MetricName: 'CPUUtilization',
    Namespace: 'AWS/EC2',
    Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-blue' }],
    Statistic: 'Average',
    Period: 60,
    EvaluationPeriods: 2,
    Threshold: 70,
    ComparisonOperator: 'GreaterThanThreshold',
  };
  const green = toGreenAlarm(alarm, {
    plan,
    names,
    policyArns: new Map([[policyArn('1', 'web-blue'), policyArn('2', 'web-g')]]),
    blueTags: [
      { Key: 'team', Value: 'shop' },
      { Key: 'teal:deployment', Value: 'd-0' },
    ],
  });

  it("watches green, calls green's policy, tells people, and scales no other group", () => {
    expect(green).toMatchObject({
      AlarmName: 'web-g/cpu-high',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-g' }],
      AlarmActions: [policyArn('2', 'web-g'), 'arn:aws:sns:x:1:people'],
      OKActions: [],
      Threshold: 70,
      Tags: [
        { Key: 'team', Value: 'shop' },
        { Key: 'teal:deployment', Value: 'd-1' },
        { Key: 'teal:service', Value: 'web' },
        { Key: 'teal:version', Value: 'v2' },
      ],
    });
    expect(green).not.toHaveProperty('StateValue');
    expect(green).not.toHaveProperty('AlarmArn');
  });

  it('has a name that does not grow from deployment to deployment, nor beyond what AWS takes', () => {
    expect(toGreenAlarmName('web-blue/cpu-high', names)).toBe('web-g/cpu-high');
    const long = toGreenAlarmName('x'.repeat(255), names);
    expect(long).toHaveLength(255);
    expect(long).not.toBe(toGreenAlarmName(`${'x'.repeat(254)}y`, names));
  });
});

describe("green's scheduled action", () => {
  const past = new Date(Date.parse(NOW) - 1000);
  const future = new Date(Date.parse(NOW) + 1000);

  it('recurs as before, without a start that has passed', () => {
    const blue = action({ Recurrence: '0 22 * * *', StartTime: past, EndTime: future });
    expect(toGreenSchedule(blue, 'web-g', NOW)).toEqual({
      AutoScalingGroupName: 'web-g',
      ScheduledActionName: 'night',
      Recurrence: '0 22 * * *',
      EndTime: future,
      MinSize: 1,
      TimeZone: 'Europe/Berlin',
    });
  });

  it('keeps a start that is to come', () => {
    expect(toGreenSchedule(action({ StartTime: future }), 'web-g', NOW)).toMatchObject({
      StartTime: future,
    });
  });

  it.each([
    ['whose only time has passed', { StartTime: past }],
    ['whose recurrence has ended', { Recurrence: '0 22 * * *', EndTime: past }],
  ])('is none for one %s', (_which, over) => {
    expect(toGreenSchedule(action(over), 'web-g', NOW)).toBeUndefined();
  });
});

describe('a mixed instances policy', () => {
  const own = { LaunchTemplateId: 'lt-1', LaunchTemplateName: 'web', Version: '$Latest' };
  const policy: MixedInstancesPolicy = {
    LaunchTemplate: {
      LaunchTemplateSpecification: own,
      Overrides: [
        { InstanceType: 't3.small' },
        { InstanceType: 't3.large', LaunchTemplateSpecification: own },
      ],
    },
    InstancesDistribution: { OnDemandBaseCapacity: 1, SpotMaxPrice: '0.1' },
  };

  it('launches everything from one version, and keeps its overrides and distribution', () => {
    const at = { LaunchTemplateId: 'lt-1', Version: '7' };
    expect(atVersion({ MixedInstancesPolicy: policy }, 'lt-1', '7')).toEqual({
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: at,
          Overrides: [
            { InstanceType: 't3.small' },
            { InstanceType: 't3.large', LaunchTemplateSpecification: at },
          ],
        },
        InstancesDistribution: { OnDemandBaseCapacity: 1, SpotMaxPrice: '0.1' },
      },
    });
    expect(templateOf({ MixedInstancesPolicy: policy })).toEqual(own);
  });
});

describe('notifications and warm pools', () => {
  it('are asked for once for each topic, with all its types', () => {
    const rows = [row('t1', 'launch'), row('t2', 'error'), row('t1', 'error')];
    expect(toGreenNotifications(rows, 'web-g')).toEqual([
      { AutoScalingGroupName: 'web-g', TopicARN: 't1', NotificationTypes: ['error', 'launch'] },
      { AutoScalingGroupName: 'web-g', TopicARN: 't2', NotificationTypes: ['error'] },
    ]);
  });

  it('are copied unless AWS is deleting them', () => {
    const pool = { MinSize: 2, PoolState: 'Stopped' as const, MaxGroupPreparedCapacity: 0 };
    expect(toGreenWarmPool(pool, 'web-g')).toEqual({ AutoScalingGroupName: 'web-g', ...pool });
    expect(toGreenWarmPool({ ...pool, Status: 'PendingDelete' }, 'web-g')).toBeUndefined();
    expect(toGreenWarmPool(undefined, 'web-g')).toBeUndefined();
  });
});

describe('reading green back', () => {
  it('finds a copied member that was never sent, and one that somebody changed', () => {
    const found = compareMembers('ScalingPolicy', {
      of: 'policy out',
      blue: { PolicyName: 'out', Cooldown: 60, StepAdjustments: [] },
      wanted: { AutoScalingGroupName: 'web-g', Enabled: true },
      found: { PolicyName: 'out', AutoScalingGroupName: 'web-g', Enabled: false },
    });
    expect(found).toEqual([
      { name: 'ScalingPolicy.Cooldown', of: 'policy out', expected: '60', found: 'nothing' },
      { name: 'ScalingPolicy.Enabled', of: 'policy out', expected: 'true', found: 'false' },
    ]);
  });

  it('finds what green lacks and what it has too much', () => {
    const listing = {
      shape: 'ScalingPolicy',
      keyMember: 'PolicyName',
      noun: 'policy',
      blue: new Map([['out', { described: {}, wanted: {} }]]),
      found: new Map([['in', {}]]),
    } as const;
    expect(compareLists(listing)).toEqual([
      { name: 'ScalingPolicy.PolicyName', of: 'policy out', expected: '"out"', found: 'nothing' },
      { name: 'ScalingPolicy.PolicyName', of: 'policy in', expected: 'nothing', found: '"in"' },
    ]);
  });

  it('takes the name that AWS adds to a launch template for no difference', () => {
    const wanted = { LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '4' } };
    const found = { LaunchTemplate: { ...wanted.LaunchTemplate, LaunchTemplateName: 'web' } };
    const same = compareMembers('AutoScalingGroup', { of: 'x', blue: {}, wanted, found });
    expect(same).toEqual([]);
    const other = { LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '5' } };
    const different = compareMembers('AutoScalingGroup', {
      of: 'x',
      blue: {},
      wanted,
      found: other,
    });
    expect(different.map(({ name }) => name)).toEqual(['AutoScalingGroup.LaunchTemplate']);
  });

  it('never tells what user data says', () => {
    const [difference] = compareMembers('ResponseLaunchTemplateData', {
      of: 'version 4',
      blue: { UserData: 'c2VjcmV0' },
      wanted: {},
      found: { UserData: 'b3RoZXI=' },
    });
    expect(JSON.stringify(difference)).not.toMatch(/c2VjcmV0|b3RoZXI=/);
  });
});

describe('a report on the clone', () => {
  const difference = {
    name: 'ScalingPolicy.Cooldown',
    of: 'policy out',
    expected: '60',
    found: 'nothing',
  };
  const report = (waivers: readonly string[]) =>
    reportClone({
      items: ['group web-g', 'policy out'],
      differences: [difference],
      warnings: [],
      waivers,
    });

  it('stops the deployment with a sentence that names the difference', () => {
    expect(() => refuseDifferences(report([]))).toThrow(
      /ScalingPolicy.Cooldown of policy out should be 60 and is nothing/,
    );
  });

  it('lets a difference pass that the service waived, and says so', () => {
    const waived = report(['ScalingPolicy.Cooldown']);
    expect(() => refuseDifferences(waived)).not.toThrow();
    expect(waived).toMatchObject({ differences: [], waived: [difference] });
    expect(describeClone(waived)).toBe(
      '2 items of blue were cloned and read back without a difference but for what was waived (ScalingPolicy.Cooldown).',
    );
  });
});
