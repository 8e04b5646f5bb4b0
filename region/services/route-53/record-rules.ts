/**
 * What one record set must be by itself, and which record sets of one name can stand together.
 * Not for: aliases (`alias-rules.ts`) and the order of a batch (`change-records.ts`).
 *
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
 * @source https://repost.aws/knowledge-center/troubleshoot-route53-resource-record
 */
import type { ChangeAction } from '@aws-sdk/client-route-53';
import { isIPv4, isIPv6 } from 'node:net';
import type { HostedZone, RecordSet } from './model.ts';
import { isWithin } from './names.ts';
import { invalidInput, notImplemented } from './refusals.ts';

/** Record sets of one name and type. */
const SIBLINGS_MAX = 100;

/** Routing policies by the member that chooses them. */
const POLICIES = [
  'Weight',
  'Region',
  'Failover',
  'GeoLocation',
  'MultiValueAnswer',
  'CidrRoutingConfig',
  'GeoProximityLocation',
] as const;

type Policy = (typeof POLICIES)[number];

const SERVED_POLICIES: ReadonlySet<Policy> = new Set(['Weight', 'Failover']);

/** What each policy is called in a refusal. */
const POLICY_NOUNS: Partial<Readonly<Record<Policy, string>>> = {
  Weight: 'weighted',
  Failover: 'failover',
};

/** The routing policy of a record set; undefined for a simple one. */
export function policyOf(record: RecordSet): Policy | undefined {
  return POLICIES.find((policy) => record[policy] !== undefined);
}

/**
 * Refuses a record set whose members do not fit together, before anything else is looked at.
 * @throws AwsError InvalidInput, NotImplemented
 */
export function refuseUnfit(action: ChangeAction, record: RecordSet): void {
  const place =
    `in Change with [Action=${action}, Name=${record.Name}, Type=${record.Type}, ` +
    `SetIdentifier=${record.SetIdentifier ?? 'null'}]`;
  if (record.TrafficPolicyInstanceId !== undefined) throw notImplemented('traffic policies');
  const policies = POLICIES.filter((policy) => record[policy] !== undefined);
  if (record.SetIdentifier === undefined && policies.length > 0) {
    throw invalidInput(`Invalid request: Missing field 'SetIdentifier' ${place}`);
  }
  if (record.SetIdentifier !== undefined && policies.length !== 1) {
    const found = policies.length === 0 ? 'none' : 'more than one';
    throw invalidInput(
      `Invalid request: Expected exactly one of [${POLICIES.join(', ')}], but found ${found} ${place}`,
    );
  }
  const other = policies.find((policy) => !SERVED_POLICIES.has(policy));
  if (other) throw notImplemented(`routing by ${other}`);
  const plain = record.TTL !== undefined && (record.ResourceRecords?.length ?? 0) > 0;
  const isPartlyPlain = record.TTL !== undefined || record.ResourceRecords !== undefined;
  if (record.AliasTarget ? isPartlyPlain : !plain) {
    throw invalidInput(
      'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], ' +
        `or TrafficPolicyInstanceId], but found ${record.AliasTarget ? 'more than one' : 'none'} ` +
        place,
    );
  }
}

/** What is wrong with a record set in its zone; empty when nothing is. */
export function complainAboutRecord(record: RecordSet, zone: HostedZone): readonly string[] {
  const { Name, Type } = record;
  if (!isWithin(Name, zone.name)) {
    return [`RRSet with DNS name ${Name} is not permitted in zone ${zone.name}`];
  }
  if (Type === 'CNAME' && Name === zone.name) {
    return [
      `RRSet of type CNAME with DNS name ${Name} is not permitted at apex in zone ${zone.name}`,
    ];
  }
  const values = (record.ResourceRecords ?? []).map(({ Value = '' }) => Value);
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  return [
    ...(twice === undefined ? [] : [`Duplicate Resource Record: '${twice}'`]),
    ...values.flatMap((value) => complainAboutValue(Type, value)),
    ...(values.length > 1 && (Type === 'CNAME' || record.Weight !== undefined)
      ? [`${titleOf(record)} cannot be created with more than one resource record.`]
      : []),
  ];
}

function complainAboutValue(type: RecordSet['Type'], value: string): readonly string[] {
  const illegal = (fault: string): string[] => [
    `Invalid Resource Record: 'FATAL problem: ${fault} encountered with '${value}''`,
  ];
  if (type === 'A' && !isIPv4(value)) {
    return illegal('ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)');
  }
  if (type === 'AAAA' && !isIPv6(value)) {
    return illegal('AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)');
  }
  return [];
}

/** How AWS names a record set in front of what is wrong with it. */
export function titleOf({ Name, Type, SetIdentifier }: RecordSet): string {
  const identifier = SetIdentifier === undefined ? '' : `, SetIdentifier ${SetIdentifier}`;
  return `RRSet with DNS name ${Name}, type ${Type}${identifier}`;
}

/**
 * What keeps a changed record set from standing beside the others of its name, once the whole
 * batch is done.
 */
export function complainAboutNeighbours(
  record: RecordSet,
  all: readonly RecordSet[],
  zone: HostedZone,
): readonly string[] {
  const sameName = all.filter(({ Name }) => Name === record.Name);
  const conflict = complainAboutTypes(record, sameName, zone);
  if (conflict) return [conflict];
  const siblings = sameName.filter((other) => other !== record && other.Type === record.Type);
  const policy = policyOf(record);
  if (siblings.some((other) => policyOf(other) !== policy)) {
    return [
      policy === undefined
        ? `${titleOf(record)} cannot be created as other RRSets exist with the same name and type.`
        : `${titleOf(record)} cannot be created as a non-${POLICY_NOUNS[policy] ?? ''} set exists ` +
          'with the same name and type.',
    ];
  }
  if (siblings.length >= SIBLINGS_MAX) {
    return [`${titleOf(record)} cannot be created as there are already ${SIBLINGS_MAX} of them.`];
  }
  const { TTL } = record;
  if (policy === 'Weight' && siblings.some((other) => differs(other.TTL, TTL))) {
    return [`${titleOf(record)} cannot be created as weighted sets must contain the same TTL.`];
  }
  if (siblings.some((other) => policy === 'Failover' && other.Failover === record.Failover)) {
    return [
      `${titleOf(record)} cannot be created as a failover ${record.Failover?.toLowerCase() ?? ''} ` +
        'RRSet already exists with the same name and type.',
    ];
  }
  return [];
}

/** Aliases have no time to live of their own and fit to any. */
function differs(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** A name with a CNAME has nothing else. */
function complainAboutTypes(
  { Name, Type }: RecordSet,
  sameName: readonly RecordSet[],
  zone: HostedZone,
): string | undefined {
  const types = new Set(sameName.map((other) => other.Type));
  if (!types.has('CNAME') || types.size < 2) return undefined;
  return Type === 'CNAME'
    ? `RRSet of type CNAME with DNS name ${Name} is not permitted as it conflicts with other ` +
        `records with the same DNS name in zone ${zone.name}`
    : `RRSet of type ${Type} with DNS name ${Name} is not permitted because a conflicting RRSet ` +
        `of type CNAME with the same DNS name already exists in zone ${zone.name}`;
}
