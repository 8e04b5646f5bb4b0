/**
 * PutWarmPool, DescribeWarmPool, DeleteWarmPool.
 */
import type {
  DeleteWarmPoolCommandInput,
  DescribeWarmPoolCommandInput,
  PutWarmPoolCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { causeTime } from './activities.ts';
import { describeInstance } from './describe-groups.ts';
import { constraintViolated, validationError } from './errors.ts';
import { refuseRefresh } from './instance-refresh.ts';
import { pageOfGroupThings } from './paging.ts';
import { poolMembers } from './state.ts';
import { describeOperation, findGroup, groupOperation } from './store.ts';
import { beginTermination } from './terminating.ts';
import { describePool } from './warm-pool.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, WarmPool } from './state.ts';

const STATES = ['Stopped', 'Running', 'Hibernated'] as const;

/** The operations on warm pools. */
export function warmPoolOperations(engine: Engine) {
  const { groups } = engine;
  return {
    PutWarmPool: groupOperation(groups, 'PutWarmPool', (group, input: PutWarmPoolCommandInput) => {
      refuseRefresh(group, 'PutWarmPool');
      group.warmPool = readPool(group, input);
      engine.wake(group);
      return {};
    }),
    DeleteWarmPool: groupOperation(
      groups,
      'DeleteWarmPool',
      (group, input: DeleteWarmPoolCommandInput) =>
        deletePool(engine, group, input.ForceDelete ?? false),
    ),
    DescribeWarmPool: describeOperation(
      'DescribeWarmPool',
      (input: DescribeWarmPoolCommandInput) => {
        const group = findGroup(groups, input.AutoScalingGroupName);
        const page = pageOfGroupThings(poolMembers(group), input, { default: 50, max: 50 });
        return {
          ...(group.warmPool && { WarmPoolConfiguration: describePool(group.warmPool) }),
          Instances: page.items.map((member) => describeInstance(group, member)),
          NextToken: page.nextToken,
        };
      },
    ),
  };
}

/** What a request leaves out stays as it was; -1 takes the prepared capacity away again. */
function readPool(group: GroupRecord, input: PutWarmPoolCommandInput): WarmPool {
  const current = group.warmPool;
  if (current?.isLeaving) {
    throw validationError('You cannot put a warm pool while one is pending delete.');
  }
  if (usesSpot(group)) {
    throw validationError(
      'You cannot add a warm pool to an Auto Scaling group that launches Spot Instances.',
    );
  }
  const prepared = input.MaxGroupPreparedCapacity ?? current?.maxPrepared ?? -1;
  const minSize = input.MinSize ?? current?.minSize ?? 0;
  const state = input.PoolState ?? current?.state ?? 'Stopped';
  const known = STATES.find((candidate) => candidate === state);
  if (!known) {
    throw constraintViolated(
      state,
      'poolState',
      `Member must satisfy enum value set: [${STATES.join(', ')}]`,
    );
  }
  if (prepared < -1) {
    throw constraintViolated(prepared, 'maxGroupPreparedCapacity', 'at least -1');
  }
  if (minSize < 0) throw constraintViolated(minSize, 'minSize', 'at least 0');
  return {
    ...(prepared !== -1 && { maxPrepared: prepared }),
    minSize,
    state: known,
    reusesOnScaleIn: input.InstanceReusePolicy?.ReuseOnScaleIn ?? current?.reusesOnScaleIn ?? false,
    isLeaving: false,
  };
}

function usesSpot({ mixed }: GroupRecord): boolean {
  return (mixed?.distribution.OnDemandPercentageAboveBaseCapacity ?? 100) < 100;
}

/** Without force, a pool that is just being filled is left alone. */
function deletePool(engine: Engine, group: GroupRecord, forced: boolean): object {
  if (!group.warmPool) throw validationError(`The group ${group.name} has no warm pool.`);
  const members = poolMembers(group);
  if (!forced && members.some((member) => member.activity.endedAt === undefined)) {
    throw new AwsError(
      'ScalingActivityInProgress',
      'You cannot delete a warm pool while there are scaling activities in progress for it.',
    );
  }
  group.warmPool.isLeaving = true;
  const cause = `At ${causeTime(engine.kernel.clock.now())} a user request deleted the warm pool.`;
  for (const member of members) {
    if (member.phase === 'stopping') continue;
    beginTermination(engine, group, member, { cause, replaced: false, forced });
  }
  engine.wake(group);
  return {};
}
