import { describe, expect, it } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import {
  activities,
  BLUE,
  computeRegion,
  DRAINING_SECONDS,
  running,
  update,
} from './compute-region.ts';
import type { ComputeRegion } from './compute-region.ts';
import type { Instance as Ec2Instance } from '@aws-sdk/client-ec2';
import type { LaunchFault } from '../../region/services/ec2/launches.ts';

const named = { AutoScalingGroupName: 'blue' };

const noCapacity =
  (matches: (launch: Parameters<LaunchFault>[0]) => boolean): LaunchFault =>
  (launch) =>
    matches(launch)
      ? new AwsError(
          'InsufficientInstanceCapacity',
          'We currently do not have sufficient capacity.',
          {
            httpStatus: 500,
          },
        )
      : undefined;

async function instances(region: ComputeRegion): Promise<Ec2Instance[]> {
  const { Reservations } = await region.onEc2<{ Reservations: { Instances: Ec2Instance[] }[] }>(
    'DescribeInstances',
  );
  return Reservations.flatMap((reservation) => reservation.Instances);
}

const mixed = async (region: ComputeRegion, policy: object, distribution: object = {}) => {
  const id = await region.template({}, 'mixed');
  await region.createGroup({
    LaunchTemplate: undefined,
    DesiredCapacity: 4,
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: id, Version: '1' },
        Overrides: [{ InstanceType: 't3.large' }, { InstanceType: 't3.small' }],
        ...policy,
      },
      InstancesDistribution: distribution,
    },
  });
  await region.pass(40);
  return id;
};

describe('a mixed instances policy', () => {
  it('launches the first type that has capacity', async () => {
    const region = computeRegion({
      launchFault: noCapacity((launch) => launch.instanceType === 't3.large'),
    });
    await mixed(region, {});
    expect((await instances(region)).map((one) => one.InstanceType)).toEqual(
      Array.from({ length: 4 }, () => 't3.small'),
    );
  });

  it('is described with the id and the name of every template', async () => {
    const region = computeRegion();
    const id = await mixed(region, {});
    const group = await region.group('blue');
    expect(group?.LaunchTemplate).toBeUndefined();
    expect(group?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: {
        LaunchTemplateSpecification: {
          LaunchTemplateId: id,
          LaunchTemplateName: 'mixed',
          Version: '1',
        },
        Overrides: [{ InstanceType: 't3.large' }, { InstanceType: 't3.small' }],
      },
      InstancesDistribution: { OnDemandAllocationStrategy: 'prioritized', SpotInstancePools: 2 },
    });
  });

  it('launches an override from its own template and image', async () => {
    const region = computeRegion();
    const other = await region.template({}, 'other');
    const imageId = region.ec2.addImage({ name: 'pinned', program: { type: 'model' } });
    await mixed(region, {
      Overrides: [
        {
          InstanceType: 't3.medium',
          ImageId: imageId,
          LaunchTemplateSpecification: { LaunchTemplateId: other, Version: '$Latest' },
        },
      ],
    });
    expect((await instances(region))[0]).toMatchObject({
      ImageId: imageId,
      InstanceType: 't3.medium',
    });
    expect((await region.group('blue'))?.Instances?.[0]?.LaunchTemplate).toMatchObject({
      LaunchTemplateId: other,
      Version: '1',
    });
  });

  it('buys On-Demand Instances for its base and the given share, and Spot for the rest', async () => {
    const region = computeRegion();
    await mixed(region, {}, { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 30 });
    const spot = (await instances(region)).filter((one) => one.InstanceLifecycle === 'spot');
    expect(spot).toHaveLength(2);
  });

  it('keeps what an update leaves out', async () => {
    const region = computeRegion();
    await mixed(region, {}, { OnDemandBaseCapacity: 1 });
    await update(region, {
      MixedInstancesPolicy: { InstancesDistribution: { SpotInstancePools: 4 } },
    });
    expect((await region.group('blue'))?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: { Overrides: [{ InstanceType: 't3.large' }, { InstanceType: 't3.small' }] },
      InstancesDistribution: { OnDemandBaseCapacity: 1, SpotInstancePools: 4 },
    });
  });

  it.each<[string, object, RegExp]>([
    [
      'weights',
      { Overrides: [{ InstanceType: 't3.small', WeightedCapacity: '2' }] },
      /WeightedCapacity/,
    ],
    [
      'a type that does not exist',
      { Overrides: [{ InstanceType: 't9.huge' }] },
      /Invalid value 't9.huge'/,
    ],
    [
      'no template',
      { LaunchTemplateSpecification: undefined },
      /launch template must be specified/,
    ],
  ])('is refused with %s', async (_, policy, message) => {
    const region = computeRegion();
    await expect(mixed(region, policy)).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(message),
    });
  });
});

