/**
 * What an alias may lead to: a load balancer of the region, or a record of the same zone.
 *
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
 */
import type { LoadBalancerNames } from '../../kernel/contracts.ts';
import type { HostedZone, RecordSet } from './model.ts';
import { completeName } from './names.ts';

/** A name that AWS takes for the same load balancer with addresses of both kinds. */
const DUALSTACK = 'dualstack.';

/** The name of a load balancer without what may stand before and after it. */
export function balancerName(name: string): string {
  const plain = completeName(name).slice(0, -1);
  return plain.startsWith(DUALSTACK) ? plain.slice(DUALSTACK.length) : plain;
}

/** What is wrong with a record's alias; empty when nothing is, or it is none. */
export function complainAboutAlias(
  record: RecordSet,
  all: readonly RecordSet[],
  zone: HostedZone,
  loadBalancers: LoadBalancerNames,
): readonly string[] {
  const alias = record.AliasTarget;
  if (!alias) return [];
  const name = completeName(alias.DNSName ?? '');
  const zoneId = alias.HostedZoneId ?? '';
  const tried = `Tried to create an alias that targets ${name}, type ${record.Type} in zone ${zoneId}, but`;
  const notFound = `${tried} that target was not found`;
  if (zoneId === zone.id) {
    const target = all.some((other) => other.Name === name && other.Type === record.Type);
    return target && name !== record.Name ? [] : [notFound];
  }
  const balancer = loadBalancers.find(balancerName(name));
  if (balancer) {
    if (balancer.hostedZoneId === zoneId) return [];
    return [`${tried} the alias target name does not lie within the target zone`];
  }
  return [notFound];
}
