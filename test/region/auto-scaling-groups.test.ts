import { describe, expect, it } from 'vitest';
import { BLUE, computeRegion, GREEN, running, update } from './compute-region.ts';
import type { ComputeRegion } from './compute-region.ts';

const remove = (region: ComputeRegion, ForceDelete = false) =>
  region.onGroups('DeleteAutoScalingGroup', { AutoScalingGroupName: 'blue', ForceDelete });

type Refusal = [string, object, string, RegExp];

describe('what CreateAutoScalingGroup refuses', () => {
  const refusals: Refusal[] = [
    [
      'a maximum below the minimum',
      { MinSize: 3, MaxSize: 1, DesiredCapacity: 3 },
      'ValidationError',
      /^Max bound, 1, must be greater than or equal to min bound, 3$/,
    ],
    [
      'a desired capacity above the maximum',
      { DesiredCapacity: 9 },
      'ValidationError',
      /^Desired capacity:9 must be between the specified min size:0 and max size:6$/,
    ],
    [
      'a negative size',
      { MinSize: -1 },
      'ValidationError',
      /Value '-1' at 'minSize' failed to satisfy constraint/,
    ],
    ['a name with a colon', { AutoScalingGroupName: 'blue:1' }, 'ValidationError', /colon/],
    [
      'a group without a launch template',
      { LaunchTemplate: undefined },
      'ValidationError',
      /Valid requests must contain either LaunchTemplate/,
    ],
    [
      'a launch template by id and name at once',
      { LaunchTemplate: { LaunchTemplateId: 'lt-1', LaunchTemplateName: 'app' } },
      'ValidationError',
      /^Valid requests must contain either launchTemplateId or LaunchTemplateName$/,
    ],
    [
      'a launch template that does not exist',
      { LaunchTemplate: { LaunchTemplateName: 'nobody' } },
      'ValidationError',
      /^You must use a valid fully-formed launch template\. .*template name nobody, does not exist/,
    ],
    [
      'a launch template version that does not exist',
      { LaunchTemplate: { LaunchTemplateName: 'app', Version: '7' } },
      'ValidationError',
      /Could not find the specified version 7/,
    ],
    [
      'a group in no zone',
      { VPCZoneIdentifier: '' },
      'ValidationError',
      /At least one Availability Zone or VPC Subnet is required/,
    ],
    [
      'a subnet that does not exist',
      { VPCZoneIdentifier: 'subnet-1' },
      'ValidationError',
      /subnet-1/,
    ],
    [
      'zones that are not those of its subnets',
      { AvailabilityZones: ['us-east-1a'] },
      'ValidationError',
      /do not match/,
    ],
    [
      'a target group that does not exist',
      { TargetGroupARNs: [`${BLUE}9`] },
      'ValidationError',
      /^Provided Target Groups may not be valid\. Please ensure they exist/,
    ],
    [
      'a target group of IP addresses',
      { TargetGroupARNs: [GREEN] },
      'ValidationError',
      /is 'ip', expecting 'instance'/,
    ],
    ['an unknown health check type', { HealthCheckType: 'PING' }, 'ValidationError', /PING/],
    [
      'a negative grace period',
      { HealthCheckGracePeriod: -5 },
      'ValidationError',
      /HealthCheckGracePeriod/,
    ],
    [
      "a tag with AWS's prefix",
      { Tags: [{ Key: 'aws:cloudformation:stack-name', Value: 'x' }] },
      'ValidationError',
      /reserved for internal use/,
    ],
    ['the same tag twice', { Tags: [{ Key: 'a' }, { Key: 'a' }] }, 'ValidationError', /Duplicate/],
    [
      'an unknown deletion protection',
      { DeletionProtection: 'always' },
      'ValidationError',
      /deletionProtection/,
    ],
    [
      'a launch template and a mixed instances policy at once',
      { MixedInstancesPolicy: {} },
      'ValidationError',
      /^Valid requests must contain either LaunchTemplate/,
    ],
    [
      'an instance maintenance policy that is out of bounds',
      { InstanceMaintenancePolicy: { MinHealthyPercentage: 50, MaxHealthyPercentage: 160 } },
      'ValidationError',
      /their difference at most 100/,
    ],
    [
      'half an instance maintenance policy',
      { InstanceMaintenancePolicy: { MinHealthyPercentage: 50 } },
      'ValidationError',
      /You must specify both/,
    ],
    [
      'a lifetime of less than a day',
      { MaxInstanceLifetime: 3600 },
      'ValidationError',
      /maxInstanceLifetime/,
    ],
    [
      'a heartbeat that is too short',
      {
        LifecycleHookSpecificationList: [
          {
            LifecycleHookName: 'h',
            LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
            HeartbeatTimeout: 5,
          },
        ],
      },
      'ValidationError',
      /between 30 and 7200/,
    ],
  ];
  it.each(refusals)('refuses %s', async (_, input, code, message) => {
    const region = computeRegion();
    region.balancer.types.set(GREEN, 'ip');
    await expect(region.createGroup(input)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await region.group('blue')).toBeUndefined();
  });

  it('refuses a target group of another VPC', async () => {
    const region = computeRegion({ vpcOfTargetGroups: 'vpc-other' });
    await expect(region.createGroup({ TargetGroupARNs: [BLUE] })).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining('not in the VPC'),
    });
  });

  it('refuses a template whose image is gone, before anything is launched', async () => {
    const region = computeRegion();
    const id = await region.template();
    await region.onEc2('DeregisterImage', { ImageId: region.imageId });
    await expect(
      region.onGroups('CreateAutoScalingGroup', {
        AutoScalingGroupName: 'blue',
        LaunchTemplate: { LaunchTemplateId: id },
        MinSize: 1,
        MaxSize: 1,
        VPCZoneIdentifier: region.subnetIds(),
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining('valid fully-formed') });
  });

  it('refuses a caller who may not run instances or pass the role of the template', async () => {
    for (const action of ['ec2:RunInstances', 'iam:PassRole']) {
      const region = computeRegion();
      const id = await region.template({ IamInstanceProfile: { Name: 'app' } });
      region.denied.push((permission) => permission.action === action);
      await expect(
        region.onGroups('CreateAutoScalingGroup', {
          AutoScalingGroupName: 'blue',
          LaunchTemplate: { LaunchTemplateId: id },
          MinSize: 0,
          MaxSize: 1,
          VPCZoneIdentifier: region.subnetIds(),
        }),
      ).rejects.toMatchObject({
        code: 'AccessDenied',
        httpStatus: 403,
        message: `You are not authorized to use launch template: ${id}`,
      });
    }
  });

  it('refuses a name that is taken', async () => {
    const region = computeRegion();
    await region.createGroup();
    await expect(
      region.onGroups('CreateAutoScalingGroup', { AutoScalingGroupName: 'blue' }),
    ).rejects.toMatchObject({ code: 'AlreadyExists', message: expect.stringContaining('blue') });
  });
});