const zonesOf = async (region: ComputeRegion) => {
  const group = await region.group('blue');
  const counts = (group?.Instances ?? []).map((one) => one.AvailabilityZone);
  return (group?.AvailabilityZones ?? []).map(
    (zone) => counts.filter((one) => one === zone).length,
  );
};

const unbalanced = async (input: object = {}) => {
  let isShort = true;
  const region = computeRegion({
    launchFault: noCapacity(({ availabilityZone }) => isShort && availabilityZone.endsWith('c')),
  });
  await region.createGroup({ DesiredCapacity: 6, ...input });
  await region.onGroups('SuspendProcesses', { ...named, ScalingProcesses: ['AZRebalance'] });
  await region.pass(300);
  isShort = false;
  await region.pass(900);
  return region;
};

describe('balancing the zones', () => {
  it('rests while AZRebalance is suspended', async () => {
    expect(await zonesOf(await unbalanced())).toEqual([3, 3, 0]);
  });

  it('launches before it terminates, and so has one instance too many for a while', async () => {
    const region = await unbalanced();
    await region.onGroups('ResumeProcesses', { ...named, ScalingProcesses: ['AZRebalance'] });
    await region.pass(13);
    expect((await region.group('blue'))?.Instances).toHaveLength(7);
    await region.pass(300);
    expect(await zonesOf(region)).toEqual([2, 2, 2]);
    const causes = (await activities(region)).map((activity) => activity.Cause).join();
    expect(causes).toContain('resulting in more than desired number of instances in the group');
  });

  it('waits for a zone instead of passing over it when the group wants balance only', async () => {
    const region = await unbalanced({
      AvailabilityZoneDistribution: { CapacityDistributionStrategy: 'balanced-only' },
    });
    expect(await zonesOf(region)).toEqual([2, 2, 2]);
  });
});

const pooled = async (pool: object = {}, input: object = {}) => {
  const region = await running({ MaxSize: 4, ...input });
  await region.onGroups('PutWarmPool', { ...named, ...pool });
  await region.pass(90);
  return region;
};

const pool = (region: ComputeRegion) =>
  region.onGroups<{
    WarmPoolConfiguration?: { Status?: string };
    Instances: { LifecycleState: string; InstanceId: string }[];
  }>('DescribeWarmPool', named);
const states = async (region: ComputeRegion) =>
  (await pool(region)).Instances.map((instance) => instance.LifecycleState);

