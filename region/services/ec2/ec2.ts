/**
 * EC2 of the local region: images, launch templates, instances, and one default VPC.
 * Not for: volumes, key material, Spot, other VPCs. What is not here is refused, not pretended.
 */
import {
  createCapacityReservations,
  type ReservationSeed,
  type ReservationWish,
} from './capacity-reservations.ts';
import { createImages, imageOperations } from './images.ts';
import { instanceTypeOperations } from './instance-types.ts';
import { createInstanceMetrics } from './instance-metrics.ts';
import { instanceOperations } from './instances.ts';
import { createLaunchCheck } from './launch-check.ts';
import { launchPermissions } from './launch-permissions.ts';
import { launchTemplateOperations } from './launch-templates.ts';
import { launchTemplateVersionOperations } from './launch-template-versions.ts';
import { createLaunches } from './launches.ts';
import { createNetwork, networkOperations } from './network.ts';
import { runInstancesOperations, templateMarks } from './run-instances.ts';
import { createState } from './state.ts';
import { snapshotOperations } from './snapshots.ts';
import { createTagStore, tagOperations } from './tags.ts';
import { findTemplate, findVersion } from './template-lookup.ts';
import { createUsageMetrics } from './usage-metrics.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Permission, Service } from '../../kernel/service.ts';
import type { MachineRoom } from '../../machines/machines.ts';
import type { ImageSeed } from './images.ts';
import type { LaunchFault, Launches } from './launches.ts';
import type { Network } from './network.ts';
import type { ImageState, InstanceRecord, TemplateRecord, TemplateVersion } from './state.ts';
import type { TemplateReference } from './template-lookup.ts';

/** EC2 as Auto Scaling uses it, on the account's behalf. */
export interface Ec2Fleet {
  readonly network: Network;
  /** A template and one of its versions as they are now. @throws AwsError with EC2's code */
  resolveTemplate(
    reference: TemplateReference,
    version: string,
  ): { readonly template: TemplateRecord; readonly version: TemplateVersion };
  /** What a dry run of RunInstances would refuse. @throws AwsError with EC2's code */
  checkLaunch(version: TemplateVersion): void;
  /** What a caller needs to launch from a template into subnets. */
  launchPermissions(
    template: TemplateRecord,
    version: TemplateVersion,
    subnetIds: readonly string[],
  ): readonly Permission[];
  /** Launches one instance. @throws AwsError with EC2's code */
  launch(request: {
    template: TemplateRecord;
    version: TemplateVersion;
    subnetId: string;
    tags: ReadonlyMap<string, string>;
    /** Absent means On-Demand. */
    lifecycle?: 'spot';
    /** Absent means what the template says. */
    reservation?: ReservationWish;
  }): InstanceRecord;
  terminate: Launches['terminate'];
  stop: Launches['stop'];
  start: Launches['start'];
  /** Gives an instance tags. */
  tag(instanceId: string, tags: ReadonlyMap<string, string>): void;
  /** Takes a tag from an instance. */
  untag(instanceId: string, key: string): void;
  /** Whether instances can be launched from an image now. */
  isImageAvailable(imageId: string): boolean;
  /** Undefined for an instance that never was or was forgotten. */
  instance(instanceId: string): InstanceRecord | undefined;
}

/** The service, its seams to Auto Scaling and ELB, and the images a build would bring. */
export interface Ec2 {
  readonly service: Service;
  readonly fleet: Ec2Fleet;
  readonly network: Network;
  /** Adds an image and answers its id; what a build pipeline would do with RegisterImage. */
  addImage(seed: ImageSeed): string;
  /** Moves an image to another state, such as from `pending` to `available`. */
  setImageState(imageId: string, state: ImageState): void;
  /** Reserves capacity and answers the reservation's id; what CreateCapacityReservation would do. */
  addCapacityReservation(seed: ReservationSeed): string;
}