describe('a group as it is described', () => {
  it("has AWS's defaults and its template by id and name", async () => {
    const region = computeRegion();
    const id = await region.createGroup({ TargetGroupARNs: [BLUE] });
    expect(await region.group('blue')).toMatchObject({
      AutoScalingGroupARN: expect.stringMatching(
        /^arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/blue$/,
      ),
      LaunchTemplate: { LaunchTemplateId: id, LaunchTemplateName: 'app', Version: '1' },
      DefaultCooldown: 300,
      HealthCheckType: 'EC2',
      HealthCheckGracePeriod: 0,
      TerminationPolicies: ['Default'],
      AvailabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      TargetGroupARNs: [BLUE],
      TrafficSources: [{ Identifier: BLUE, Type: 'elbv2' }],
      DeletionProtection: 'none',
      Instances: [],
    });
  });

  it('lists a target group attached as a traffic source only among the traffic sources', async () => {
    const region = computeRegion();
    await region.createGroup({ TrafficSources: [{ Identifier: BLUE, Type: 'elbv2' }] });
    expect(await region.group('blue')).toMatchObject({
      TargetGroupARNs: [],
      TrafficSources: [{ Identifier: BLUE }],
    });
    expect(
      await region.onGroups('DescribeLoadBalancerTargetGroups', { AutoScalingGroupName: 'blue' }),
    ).toMatchObject({ LoadBalancerTargetGroups: [] });
  });

  it('is found by tag, and without instances when they are not asked for', async () => {
    const region = computeRegion();
    await region.createGroup({ Tags: [{ Key: 'team', Value: 'web', PropagateAtLaunch: true }] });
    const find = async (Filters: object[]) => {
      const { AutoScalingGroups } = await region.onGroups<{ AutoScalingGroups: object[] }>(
        'DescribeAutoScalingGroups',
        { Filters, IncludeInstances: false },
      );
      return AutoScalingGroups;
    };
    expect(await find([{ Name: 'tag:team', Values: ['web'] }])).toHaveLength(1);
    expect(await find([{ Name: 'tag:team', Values: ['ops'] }])).toHaveLength(0);
    expect(await find([{ Name: 'tag-key', Values: ['team'] }])).toHaveLength(1);
    const [group] = await find([{ Name: 'tag-value', Values: ['web'] }]);
    expect(group).not.toHaveProperty('Instances');
  });

  it('is unknown to Describe for as long as the lag that was asked for', async () => {
    const region = computeRegion({ describeLagSeconds: 20 });
    await region.createGroup();
    expect(await region.group('blue')).toBeUndefined();
    await region.pass(20);
    expect(await region.group('blue')).toBeDefined();
  });

  it('is asked for with its tags and the request as conditions', async () => {
    const region = computeRegion();
    await region.createGroup({ Tags: [{ Key: 'team', Value: 'web' }] });
    const [permission] = region.permissionsFor(
      region.autoScaling.service,
      'UpdateAutoScalingGroup',
      { AutoScalingGroupName: 'blue', MaxSize: 9 },
    );
    expect(permission).toMatchObject({
      action: 'autoscaling:UpdateAutoScalingGroup',
      resources: [(await region.group('blue'))?.AutoScalingGroupARN],
      context: { 'aws:ResourceTag/team': 'web', 'autoscaling:MaxSize': '9' },
    });
  });
});

