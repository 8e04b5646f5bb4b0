/**
 * The service as Auto Scaling uses it: on behalf of a group, without a caller and its permissions.
 * Not for: callers of the API (see `targets.ts`).
 */
import type { TargetRegistry } from '../../kernel/contracts.ts';
import type { Store } from './store.ts';
import type { TargetHealth } from './target-health.ts';

/** @throws AwsError TargetGroupNotFound from everything but `targetGroup` */
export function createTargetRegistry(store: Store, health: TargetHealth): TargetRegistry {
  return {
    targetGroup: (arn) => {
      const group = store.targetGroups.get(arn);
      const loadBalancerArns = store.rulesUsing(arn).map((rule) => rule.loadBalancerArn);
      return group && { targetType: group.targetType, vpcId: group.vpcId, loadBalancerArns };
    },
    register: (arn, instanceIds) => health.register(store.targetGroup(arn).arn, instanceIds),
    deregister: (arn, instanceIds) => health.deregister(store.targetGroup(arn).arn, instanceIds),
    targetHealth: (arn) => health.states(store.targetGroup(arn).arn),
  };
}
