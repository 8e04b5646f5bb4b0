/** Green as a copy of blue: what is copied, what is not, and what happens when it is asked twice. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { createGreenBuilder } from '../../shared/aws/green-builder.ts';
import { toGreenGroup } from '../../shared/aws/green-group.ts';
import { toAttributeBatches, toGreenTargetGroup } from '../../shared/aws/green-target-group.ts';
import { GROUP_MEMBERS } from '../../shared/core/clone/group-ledgers.ts';
import type { Plan } from '../../shared/core/plan.ts';
import { plan } from '../core/situations.ts';
import { awsError, inputsOf, operations, type Script, scriptedClient } from './scripted-client.ts';

const parts = { greenLaunchTemplateVersion: 4, greenTargetGroupArn: 'arn:green' };

/** Every member that AWS can describe, each with a value that tells it from the others. */
const blue: Required<AutoScalingGroup> = {
  AutoScalingGroupName: 'web-blue',
  AutoScalingGroupARN: 'arn:group',
  LaunchConfigurationName: 'configuration',
  LaunchTemplate: { LaunchTemplateId: 'lt-1', LaunchTemplateName: 'web', Version: '$Latest' },
  MixedInstancesPolicy: {},
  MinSize: 2,
  MaxSize: 6,
  DesiredCapacity: 3,
  PredictedCapacity: 5,
  DefaultCooldown: 17,
  AvailabilityZones: ['us-east-1a'],
  AvailabilityZoneIds: ['use1-az1'],
  LoadBalancerNames: ['classic'],
  TargetGroupARNs: ['arn:blue'],
  HealthCheckType: 'ELB',
  HealthCheckGracePeriod: 18,
  Instances: [],
  CreatedTime: new Date(0),
  SuspendedProcesses: [{ ProcessName: 'AZRebalance' }],
  PlacementGroup: 'placement',
  VPCZoneIdentifier: 'subnet-1,subnet-2',
  EnabledMetrics: [{ Metric: 'GroupTotalInstances', Granularity: '1Minute' }],
  Status: 'Delete in progress',
  Tags: [
    { Key: 'team', Value: 'shop', PropagateAtLaunch: false, ResourceId: 'web-blue' },
    { Key: 'aws:cloudformation:stack-name', Value: 'stack', PropagateAtLaunch: true },
    { Key: 'teal:deployment', Value: 'd-0', PropagateAtLaunch: true },
  ],
  TerminationPolicies: ['OldestInstance'],
  NewInstancesProtectedFromScaleIn: true,
  ServiceLinkedRoleARN: 'arn:role',
  MaxInstanceLifetime: 86_400,
  CapacityRebalance: true,
  WarmPoolConfiguration: {},
  WarmPoolSize: 1,
  Context: 'context',
  DesiredCapacityType: 'units',
  DefaultInstanceWarmup: 19,
  TrafficSources: [{ Identifier: 'arn:blue', Type: 'elbv2' }],
  InstanceMaintenancePolicy: { MinHealthyPercentage: 90, MaxHealthyPercentage: 110 },
  DeletionProtection: 'prevent-force-deletion',
  AvailabilityZoneDistribution: { CapacityDistributionStrategy: 'balanced-only' },
  AvailabilityZoneImpairmentPolicy: { ZonalShiftEnabled: true },
  CapacityReservationSpecification: { CapacityReservationPreference: 'default' },
  InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
  Operator: { Principal: 'ecs.amazonaws.com' },
};