describe('updating a group', () => {
  it('pulls the desired capacity between new bounds', async () => {
    const region = computeRegion();
    await region.createGroup();
    await update(region, { MinSize: 4 });
    expect(await region.group('blue')).toMatchObject({ MinSize: 4, DesiredCapacity: 4 });
    await update(region, { MinSize: 0, MaxSize: 1 });
    expect(await region.group('blue')).toMatchObject({ MaxSize: 1, DesiredCapacity: 1 });
  });

  it('leaves a group as it was when the update is refused', async () => {
    const region = computeRegion();
    await region.createGroup();
    const before = await region.group('blue');
    await expect(update(region, { MinSize: 9, HealthCheckType: 'ELB' })).rejects.toMatchObject({
      message: 'Max bound, 6, must be greater than or equal to min bound, 9',
    });
    await expect(
      update(region, { MaxSize: 9, LaunchTemplate: { LaunchTemplateName: 'nobody' } }),
    ).rejects.toMatchObject({ code: 'ValidationError' });
    expect(await region.group('blue')).toEqual(before);
  });

  it('names the bound that a desired capacity is beyond', async () => {
    const region = computeRegion();
    await region.createGroup({ MinSize: 1 });
    const set = (DesiredCapacity: number) =>
      region.onGroups('SetDesiredCapacity', { AutoScalingGroupName: 'blue', DesiredCapacity });
    await expect(set(7)).rejects.toMatchObject({
      message: 'New SetDesiredCapacity value 7 is above max value 6 for the AutoScalingGroup.',
    });
    await expect(set(0)).rejects.toMatchObject({
      message: 'New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.',
    });
  });

  it('blocks a scaling that honours the cooldown while the group cools down', async () => {
    const region = computeRegion();
    await region.createGroup();
    const set = (DesiredCapacity: number) =>
      region.onGroups('SetDesiredCapacity', {
        AutoScalingGroupName: 'blue',
        DesiredCapacity,
        HonorCooldown: true,
      });
    await set(3);
    await expect(set(4)).rejects.toMatchObject({ code: 'ScalingActivityInProgress' });
    await region.pass(300);
    await set(4);
  });

  it('refuses a group that does not exist', async () => {
    const region = computeRegion();
    await expect(update(region, { MinSize: 1 })).rejects.toMatchObject({
      code: 'ValidationError',
      message: "AutoScalingGroup name not found - AutoScalingGroup 'blue' not found",
    });
  });
});

