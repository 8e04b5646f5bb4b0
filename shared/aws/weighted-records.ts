/**
 * What weights mean in a name's records: how they are read, and which changes make them say
 * something else while everything else about the records stays.
 * Not for: calling Route 53 (see `route-53-router.ts`).
 *
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
 */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { WeightedRecords } from '../core/estate.ts';
import type { RouteReading } from '../core/observation.ts';
import type { Percent } from '../core/units.ts';

/** The records of both fleets, as they are now. */
export interface RecordPair {
  readonly blue: ResourceRecordSet | undefined;
  readonly green: ResourceRecordSet | undefined;
}

/** Largest weight of a record. */
const WEIGHT_MAX = 255;

/** The sum of both weights as Teal writes them: whole percents are whole weights then. */
const WEIGHT_SUM = 100;

/**
 * What the console writes before the name of a load balancer that has addresses of both kinds.
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
 */
const DUALSTACK = /^dualstack\./;

/** Decimals of a percentage: enough to tell any two splits apart that weights to 255 can make. */
const PERCENT_DECIMALS = 4;

/** The two fleets' records among all records of a zone. */
export function pickPair(
  records: readonly ResourceRecordSet[],
  { recordName, recordType, blueSetIdentifier, greenSetIdentifier }: WeightedRecords,
): RecordPair {
  const named = records.filter(({ Name, Type }) => Name === recordName && Type === recordType);
  const find = (identifier: string) =>
    named.find(({ SetIdentifier, Weight }) => SetIdentifier === identifier && Weight !== undefined);
  return { blue: find(blueSetIdentifier), green: find(greenSetIdentifier) };
}

/** The weights in percents of what both get; undefined when neither has a record any more. */
export function readRecordWeights({ blue, green }: RecordPair): RouteReading['weights'] {
  if (!blue && !green) return undefined;
  const sum = (blue?.Weight ?? 0) + (green?.Weight ?? 0);
  const toPercent = (weight: number | undefined) =>
    weight === undefined || sum === 0
      ? weight
      : Number(((100 * weight) / sum).toFixed(PERCENT_DECIMALS));
  return { blue: toPercent(blue?.Weight), green: toPercent(green?.Weight) };
}

/**
 * The changes that give green its weight and blue the rest; none where the records say so already.
 * Both are written in one batch and their sum is never 0: with every weight at 0 Route 53 answers
 * with all of them alike. A record that is missing is made after the other one, where it is known
 * what it leads to.
 */
export function shiftRecords(
  pair: RecordPair,
  records: WeightedRecords,
  greenWeightPercent: Percent,
): readonly Change[] {
  const { greenSetIdentifier, greenAlias, blueSetIdentifier, blueAlias } = records;
  const green = pair.green ?? makeRecord(pair.blue, greenSetIdentifier, greenAlias);
  const blue = pair.blue ?? makeRecord(pair.green, blueSetIdentifier, blueAlias);
  if (!blue || !green) return [];
  const sum = (blue.Weight ?? 0) + (green.Weight ?? 0);
  const isThere = pair.green !== undefined && pair.blue !== undefined && sum > 0;
  if (isThere && (green.Weight ?? 0) * 100 === greenWeightPercent * sum) return [];
  return [toWeight(blue, WEIGHT_SUM - greenWeightPercent), toWeight(green, greenWeightPercent)];
}

/**
 * The changes that leave one fleet's record with what blue's had before, or what both have now; none where the other is gone and it
 * has a weight, or where it has no record itself: without one, nobody would answer.
 */
export function settleRecords(
  {
    keep,
    remove,
  }: {
    readonly keep: ResourceRecordSet | undefined;
    readonly remove: ResourceRecordSet | undefined;
  },
  { weightBefore }: Pick<WeightedRecords, 'weightBefore'> = {},
): readonly Change[] {
  if (!keep) return [];
  const both = (keep.Weight ?? 0) + (remove?.Weight ?? 0) || WEIGHT_SUM;
  const weight = weightBefore ?? Math.min(both, WEIGHT_MAX);
  return [
    ...(keep.Weight === weight ? [] : [toWeight(keep, weight)]),
    ...(remove ? [{ Action: 'DELETE' as const, ResourceRecordSet: remove }] : []),
  ];
}

/** A record set is replaced as a whole: all of it is sent again. */
function toWeight(record: ResourceRecordSet, weight: number): Change {
  return { Action: 'UPSERT', ResourceRecordSet: { ...record, Weight: weight } };
}

/** What a record leads to, without what may stand before and after the name of a load balancer. */
export function targetOf({ AliasTarget, ResourceRecords }: ResourceRecordSet): string {
  const name = AliasTarget?.DNSName ?? ResourceRecords?.[0]?.Value ?? '';
  return name.toLowerCase().replace(DUALSTACK, '').replace(/\.$/, '');
}

/**
 * A copy of the other side's record that leads to this side's load balancer: an alias where the
 * other is one, a name where the other is a CNAME. A health check is of one side alone.
 */
function makeRecord(
  other: ResourceRecordSet | undefined,
  setIdentifier: string,
  alias: WeightedRecords['greenAlias'],
): ResourceRecordSet | undefined {
  if (!other || !alias) return undefined;
  const { HealthCheckId: _check, AliasTarget, ResourceRecords: _values, TTL, ...rest } = other;
  const own: ResourceRecordSet = {
    ...rest,
    SetIdentifier: setIdentifier,
    Weight: 0,
    ...(alias.healthCheckId !== undefined && { HealthCheckId: alias.healthCheckId }),
  };
  if (other.Type === 'CNAME' && !AliasTarget) {
    return { ...own, TTL, ResourceRecords: [{ Value: alias.dnsName }] };
  }
  const prefix = DUALSTACK.exec(AliasTarget?.DNSName ?? '')?.[0] ?? '';
  return {
    ...own,
    AliasTarget: {
      HostedZoneId: alias.hostedZoneId,
      DNSName: `${prefix}${alias.dnsName}`,
      EvaluateTargetHealth: AliasTarget?.EvaluateTargetHealth ?? false,
    },
  };
}
