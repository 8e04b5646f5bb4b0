/**
 * ChangeResourceRecordSets: all of a batch or nothing of it.
 *
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
import type {
  Change as RequestedChange,
  ChangeResourceRecordSetsRequest,
  ChangeResourceRecordSetsResponse,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Permission } from '../../kernel/service.ts';
import { complainAboutAlias } from './alias-rules.ts';
import { acceptChange } from './changes.ts';
import type { HostedZone, RecordSet, Records } from './model.ts';
import { describeChange, keyOf } from './model.ts';
import { compareTexts, completeName } from './names.ts';
import { operation, toDo } from './operation.ts';
import type { ControlPlane, Operations } from './operation.ts';
import { complainAboutNeighbours, complainAboutRecord, refuseUnfit } from './record-rules.ts';
import { invalidChangeBatch, invalidInput } from './refusals.ts';
import { recordsOf } from './store.ts';

/**
 * Values, and characters of values, that one batch may have; a replaced record counts twice.
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
 */
const VALUES_MAX = 1000;
const CHARACTERS_MAX = 32_000;

type Changed = {
  readonly action: NonNullable<RequestedChange['Action']>;
  readonly record: RecordSet;
};

/** ChangeResourceRecordSets. */
export function changeRecordOperations(plane: ControlPlane): Operations {
  return {
    ChangeResourceRecordSets: operation<
      ChangeResourceRecordSetsRequest,
      ChangeResourceRecordSetsResponse
    >(toChange, (input) => changeRecords(plane, input)),
  };
}

/** The condition keys tell names without the dot at their end. */
function toChange(input: ChangeResourceRecordSetsRequest): readonly Permission[] {
  const changes = input.ChangeBatch?.Changes ?? [];
  const records = changes.flatMap(({ ResourceRecordSet: record }) => (record ? [record] : []));
  const prefix = 'route53:ChangeResourceRecordSets';
  return toDo('ChangeResourceRecordSets', 'hostedzone', input.HostedZoneId, {
    [`${prefix}NormalizedRecordNames`]: unique(
      records.map(({ Name = '' }) => completeName(Name).slice(0, -1)),
    ),
    [`${prefix}RecordTypes`]: unique(records.map(({ Type = '' }) => Type)),
    [`${prefix}Actions`]: unique(changes.map(({ Action = '' }) => Action)),
  });
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];

function changeRecords(
  plane: ControlPlane,
  input: ChangeResourceRecordSetsRequest,
): ChangeResourceRecordSetsResponse {
  const { store, kernel } = plane;
  const zone = store.zone(input.HostedZoneId);
  const now = kernel.clock.now();
  if (now < zone.busyUntil) {
    throw new AwsError(
      'PriorRequestNotComplete',
      'The request was rejected because Route 53 was still processing a prior request.',
    );
  }
  const changes = readChanges(plane, input.ChangeBatch?.Changes ?? []);
  const records = applyChanges(plane, zone, changes);
  const change = acceptChange(plane, input.ChangeBatch?.Comment);
  // A change never overtakes an earlier one of its zone.
  const inSyncAt = Math.max(change.inSyncAt, zone.versions.at(-1)?.inSyncAt ?? 0);
  store.changes.set(change.id, { ...change, inSyncAt });
  store.zones.set(zone.id, {
    ...zone,
    versions: [...versionsInUse(zone, now), { records, inSyncAt }],
    busyUntil: now + plane.processingMilliseconds,
  });
  return { ChangeInfo: describeChange({ ...change, inSyncAt }, now) };
}

/** The versions that a name server may still answer by: the newest in sync, and all after it. */
export function versionsInUse(zone: HostedZone, now: number): HostedZone['versions'] {
  const newest = zone.versions.findLastIndex(({ inSyncAt }) => inSyncAt <= now);
  return zone.versions.slice(Math.max(0, newest));
}

