import { describe, expect, it } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import {
  activities,
  BLUE,
  computeRegion,
  DRAINING_SECONDS,
  GREEN,
  running,
  sourceStates,
  update,
} from './compute-region.ts';
import type { Activity } from '@aws-sdk/client-auto-scaling';
import type { TagDescription } from '@aws-sdk/client-ec2';

describe('scaling out', () => {
  it('launches what is missing at once, spread over the zones, and puts it in service', async () => {
    const region = computeRegion();
    await region.createGroup({ DesiredCapacity: 3 });
    expect((await region.group('blue'))?.Instances).toEqual([]);
    await region.pass(2);
    const pending = (await region.group('blue'))?.Instances ?? [];
    expect(pending.map((instance) => instance.LifecycleState)).toEqual(Array(3).fill('Pending'));
    expect(new Set(pending.map((instance) => instance.AvailabilityZone)).size).toBe(3);
    expect(await activities(region)).toMatchObject(
      Array.from({ length: 3 }, () => ({ StatusCode: 'PreInService', Progress: 30 })),
    );
    await region.pass(20);
    expect(await region.instanceIds()).toHaveLength(3);
    const [newest] = await activities(region);
    expect(newest).toMatchObject({
      StatusCode: 'Successful',
      Progress: 100,
      Description: expect.stringMatching(/^Launching a new EC2 instance: i-[0-9a-f]{17}$/),
      Cause:
        'At 2026-01-05T09:00:00Z a user request created an AutoScalingGroup changing the desired ' +
        'capacity from 0 to 3.  At 2026-01-05T09:00:01Z an instance was started in response to a ' +
        'difference between desired and actual capacity, increasing the capacity from 0 to 3.',
    });
  });

  it('reports every launch to EventBridge', async () => {
    const region = await running({ DesiredCapacity: 1 });
    const [id] = await region.instanceIds();
    expect(region.eventsOf('EC2 Instance Launch Successful')).toMatchObject([
      {
        source: 'aws.autoscaling',
        resources: [
          (await region.group('blue'))?.AutoScalingGroupARN,
          `arn:aws:ec2:us-east-1:000000000000:instance/${id}`,
        ],
        detail: {
          AutoScalingGroupName: 'blue',
          EC2InstanceId: id,
          StatusCode: 'InProgress',
          Origin: 'EC2',
          Destination: 'AutoScalingGroup',
        },
      },
    ]);
  });

  it('registers instances with every target group only once they are in service', async () => {
    const region = computeRegion();
    await region.createGroup({ TargetGroupARNs: [BLUE, GREEN] });
    await region.pass(2);
    expect(region.balancer.states(BLUE)).toEqual({});
    await region.pass(20);
    const ids = await region.instanceIds();
    expect(Object.keys(region.balancer.states(BLUE))).toEqual(ids);
    expect(Object.keys(region.balancer.states(GREEN))).toEqual(ids);
  });

  it('never registers what it launched while AddToLoadBalancer was suspended', async () => {
    const region = await running({ TargetGroupARNs: [BLUE], DesiredCapacity: 0 });
    const processes = { AutoScalingGroupName: 'blue', ScalingProcesses: ['AddToLoadBalancer'] };
    await region.onGroups('SuspendProcesses', processes);
    await update(region, { DesiredCapacity: 1 });
    await region.pass(30);
    await region.onGroups('ResumeProcesses', processes);
    await region.pass(60);
    expect(await region.instanceIds()).toHaveLength(1);
    expect(region.balancer.states(BLUE)).toEqual({});
  });

  it('launches nothing while Launch is suspended', async () => {
    const region = await running({ DesiredCapacity: 0 });
    await region.onGroups('SuspendProcesses', {
      AutoScalingGroupName: 'blue',
      ScalingProcesses: ['Launch'],
    });
    await update(region, { DesiredCapacity: 2 });
    await region.pass(120);
    expect((await region.group('blue'))?.Instances).toEqual([]);
  });

  it('gives instances the tags that propagate, and those of AWS', async () => {
    const region = await running({
      DesiredCapacity: 1,
      Tags: [
        { Key: 'team', Value: 'web', PropagateAtLaunch: true },
        { Key: 'cost', Value: '7', PropagateAtLaunch: false },
      ],
    });
    const { Tags } = await region.onEc2<{ Tags: TagDescription[] }>('DescribeTags', {
      Filters: [{ Name: 'resource-type', Values: ['instance'] }],
    });
    const tags = Object.fromEntries(Tags.map((tag) => [tag.Key, tag.Value]));
    expect(tags).toMatchObject({
      team: 'web',
      'aws:autoscaling:groupName': 'blue',
      'aws:ec2launchtemplate:version': '1',
    });
    expect(tags).not.toHaveProperty('cost');
  });

  it('launches the newest version for a group on $Latest, and the old one for a pinned group', async () => {
    const region = computeRegion();
    const LaunchTemplateId = await region.createGroup({
      LaunchTemplate: { LaunchTemplateName: 'app', Version: '$Latest' },
      DesiredCapacity: 1,
    });
    await region.pass(30);
    await region.onEc2('CreateLaunchTemplateVersion', {
      LaunchTemplateId,
      SourceVersion: '1',
      LaunchTemplateData: { InstanceType: 't3.small' },
    });
    await update(region, { DesiredCapacity: 2 });
    await region.pass(30);
    await update(region, {
      DesiredCapacity: 3,
      LaunchTemplate: { LaunchTemplateId, Version: '1' },
    });
    await region.pass(30);
    const group = await region.group('blue');
    const versions = group?.Instances?.map((instance) => instance.LaunchTemplate?.Version);
    expect(versions).toEqual(['1', '2', '1']);
    expect(group?.LaunchTemplate).toMatchObject({ Version: '1' });
  });
});

