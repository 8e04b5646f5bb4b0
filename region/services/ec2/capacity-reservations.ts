/**
 * Capacity Reservations: who is launched into which, and who finds no room.
 * Not for: making them; they are added from inside the process.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservations-launch.html
 */
import type {
  DescribeCapacityReservationsRequest,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID, type Kernel } from '../../kernel/kernel.ts';
import { applyFilters } from './filters.ts';
import { describeOperation } from './operation.ts';
import { ec2Page } from './paging.ts';
import { ec2Arn } from './tags.ts';
import type { Lifecycle } from './launch-limits.ts';
import type { Ec2State, InstanceRecord, ReservationRecord } from './state.ts';
import type { UsageMetrics } from './usage-metrics.ts';

/** What a reservation is made of. */
export type ReservationSeed = Pick<
  ReservationRecord,
  'instanceType' | 'availabilityZone' | 'instanceCount'
> & {
  /** Default `open`. */
  readonly matchCriteria?: ReservationRecord['matchCriteria'];
};

/** What a launch wants of reservations; the group's wish stands before the template's. */
export interface ReservationWish {
  /** A launch that finds no room in a reservation fails. */
  readonly isRequired: boolean;
  /** Launches stay out of reservations. */
  readonly isRefused?: boolean;
  /** Those that are named; empty where any open one will do. */
  readonly ids: readonly string[];
}

/** The reservations of the account. */
export interface CapacityReservations {
  /**
   * Adds one and answers its id; one that the quota has no room for is added, too. An open one has
   * places for what runs already.
   * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
   */
  add(seed: ReservationSeed): string;
  /**
   * Where the instances of one launch go together; undefined for outside of all of them. Spot
   * Instances find no place in any: they are reservations of On-Demand capacity.
   * @throws AwsError ReservationCapacityExceeded
   */
  choose(
    wish: ReservationWish,
    launch: {
      readonly instanceType: string;
      readonly availabilityZone: string;
      readonly count: number;
      readonly lifecycle: Lifecycle;
    },
  ): string | undefined;
  readonly operations: ReturnType<typeof operationsOf>;
}

/** Starts without any. */
export function createCapacityReservations(options: {
  kernel: Kernel;
  state: Ec2State;
  usage: UsageMetrics;
}): CapacityReservations {
  const { kernel, state, usage } = options;
  const { reservations } = state;
  const available = ({ id, instanceCount }: ReservationRecord): number =>
    instanceCount -
    [...state.instances.values()].filter(
      (one) => one.capacityReservationId === id && one.state !== 'terminated',
    ).length;
  return {
    add: ({ matchCriteria = 'open', ...seed }) => {
      const id = `cr-${kernel.hex(17)}`;
      const made = { ...seed, id, matchCriteria, createdAt: kernel.clock.now() };
      reservations.set(id, made);
      for (const instance of runningMatches(state, made).slice(0, seed.instanceCount)) {
        instance.capacityReservationId = id;
      }
      usage.watch();
      return id;
    },
    choose: ({ isRequired, isRefused, ids }, launch) => {
      const { instanceType, availabilityZone, count, lifecycle } = launch;
      if (isRefused) return undefined;
      const found = [...reservations.values()].find(
        (one) =>
          lifecycle === 'on-demand' &&
          one.instanceType === instanceType &&
          one.availabilityZone === availabilityZone &&
          (ids.length > 0 ? ids.includes(one.id) : one.matchCriteria === 'open') &&
          available(one) >= count,
      );
      if (found || !isRequired) return found?.id;
      throw new AwsError(
        'ReservationCapacityExceeded',
        'The targeted Capacity Reservation does not have enough available instance capacity to ' +
          'fulfill your request. Either increase the instance capacity for the targeted Capacity ' +
          'Reservation, or target a different Capacity Reservation.',
      );
    },
    operations: operationsOf(reservations, available),
  };
}

/** Instances outside of all reservations that an open one takes up as soon as it is made. */
function runningMatches({ instances }: Ec2State, made: ReservationRecord): InstanceRecord[] {
  return [...instances.values()].filter(
    (one) =>
      made.matchCriteria === 'open' &&
      one.state === 'running' &&
      one.lifecycle === undefined &&
      one.instanceType === made.instanceType &&
      one.availabilityZone === made.availabilityZone &&
      one.capacityReservationId === undefined &&
      !one.avoidsReservations,
  );
}

/** What a launch template says of reservations. */
export function templateWish({
  CapacityReservationSpecification: specification,
}: ResponseLaunchTemplateData): ReservationWish {
  const preference = specification?.CapacityReservationPreference ?? 'open';
  const id = specification?.CapacityReservationTarget?.CapacityReservationId;
  return {
    isRequired: id !== undefined || preference === 'capacity-reservations-only',
    isRefused: preference === 'none',
    ids: id === undefined ? [] : [id],
  };
}

/** DescribeCapacityReservations. */
function operationsOf(
  reservations: ReadonlyMap<string, ReservationRecord>,
  available: (reservation: ReservationRecord) => number,
) {
  const describe = (one: ReservationRecord) => ({
    CapacityReservationId: one.id,
    CapacityReservationArn: ec2Arn('capacity-reservation', one.id),
    OwnerId: ACCOUNT_ID,
    InstanceType: one.instanceType,
    InstancePlatform: 'Linux/UNIX' as const,
    AvailabilityZone: one.availabilityZone,
    Tenancy: 'default' as const,
    TotalInstanceCount: one.instanceCount,
    AvailableInstanceCount: Math.max(0, available(one)),
    EbsOptimized: false,
    EphemeralStorage: false,
    State: 'active' as const,
    StartDate: new Date(one.createdAt),
    EndDateType: 'unlimited' as const,
    InstanceMatchCriteria: one.matchCriteria,
    CreateDate: new Date(one.createdAt),
    Tags: [],
  });
  return {
    DescribeCapacityReservations: describeOperation(
      'DescribeCapacityReservations',
      (input: DescribeCapacityReservationsRequest) => {
        const ids = input.CapacityReservationIds ?? [];
        for (const id of ids) {
          if (!reservations.has(id)) {
            throw new AwsError(
              'InvalidCapacityReservationId.NotFound',
              `The capacity reservation '${id}' does not exist`,
            );
          }
        }
        const matching = applyFilters(
          [...reservations.values()].filter(({ id }) => ids.length === 0 || ids.includes(id)),
          input.Filters,
          {
            'instance-type': ({ instanceType }) => [instanceType],
            'availability-zone': ({ availabilityZone }) => [availabilityZone],
            'instance-match-criteria': ({ matchCriteria }) => [matchCriteria],
            state: () => ['active'],
          },
          () => new Map(),
        );
        const page = ec2Page(matching, input);
        return { CapacityReservations: page.items.map(describe), NextToken: page.nextToken };
      },
    ),
  };
}