describe('a warm pool', () => {
  it('holds what lies between the desired capacity and the maximum, stopped', async () => {
    const region = await pooled();
    expect(await states(region)).toEqual(['Warmed:Stopped', 'Warmed:Stopped']);
    expect(await region.group('blue')).toMatchObject({
      WarmPoolConfiguration: { PoolState: 'Stopped', MinSize: 0 },
      WarmPoolSize: 2,
      Instances: [{ LifecycleState: 'InService' }, { LifecycleState: 'InService' }],
    });
    const stopped = (await instances(region)).filter((one) => one.State?.Name === 'stopped');
    expect(stopped).toHaveLength(2);
    const launches = region.eventsOf('EC2 Instance Launch Successful');
    expect(launches.at(-1)?.detail).toMatchObject({ Origin: 'EC2', Destination: 'WarmPool' });
  });

  it('is emptied by a maximum that is pinned to the desired capacity', async () => {
    const region = await pooled();
    await update(region, { MaxSize: 2 });
    await region.pass(90);
    expect(await states(region)).toEqual([]);
  });

  it('gives its instances to the group when that scales out', async () => {
    const region = await pooled({ PoolState: 'Running', MinSize: 1 });
    const waiting = (await pool(region)).Instances.map((instance) => instance.InstanceId);
    await update(region, { DesiredCapacity: 3 });
    await region.pass(90);
    const serving = await region.instanceIds();
    expect(serving.filter((id) => waiting.includes(id))).toHaveLength(1);
    expect(await states(region)).toEqual(['Warmed:Running']);
  });

  it('takes instances back on scale-in when it reuses them', async () => {
    const region = await pooled({ InstanceReusePolicy: { ReuseOnScaleIn: true } });
    const serving = await region.instanceIds();
    await update(region, { DesiredCapacity: 1 });
    await region.pass(90);
    const waiting = (await pool(region)).Instances.map((instance) => instance.InstanceId);
    expect(waiting.filter((id) => serving.includes(id))).toHaveLength(1);
  });

  it('has to be gone before its group can be deleted without force', async () => {
    const region = await pooled({}, { DesiredCapacity: 0 });
    const remove = () => region.onGroups('DeleteAutoScalingGroup', named);
    await expect(remove()).rejects.toMatchObject({ code: 'ResourceInUse' });
    await region.onGroups('DeleteWarmPool', named);
    expect((await pool(region)).WarmPoolConfiguration?.Status).toBe('PendingDelete');
    await region.pass(90);
    expect(await pool(region)).toEqual({ Instances: [] });
    await remove();
  });

  it('is refused for a group that launches Spot Instances', async () => {
    const region = computeRegion();
    await mixed(region, {}, { OnDemandPercentageAboveBaseCapacity: 50 });
    await expect(region.onGroups('PutWarmPool', named)).rejects.toMatchObject({
      code: 'ValidationError',
    });
  });
});

describe('standby', () => {
  it('drains an instance and keeps it, outside the capacity of its group', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    const [first] = await region.instanceIds();
    await region.onGroups('EnterStandby', {
      ...named,
      InstanceIds: [first],
      ShouldDecrementDesiredCapacity: true,
    });
    expect(await region.instanceIds('blue', 'EnteringStandby')).toEqual([first]);
    await region.pass(DRAINING_SECONDS + 10);
    expect(await region.instanceIds('blue', 'Standby')).toEqual([first]);
    expect(Object.keys(region.balancer.states(BLUE))).not.toContain(first);
    expect((await region.group('blue'))?.DesiredCapacity).toBe(1);
    await region.onGroups('ExitStandby', { ...named, InstanceIds: [first] });
    await region.pass(10);
    expect(await region.instanceIds()).toContain(first);
    expect((await region.group('blue'))?.DesiredCapacity).toBe(2);
  });

  it('replaces the instance where the desired capacity stays', async () => {
    const region = await running();
    const [first] = await region.instanceIds();
    await region.onGroups('EnterStandby', {
      ...named,
      InstanceIds: [first],
      ShouldDecrementDesiredCapacity: false,
    });
    await region.pass(60);
    expect(await region.instanceIds()).toHaveLength(2);
    expect(await region.instanceIds('blue', 'Standby')).toEqual([first]);
  });

  it('respects the minimum and the maximum of the group', async () => {
    const region = await running({ MinSize: 2 });
    const [first] = await region.instanceIds();
    const enter = { ...named, InstanceIds: [first], ShouldDecrementDesiredCapacity: true };
    await expect(region.onGroups('EnterStandby', enter)).rejects.toMatchObject({
      message: expect.stringMatching(/has min size=2/),
    });
    await update(region, { MinSize: 1 });
    await region.onGroups('EnterStandby', enter);
    await region.pass(10);
    await update(region, { MaxSize: 1 });
    await expect(
      region.onGroups('ExitStandby', { ...named, InstanceIds: [first] }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/max size=1/) });
  });

  it('keeps an instance from coming back while Launch is suspended', async () => {
    const region = await running();
    const InstanceIds = (await region.instanceIds()).slice(0, 1);
    await region.onGroups('EnterStandby', {
      ...named,
      InstanceIds,
      ShouldDecrementDesiredCapacity: true,
    });
    await region.pass(10);
    await region.onGroups('SuspendProcesses', { ...named, ScalingProcesses: ['Launch'] });
    await expect(region.onGroups('ExitStandby', { ...named, InstanceIds })).rejects.toMatchObject({
      code: 'ValidationError',
    });
  });
});