describe('a launch that fails', () => {
  const noRoom = new AwsError(
    'InsufficientInstanceCapacity',
    'We currently do not have sufficient t3.micro capacity in the Availability Zone you ' +
      'requested (us-east-1a).',
  );

  it('is a failed activity that says why, and is tried again in another zone', async () => {
    const region = await running(
      { DesiredCapacity: 1 },
      {
        launchFault: ({ availabilityZone }: { availabilityZone: string }) =>
          availabilityZone === 'us-east-1a' ? noRoom : undefined,
      },
    );
    await region.pass(60);
    expect((await region.group('blue'))?.Instances).toMatchObject([
      { AvailabilityZone: 'us-east-1b', LifecycleState: 'InService' },
    ]);
    const failed = (await activities(region)).filter((one) => one.StatusCode === 'Failed');
    expect(failed).toMatchObject([
      { Progress: 100, StatusMessage: `${noRoom.message} Launching EC2 instance failed.` },
    ]);
    expect(region.eventsOf('EC2 Instance Launch Unsuccessful')).toMatchObject([
      { detail: { StatusCode: 'Failed', StatusMessage: failed[0]?.StatusMessage } },
    ]);
  });

  it('is tried ever more seldom for as long as it fails', async () => {
    const region = await running({ DesiredCapacity: 2 }, { launchFault: () => noRoom });
    await region.pass(3600);
    const failures = (await activities(region)).filter((one) => one.StatusCode === 'Failed').length;
    expect(failures).toBeGreaterThan(6);
    expect(failures).toBeLessThan(14);
  });

  it('fails because of a wrong architecture only when it launches, not when it is configured', async () => {
    const region = computeRegion();
    const arm = region.ec2.addImage({
      name: 'arm',
      program: { type: 'model' },
      architecture: 'arm64',
    });
    const id = await region.template({ ImageId: arm }, 'arm');
    await region.createGroup({
      LaunchTemplate: { LaunchTemplateId: id, Version: '1' },
      DesiredCapacity: 1,
    });
    await region.pass(5);
    expect(await activities(region)).toMatchObject([
      { StatusCode: 'Failed', StatusMessage: expect.stringContaining("architecture 'x86_64'") },
    ]);
  });

  it('fails when an instance dies before it is in service', async () => {
    const region = computeRegion();
    const broken = region.ec2.addImage({
      name: 'encrypted',
      program: { type: 'model' },
      bootFailure: { code: 'Client.InternalError', message: 'Client error on launch' },
    });
    const id = await region.template({ ImageId: broken }, 'encrypted');
    await region.createGroup({ LaunchTemplate: { LaunchTemplateId: id }, DesiredCapacity: 1 });
    await region.pass(20);
    expect(await activities(region)).toMatchObject([
      {
        StatusCode: 'Failed',
        StatusMessage: expect.stringContaining('Client.InternalError: Client error on launch'),
      },
    ]);
  });

  it('fails while a target group of the group no longer exists', async () => {
    const region = await running({ TargetGroupARNs: [BLUE], DesiredCapacity: 0 });
    region.balancer.types.delete(BLUE);
    await update(region, { DesiredCapacity: 1 });
    await region.pass(5);
    expect(await activities(region)).toMatchObject([
      {
        StatusCode: 'Failed',
        StatusMessage:
          'One or more target groups not found. Validating load balancer configuration failed.',
      },
    ]);
  });
});