describe("green's group", () => {
  const green = toGreenGroup(blue, plan, parts);

  it('is made of what is copied and what is written anew, and of nothing else', () => {
    const copied = Object.entries(GROUP_MEMBERS)
      .filter(([, { type }]) => type === 'copied')
      .map(([member]) => member as keyof AutoScalingGroup & keyof typeof green);
    for (const member of copied) expect([member, green[member]]).toEqual([member, blue[member]]);
    const { LaunchTemplate, MinSize, MaxSize, DesiredCapacity, Tags, ...rest } = green;
    expect({ LaunchTemplate, MinSize, MaxSize, DesiredCapacity }).toEqual({
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '4' },
      MinSize: 4,
      MaxSize: 6,
      DesiredCapacity: 4,
    });
    expect(Tags).toHaveLength(4);
    const anew = ['AutoScalingGroupName', 'TargetGroupARNs'];
    expect(Object.keys(rest).toSorted()).toEqual([...copied, ...anew].toSorted());
  });

  it("carries blue's tags without AWS's own, and its own on every instance", () => {
    expect(green.Tags).toEqual([
      { Key: 'teal:deployment', Value: 'd-1', PropagateAtLaunch: true },
      { Key: 'teal:service', Value: 'web', PropagateAtLaunch: true },
      { Key: 'teal:version', Value: 'v2', PropagateAtLaunch: true },
      { Key: 'team', Value: 'shop', PropagateAtLaunch: false },
    ]);
  });

  it('goes without members that AWS describes as empty', () => {
    const { PlacementGroup, Context, TerminationPolicies } = toGreenGroup(
      { ...blue, PlacementGroup: '', Context: undefined, TerminationPolicies: [] },
      plan,
      parts,
    );
    expect([PlacementGroup, Context, TerminationPolicies]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('names Availability Zones only where blue names no subnets', () => {
    expect(green.AvailabilityZones).toBeUndefined();
    const { AvailabilityZones } = toGreenGroup({ ...blue, VPCZoneIdentifier: '' }, plan, parts);
    expect(AvailabilityZones).toEqual(['us-east-1a']);
  });
});

const blueTargetGroup: TargetGroup = {
  TargetGroupArn: 'arn:blue',
  TargetGroupName: 'web-blue',
  LoadBalancerArns: ['arn:lb'],
  Protocol: 'HTTP',
  ProtocolVersion: 'HTTP1',
  Port: 8080,
  VpcId: 'vpc-1',
  TargetType: 'instance',
  IpAddressType: 'ipv4',
  HealthCheckEnabled: true,
  HealthCheckPath: '/health',
  HealthCheckIntervalSeconds: 5,
  Matcher: { HttpCode: '200-299' },
};

describe("green's target group", () => {
  it('has every setting of blue that AWS takes at creation', () => {
    const {
      TargetGroupArn: _a,
      TargetGroupName: _n,
      LoadBalancerArns: _l,
      ...same
    } = blueTargetGroup;
    const tags = [
      { Key: 'team', Value: 'shop' },
      { Key: 'aws:x', Value: 'y' },
    ];
    expect(toGreenTargetGroup(blueTargetGroup, tags, plan)).toEqual({
      ...same,
      Name: 'web-g',
      Tags: [
        { Key: 'team', Value: 'shop' },
        { Key: 'teal:deployment', Value: 'd-1' },
        { Key: 'teal:service', Value: 'web' },
        { Key: 'teal:version', Value: 'v2' },
      ],
    });
  });

  it('gets the algorithm before what depends on it, and only what differs', () => {
    const blueAttributes = new Map([
      ['load_balancing.algorithm.anomaly_mitigation', 'on'],
      ['load_balancing.algorithm.type', 'weighted_random'],
      ['slow_start.duration_seconds', '0'],
      ['future.attribute', 'kept'],
    ]);
    const greenAttributes = new Map([
      ['load_balancing.algorithm.type', 'round_robin'],
      ['slow_start.duration_seconds', '0'],
    ]);
    expect(toAttributeBatches(blueAttributes, greenAttributes)).toEqual([
      [{ Key: 'load_balancing.algorithm.type', Value: 'weighted_random' }],
      [
        { Key: 'load_balancing.algorithm.anomaly_mitigation', Value: 'on' },
        { Key: 'future.attribute', Value: 'kept' },
      ],
    ]);
    expect(toAttributeBatches(blueAttributes, blueAttributes)).toEqual([]);
  });
});

function builder(scripts: { group?: Script; ec2?: Script; traffic?: Script }) {
  const group = scriptedClient(scripts.group ?? {});
  const ec2 = scriptedClient(scripts.ec2 ?? {});
  const traffic = scriptedClient(scripts.traffic ?? {});
  const greenBuilder = createGreenBuilder({
    autoScaling: group.client,
    ec2: ec2.client,
    loadBalancing: traffic.client,
  });
  return { greenBuilder, group: group.asked, ec2: ec2.asked, traffic: traffic.asked };
}

const refuse = (code: string) => () => {
  throw awsError(code);
};

const blueAtVersion = (Version: string): Script => ({
  DescribeAutoScalingGroups: () => ({
    AutoScalingGroups: [{ ...blue, LaunchTemplate: { LaunchTemplateId: 'lt-1', Version } }],
  }),
  UpdateAutoScalingGroup: () => ({}),
});

describe("making green's launch template version", () => {
  const latest: Plan = { ...plan, blue: { ...plan.blue, configuredVersion: '$Latest' } };
  const ec2: Script = {
    CreateLaunchTemplateVersion: () => ({ LaunchTemplateVersion: { VersionNumber: 4 } }),
  };
  it("copies blue's numbered version with the new image, under a token of the deployment", async () => {
    const built = builder({ ec2 });
    await expect(built.greenBuilder.createLaunchTemplateVersion(plan)).resolves.toBe(4);
    await built.greenBuilder.createLaunchTemplateVersion(plan);
    const [first, second] = inputsOf(built.ec2, 'CreateLaunchTemplateVersion');
    expect(first).toMatchObject({
      LaunchTemplateId: 'lt-1',
      SourceVersion: '3',
      VersionDescription: 'teal deployment d-1',
      LaunchTemplateData: { ImageId: plan.imageId },
      ClientToken: expect.stringMatching(/^[a-z0-9-]{8,64}$/),
    });
    expect(second).toEqual(first);
    expect(built.group).toEqual([]);
  });

  it('binds a blue that follows $Latest to its number first', async () => {
    const built = builder({ ec2, group: blueAtVersion('$Latest') });
    await built.greenBuilder.createLaunchTemplateVersion(latest);
    expect(inputsOf(built.group, 'UpdateAutoScalingGroup')).toEqual([
      {
        AutoScalingGroupName: 'web-blue',
        LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
      },
    ]);
  });

  it('does not bind a blue twice, nor one that somebody gave another version', async () => {
    for (const version of ['3', '9']) {
      const built = builder({ ec2, group: blueAtVersion(version) });
      await built.greenBuilder.createLaunchTemplateVersion(latest);
      expect(operations(built.group)).toEqual(['DescribeAutoScalingGroups']);
    }
  });

  it('stops when AWS warns that nothing could be launched', async () => {
    const Warning = { Errors: [{ Code: 'InvalidAMIID.NotFound', Message: 'no such image' }] };
    const warned = { CreateLaunchTemplateVersion: () => ({ LaunchTemplateVersion: {}, Warning }) };
    const making = builder({ ec2: warned }).greenBuilder.createLaunchTemplateVersion(plan);
    await expect(making).rejects.toMatchObject({
      name: 'AwsRefused',
      message: expect.stringContaining('InvalidAMIID.NotFound: no such image'),
    });
  });
});

const targetGroupWorld = (green: { exists: boolean; owner?: string }): Script => ({
  DescribeTargetGroups: ({ Names }: { Names?: string[] }) => {
    if (!Names) return { TargetGroups: [blueTargetGroup] };
    if (!green.exists) throw awsError('TargetGroupNotFound');
    return { TargetGroups: [{ TargetGroupArn: 'arn:green' }] };
  },
  DescribeTags: ({ ResourceArns }: { ResourceArns: string[] }) => {
    const Value = green.owner;
    const isGreen = ResourceArns[0] === 'arn:green' && Value !== undefined;
    return { TagDescriptions: [{ Tags: isGreen ? [{ Key: 'teal:deployment', Value }] : [] }] };
  },
  CreateTargetGroup: () => ({ TargetGroups: [{ TargetGroupArn: 'arn:green' }] }),
  DescribeTargetGroupAttributes: ({ TargetGroupArn }: { TargetGroupArn: string }) => ({
    Attributes: [
      { Key: 'slow_start.duration_seconds', Value: TargetGroupArn === 'arn:blue' ? '30' : '0' },
      { Key: 'stickiness.app_cookie.cookie_name', Value: '' },
    ],
  }),
  ModifyTargetGroupAttributes: () => ({}),
});

describe("making green's target group", () => {
  it("creates it with blue's attributes", async () => {
    const built = builder({ traffic: targetGroupWorld({ exists: false, owner: 'd-1' }) });
    await expect(built.greenBuilder.createTargetGroup(plan)).resolves.toBe('arn:green');
    expect(inputsOf(built.traffic, 'ModifyTargetGroupAttributes')).toEqual([
      {
        TargetGroupArn: 'arn:green',
        Attributes: [{ Key: 'slow_start.duration_seconds', Value: '30' }],
      },
    ]);
  });

  it('takes over one that this deployment made before it died', async () => {
    const built = builder({ traffic: targetGroupWorld({ exists: true, owner: 'd-1' }) });
    await expect(built.greenBuilder.createTargetGroup(plan)).resolves.toBe('arn:green');
    expect(operations(built.traffic)).not.toContain('CreateTargetGroup');
    expect(operations(built.traffic)).toContain('ModifyTargetGroupAttributes');
  });

  it.each([undefined, 'd-other'])('leaves one alone that belongs to %s', async (owner) => {
    const traffic = targetGroupWorld({ exists: true, ...(owner && { owner }) });
    const built = builder({ traffic });
    await expect(built.greenBuilder.createTargetGroup(plan)).rejects.toMatchObject({
      name: 'NameTaken',
    });
    expect(operations(built.traffic)).not.toContain('ModifyTargetGroupAttributes');
  });
});

const groupWorld = (existing: Partial<AutoScalingGroup> | undefined): Script => ({
  DescribeAutoScalingGroups: ({ AutoScalingGroupNames }: { AutoScalingGroupNames: string[] }) =>
    AutoScalingGroupNames[0] === 'web-blue'
      ? { AutoScalingGroups: [blue] }
      : { AutoScalingGroups: existing ? [{ AutoScalingGroupName: 'web-g', ...existing }] : [] },
  CreateAutoScalingGroup: refuse('AlreadyExists'),
  DescribeLifecycleHooks: () => ({ LifecycleHooks: [hook] }),
});

const hook = {
  AutoScalingGroupName: 'web-blue',
  LifecycleHookName: 'drain',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  HeartbeatTimeout: 60,
  GlobalTimeout: 6000,
  DefaultResult: 'CONTINUE',
};

const tagged = (Value: string) => ({ Tags: [{ Key: 'teal:deployment', Value }] });

describe("making green's group", () => {
  it("asks for it once, with blue's lifecycle hooks so that its first instances meet them", async () => {
    const built = builder({
      group: { ...groupWorld(undefined), CreateAutoScalingGroup: () => ({}) },
    });
    await built.greenBuilder.createGroup(plan, parts);
    expect(inputsOf(built.group, 'CreateAutoScalingGroup')).toEqual([
      toGreenGroup(blue, plan, parts, [hook]),
    ]);
    expect(toGreenGroup(blue, plan, parts, [hook]).LifecycleHookSpecificationList).toEqual([
      {
        LifecycleHookName: 'drain',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        HeartbeatTimeout: 60,
        DefaultResult: 'CONTINUE',
      },
    ]);
  });

  it('takes over one that this deployment made before it died', async () => {
    const built = builder({ group: groupWorld(tagged('d-1')) });
    await expect(built.greenBuilder.createGroup(plan, parts)).resolves.toBeUndefined();
  });

  const foreign: readonly (readonly [string, Partial<AutoScalingGroup>])[] = [
    ['somebody else', {}],
    ['another deployment', tagged('d-other')],
    [
      'a past of this deployment that AWS is deleting',
      { ...tagged('d-1'), Status: 'Delete in progress' },
    ],
  ];
  it.each(foreign)('refuses a name that belongs to %s', async (_who, existing) => {
    const making = builder({ group: groupWorld(existing) }).greenBuilder.createGroup(plan, parts);
    await expect(making).rejects.toMatchObject({ name: 'NameTaken' });
  });

  it('tries again when AWS does not show yet what it says exists', async () => {
    const making = builder({ group: groupWorld(undefined) }).greenBuilder.createGroup(plan, parts);
    await expect(making).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });
});