describe('deleting a group', () => {
  it('refuses while there are instances, also while they terminate', async () => {
    const region = await running();
    await expect(remove(region)).rejects.toMatchObject({ code: 'ResourceInUse' });
    await region.onGroups('UpdateAutoScalingGroup', {
      AutoScalingGroupName: 'blue',
      MinSize: 0,
      MaxSize: 0,
      DesiredCapacity: 0,
    });
    await region.pass(4);
    expect(await region.instanceIds('blue', 'Terminating')).toHaveLength(2);
    await expect(remove(region)).rejects.toMatchObject({
      code: 'ResourceInUse',
      message: expect.stringContaining('while there are instances'),
    });
    await region.pass(60);
    await remove(region);
  });

  it('takes a while, and refuses the name and every change meanwhile', async () => {
    const region = await running({ DesiredCapacity: 0 });
    await remove(region);
    expect(await region.group('blue')).toMatchObject({ Status: 'Delete in progress' });
    await expect(
      region.onGroups('CreateAutoScalingGroup', { AutoScalingGroupName: 'blue' }),
    ).rejects.toMatchObject({
      code: 'AlreadyExists',
      message: expect.stringContaining('is pending delete'),
    });
    for (const operation of ['UpdateAutoScalingGroup', 'SuspendProcesses', 'SetDesiredCapacity']) {
      await expect(
        region.onGroups(operation, { AutoScalingGroupName: 'blue', DesiredCapacity: 1 }),
      ).rejects.toMatchObject({
        code: 'ValidationError',
        message: 'The AutoScaling group may not be modified while it is pending delete',
      });
    }
    await region.pass(30);
    expect(await region.group('blue')).toBeUndefined();
  });

  it('kills the instances without draining them when it is forced', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    const ids = await region.instanceIds();
    await remove(region, true);
    for (const id of ids) {
      expect(region.machines.placement(id)?.state).toBe('shutting-down');
    }
    await region.pass(40);
    expect(await region.group('blue')).toBeUndefined();
    const { Activities } = await region.onGroups<{ Activities: object[] }>(
      'DescribeScalingActivities',
      { AutoScalingGroupName: 'blue', IncludeDeletedGroups: true },
    );
    expect(Activities).toHaveLength(4);
    expect(Activities[0]).toMatchObject({ AutoScalingGroupState: 'Deleted' });
    expect(
      await region.onGroups('DescribeScalingActivities', { AutoScalingGroupName: 'blue' }),
    ).toMatchObject({ Activities: [] });
  });

  it('respects deletion protection', async () => {
    const region = await running({
      DesiredCapacity: 0,
      DeletionProtection: 'prevent-force-deletion',
    });
    await expect(remove(region, true)).rejects.toMatchObject({ code: 'ValidationError' });
    await region.onGroups('UpdateAutoScalingGroup', {
      AutoScalingGroupName: 'blue',
      DeletionProtection: 'prevent-all-deletion',
    });
    await expect(remove(region)).rejects.toMatchObject({ code: 'ValidationError' });
  });
});

