/**
 * EC2 and Auto Scaling on a virtual clock, with a load balancer that does as the test says.
 */
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createMachines } from '../../region/machines/machines.ts';
import { createAutoScaling } from '../../region/services/auto-scaling/auto-scaling.ts';
import { createCloudWatch } from '../../region/services/cloudwatch/cloudwatch.ts';
import { createEc2 } from '../../region/services/ec2/ec2.ts';
import { createSns } from '../../region/services/sns/sns.ts';
import type { Activity, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { TargetRegistry } from '../../region/kernel/contracts.ts';
import type { Measurement, RegionEvent } from '../../region/kernel/kernel.ts';
import type { Call, Operation, Permission, Service } from '../../region/kernel/service.ts';
import type { Program } from '../../region/machines/program.ts';
import type { LaunchFault } from '../../region/services/ec2/launches.ts';
import { createTestKernel } from './test-kernel.ts';

export const START = Date.UTC(2026, 0, 5, 9, 0, 0);
export const BLUE = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/blue/1';
export const GREEN = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/green/2';
export const DRAINING_SECONDS = 60;

/** A target registry whose health the test decides, with the draining of a real one. */
export function fakeRegistry(now: () => number, vpcId: () => string) {
  const targets = new Map<string, Map<string, { state: string; drainedAt?: number }>>();
  const types = new Map<string, string>([
    [BLUE, 'instance'],
    [GREEN, 'instance'],
  ]);
  const of = (arn: string) => {
    const group = targets.get(arn) ?? new Map<string, { state: string; drainedAt?: number }>();
    targets.set(arn, group);
    for (const [id, { drainedAt = Infinity }] of group) if (now() >= drainedAt) group.delete(id);
    return group;
  };
  const registry: TargetRegistry = {
    targetGroup: (arn) => {
      const targetType = types.get(arn);
      return targetType === undefined ? undefined : { targetType, vpcId: vpcId() };
    },
    register: (arn, ids) => {
      for (const id of ids) of(arn).set(id, { state: 'initial' });
    },
    deregister: (arn, ids) => {
      const drainedAt = now() + DRAINING_SECONDS * 1000;
      for (const id of ids) of(arn).set(id, { state: 'draining', drainedAt });
    },
    targetHealth: (arn) => new Map(of(arn)),
  };
  return {
    registry,
    types,
    /** Sets the state of targets: all of a group, or the given ones. */
    report: (arn: string, state: string, ids: readonly string[] = [...of(arn).keys()]) => {
      for (const id of ids) if (of(arn).get(id)?.state !== 'draining') of(arn).set(id, { state });
    },
    states: (arn: string) => Object.fromEntries([...of(arn)].map(([id, t]) => [id, t.state])),
  };
}

export interface RegionOptions {
  readonly seed?: number;
  readonly launchFault?: LaunchFault;
  readonly describeLagSeconds?: number;
  readonly program?: Program;
  readonly vpcOfTargetGroups?: string;
}

export function computeRegion(options: RegionOptions = {}) {
  const clock = createVirtualClock({ start: START });
  const events: RegionEvent[] = [];
  const measurements: Measurement[] = [];
  const kernel = createTestKernel(clock, {
    seed: options.seed ?? 1,
    emit: (event) => events.push(event),
    measure: (measurement) => {
      measurements.push(measurement);
      cloudWatch.record(measurement);
    },
  });
  const machines = createMachines({ kernel });
  const { launchFault, describeLagSeconds } = options;
  const ec2 = createEc2({ kernel, machines, ...(launchFault && { launchFault }) });
  const balancer = fakeRegistry(
    () => clock.now(),
    () => options.vpcOfTargetGroups ?? ec2.fleet.network.vpcId,
  );
  const sns = createSns({ kernel });
  const cloudWatch = createCloudWatch({
    kernel,
    performAction: (arn, alarm) => autoScaling.performAction(arn, alarm),
  });
  const autoScaling = createAutoScaling({
    kernel,
    ec2: ec2.fleet,
    registry: balancer.registry,
    alarms: cloudWatch.alarms,
    notify: (arn, notice) => sns.publish(arn, notice),
    ...(describeLagSeconds !== undefined && { describeLagSeconds }),
  });
  /** What callers may not do; administrators unless a test says otherwise. */
  const denied: ((permission: Permission) => boolean)[] = [];
  const imageId = ec2.addImage({
    name: 'app-1',
    program: options.program ?? { type: 'model' },
    tags: { version: '1' },
  });

  const isAllowed = (permission: Permission) => !denied.some((denies) => denies(permission));
  const ask = async <T>(service: Service, operation: string, input: object): Promise<T> => {
    const found: Operation<object> | undefined = service.operations[operation];
    if (!found) throw new Error(`${service.name} has no operation ${operation}`);
    const call: Call = {
      caller: { arn: 'arn:aws:iam::000000000000:user/operator', label: 'operator' },
      requestId: 'request',
      isAllowed,
    };
    for (const permission of found.permissions(input)) {
      if (!isAllowed(permission)) throw new Error(`denied: ${permission.action}`);
    }
    return (await found.run(input, call)) as T;
  };

  const region = {
    kernel,
    clock,
    machines,
    ec2,
    autoScaling,
    cloudWatch,
    sns,
    balancer,
    events,
    measurements,
    denied,
    imageId,
    onEc2: <T = Record<string, never>>(operation: string, input: object = {}) =>
      ask<T>(ec2.service, operation, input),
    onGroups: <T = Record<string, never>>(operation: string, input: object = {}) =>
      ask<T>(autoScaling.service, operation, input),
    onAlarms: <T = Record<string, never>>(operation: string, input: object = {}) =>
      ask<T>(cloudWatch.service, operation, input),
    onTopics: <T = Record<string, never>>(operation: string, input: object = {}) =>
      ask<T>(sns.service, operation, input),
    pass: (seconds: number) => clock.runUntil(clock.sleep(seconds * 1000)),
    eventsOf: (detailType: string) => events.filter((event) => event.detailType === detailType),
    permissionsFor: (service: Service, operation: string, input: object) =>
      (service.operations[operation] as Operation<object>).permissions(input),
    template: async (data: object = {}, name = 'app') => {
      const { LaunchTemplate } = await region.onEc2<{
        LaunchTemplate: { LaunchTemplateId: string };
      }>('CreateLaunchTemplate', {
        LaunchTemplateName: name,
        LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro', ...data },
      });
      return LaunchTemplate.LaunchTemplateId;
    },
    subnetIds: () =>
      ec2.fleet.network
        .subnets()
        .map((subnet) => subnet.id)
        .join(','),
    group: async (name: string): Promise<AutoScalingGroup | undefined> => {
      const { AutoScalingGroups } = await region.onGroups<{
        AutoScalingGroups: AutoScalingGroup[];
      }>('DescribeAutoScalingGroups', { AutoScalingGroupNames: [name] });
      return AutoScalingGroups[0];
    },
    /** Creates the group `blue` of two instances in three zones. */
    createGroup: async (input: object = {}) => {
      const id = await region.template();
      await region.onGroups('CreateAutoScalingGroup', {
        AutoScalingGroupName: 'blue',
        LaunchTemplate: { LaunchTemplateId: id, Version: '1' },
        MinSize: 0,
        MaxSize: 6,
        DesiredCapacity: 2,
        VPCZoneIdentifier: region.subnetIds(),
        ...input,
      });
      return id;
    },
    instanceIds: async (name = 'blue', state = 'InService') => {
      const group = await region.group(name);
      return (group?.Instances ?? [])
        .filter((instance) => instance.LifecycleState === state)
        .map((instance) => instance.InstanceId ?? '');
    },
  };
  return region;
}

export type ComputeRegion = ReturnType<typeof computeRegion>;

export async function activities(region: ComputeRegion, name = 'blue'): Promise<Activity[]> {
  const { Activities } = await region.onGroups<{ Activities: Activity[] }>(
    'DescribeScalingActivities',
    { AutoScalingGroupName: name },
  );
  return Activities;
}

export const update = (region: ComputeRegion, input: object) =>
  region.onGroups('UpdateAutoScalingGroup', { AutoScalingGroupName: 'blue', ...input });

export async function running(
  input: object = {},
  options: RegionOptions = {},
): Promise<ComputeRegion> {
  const region = computeRegion(options);
  await region.createGroup(input);
  await region.pass(40);
  return region;
}

export async function sourceStates(region: ComputeRegion): Promise<(string | undefined)[]> {
  const { TrafficSources } = await region.onGroups<{ TrafficSources: { State?: string }[] }>(
    'DescribeTrafficSources',
    { AutoScalingGroupName: 'blue' },
  );
  return TrafficSources.map((source) => source.State);
}
