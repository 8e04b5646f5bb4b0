/**
 * How Route 53 answers: which of a name's records, by health and weight.
 * Not for: caching; a resolver keeps what it was told (see `resolver.ts`).
 *
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-how-it-works.html
 * @source https://www.rfc-editor.org/rfc/rfc1034.html (3.6.2, aliases)
 */
import type { LoadBalancerNames } from '../../kernel/contracts.ts';
import { balancerName } from './alias-rules.ts';
import { versionsInUse } from './change-records.ts';
import type { HostedZone, RecordSet, Records } from './model.ts';
import { completeName, isWithin, WILDCARD } from './names.ts';
import type { Store } from './store.ts';

/**
 * Seconds for which an address of a load balancer may be kept.
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
 */
const BALANCER_TTL_SECONDS = 60;

/** Aliases and CNAMEs that lead from one to the next. */
const CHAIN_MAX = 8;

/** Kinds of addresses that clients ask for. */
export type AddressType = 'A' | 'AAAA';

/** One answer to one question. */
export interface DnsAnswer {
  /** Addresses. The name of a load balancer stands for the addresses that it has on AWS. */
  readonly values: readonly string[];
  /** How long a resolver may keep the answer. */
  readonly ttlSeconds: number;
  /** Of the record that was chosen; absent when it had none. */
  readonly setIdentifier?: string;
}

/** What answers depend on. */
export interface DnsWorld {
  readonly store: Store;
  readonly loadBalancers: LoadBalancerNames;
  /** Region time, epoch milliseconds. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Answers a question; undefined when there is no such name or it has no address of the type. */
export type Resolve = (name: string, type: AddressType) => DnsAnswer | undefined;

/** Makes the name servers of all zones. */
export function createDns(world: DnsWorld): Resolve {
  return (name, type) => answer(world, completeName(name), type, CHAIN_MAX);
}

function answer(
  world: DnsWorld,
  name: string,
  type: AddressType,
  left: number,
): DnsAnswer | undefined {
  const balancer = world.loadBalancers.find(balancerName(name));
  if (balancer) {
    const values = balancer.addressTypes.includes(type) ? [balancer.dnsName] : [];
    return values.length > 0 ? { values, ttlSeconds: BALANCER_TTL_SECONDS } : undefined;
  }
  const zone = zoneOf(world.store, name);
  if (!zone || left === 0) return undefined;
  const records = recordsServed(zone, world);
  const candidates = candidatesOf(records, name, type);
  const chosen = choose(candidates, world, records);
  return chosen && follow(world, chosen, type, left);
}

/** The zone with the longest name that a name lies in. */
function zoneOf(store: Store, name: string): HostedZone | undefined {
  return [...store.zones.values()]
    .filter((zone) => isWithin(name, zone.name))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** Until a change is in sync, some name servers have it and some have not. */
function recordsServed(zone: HostedZone, { now, random }: DnsWorld): Records {
  const versions = versionsInUse(zone, now());
  const index = versions.length < 2 ? 0 : Math.floor(random() * versions.length);
  return versions[index]?.records ?? new Map();
}

function candidatesOf(records: Records, name: string, type: AddressType): readonly RecordSet[] {
  const all = [...records.values()];
  const exact = all.filter((record) => record.Name === name);
  const wildcard = `${WILDCARD}${name.slice(name.indexOf('.'))}`;
  const found = exact.length > 0 ? exact : all.filter((record) => record.Name === wildcard);
  const typed = found.filter((record) => record.Type === type);
  return typed.length > 0 ? typed : found.filter((record) => record.Type === 'CNAME');
}

function choose(
  candidates: readonly RecordSet[],
  world: DnsWorld,
  records: Records,
): RecordSet | undefined {
  const [first] = candidates;
  if (first?.Failover !== undefined) {
    const inOrder = [...candidates].sort((a) => (a.Failover === 'PRIMARY' ? -1 : 1));
    return inOrder.find((record) => isHealthy(record, world, records)) ?? inOrder[0];
  }
  if (first?.Weight === undefined) return first;
  return drawByWeight(usable(candidates, world, records), world);
}

/**
 * The records that may answer: the healthy ones with a weight; without any, the healthy ones of
 * weight 0; and when none is healthy, all of them as if they were.
 */
function usable(
  candidates: readonly RecordSet[],
  world: DnsWorld,
  records: Records,
): readonly RecordSet[] {
  const weighted = candidates.filter(({ Weight = 0 }) => Weight > 0);
  const groups = [weighted, candidates.filter(({ Weight = 0 }) => Weight === 0)];
  for (const group of groups) {
    const healthy = group.filter((record) => isHealthy(record, world, records));
    if (healthy.length > 0) return healthy;
  }
  return weighted.length > 0 ? weighted : candidates;
}

/** All weights 0 means that every record is as likely as any other. */
function drawByWeight(
  candidates: readonly RecordSet[],
  { random }: DnsWorld,
): RecordSet | undefined {
  const total = candidates.reduce((sum, { Weight = 0 }) => sum + Weight, 0);
  if (total === 0) return candidates[Math.floor(random() * candidates.length)];
  let left = random() * total;
  const drawn = candidates.find(({ Weight = 0 }) => {
    left -= Weight;
    return left < 0;
  });
  return drawn ?? candidates.at(-1);
}

function isHealthy(record: RecordSet, world: DnsWorld, records: Records): boolean {
  const { HealthCheckId, AliasTarget } = record;
  const check = world.store.healthChecks.get(HealthCheckId ?? '');
  if (check && !check.isHealthy) return false;
  if (!AliasTarget?.EvaluateTargetHealth) return true;
  const name = completeName(AliasTarget.DNSName ?? '');
  const balancer = world.loadBalancers.find(balancerName(name));
  if (balancer) return balancer.isHealthy;
  const targets = [...records.values()].filter(
    (other) => other.Name === name && other.Type === record.Type && other !== record,
  );
  return targets.some((target) => isHealthy(target, world, records));
}

function follow(
  world: DnsWorld,
  record: RecordSet,
  type: AddressType,
  left: number,
): DnsAnswer | undefined {
  const { AliasTarget, ResourceRecords = [], SetIdentifier, TTL = 0 } = record;
  const identified = SetIdentifier === undefined ? {} : { setIdentifier: SetIdentifier };
  const values = ResourceRecords.flatMap(({ Value }) => Value ?? []);
  const [cname = ''] = values;
  if (!AliasTarget && record.Type !== 'CNAME') return { values, ttlSeconds: TTL, ...identified };
  const target = completeName(AliasTarget?.DNSName ?? cname);
  const found = answer(world, target, type, left - 1);
  if (!found) return undefined;
  // A resolver keeps each record for its own time: a CNAME leads on to the same name for all of its
  // own, however often the address behind that name is asked for anew.
  const ttlSeconds = AliasTarget ? found.ttlSeconds : TTL;
  return { values: found.values, ttlSeconds, ...identified };
}