describe('what belongs to a group', () => {
  it('keeps tags, and refuses the fifty-first', async () => {
    const region = computeRegion();
    await region.createGroup();
    const tag = (from: number, count: number) =>
      region.onGroups('CreateOrUpdateTags', {
        Tags: Array.from({ length: count }, (_, index) => ({
          ResourceId: 'blue',
          ResourceType: 'auto-scaling-group',
          Key: `key-${from + index}`,
          Value: 'v',
          PropagateAtLaunch: false,
        })),
      });
    await tag(0, 25);
    await tag(25, 25);
    await expect(tag(50, 1)).rejects.toMatchObject({ code: 'LimitExceeded' });
    await region.onGroups('DeleteTags', {
      Tags: [{ ResourceId: 'blue', ResourceType: 'auto-scaling-group', Key: 'key-0' }],
    });
    const { Tags } = await region.onGroups<{ Tags: object[] }>('DescribeTags', {
      Filters: [{ Name: 'key', Values: ['key-0', 'key-1'] }],
    });
    expect(Tags).toMatchObject([{ ResourceId: 'blue', Key: 'key-1', PropagateAtLaunch: false }]);
  });

  it('suspends and resumes only the processes that are named', async () => {
    const region = computeRegion();
    await region.createGroup();
    const suspended = async () =>
      (await region.group('blue'))?.SuspendedProcesses?.map((process) => process.ProcessName);
    await region.onGroups('SuspendProcesses', {
      AutoScalingGroupName: 'blue',
      ScalingProcesses: ['AZRebalance', 'ScheduledActions'],
    });
    await region.onGroups('ResumeProcesses', {
      AutoScalingGroupName: 'blue',
      ScalingProcesses: ['AZRebalance'],
    });
    expect(await suspended()).toEqual(['ScheduledActions']);
    await region.onGroups('SuspendProcesses', { AutoScalingGroupName: 'blue' });
    expect(await suspended()).toHaveLength(9);
    await expect(
      region.onGroups('SuspendProcesses', {
        AutoScalingGroupName: 'blue',
        ScalingProcesses: ['Everything'],
      }),
    ).rejects.toMatchObject({ code: 'ValidationError' });
  });

  it('takes a request count policy only for a target group that is attached', async () => {
    const region = computeRegion();
    await region.createGroup({ TargetGroupARNs: [BLUE] });
    const put = (label: string) =>
      region.onGroups('PutScalingPolicy', {
        AutoScalingGroupName: 'blue',
        PolicyName: 'requests',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingConfiguration: {
          TargetValue: 100,
          PredefinedMetricSpecification: {
            PredefinedMetricType: 'ALBRequestCountPerTarget',
            ResourceLabel: label,
          },
        },
      });
    await expect(put('app/web/1/targetgroup/green/2')).rejects.toMatchObject({
      code: 'ValidationError',
    });
    await put('app/web/1/targetgroup/blue/1');
    expect(
      await region.onGroups('DescribePolicies', { AutoScalingGroupName: 'blue' }),
    ).toMatchObject({ ScalingPolicies: [{ PolicyName: 'requests', Enabled: true }] });
  });

  it('refuses a scheduled action in the past', async () => {
    const region = computeRegion();
    await region.createGroup();
    const put = (at: number) =>
      region.onGroups('PutScheduledUpdateGroupAction', {
        AutoScalingGroupName: 'blue',
        ScheduledActionName: 'night',
        StartTime: new Date(at),
        DesiredCapacity: 1,
      });
    await expect(put(region.clock.now() - 1000)).rejects.toMatchObject({
      message: 'Given start time is in the past',
    });
    await put(region.clock.now() + 1000);
    expect(
      await region.onGroups('DescribeScheduledActions', { AutoScalingGroupName: 'blue' }),
    ).toMatchObject({ ScheduledUpdateGroupActions: [{ ScheduledActionName: 'night' }] });
  });

  it('says truly that it has no warm pool, notifications or refreshes', async () => {
    const region = computeRegion();
    await region.createGroup();
    const named = { AutoScalingGroupName: 'blue' };
    expect(await region.onGroups('DescribeWarmPool', named)).toEqual({ Instances: [] });
    expect(await region.onGroups('DescribeInstanceRefreshes', named)).toEqual({
      InstanceRefreshes: [],
    });
    expect(
      await region.onGroups('DescribeNotificationConfigurations', {
        AutoScalingGroupNames: ['blue'],
      }),
    ).toEqual({ NotificationConfigurations: [] });
  });
});