/** Starts EC2 with a default VPC of three zones. */
export function createEc2(options: {
  kernel: Kernel;
  machines: MachineRoom;
  /** Key pairs that exist. Default: none. */
  keyNames?: readonly string[];
  /** Makes launches fail for want of capacity. Default: there is always room. */
  launchFault?: LaunchFault;
  /** Says whether Auto Scaling can make volumes with a key. Default: it can with every key. */
  isKeyUsable?: (keyArn: string) => boolean;
}): Ec2 {
  const { kernel, machines } = options;
  const state = createState();
  const tags = createTagStore();
  const network = createNetwork(kernel);
  const images = createImages({ kernel, state, tags });
  const check = createLaunchCheck({ images, network, keyNames: options.keyNames ?? [] });
  const metrics = createInstanceMetrics({ kernel, machines, tags });
  const usage = createUsageMetrics({ kernel, state });
  const reservations = createCapacityReservations({ kernel, state, usage });
  const launches = createLaunches({
    reservations,
    isKeyUsable: options.isKeyUsable ?? (() => true),
    kernel,
    machines,
    state,
    network,
    tags,
    check,
    fault: options.launchFault ?? (() => undefined),
    metrics,
    usage,
  });
  const exists = (id: string): boolean =>
    state.images.has(id) ||
    state.instances.has(id) ||
    state.templates.has(id) ||
    network.subnet(id) !== undefined ||
    network.vpcId === id ||
    network.securityGroup(id) !== undefined;
  const all = { kernel, machines, state, tags, network, check, launches };

  return {
    service: {
      name: 'ec2',
      operations: {
        ...imageOperations(all, images),
        ...instanceOperations(all),
        ...instanceTypeOperations(),
        ...launchTemplateOperations(all),
        ...launchTemplateVersionOperations(all),
        ...networkOperations(network, tags),
        ...reservations.operations,
        ...runInstancesOperations(all),
        ...snapshotOperations(state),
        ...tagOperations(tags, exists),
      },
    },
    fleet: createFleet(all),
    network,
    addImage: (seed) => images.add(seed),
    setImageState: (imageId, next) => images.setState(imageId, next),
    addCapacityReservation: (seed) => reservations.add(seed),
  };
}

/** Who launches when Auto Scaling does, as reservations name it. */
const REQUESTER_ID = 'autoscaling.amazonaws.com';

function createFleet(parts: {
  state: ReturnType<typeof createState>;
  tags: ReturnType<typeof createTagStore>;
  network: Network;
  check: ReturnType<typeof createLaunchCheck>;
  launches: Launches;
}): Ec2Fleet {
  const { state, tags, network, check, launches } = parts;
  return {
    network,
    resolveTemplate: (reference, version) => {
      const template = findTemplate(state, reference);
      return { template, version: findVersion(template, version) };
    },
    checkLaunch: ({ data }) => check.dryRun(data),
    launchPermissions: (template, { data }, subnetIds) =>
      launchPermissions(
        {
          data,
          templateId: template.id,
          subnetIds,
          securityGroupIds: data.SecurityGroupIds ?? [network.defaultSecurityGroupId],
        },
        tags,
      ),
    launch: ({ template, version, subnetId, tags: own, lifecycle, reservation }) => {
      const marks = templateMarks(template, version.number);
      const [instance] = launches.launch({
        data: version.data,
        subnetId,
        tags: new Map([...marks, ...own]),
        requesterId: REQUESTER_ID,
        ...(lifecycle && { lifecycle }),
        ...(reservation && { reservation }),
      });
      if (!instance) throw new Error(`Launching from ${template.id} gave no instance.`);
      return instance;
    },
    terminate: (instanceId, reason) => launches.terminate(instanceId, reason),
    stop: (instanceId) => launches.stop(instanceId),
    start: (instanceId) => launches.start(instanceId),
    tag: (instanceId, given) => tags.set(instanceId, given),
    untag: (instanceId, key) => tags.delete(instanceId, key),
    isImageAvailable: (imageId) => state.images.get(imageId)?.state === 'available',
    instance: (instanceId) => state.instances.get(instanceId),
  };
}
