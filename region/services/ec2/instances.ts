/**
 * Instances as their describers see them: DescribeInstances, DescribeInstanceStatus and
 * GetConsoleOutput.
 */
import type {
  DescribeInstancesRequest,
  DescribeInstanceStatusRequest,
  GetConsoleOutputRequest,
  Instance,
  InstanceState as State,
  Reservation,
} from '@aws-sdk/client-ec2';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { instanceNotFound, invalidCombination, malformedId } from './errors.ts';
import { applyFilters } from './filters.ts';
import { cpuOptionsOf } from './instance-types.ts';
import { instanceProfileArn } from './launches.ts';
import { describeOperation, ec2Operation } from './operation.ts';
import { ec2Page } from './paging.ts';
import { taggedPermission } from './tags.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { InstanceState } from '../../kernel/machines.ts';
import type { MachineRoom } from '../../machines/machines.ts';
import type { FilterTable } from './filters.ts';
import type { Ec2State, InstanceRecord } from './state.ts';
import type { TagStore } from './tags.ts';

const INSTANCE_ID = /^i-[0-9a-f]{8}(?:[0-9a-f]{9})?$/;

/** @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

interface InstanceDependencies {
  readonly kernel: Kernel;
  readonly machines: MachineRoom;
  readonly state: Ec2State;
  readonly tags: TagStore;
}

/** DescribeInstances, DescribeInstanceStatus, GetConsoleOutput. */
export function instanceOperations({ kernel, machines, state, tags }: InstanceDependencies) {
  return {
    DescribeInstances: describeOperation('DescribeInstances', (input: DescribeInstancesRequest) => {
      const page = ec2Page(selectInstances(state, tags, input), input);
      return { Reservations: reserve(page.items, tags), NextToken: page.nextToken };
    }),
    DescribeInstanceStatus: describeOperation(
      'DescribeInstanceStatus',
      (input: DescribeInstanceStatusRequest) => {
        const candidates = selectInstances(state, tags, input).filter(
          (instance) => input.IncludeAllInstances || instance.state === 'running',
        );
        const page = ec2Page(candidates, input);
        return { InstanceStatuses: page.items.map(describeStatus), NextToken: page.nextToken };
      },
    ),
    GetConsoleOutput: ec2Operation(
      (input: GetConsoleOutputRequest) => [
        taggedPermission('ec2:GetConsoleOutput', tags, input.InstanceId ?? ''),
      ],
      (input) => {
        const instance = findInstance(state, input.InstanceId ?? '');
        const text = machines.output(instance.id);
        return {
          InstanceId: instance.id,
          Timestamp: new Date(kernel.clock.now()),
          ...(text !== '' && { Output: Buffer.from(text).toString('base64') }),
        };
      },
    ),
  };
}

/** @throws AwsError InvalidInstanceID.NotFound, InvalidInstanceID.Malformed */
export function findInstance(state: Ec2State, instanceId: string): InstanceRecord {
  if (!INSTANCE_ID.test(instanceId)) {
    throw malformedId('InvalidInstanceID.Malformed', instanceId, 'i');
  }
  const instance = state.instances.get(instanceId);
  if (!instance) throw instanceNotFound([instanceId]);
  return instance;
}

/** A state as EC2 answers it: a name and its code. */
export function describeState(state: InstanceState): State {
  return { Name: state, Code: STATE_CODES[state] };
}

