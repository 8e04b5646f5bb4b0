/**
 * Groups as a whole: updated, scaled by hand, deleted. How they are created is in `new-group.ts`.
 * Not for: what then happens to instances; the engine does that.
 */
import type {
  DeleteAutoScalingGroupCommandInput,
  SetDesiredCapacityCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { causeTime } from './activities.ts';
import { noteChange } from './desired.ts';
import { validationError } from './errors.ts';
import { changedSettings, refuseUnimplemented, subnetIdsOf } from './group-settings.ts';
import { refuseDuringRefresh, useSource } from './instance-refresh.ts';
import { chooseSource } from './launch-template.ts';
import { createGroup, sizeContext } from './new-group.ts';
import { dropPolicies } from './policies.ts';
import { checkDesired, updatedSizes } from './sizes.ts';
import { findGroup, groupOperation, groupPermission } from './store.ts';
import { beginTermination } from './terminating.ts';
import type { Call, Operation } from '../../kernel/service.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

/** Region milliseconds from a deletion to the group's end, when nothing is left in it. */
const DELETION_MILLISECONDS = { min: 5000, max: 15_000 };

/** CreateAutoScalingGroup, UpdateAutoScalingGroup, SetDesiredCapacity, DeleteAutoScalingGroup. */
export function groupOperations(engine: Engine) {
  const { groups } = engine;
  return {
    CreateAutoScalingGroup: createGroup(engine),
    UpdateAutoScalingGroup: groupOperation(
      groups,
      'UpdateAutoScalingGroup',
      (group, input: UpdateAutoScalingGroupCommandInput, call) =>
        updateGroup(engine, group, input, call),
      (input) => sizeContext(input),
    ),
    SetDesiredCapacity: groupOperation(
      groups,
      'SetDesiredCapacity',
      (group, input: SetDesiredCapacityCommandInput) => setDesired(engine, group, input),
    ),
    DeleteAutoScalingGroup: deleteGroup(engine),
  };
}

function updateGroup(
  engine: Engine,
  group: GroupRecord,
  input: UpdateAutoScalingGroupCommandInput,
  call: Call,
): object {
  const { ec2, kernel } = engine;
  refuseUnimplemented(input);
  const { settings } = group;
  const changed = changedSettings(input, ec2.network, settings.VPCZoneIdentifier);
  const sizes = updatedSizes(settings, input);
  const next = { ...settings, ...changed, ...sizes };
  if (input.LaunchTemplate || input.MixedInstancesPolicy) {
    refuseDuringRefresh(group);
    const subnetIds = subnetIdsOf(next, ec2.network);
    useSource(group, chooseSource(ec2, input, { subnetIds, call, current: group }));
    // Another template may well launch where the one before could not.
    group.launchNotBefore = 0;
  }
  const before = settings.DesiredCapacity;
  if (sizes.DesiredCapacity !== before) {
    const { MinSize, MaxSize, DesiredCapacity } = sizes;
    const now = causeTime(kernel.clock.now());
    noteChange(
      engine,
      group,
      `At ${now} a user request update of AutoScalingGroup constraints to min: ${MinSize}, ` +
        `max: ${MaxSize}, desired: ${DesiredCapacity} changing the desired capacity from ` +
        `${before} to ${DesiredCapacity}.`,
    );
  }
  Object.assign(settings, next);
  if (settings.DefaultInstanceWarmup === -1) delete settings.DefaultInstanceWarmup;
  if (settings.MaxInstanceLifetime === undefined) delete settings.MaxInstanceLifetime;
  engine.wake(group);
  return {};
}

function setDesired(
  engine: Engine,
  group: GroupRecord,
  input: SetDesiredCapacityCommandInput,
): object {
  const { settings } = group;
  const desired = input.DesiredCapacity ?? 0;
  checkDesired(settings, desired);
  const now = engine.kernel.clock.now();
  if (input.HonorCooldown && now < group.lastScaledAt + settings.DefaultCooldown * 1000) {
    throw new AwsError(
      'ScalingActivityInProgress',
      'The Auto Scaling group is in its cooldown period, which blocks this action',
    );
  }
  if (desired !== settings.DesiredCapacity) {
    noteChange(
      engine,
      group,
      `At ${causeTime(now)} a user request explicitly set group desired capacity changing the ` +
        `desired capacity from ${settings.DesiredCapacity} to ${desired}.`,
    );
  }
  settings.DesiredCapacity = desired;
  engine.wake(group);
  return {};
}

function deleteGroup(engine: Engine): Operation<DeleteAutoScalingGroupCommandInput, object> {
  const { groups, kernel } = engine;
  return {
    permissions: (input) => [
      groupPermission(groups, 'DeleteAutoScalingGroup', input.AutoScalingGroupName, {
        'autoscaling:ForceDelete': String(input.ForceDelete ?? false),
      }),
    ],
    run: (input) => {
      const group = findGroup(groups, input.AutoScalingGroupName);
      const forced = input.ForceDelete ?? false;
      refuseDeletion(engine, group, forced);
      const { min, max } = DELETION_MILLISECONDS;
      const wait = Math.round(min + kernel.random() * (max - min));
      group.deleteAt ??= kernel.clock.now() + wait;
      dropPolicies(engine, group);
      const cause = `At ${causeTime(kernel.clock.now())} a user request force deleted the group.`;
      for (const member of group.members.values()) {
        if (member.phase === 'stopping') continue;
        beginTermination(engine, group, member, { cause, replaced: false, forced: true });
      }
      engine.wake(group);
      return {};
    },
  };
}

function refuseDeletion(engine: Engine, group: GroupRecord, forced: boolean): void {
  const { DeletionProtection } = group.settings;
  if (
    DeletionProtection === 'prevent-all-deletion' ||
    (forced && DeletionProtection === 'prevent-force-deletion')
  ) {
    throw validationError(
      `You cannot delete the AutoScalingGroup ${group.name} because its deletion protection is ` +
        `set to ${DeletionProtection}.`,
    );
  }
  if (forced) return;
  if (group.warmPool) {
    throw new AwsError(
      'ResourceInUse',
      'You cannot delete an AutoScalingGroup while it has a warm pool.',
    );
  }
  if (group.members.size > 0) {
    throw new AwsError(
      'ResourceInUse',
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance ' +
        'request(s) still in the group.',
    );
  }
  if (engine.activities.isBusy(group.arn)) {
    throw new AwsError(
      'ScalingActivityInProgress',
      'You cannot delete an AutoScalingGroup while there are scaling activities in progress for ' +
        'that group.',
    );
  }
}