function readChanges(
  { store }: ControlPlane,
  requested: readonly RequestedChange[],
): readonly Changed[] {
  if (requested.length === 0) throw invalidInput('The change batch contains no changes.');
  const changes = requested.map(({ Action = 'CREATE', ResourceRecordSet: given }): Changed => {
    const record = complete(given);
    refuseUnfit(Action, record);
    if (record.HealthCheckId !== undefined) store.healthCheck(record.HealthCheckId);
    return { action: Action, record };
  });
  const twice = changes.flatMap((change) =>
    change.action === 'UPSERT' ? [change, change] : [change],
  );
  const values = twice.flatMap(({ record }) => record.ResourceRecords ?? []);
  const characters = values.reduce((sum, { Value = '' }) => sum + Value.length, 0);
  if (values.length > VALUES_MAX) {
    throw invalidChangeBatch([`Number of records limit of ${VALUES_MAX} exceeded.`]);
  }
  if (characters > CHARACTERS_MAX) {
    throw invalidChangeBatch([`RDATA character limit of ${CHARACTERS_MAX} exceeded.`]);
  }
  return changes;
}

/** A record set in the form in which it is listed. */
function complete(given: ResourceRecordSet | undefined): RecordSet {
  const alias = given?.AliasTarget;
  return {
    ...given,
    Name: completeName(given?.Name ?? ''),
    Type: given?.Type ?? 'A',
    ...(alias && {
      AliasTarget: {
        HostedZoneId: alias.HostedZoneId,
        DNSName: completeName(alias.DNSName ?? ''),
        EvaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
      },
    }),
  };
}

/** @throws AwsError InvalidChangeBatch with everything that is wrong */
function applyChanges(
  { loadBalancers }: ControlPlane,
  zone: HostedZone,
  changes: readonly Changed[],
): Records {
  const records = new Map(recordsOf(zone));
  const steps = changes.flatMap((change) => applyChange(records, change));
  if (steps.length > 0) throw invalidChangeBatch(steps);
  const all = [...records.values()];
  const complaints = changes
    .map(({ record }) => record)
    .filter((record) => records.get(keyOf(record)) === record)
    .flatMap((record) => [
      ...complainAboutRecord(record, zone),
      ...complainAboutNeighbours(record, all, zone),
      ...complainAboutAlias(record, all, zone, loadBalancers),
    ]);
  if (complaints.length > 0) throw invalidChangeBatch(complaints);
  refuseLostEssentials(zone, records);
  return records;
}

function applyChange(
  records: Map<string, RecordSet>,
  { action, record }: Changed,
): readonly string[] {
  const key = keyOf(record);
  const existing = records.get(key);
  const identifier =
    record.SetIdentifier === undefined ? '' : `, set-identifier='${record.SetIdentifier}'`;
  const named = `resource record set [name='${record.Name}', type='${record.Type}'${identifier}]`;
  if (action === 'DELETE') {
    if (!existing) return [`Tried to delete ${named} but it was not found`];
    if (!isSame(existing, record)) {
      return [`Tried to delete ${named} but the values provided do not match the current values`];
    }
    records.delete(key);
    return [];
  }
  if (action === 'CREATE' && existing) return [`Tried to create ${named} but it already exists`];
  records.set(key, record);
  return [];
}

/** Values may come in any order. */
function isSame(a: RecordSet, b: RecordSet): boolean {
  return isDeepStrictEqual(inOrder(a), inOrder(b));
}

function inOrder({ ResourceRecords = [], ...rest }: RecordSet) {
  return { ...rest, values: ResourceRecords.map(({ Value = '' }) => Value).sort(compareTexts) };
}

function refuseLostEssentials(zone: HostedZone, records: Records): void {
  for (const Type of ['NS', 'SOA'] as const) {
    if (records.has(keyOf({ Name: zone.name, Type }))) continue;
    throw invalidChangeBatch([
      `A HostedZone must contain ${Type === 'SOA' ? 'exactly one SOA record.' : 'at least one NS record for the zone itself.'}`,
    ]);
  }
}