function selectInstances(
  state: Ec2State,
  tags: TagStore,
  input: DescribeInstancesRequest,
): InstanceRecord[] {
  const ids = input.InstanceIds ?? [];
  if (ids.length > 0 && input.MaxResults !== undefined) {
    throw invalidCombination(
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
  for (const id of ids) {
    if (!INSTANCE_ID.test(id)) throw malformedId('InvalidInstanceID.Malformed', id, 'i');
  }
  const unknown = ids.filter((id) => !state.instances.has(id));
  if (unknown.length > 0) throw instanceNotFound(unknown);
  const named = [...state.instances.values()].filter(
    (instance) => ids.length === 0 || ids.includes(instance.id),
  );
  return applyFilters(named, input.Filters, FILTERS, (instance) => tags.of(instance.id));
}

const FILTERS: FilterTable<InstanceRecord> = {
  'instance-id': (instance) => [instance.id],
  'instance-state-name': (instance) => [instance.state],
  'instance-state-code': (instance) => [String(STATE_CODES[instance.state])],
  'instance-type': (instance) => [instance.instanceType],
  'image-id': (instance) => [instance.imageId],
  'availability-zone': (instance) => [instance.availabilityZone],
  'subnet-id': (instance) => [instance.subnetId],
  'vpc-id': (instance) => [instance.vpcId],
  'private-ip-address': (instance) => [instance.privateIp],
  'reservation-id': (instance) => [instance.reservationId],
  'instance.group-id': (instance) => instance.securityGroupIds,
  architecture: (instance) => [instance.architecture],
};

/** Instances of one launch form one reservation. */
function reserve(instances: readonly InstanceRecord[], tags: TagStore): Reservation[] {
  const byReservation = new Map<string, InstanceRecord[]>();
  for (const instance of instances) {
    const together = byReservation.get(instance.reservationId) ?? [];
    byReservation.set(instance.reservationId, [...together, instance]);
  }
  return [...byReservation].map(([ReservationId, together]) => ({
    ReservationId,
    OwnerId: ACCOUNT_ID,
    ...(together[0]?.requesterId !== undefined && { RequesterId: together[0].requesterId }),
    Groups: [],
    Instances: together.map((instance) => describeInstance(instance, tags)),
  }));
}

/** An instance as RunInstances and DescribeInstances answer it. */
export function describeInstance(instance: InstanceRecord, tags: TagStore): Instance {
  const gone = instance.state === 'terminated';
  const dnsName = `ip-${instance.privateIp.replaceAll('.', '-')}.ec2.internal`;
  const profile = instanceProfileArn(instance.data);
  const { stateReason } = instance;
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.data.InstanceType,
    State: describeState(instance.state),
    StateTransitionReason: stateReason?.message ?? '',
    ...(stateReason && { StateReason: { Code: stateReason.code, Message: stateReason.message } }),
    AmiLaunchIndex: instance.launchIndex,
    ...(instance.lifecycle && { InstanceLifecycle: instance.lifecycle }),
    ...(instance.capacityReservationId !== undefined && {
      CapacityReservationId: instance.capacityReservationId,
    }),
    LaunchTime: new Date(instance.launchedAt),
    Architecture: instance.architecture,
    Placement: {
      AvailabilityZone: instance.availabilityZone,
      GroupName: '',
      Tenancy: 'default',
    },
    Monitoring: { State: instance.data.Monitoring?.Enabled ? 'enabled' : 'disabled' },
    PrivateDnsName: gone ? '' : dnsName,
    PublicDnsName: '',
    ...(!gone && {
      PrivateIpAddress: instance.privateIp,
      SubnetId: instance.subnetId,
      VpcId: instance.vpcId,
    }),
    ...(instance.data.KeyName !== undefined && { KeyName: instance.data.KeyName }),
    ...(profile !== undefined && { IamInstanceProfile: { Arn: profile } }),
    SecurityGroups: gone
      ? []
      : instance.securityGroupIds.map((GroupId) => ({ GroupId, GroupName: 'default' })),
    RootDeviceName: instance.rootDeviceName,
    RootDeviceType: 'ebs',
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EbsOptimized: instance.data.EbsOptimized ?? false,
    CpuOptions: cpuOptionsOf(instance.instanceType, instance.data.CpuOptions),
    EnaSupport: true,
    Tags: tags.list(instance.id),
  };
}

/** The region's hosts never fail, so a running instance passes the checks from outside. */
function describeStatus(instance: InstanceRecord) {
  const runs = instance.state === 'running';
  const check = runs
    ? {
        Status: 'ok' as const,
        Details: [{ Name: 'reachability' as const, Status: 'passed' as const }],
      }
    : { Status: 'not-applicable' as const };
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.availabilityZone,
    InstanceState: describeState(instance.state),
    InstanceStatus: check,
    SystemStatus: check,
  };
}
