/** What Teal sees: fleets, alarms and failures while a deployment runs, and the estate before it. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { readAlarms } from '../../shared/aws/alarms.ts';
import { createEstateReader } from '../../shared/aws/estate-reader.ts';
import { toFailures, toFleetReading } from '../../shared/aws/fleet-reading.ts';
import { listUnsupported, readBusyWith } from '../../shared/aws/group-features.ts';
import { createObserver } from '../../shared/aws/observer.ts';
import { initialProgress } from '../../shared/core/progress.ts';
import { parseDeploymentRequest, parseServiceDefinition, toSpec } from '../../shared/core/spec.ts';
import { plan } from '../core/situations.ts';
import { awsError, inputsOf, operations, type Script, scriptedClient } from './scripted-client.ts';

const instance = (InstanceId: string, LifecycleState = 'InService') => ({
  InstanceId,
  LifecycleState,
  AvailabilityZone: 'us-east-1a',
});
const target = (Id: string, State: string, Reason?: string, Description?: string) =>
  ({ Target: { Id }, TargetHealth: { State, Reason, Description } }) as TargetHealthDescription;
const group = (over: object = {}) =>
  ({
    AutoScalingGroupName: 'web-g',
    DesiredCapacity: 4,
    Instances: [],
    Tags: [{ Key: 'teal:deployment', Value: 'd-1' }],
    ...over,
  }) as unknown as AutoScalingGroup;

describe('a fleet', () => {
  it('counts an instance as healthy when it is in service and its target passes', () => {
    const Instances = [
      instance('i-1'),
      instance('i-2'),
      instance('i-3', 'Pending'),
      instance('i-4', 'Terminating:Wait'),
    ];
    const targets = [
      target('i-1', 'healthy'),
      target('i-2', 'unhealthy', 'Target.ResponseCodeMismatch', 'Health checks failed with: [500]'),
      target('i-3', 'healthy'),
      target('i-4', 'draining', 'Target.DeregistrationInProgress'),
    ];
    expect(toFleetReading({ group: group({ Instances }), targets })).toEqual({
      exists: true,
      desiredCapacity: 4,
      inServiceCount: 2,
      instanceCount: 4,
      healthyCount: 1,
      healthyZones: ['us-east-1a'],
      drainingCount: 1,
      attachment: 'none',
      protectedCount: 0,
      keptInstances: [],
      complaints: [
        'i-2 was unhealthy (Target.ResponseCodeMismatch: Health checks failed with: [500])',
      ],
      failures: [],
    });
  });

  it('complains of the worst first, and of an instance that is no target', () => {
    const Instances = [instance('i-1'), instance('i-2'), instance('i-3')];
    const targets = [
      target('i-1', 'initial', 'Elb.InitialHealthChecking'),
      target('i-2', 'unhealthy'),
    ];
    expect(toFleetReading({ group: group({ Instances }), targets }).complaints).toEqual([
      'i-2 was unhealthy',
      'i-1 was initial (Elb.InitialHealthChecking)',
      'i-3 was not registered as a target',
    ]);
  });

  it('is gone when AWS is deleting its group and no instance is left', () => {
    const going = { Status: 'Delete in progress', DesiredCapacity: 0 };
    expect(toFleetReading({ group: group(going), targets: [] }).exists).toBe(false);
    const held = { ...going, Instances: [instance('i-1', 'Terminating')] };
    expect(toFleetReading({ group: group(held), targets: [] }).exists).toBe(true);
    expect(toFleetReading({ group: undefined, targets: [] }).exists).toBe(false);
  });
});

const activity = (over: object) => ({ ActivityId: 'a', Cause: '', ...over }) as never;

describe('failures of green', () => {
  it('are launches that failed or died, and instances replaced for their health', () => {
    const elb =
      'an instance was taken out of service in response to an ELB system health check failure.';
    expect(
      toFailures([
        activity({
          Description: 'Launching a new EC2 instance',
          StatusCode: 'Failed',
          StatusMessage: 'No capacity.',
        }),
        activity({
          Description: 'Launching a new EC2 instance: i-1',
          StatusCode: 'Cancelled',
          StatusMessage: 'Client error on launch.',
        }),
        activity({ Description: 'Launching a new EC2 instance: i-2', StatusCode: 'Successful' }),
        activity({ Description: 'Launching a new EC2 instance: i-3', StatusCode: 'Cancelled' }),
        activity({
          Description: 'Terminating EC2 instance: i-4',
          StatusCode: 'InProgress',
          Cause: elb,
        }),
        activity({
          Description: 'Terminating EC2 instance: i-5',
          StatusCode: 'Successful',
          Cause: 'a user request',
        }),
      ]),
    ).toEqual(['No capacity.', 'Client error on launch.', elb]);
  });
});

describe('alarms', () => {
  it('are read in all their types, in parts of a hundred, and absent where AWS knows none', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `alarm-${index}`);
    const { client, asked } = scriptedClient({
      DescribeAlarms: ({ AlarmNames, NextToken }: { AlarmNames: string[]; NextToken?: string }) => {
        if (AlarmNames.length === 1) {
          return { CompositeAlarms: [{ AlarmName: 'alarm-100', StateValue: 'OK' }] };
        }
        return NextToken
          ? { LogAlarms: [{ AlarmName: 'alarm-1', StateValue: 'INSUFFICIENT_DATA' }] }
          : {
              MetricAlarms: [{ AlarmName: 'alarm-0', StateValue: 'ALARM', StateReason: 'High.' }],
              NextToken: 'more',
            };
      },
    });
    const readings = await readAlarms(client, names);
    expect(readings).toHaveLength(101);
    expect(readings.filter(({ state }) => state !== 'absent')).toEqual([
      { alarmName: 'alarm-0', state: 'ALARM', stateReason: 'High.' },
      { alarmName: 'alarm-1', state: 'INSUFFICIENT_DATA' },
      { alarmName: 'alarm-100', state: 'OK' },
    ]);
    expect(inputsOf(asked, 'DescribeAlarms')[0]).toMatchObject({
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'],
    });
  });

  it('that nobody watches are not asked for', async () => {
    const { client, asked } = scriptedClient({});
    await expect(readAlarms(client, [])).resolves.toEqual([]);
    expect(asked).toEqual([]);
  });
});

function observerOver(groups: readonly AutoScalingGroup[], more: Script = {}) {
  const autoScaling = scriptedClient({
    DescribeAutoScalingGroups: ({
      AutoScalingGroupNames,
    }: {
      AutoScalingGroupNames: string[];
    }) => ({
      AutoScalingGroups: groups.filter(({ AutoScalingGroupName = '' }) =>
        AutoScalingGroupNames.includes(AutoScalingGroupName),
      ),
    }),
    DescribeScalingActivities: () => ({
      Activities: [{ Description: 'Launching', StatusCode: 'Failed', StatusMessage: 'No room.' }],
    }),
  });
  const cloudWatch = scriptedClient({
    DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: 'web-5xx', StateValue: 'OK' }] }),
    ...more,
  });
  const loadBalancing = scriptedClient({
    DescribeTargetHealth: ({ TargetGroupArn }: { TargetGroupArn: string }) => {
      if (TargetGroupArn !== 'arn:blue') throw awsError('TargetGroupNotFound');
      return { TargetHealthDescriptions: [target('i-1', 'healthy')] };
    },
  });
  const observer = createObserver({
    autoScaling: autoScaling.client,
    cloudWatch: cloudWatch.client,
    loadBalancing: loadBalancing.client,
    router: {
      read: (routes) =>
        Promise.resolve(routes.map(({ id }) => ({ routeId: id, weights: undefined }))),
    },
  });
  return { observer, groups: autoScaling.asked, alarms: cloudWatch.asked };
}

describe('the observer', () => {
  const everything = { alarms: true, blue: true, green: true, routes: true };
  const nothing = { alarms: false, blue: false, green: false, routes: false };
  const started = { ...initialProgress('x'), greenTargetGroupArn: 'arn:green' };

  it('reads nothing that the task does not look at', async () => {
    const { observer, groups, alarms } = observerOver([]);
    const observed = await observer.observe(plan, started, nothing);
    expect(observed.alarms).toEqual({ type: 'read', alarms: [] });
    expect([observed.blue.exists, observed.routes]).toEqual([false, []]);
    expect([...groups, ...alarms]).toEqual([]);
  });

  it('reads both fleets with one call, and a target group that is gone as empty', async () => {
    const blue = group({ AutoScalingGroupName: 'web-blue', Instances: [instance('i-1')] });
    const { observer, groups } = observerOver([blue, group()]);
    const observed = await observer.observe(plan, { ...started, stepIndex: 0 }, everything);
    expect(observed.blue).toMatchObject({ exists: true, healthyCount: 1 });
    expect(observed.green).toMatchObject({ exists: true, healthyCount: 0 });
    expect(observed.routes).toHaveLength(2);
    expect(operations(groups)).toEqual(['DescribeAutoScalingGroups']);
  });

  it('says why green does not come up while it has to, and asks no more when it is up', async () => {
    const { observer } = observerOver([group()]);
    const { green } = await observer.observe(plan, started, everything);
    expect(green.failures).toEqual(['No room.']);
    const later = observerOver([group()]);
    await later.observer.observe(plan, { ...started, stepIndex: 0 }, everything);
    expect(operations(later.groups)).not.toContain('DescribeScalingActivities');
  });

  it("does not take a group for green that has its name but not this deployment's tag", async () => {
    const { observer } = observerOver([group({ Tags: [] })]);
    const { green } = await observer.observe(plan, started, everything);
    expect(green.exists).toBe(false);
  });

  it('takes alarms that cannot be read for a fact, not for a failure', async () => {
    const { observer } = observerOver([], {
      DescribeAlarms: () => {
        throw awsError('Throttling', 'Rate exceeded');
      },
    });
    const { alarms } = await observer.observe(plan, started, everything);
    expect(alarms).toEqual({
      type: 'unreadable',
      because:
        'Tried DescribeAlarms on web-5xx; AWS answered Throttling: Rate exceeded; it is tried again.',
    });
  });
});

const plainGroup: Script = {
  DescribePolicies: () => ({ ScalingPolicies: [] }),
  DescribeLifecycleHooks: () => ({ LifecycleHooks: [] }),
  DescribeScheduledActions: () => ({ ScheduledUpdateGroupActions: [] }),
  DescribeNotificationConfigurations: () => ({ NotificationConfigurations: [] }),
  DescribeInstanceRefreshes: () => ({ InstanceRefreshes: [] }),
};

describe('what green could not have', () => {
  it('is named in words, with numbers', () => {
    const loaded = group({
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '3' },
          Overrides: [
            { InstanceType: 't3.small' },
            {
              InstanceType: 't3.medium',
              LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '3' },
            },
            { InstanceType: 't3.large', ImageId: 'ami-0000000a' },
            {
              InstanceType: 't4g.large',
              LaunchTemplateSpecification: { LaunchTemplateId: 'lt-2', Version: '3' },
            },
            { InstanceType: 'm5.large', WeightedCapacity: '2' },
          ],
        },
      },
      DesiredCapacityType: 'vcpu',
      LaunchConfigurationName: 'lc',
      Operator: { Principal: 'ecs.amazonaws.com' },
      LoadBalancerNames: ['classic'],
      TrafficSources: [
        { Identifier: 'arn:aws:vpc-lattice:us-east-1:0:targetgroup/tg-1', Type: 'vpc-lattice' },
        { Identifier: 'arn:aws:elasticloadbalancing:us-east-1:0:targetgroup/a/1', Type: 'elbv2' },
      ],
      SuspendedProcesses: [{ ProcessName: 'Launch' }, { ProcessName: 'AZRebalance' }],
      Tags: Array.from({ length: 48 }, (_, index) => ({ Key: `k${index}`, Value: 'v' })),
    });
    const override = 'an override of its mixed instances policy';
    expect(listUnsupported(loaded)).toEqual([
      `${override} (t3.large) with an image of its own (ami-0000000a)`,
      `${override} (t4g.large) with another launch template or version (lt-2 3)`,
      `${override} (m5.large) with a weight (2), under which capacity is not a number of instances`,
      'a launch configuration',
      'capacity that is counted in vcpu, not in instances',
      'an operator (ecs.amazonaws.com)',
      '1 classic load balancer',
      '1 other traffic source',
      'the process Launch suspended',
      '48 tags, to which Teal adds 3 (AWS takes 50)',
    ]);
  });

  it('is nothing for a group with policies, a warm pool and processes that its owner suspended', () => {
    const rich = group({
      WarmPoolConfiguration: { MinSize: 1 },
      LoadBalancerNames: [],
      TrafficSources: [],
      SuspendedProcesses: [{ ProcessName: 'AlarmNotification' }, { ProcessName: 'AZRebalance' }],
    });
    expect(listUnsupported(rich)).toEqual([]);
  });
});

const busyWith = (Status: string, over: object = {}) => {
  const refreshes = [{ InstanceRefreshId: 'r-1', Status }];
  const { client } = scriptedClient({
    DescribeInstanceRefreshes: () => ({ InstanceRefreshes: refreshes }),
  });
  return readBusyWith(client, group(over));
};

describe('a group is busy', () => {
  it.each(['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'])(
    'while an instance refresh is %s',
    async (status) => {
      await expect(busyWith(status)).resolves.toBe(`instance refresh r-1 is ${status}`);
    },
  );

  it('while AWS deletes it, and not when refreshes are over or deletion is forbidden', async () => {
    await expect(busyWith('Successful', { Status: 'Delete in progress' })).resolves.toBe(
      'AWS is deleting it',
    );
    const kept = { DeletionProtection: 'prevent-all-deletion' };
    await expect(busyWith('Successful', kept)).resolves.toBeUndefined();
  });
});

function readerOver(groups: readonly AutoScalingGroup[], ec2: Script) {
  return createEstateReader({
    autoScaling: scriptedClient({
      ...plainGroup,
      DescribeAutoScalingGroups: () => ({ AutoScalingGroups: groups }),
    }).client,
    cloudWatch: scriptedClient({ DescribeAlarms: () => ({}) }).client,
    ec2: scriptedClient(ec2).client,
    loadBalancing: scriptedClient({
      DescribeTargetGroups: () => ({
        TargetGroups: [{ TargetGroupName: 'blue', TargetType: 'instance' }],
      }),
      DescribeTargetGroupAttributes: () => ({
        Attributes: [
          { Key: 'deregistration_delay.timeout_seconds', Value: '45' },
          { Key: 'stickiness.enabled', Value: 'true' },
        ],
      }),
      DescribeTargetHealth: () => ({ TargetHealthDescriptions: [target('i-1', 'healthy')] }),
      DescribeTags: () => ({
        TagDescriptions: [{ Tags: [{ Key: 'teal:deployment', Value: 'd-0' }] }],
      }),
    }).client,
    router: { find: () => Promise.resolve([]) },
    recordsOf: () => ({ find: () => Promise.resolve([]) }),
  });
}

describe('the estate', () => {
  const spec = toSpec(
    parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue', alarms: ['a'] }),
    parseDeploymentRequest({ service: 'web', imageId: 'ami-00000000000000002' }),
  );
  const live = group({
    AutoScalingGroupName: 'web-blue',
    MinSize: 1,
    MaxSize: 3,
    DesiredCapacity: 2,
    Instances: [instance('i-1')],
    Tags: [],
    TargetGroupARNs: ['arn:aws:elasticloadbalancing:r:0:targetgroup/blue/1'],
    TrafficSources: [
      { Identifier: 'arn:aws:elasticloadbalancing:r:0:targetgroup/blue/1', Type: 'elbv2' },
    ],
    LaunchTemplate: { LaunchTemplateId: 'lt-1', LaunchTemplateName: 'web' },
  });

  it('tells the number that the template version means, and what its instances run', async () => {
    const reader = readerOver([live], {
      DescribeImages: () => ({ Images: [{ State: 'available', Architecture: 'arm64' }] }),
      DescribeLaunchTemplateVersions: ({ Versions }: { Versions: string[] }) => ({
        LaunchTemplateVersions: [
          {
            VersionNumber: Versions[0] === '$Default' ? 7 : 0,
            LaunchTemplateData: { InstanceType: 't4g.small' },
          },
        ],
      }),
    });
    const estate = await reader.read(spec);
    expect(estate).toEqual({
      image: { imageId: spec.imageId, state: 'available', architecture: 'arm64' },
      group: {
        autoScalingGroupName: 'web-blue',
        minSize: 1,
        maxSize: 3,
        desiredCapacity: 2,
        inServiceCount: 1,
        zones: ['us-east-1a'],
        hasCapacityRebalance: false,
        schedules: [],
        suspendedProcesses: [],
        targetGroupArns: live.TargetGroupARNs,
        launchTemplate: {
          launchTemplateId: 'lt-1',
          configuredVersion: '$Default',
          version: 7,
        },
        unsupported: [],
        isCreatedByTeal: false,
        isProtectedFromDeletion: false,
      },
      targetGroup: {
        targetGroupArn: live.TargetGroupARNs?.[0],
        targetGroupName: 'blue',
        targetType: 'instance',
        deregistrationDelaySeconds: 45,
        healthyCount: 1,
        stickiness: 'lb_cookie',
        isCreatedByTeal: true,
      },
      routes: [],
      alarms: [{ alarmName: 'a', state: 'absent' }],
    });
  });

  it('says that image and group are not there instead of failing', async () => {
    const reader = readerOver([], {
      DescribeImages: () => {
        throw awsError('InvalidAMIID.NotFound');
      },
    });
    const { image, group: found, targetGroup } = await reader.read(spec);
    expect([image, found, targetGroup]).toEqual([undefined, undefined, undefined]);
  });
});