describe('scaling in', () => {
  it('drains before it terminates, and waits for the whole draining', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    region.balancer.report(BLUE, 'healthy');
    const [first] = await region.instanceIds();
    await update(region, { DesiredCapacity: 1 });
    await region.pass(5);
    expect(region.balancer.states(BLUE)).toMatchObject({ [first!]: 'draining' });
    const [activity] = await activities(region);
    expect(activity).toMatchObject({
      StatusCode: 'WaitingForELBConnectionDraining',
      Description: `Terminating EC2 instance: ${first}`,
      Cause: expect.stringContaining(
        'a user request update of AutoScalingGroup constraints to min: 0, max: 6, desired: 1 ' +
          'changing the desired capacity from 2 to 1.',
      ),
    });
    await region.pass(DRAINING_SECONDS - 10);
    expect(region.machines.placement(first!)?.state).toBe('running');
    expect(await region.instanceIds('blue', 'Terminating')).toEqual([first]);
    await region.pass(10);
    expect(region.machines.placement(first!)?.state).toBe('shutting-down');
    await region.pass(20);
    expect((await region.group('blue'))?.Instances).toHaveLength(1);
    expect(region.eventsOf('EC2 Instance Terminate Successful')).toMatchObject([
      { detail: { EC2InstanceId: first } },
    ]);
  });

  it('keeps the zones balanced, and takes the oldest or newest as the policy says', async () => {
    for (const [policy, taken] of [
      ['OldestInstance', 0],
      ['NewestInstance', 2],
    ] as const) {
      const region = computeRegion();
      const [subnetId] = region.subnetIds().split(',');
      await region.createGroup({
        VPCZoneIdentifier: subnetId,
        TerminationPolicies: [policy],
        DesiredCapacity: 1,
      });
      for (const DesiredCapacity of [2, 3]) {
        await region.pass(30);
        await update(region, { DesiredCapacity });
      }
      await region.pass(30);
      const before = await region.instanceIds();
      await update(region, { DesiredCapacity: 2 });
      await region.pass(30);
      const after = await region.instanceIds();
      expect(before.filter((id) => !after.includes(id))).toEqual([before[taken]]);
    }
    const region = await running({ DesiredCapacity: 4 });
    await update(region, { DesiredCapacity: 3 });
    await region.pass(40);
    const zones = (await region.group('blue'))?.Instances?.map((one) => one.AvailabilityZone);
    expect(new Set(zones).size).toBe(3);
  });

  it('never takes an instance that is protected from scale-in', async () => {
    const region = await running();
    const [first, second] = await region.instanceIds();
    await region.onGroups('SetInstanceProtection', {
      AutoScalingGroupName: 'blue',
      InstanceIds: [first],
      ProtectedFromScaleIn: true,
    });
    await update(region, { DesiredCapacity: 0 });
    await region.pass(60);
    expect(await region.instanceIds()).toEqual([first]);
    expect(region.machines.placement(second!)?.state).toBe('terminated');
  });

  it('terminates a chosen instance and replaces it unless the capacity shrinks with it', async () => {
    const region = await running({ MinSize: 1 });
    const [first, second] = await region.instanceIds();
    const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean) =>
      region.onGroups<{ Activity: Activity }>('TerminateInstanceInAutoScalingGroup', {
        InstanceId,
        ShouldDecrementDesiredCapacity,
      });
    const { Activity } = await terminate(first!, true);
    expect(Activity).toMatchObject({ Description: `Terminating EC2 instance: ${first}` });
    await region.pass(40);
    expect(await region.instanceIds()).toEqual([second]);
    await expect(terminate(second!, true)).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining('Currently, desiredSize equals minSize (1)'),
    });
    await terminate(second!, false);
    await region.pass(40);
    const replaced = await region.instanceIds();
    expect(replaced).toHaveLength(1);
    expect(replaced).not.toContain(second);
    await expect(terminate('i-0123456789abcdef0', true)).rejects.toMatchObject({
      message:
        'Instance Id not found - No managed instance found for instance ID: i-0123456789abcdef0',
    });
  });
});

