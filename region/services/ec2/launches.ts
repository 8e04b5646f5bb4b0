/**
 * The life of instances: launched, booted, shut down, forgotten.
 * Not for: the operations that callers use; see `instances.ts`. Auto Scaling launches through here.
 */
import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import {
  type CapacityReservations,
  type ReservationWish,
  templateWish,
} from './capacity-reservations.ts';
import { invalidParameter } from './errors.ts';
import { keyFailure, refuseTooManyProcessors } from './launch-limits.ts';
import { subnetNotFound } from './network.ts';
import { ec2Arn } from './tags.ts';
import type { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { InstanceState } from '../../kernel/machines.ts';
import type { MachineRoom } from '../../machines/machines.ts';
import type { InstanceMetrics } from './instance-metrics.ts';
import type { UsageMetrics } from './usage-metrics.ts';
import type { LaunchCheck } from './launch-check.ts';
import type { Network, SubnetRecord } from './network.ts';
import type { Ec2State, ImageRecord, InstanceRecord } from './state.ts';
import type { TagStore } from './tags.ts';

/** Region seconds from `pending` to `running`, and from `shutting-down` to `terminated`. */
const TRANSITION_SECONDS = { min: 5, max: 15 };

/**
 * Region milliseconds for which a terminated instance is still described: an hour.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html
 */
const MEMORY_MILLISECONDS = 3_600_000;

const END_STATES: readonly InstanceState[] = ['shutting-down', 'terminated'];

/** What is to be launched, once everything that a request left open was decided. */
export interface LaunchRequest {
  readonly data: ResponseLaunchTemplateData;
  /** Default: the subnet of the data's network interface, else the first default subnet. */
  readonly subnetId?: string;
  /** Instances to launch. Default 1. */
  readonly count?: number;
  /** Tags besides those of the data; they win where both have a key. */
  readonly tags?: ReadonlyMap<string, string>;
  readonly requesterId?: string;
  /** Absent means On-Demand. The region never takes a Spot Instance back. */
  readonly lifecycle?: 'spot';
  /** Absent means what the data says of reservations. */
  readonly reservation?: ReservationWish;
}

/** Says why a launch fails for want of capacity; undefined when it does not. */
export type LaunchFault = (launch: {
  readonly imageId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly lifecycle: 'spot' | 'on-demand';
}) => AwsError | undefined;

/** How instances begin and end, for callers and for Auto Scaling alike. */
export interface Launches {
  /** Launches all of them or none. @throws AwsError with EC2's code */
  launch(request: LaunchRequest): readonly InstanceRecord[];
  /** Begins to shut an instance down; harmless when it is on its way already. */
  terminate(instanceId: string, reason: { code: string; message: string }): void;
  /** Begins to stop a running instance; harmless in any other state. */
  stop(instanceId: string): void;
  /** Begins to start a stopped instance; harmless in any other state. */
  start(instanceId: string): void;
}

interface LaunchDependencies {
  readonly kernel: Kernel;
  readonly machines: MachineRoom;
  readonly state: Ec2State;
  readonly network: Network;
  readonly tags: TagStore;
  readonly check: LaunchCheck;
  readonly fault: LaunchFault;
  readonly reservations: Pick<CapacityReservations, 'choose'>;
  /** Says whether a volume can be made with a key. */
  readonly isKeyUsable: (keyArn: string) => boolean;
  readonly metrics: InstanceMetrics;
  readonly usage: UsageMetrics;
}

/** Launching and terminating; what follows a launch or termination happens by itself. */
export function createLaunches(dependencies: LaunchDependencies): Launches {
  const { machines, state, tags } = dependencies;
  const { enter, later, finish, boot } = createLife(dependencies);
  return {
    launch: (request) => {
      const { image, instances } = prepare(dependencies, request);
      for (const instance of instances) {
        state.instances.set(instance.id, instance);
        tags.set(instance.id, [...templateTags(request.data), ...(request.tags ?? [])]);
        machines.add(instance.id, {
          program: image.program,
          placement: () => placementOf(instance),
        });
        enter(instance, 'pending');
        later(() => boot(instance, image));
        if (image.program.type === 'model' && image.program.cpuPercent !== undefined) {
          dependencies.metrics.watch(instance);
        }
      }
      dependencies.usage.watch();
      return instances;
    },
    terminate: (instanceId, reason) => {
      const instance = state.instances.get(instanceId);
      if (!instance || END_STATES.includes(instance.state)) return;
      instance.stateReason = reason;
      enter(instance, 'shutting-down');
      const stopped = machines.stop(instanceId);
      later(async () => {
        await stopped;
        finish(instance);
      });
    },
    stop: (instanceId) => {
      const instance = state.instances.get(instanceId);
      if (instance?.state !== 'running') return;
      enter(instance, 'stopping');
      const stopped = machines.stop(instanceId);
      later(async () => {
        await stopped;
        if (instance.state === 'stopping') enter(instance, 'stopped');
      });
    },
    start: (instanceId) => {
      const instance = state.instances.get(instanceId);
      const image = instance && state.images.get(instance.imageId);
      if (instance?.state !== 'stopped' || !image) return;
      machines.rearm(instanceId);
      enter(instance, 'pending');
      later(() => boot(instance, image));
    },
  };
}

/** The steps in the life of one instance, and the time between them. */
function createLife(dependencies: LaunchDependencies) {
  const { kernel, machines, state, network, tags } = dependencies;
  const { clock } = kernel;
  const enter = (instance: InstanceRecord, next: InstanceState): void => {
    instance.state = next;
    kernel.emit({
      source: 'aws.ec2',
      detailType: 'EC2 Instance State-change Notification',
      resources: [ec2Arn('instance', instance.id)],
      detail: { 'instance-id': instance.id, state: next },
    });
  };
  const later = (task: () => void | Promise<void>): void => {
    const { min, max } = TRANSITION_SECONDS;
    const seconds = min + kernel.random() * (max - min);
    clock.schedule(clock.now() + Math.round(seconds * 1000), task);
  };
  const finish = (instance: InstanceRecord): void => {
    network.releaseAddress(instance.subnetId, instance.privateIp);
    enter(instance, 'terminated');
    clock.schedule(clock.now() + MEMORY_MILLISECONDS, () => {
      state.instances.delete(instance.id);
      tags.forget(instance.id);
      machines.remove(instance.id);
    });
  };
  const boot = async (instance: InstanceRecord, image: ImageRecord): Promise<void> => {
    if (instance.state !== 'pending') return;
    const failure = image.bootFailure ?? keyFailure(dependencies, instance, image);
    if (failure) {
      instance.stateReason = failure;
      finish(instance);
      return;
    }
    enter(instance, 'running');
    await machines.start(instance.id);
  };
  return { enter, later, finish, boot };
}

function prepare(dependencies: LaunchDependencies, request: LaunchRequest) {
  const { kernel, network, check, fault } = dependencies;
  const image = check.launch(request.data);
  const subnet = chooseSubnet(network, request);
  const instanceType = request.data.InstanceType ?? '';
  const { availabilityZone } = subnet;
  const lifecycle = request.lifecycle ?? 'on-demand';
  const refusal = fault({ imageId: image.id, instanceType, availabilityZone, lifecycle });
  if (refusal) throw refusal;
  const { data, count = 1 } = request;
  const wish = request.reservation ?? templateWish(data);
  const place = { instanceType, availabilityZone, count, lifecycle } as const;
  const capacityReservationId = dependencies.reservations.choose(wish, place);
  if (capacityReservationId === undefined) {
    refuseTooManyProcessors(dependencies, { data, lifecycle, count });
  }
  const addresses = takeAddresses(network, subnet, count);
  const reservationId = `r-${kernel.hex(17)}`;
  const instances = addresses.map((privateIp, launchIndex): InstanceRecord => ({
    id: `i-${kernel.hex(17)}`,
    reservationId,
    ...(request.requesterId !== undefined && { requesterId: request.requesterId }),
    launchIndex,
    ...(request.lifecycle && { lifecycle: request.lifecycle }),
    imageId: image.id,
    instanceType,
    architecture: image.architecture,
    rootDeviceName: image.rootDeviceName,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    availabilityZone,
    privateIp,
    securityGroupIds: securityGroupsOf(network, request.data),
    data: request.data,
    launchedAt: kernel.clock.now(),
    ...(wish.isRefused && { avoidsReservations: true }),
    ...(capacityReservationId !== undefined && { capacityReservationId }),
    state: 'pending',
  }));
  return { image, instances };
}

function chooseSubnet(network: Network, request: LaunchRequest): SubnetRecord {
  const wanted = request.subnetId ?? request.data.NetworkInterfaces?.[0]?.SubnetId;
  if (wanted !== undefined) {
    const subnet = network.subnet(wanted);
    if (!subnet) throw subnetNotFound(wanted);
    return subnet;
  }
  const zone = request.data.Placement?.AvailabilityZone;
  const subnet = network
    .subnets()
    .find((candidate) => zone === undefined || candidate.availabilityZone === zone);
  if (!subnet) throw invalidParameter(`Invalid availability zone: [${zone}]`);
  return subnet;
}

function takeAddresses(network: Network, subnet: SubnetRecord, count: number): string[] {
  const taken: string[] = [];
  try {
    while (taken.length < count) taken.push(network.takeAddress(subnet.id));
    return taken;
  } catch (error) {
    // All or none: what was taken before the subnet ran out goes back.
    for (const address of taken) network.releaseAddress(subnet.id, address);
    throw error;
  }
}

function securityGroupsOf(network: Network, data: ResponseLaunchTemplateData): readonly string[] {
  const named = (data.SecurityGroups ?? []).flatMap(
    (name) => network.securityGroupNamed(name) ?? [],
  );
  const ids = [
    ...(data.SecurityGroupIds ?? []),
    ...(data.NetworkInterfaces?.[0]?.Groups ?? []),
    ...named,
  ];
  return ids.length > 0 ? ids : [network.defaultSecurityGroupId];
}

function templateTags(data: ResponseLaunchTemplateData): [string, string][] {
  return (data.TagSpecifications ?? [])
    .filter((specification) => specification.ResourceType === 'instance')
    .flatMap((specification) => specification.Tags ?? [])
    .map((tag) => [tag.Key ?? '', tag.Value ?? '']);
}

function placementOf(instance: InstanceRecord) {
  const { privateIp, availabilityZone, subnetId, vpcId, state } = instance;
  return { privateIp, availabilityZone, subnetId, vpcId, state };
}

/** ARN of the instance profile that launch data names; undefined when it names none. */
export function instanceProfileArn(data: ResponseLaunchTemplateData): string | undefined {
  const { Arn, Name } = data.IamInstanceProfile ?? {};
  return (
    Arn ?? (Name === undefined ? undefined : `arn:aws:iam::${ACCOUNT_ID}:instance-profile/${Name}`)
  );
}