describe('detaching and attaching', () => {
  it('moves a running instance from one group to another', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    const [first = ''] = await region.instanceIds();
    await region.onGroups('DetachInstances', {
      ...named,
      InstanceIds: [first],
      ShouldDecrementDesiredCapacity: true,
    });
    await region.pass(DRAINING_SECONDS + 10);
    expect(await region.instanceIds()).not.toContain(first);
    expect(region.machines.placement(first)?.state).toBe('running');
    const own = (await instances(region)).find((one) => one.InstanceId === first);
    expect(own?.Tags?.map((tag) => tag.Key)).not.toContain('aws:autoscaling:groupName');
    await region.onGroups('AttachInstances', { ...named, InstanceIds: [first] });
    await region.pass(10);
    expect(await region.instanceIds()).toContain(first);
    expect(region.balancer.states(BLUE)).toHaveProperty(first);
  });

  it('refuses an instance that has a group, and one more than the maximum', async () => {
    const region = await running({ MaxSize: 2 });
    const InstanceIds = await region.instanceIds();
    await expect(
      region.onGroups('AttachInstances', { ...named, InstanceIds }),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/already part of Auto Scaling group: blue/),
    });
    const { Instances } = await region.onEc2<{ Instances: Ec2Instance[] }>('RunInstances', {
      ImageId: region.imageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
    });
    await region.pass(20);
    const stray = { ...named, InstanceIds: [Instances[0]?.InstanceId] };
    await expect(region.onGroups('AttachInstances', stray)).rejects.toMatchObject({
      message: expect.stringMatching(/max size=2/),
    });
  });
});

const status = async (region: ComputeRegion) => {
  const { InstanceRefreshes } = await region.onGroups<{
    InstanceRefreshes: { Status: string; PercentageComplete: number }[];
  }>('DescribeInstanceRefreshes', named);
  return InstanceRefreshes[0];
};

const start = (region: ComputeRegion, input: object = {}) =>
  region.onGroups('StartInstanceRefresh', { ...named, ...input });

describe('an instance refresh', () => {
  it('replaces every instance, one after the other', async () => {
    const region = await running();
    const before = await region.instanceIds();
    await start(region);
    expect(await status(region)).toMatchObject({ Status: 'Pending', PercentageComplete: 0 });
    await region.pass(20);
    expect(await status(region)).toMatchObject({ Status: 'InProgress' });
    await region.pass(180);
    expect(await status(region)).toMatchObject({ Status: 'Successful', PercentageComplete: 100 });
    expect((await region.instanceIds()).filter((id) => before.includes(id))).toEqual([]);
    expect(region.eventsOf('EC2 Auto Scaling Instance Refresh Succeeded')).toHaveLength(1);
  });

  it('launches its desired configuration, and leaves it to the group when it succeeds', async () => {
    const region = await running();
    const other = await region.template({ InstanceType: 't3.small' }, 'other');
    const LaunchTemplate = { LaunchTemplateId: other, Version: '1' };
    await start(region, { DesiredConfiguration: { LaunchTemplate } });
    await expect(update(region, { LaunchTemplate })).rejects.toMatchObject({
      message: expect.stringMatching(/^An active instance refresh with a desired configuration/),
    });
    await region.pass(240);
    expect(await region.group('blue')).toMatchObject({
      LaunchTemplate,
      Instances: [{ InstanceType: 't3.small' }, { InstanceType: 't3.small' }],
    });
  });

  it('keeps a second one, target groups and warm pools waiting', async () => {
    const region = await running();
    await start(region);
    const code = 'InstanceRefreshInProgress';
    await expect(start(region)).rejects.toMatchObject({ code });
    await expect(region.onGroups('PutWarmPool', named)).rejects.toMatchObject({ code });
    await expect(
      region.onGroups('AttachTrafficSources', { ...named, TrafficSources: [{ Identifier: BLUE }] }),
    ).rejects.toMatchObject({ code });
  });

  it('rests while InstanceRefresh is suspended, and can be cancelled', async () => {
    const region = await running();
    const before = await region.instanceIds();
    await region.onGroups('SuspendProcesses', { ...named, ScalingProcesses: ['InstanceRefresh'] });
    await start(region);
    await region.pass(120);
    expect(await status(region)).toMatchObject({ Status: 'Pending' });
    expect(await region.instanceIds()).toEqual(before);
    await region.onGroups('CancelInstanceRefresh', named);
    await region.pass(5);
    expect(await status(region)).toMatchObject({ Status: 'Cancelled' });
    await expect(region.onGroups('CancelInstanceRefresh', named)).rejects.toMatchObject({
      code: 'ActiveInstanceRefreshNotFound',
    });
  });
});