describe('health', () => {
  it('replaces an instance that was terminated behind its back', async () => {
    const region = await running();
    const [first] = await region.instanceIds();
    await region.onEc2('TerminateInstances', { InstanceIds: [first] });
    await region.pass(60);
    const ids = await region.instanceIds();
    expect(ids).toHaveLength(2);
    expect(ids).not.toContain(first);
    const causes = (await activities(region)).map((activity) => activity.Cause);
    expect(causes).toContainEqual(
      expect.stringContaining('EC2 health check indicating it has been terminated or stopped'),
    );
    expect(causes[0]).toContain('in response to an unhealthy instance needing to be replaced');
  });

  it('leaves load balancer health alone with the health check type EC2', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    const ids = await region.instanceIds();
    region.balancer.report(BLUE, 'unhealthy');
    await region.pass(300);
    expect(await region.instanceIds()).toEqual(ids);
  });

  it('replaces what the load balancer calls unhealthy, but not within the grace period', async () => {
    const region = await running({
      TargetGroupARNs: [BLUE],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 300,
    });
    const ids = await region.instanceIds();
    region.balancer.report(BLUE, 'unhealthy', [ids[0]!]);
    await region.pass(200);
    expect(await region.instanceIds()).toEqual(ids);
    await region.pass(200);
    const after = await region.instanceIds();
    expect(after).toContain(ids[1]);
    expect(after).not.toContain(ids[0]);
    const causes = (await activities(region)).map((activity) => activity.Cause);
    expect(causes).toContainEqual(
      expect.stringContaining('in response to an ELB system health check failure.'),
    );
  });

  it('judges the very first instances by a target group given at creation', async () => {
    const region = await running({
      TargetGroupARNs: [BLUE],
      HealthCheckType: 'ELB',
      DesiredCapacity: 1,
    });
    expect(await sourceStates(region)).toEqual(['InService']);
    const [first] = await region.instanceIds();
    region.balancer.report(BLUE, 'unhealthy');
    await region.pass(200);
    expect(await region.instanceIds()).not.toContain(first);
  });

  it('does not judge by a target group attached later until one target was healthy', async () => {
    const region = await running({ HealthCheckType: 'ELB', DesiredCapacity: 1 });
    const ids = await region.instanceIds();
    await region.onGroups('AttachTrafficSources', {
      AutoScalingGroupName: 'blue',
      TrafficSources: [{ Identifier: BLUE, Type: 'elbv2' }],
    });
    expect(await sourceStates(region)).toEqual(['Adding']);
    region.balancer.report(BLUE, 'unhealthy');
    await region.pass(300);
    expect(await sourceStates(region)).toEqual(['Added']);
    expect(await region.instanceIds()).toEqual(ids);
    region.balancer.report(BLUE, 'healthy');
    await region.pass(10);
    expect(await sourceStates(region)).toEqual(['InService']);
    region.balancer.report(BLUE, 'unhealthy');
    await region.pass(300);
    expect(await region.instanceIds()).not.toEqual(ids);
  });

  it('takes a few unhealthy instances out at a time, never all at once', async () => {
    const region = await running({
      TargetGroupARNs: [BLUE],
      HealthCheckType: 'ELB',
      DesiredCapacity: 6,
    });
    const ids = await region.instanceIds();
    region.balancer.report(BLUE, 'unhealthy');
    await region.pass(20);
    const remaining = await region.instanceIds();
    expect(ids.filter((id) => remaining.includes(id))).toHaveLength(5);
  });

  it('counts an unused target as nobody having looked yet', async () => {
    const region = await running({ TargetGroupARNs: [BLUE], HealthCheckType: 'ELB' });
    const ids = await region.instanceIds();
    region.balancer.report(BLUE, 'unused');
    await region.pass(300);
    expect(await region.instanceIds()).toEqual(ids);
  });

  it('replaces what a user condemns, unless the grace period protects it', async () => {
    const region = await running({ HealthCheckGracePeriod: 3600 });
    const [first] = await region.instanceIds();
    const condemn = (ShouldRespectGracePeriod: boolean) =>
      region.onGroups('SetInstanceHealth', {
        InstanceId: first,
        HealthStatus: 'Unhealthy',
        ShouldRespectGracePeriod,
      });
    await condemn(true);
    await region.pass(60);
    expect(await region.instanceIds()).toContain(first);
    await condemn(false);
    await region.pass(60);
    expect(await region.instanceIds()).not.toContain(first);
  });

  it('takes out as many at a time as its maintenance policy lets go', async () => {
    const region = await running({
      DesiredCapacity: 4,
      TargetGroupARNs: [BLUE],
      HealthCheckType: 'ELB',
      InstanceMaintenancePolicy: { MinHealthyPercentage: 50, MaxHealthyPercentage: 100 },
    });
    region.balancer.report(BLUE, 'unhealthy');
    await region.pass(12);
    expect(await region.instanceIds('blue', 'Terminating')).toHaveLength(2);
  });

  it('replaces nothing while HealthCheck or ReplaceUnhealthy is suspended', async () => {
    for (const process of ['HealthCheck', 'ReplaceUnhealthy']) {
      const region = await running({ TargetGroupARNs: [BLUE], HealthCheckType: 'ELB' });
      const ids = await region.instanceIds();
      await region.onGroups('SuspendProcesses', {
        AutoScalingGroupName: 'blue',
        ScalingProcesses: [process],
      });
      region.balancer.report(BLUE, 'unhealthy');
      await region.pass(120);
      expect(await region.instanceIds()).toEqual(ids);
    }
  });
});

describe('a long life', () => {
  it('goes the same way twice from the same seed', async () => {
    const stories = await Promise.all(
      [5, 5].map(async (seed) => {
        const region = await running({ DesiredCapacity: 3 }, { seed });
        await update(region, { DesiredCapacity: 1 });
        await region.pass(600);
        return region.events.map((event) => JSON.stringify(event));
      }),
    );
    expect(stories[0]).toEqual(stories[1]);
  });

  it('measures its size each minute once that was asked for', async () => {
    const region = await running();
    const sizes = () =>
      region.measurements.filter(({ namespace }) => namespace === 'AWS/AutoScaling');
    expect(sizes()).toEqual([]);
    await region.onGroups('EnableMetricsCollection', {
      AutoScalingGroupName: 'blue',
      Granularity: '1Minute',
      Metrics: ['GroupInServiceInstances'],
    });
    await region.pass(300);
    expect(sizes()).toHaveLength(6);
    expect(sizes()[0]).toMatchObject({
      dimensions: { AutoScalingGroupName: 'blue' },
      value: 2,
    });
  });

  it('passes ten days in a moment', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    await region.pass(10 * 24 * 3600);
    expect(await region.instanceIds()).toHaveLength(2);
  });
});
