/**
 * Instances on their way into standby, or out of the group altogether while they go on running.
 * Not for: the operations that send them there; see `standby-operations.ts`.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
 */
import { isDraining } from './terminating.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member } from './state.ts';

/** The tag that says which group an instance belongs to. */
const GROUP_TAG = 'aws:autoscaling:groupName';

/** Takes an instance one step further once it has drained. */
export function advanceStandby(engine: Engine, group: GroupRecord, member: Member): void {
  if (member.phase !== 'enteringStandby' && member.phase !== 'detaching') return;
  if (isDraining(engine, member)) return;
  engine.activities.end(member.activity, 'Successful');
  if (member.phase === 'enteringStandby') {
    member.phase = 'standby';
    return;
  }
  group.members.delete(member.instanceId);
  engine.ec2.untag(member.instanceId, GROUP_TAG);
}
