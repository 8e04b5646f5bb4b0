/**
 * Load balancers by their DNS names, for those who answer names.
 * Not for: answering (Route 53 does).
 *
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
 */
import type { LoadBalancerNames } from '../../kernel/contracts.ts';
import { HOSTED_ZONE_IDS } from './load-balancers.ts';
import type { LoadBalancer, TargetGroup } from './model.ts';
import type { Store } from './store.ts';
import type { TargetHealth } from './target-health.ts';

const PREFIX = 'target_group_health.dns_failover.minimum_healthy_targets';

/** Looks load balancers up; health is as of the moment of asking. */
export function createLoadBalancerNames(store: Store, health: TargetHealth): LoadBalancerNames {
  return {
    find: (dnsName) => {
      const wanted = dnsName.toLowerCase();
      const found = [...store.loadBalancers.values()].find(
        (balancer) => balancer.dnsName.toLowerCase() === wanted,
      );
      if (!found) return undefined;
      return {
        loadBalancerArn: found.arn,
        dnsName: found.dnsName,
        hostedZoneId: HOSTED_ZONE_IDS[found.type],
        addressTypes: addressTypesOf(found),
        get isHealthy() {
          return isHealthy(store, health, found.arn);
        },
      };
    },
  };
}

function addressTypesOf({ ipAddressType }: LoadBalancer): readonly ('A' | 'AAAA')[] {
  return ipAddressType === 'ipv4' ? ['A'] : ['A', 'AAAA'];
}

/**
 * One target group without enough healthy targets makes the whole load balancer unhealthy, whatever
 * its weight and whichever listener names it; so does one without any target.
 */
function isHealthy(store: Store, health: TargetHealth, loadBalancerArn: string): boolean {
  const groups = [...store.targetGroupsOf(loadBalancerArn)].map((arn) => store.targetGroup(arn));
  return groups.length > 0 && groups.every((group) => hasEnough(health, group));
}

function hasEnough(health: TargetHealth, { arn, attributes }: TargetGroup): boolean {
  const states = [...health.states(arn).values()].filter(({ state }) => state !== 'draining');
  const healthy = states.filter(({ state }) => state === 'healthy').length;
  const count = Number(attributes.get(`${PREFIX}.count`) ?? 1);
  const percentage = Number(attributes.get(`${PREFIX}.percentage`));
  // A limit that is off is no number: the other one decides, and one target is needed at least.
  const least = Number.isNaN(count) ? 1 : count;
  const share = Number.isNaN(percentage) ? 0 : percentage;
  return healthy >= least && healthy * 100 >= share * states.length;
}
