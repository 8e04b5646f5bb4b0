/**
 * Green's target group as a copy of blue's.
 * Not for: calling AWS.
 */
import type {
  CreateTargetGroupCommandInput,
  Tag,
  TargetGroup,
  TargetGroupAttribute,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { TARGET_GROUP_MEMBERS } from '../core/clone/launch-ledgers.ts';
import type { Plan } from '../core/plan.ts';
import { copyMembers } from './clone/members.ts';
import { deploymentTags, isForeignTag } from './deployment-tags.ts';

/** The attribute on which slow start and anomaly mitigation depend. */
const ALGORITHM = 'load_balancing.algorithm.type';

/** The request that makes green's target group: every setting that AWS takes at creation. */
export function toGreenTargetGroup(
  blue: TargetGroup,
  blueTags: readonly Tag[],
  plan: Plan,
): CreateTargetGroupCommandInput {
  return {
    ...copyMembers(TARGET_GROUP_MEMBERS, blue),
    Name: plan.green.targetGroupName,
    Tags: [...blueTags.filter(isForeignTag), ...deploymentTags(plan)],
  };
}

/**
 * The attributes in which green differs from blue, in the batches in which they must be written:
 * the algorithm before what depends on it. None where green is like blue.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
export function toAttributeBatches(
  blue: ReadonlyMap<string, string>,
  green: ReadonlyMap<string, string>,
): readonly (readonly TargetGroupAttribute[])[] {
  const different = [...blue]
    .filter(([key, value]) => green.get(key) !== value)
    .map(([Key, Value]): TargetGroupAttribute => ({ Key, Value }));
  const batches = [
    different.filter(({ Key }) => Key === ALGORITHM),
    different.filter(({ Key }) => Key !== ALGORITHM),
  ];
  return batches.filter((batch) => batch.length > 0);
}
