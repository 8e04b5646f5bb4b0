/**
 * Instances that are older than their group lets them become are replaced, one after the other.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
 */
import { causeTime } from './activities.ts';
import { isSuspended } from './state.ts';
import { beginTermination } from './terminating.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

/** Replaces the oldest instance that is overdue, unless the group is busy otherwise. */
export function replaceOverdue(engine: Engine, group: GroupRecord): void {
  const { MaxInstanceLifetime: seconds } = group.settings;
  if (seconds === undefined || isSuspended(group, 'Terminate')) return;
  const now = engine.kernel.clock.now();
  const [overdue] = [...group.members.values()]
    .filter((member) => member.phase === 'inService')
    .filter((member) => member.launchedAt <= now - seconds * 1000)
    .toSorted((a, b) => a.launchedAt - b.launchedAt);
  if (!overdue || engine.activities.isBusy(group.arn)) return;
  group.replacementsDue += 1;
  beginTermination(engine, group, overdue, {
    cause:
      `At ${causeTime(now)} an instance was taken out of service in response to an instance ` +
      'having reached the maximum instance lifetime.',
    replaced: true,
  });
}