describe('a lifetime', () => {
  it('replaces instances that have reached it', async () => {
    const region = await running({ MaxInstanceLifetime: 86_400 });
    const before = await region.instanceIds();
    await region.pass(86_400 + 300);
    const after = await region.instanceIds();
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
  });
});

const topic = async (region: ComputeRegion) => {
  const { TopicArn } = await region.onTopics<{ TopicArn: string }>('CreateTopic', {
    Name: 'ops',
  });
  return TopicArn;
};

const events = (region: ComputeRegion, TopicARN: string) =>
  region.sns.messages(TopicARN).map(({ message }) => JSON.parse(message).Event as string);

describe('notifications', () => {
  it('reach the topic, after a test message', async () => {
    const region = await running();
    const TopicARN = await topic(region);
    const NotificationTypes = [
      'autoscaling:EC2_INSTANCE_LAUNCH',
      'autoscaling:EC2_INSTANCE_TERMINATE',
    ];
    await region.onGroups('PutNotificationConfiguration', {
      ...named,
      TopicARN,
      NotificationTypes,
    });
    await update(region, { DesiredCapacity: 3 });
    await region.pass(30);
    await update(region, { DesiredCapacity: 2 });
    await region.pass(30);
    expect(events(region, TopicARN)).toEqual([
      'autoscaling:TEST_NOTIFICATION',
      ...NotificationTypes,
    ]);
    expect(await region.onGroups('DescribeNotificationConfigurations')).toMatchObject({
      NotificationConfigurations: NotificationTypes.map((NotificationType) => ({
        ...named,
        TopicARN,
        NotificationType,
      })),
    });
    await region.onGroups('DeleteNotificationConfiguration', { ...named, TopicARN });
    expect(await region.onGroups('DescribeNotificationConfigurations')).toMatchObject({
      NotificationConfigurations: [],
    });
  });

  it('tell of launches that failed', async () => {
    const region = await running();
    const TopicARN = await topic(region);
    const NotificationTypes = ['autoscaling:EC2_INSTANCE_LAUNCH_ERROR'];
    await region.onGroups('PutNotificationConfiguration', {
      ...named,
      TopicARN,
      NotificationTypes,
    });
    region.ec2.setImageState(region.imageId, 'disabled');
    await update(region, { DesiredCapacity: 3 });
    await region.pass(20);
    expect(events(region, TopicARN)).toEqual([
      'autoscaling:TEST_NOTIFICATION',
      ...NotificationTypes,
    ]);
  });

  it('are refused for a topic that does not exist', async () => {
    const region = await running();
    await expect(
      region.onGroups('PutNotificationConfiguration', {
        ...named,
        TopicARN: 'arn:aws:sns:us-east-1:000000000000:nobody',
        NotificationTypes: ['autoscaling:EC2_INSTANCE_LAUNCH'],
      }),
    ).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(/^Unable to publish test message/),
    });
  });

  it('of lifecycle hooks need a role and reach their topic', async () => {
    const region = await running();
    const NotificationTargetARN = await topic(region);
    const hook = {
      ...named,
      LifecycleHookName: 'wait',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      NotificationTargetARN,
    };
    await expect(region.onGroups('PutLifecycleHook', hook)).rejects.toMatchObject({
      message: expect.stringMatching(/RoleARN/),
    });
    const RoleARN = 'arn:aws:iam::000000000000:role/hooks';
    await region.onGroups('PutLifecycleHook', { ...hook, RoleARN });
    expect(
      region.permissionsFor(region.autoScaling.service, 'PutLifecycleHook', { ...hook, RoleARN }),
    ).toContainEqual(expect.objectContaining({ action: 'iam:PassRole', resources: [RoleARN] }));
    await update(region, { DesiredCapacity: 3 });
    await region.pass(30);
    const messages = region.sns
      .messages(NotificationTargetARN)
      .map((one) => JSON.parse(one.message));
    expect(messages).toMatchObject([
      { Event: 'autoscaling:TEST_NOTIFICATION' },
      { LifecycleHookName: 'wait', LifecycleTransition: hook.LifecycleTransition },
    ]);
  });
});
