/**
 * CreateHostedZone, GetHostedZone, ListHostedZones, ListHostedZonesByName and DeleteHostedZone.
 * Not for: private zones and delegation sets, which are refused.
 */
import type {
  CreateHostedZoneRequest,
  CreateHostedZoneResponse,
  DeleteHostedZoneRequest,
  DeleteHostedZoneResponse,
  GetHostedZoneRequest,
  GetHostedZoneResponse,
  HostedZone as Described,
  ListHostedZonesByNameRequest,
  ListHostedZonesByNameResponse,
  ListHostedZonesRequest,
  ListHostedZonesResponse,
} from '@aws-sdk/client-route-53';
import { AwsError } from '../../kernel/aws-error.ts';
import { acceptChange, nextId } from './changes.ts';
import type { HostedZone, RecordSet, Records } from './model.ts';
import { describeChange, keyOf } from './model.ts';
import { compareNames, compareTexts, completeName, isDomainName } from './names.ts';
import { operation, toDo } from './operation.ts';
import type { ControlPlane, Operations } from './operation.ts';
import { invalidInput, notImplemented } from './refusals.ts';
import { plainId, recordsOf } from './store.ts';

/** Zones on a page unless the caller asks for fewer. */
const PAGE_SIZE = 100;

/** Seconds that AWS gives to the records which every zone begins with. */
const NAME_SERVER_TTL_SECONDS = 172_800;
const AUTHORITY_TTL_SECONDS = 900;

/** The operations of hosted zones. */
export function hostedZoneOperations(plane: ControlPlane): Operations {
  const { store, kernel } = plane;
  return {
    CreateHostedZone: operation<CreateHostedZoneRequest, CreateHostedZoneResponse>(
      () => toDo('CreateHostedZone'),
      (input) => createHostedZone(plane, input),
    ),
    GetHostedZone: operation<GetHostedZoneRequest, GetHostedZoneResponse>(
      ({ Id }) => toDo('GetHostedZone', 'hostedzone', Id),
      ({ Id }) => {
        const zone = store.zone(Id);
        return {
          HostedZone: describe(zone),
          DelegationSet: { NameServers: [...zone.nameServers] },
        };
      },
    ),
    ListHostedZones: operation<ListHostedZonesRequest, ListHostedZonesResponse>(
      () => toDo('ListHostedZones'),
      (input) => listHostedZones(plane, input),
    ),
    ListHostedZonesByName: operation<ListHostedZonesByNameRequest, ListHostedZonesByNameResponse>(
      () => toDo('ListHostedZonesByName'),
      (input) => listHostedZonesByName(plane, input),
    ),
    DeleteHostedZone: operation<DeleteHostedZoneRequest, DeleteHostedZoneResponse>(
      ({ Id }) => toDo('DeleteHostedZone', 'hostedzone', Id),
      ({ Id }) => {
        const zone = store.zone(Id);
        if (recordsOf(zone).size > initialRecords(zone.name, zone.nameServers).size) {
          throw new AwsError(
            'HostedZoneNotEmpty',
            'The specified hosted zone contains non-required resource record sets and so cannot ' +
              'be deleted.',
          );
        }
        store.zones.delete(zone.id);
        const change = acceptChange(plane, undefined);
        return { ChangeInfo: describeChange(change, kernel.clock.now()) };
      },
    ),
  };
}

function createHostedZone(
  plane: ControlPlane,
  input: CreateHostedZoneRequest,
): CreateHostedZoneResponse {
  const { store, kernel } = plane;
  const { Name = '', CallerReference = '', HostedZoneConfig } = input;
  if (input.VPC || HostedZoneConfig?.PrivateZone) throw notImplemented('private hosted zones');
  if (input.DelegationSetId !== undefined) throw notImplemented('reusable delegation sets');
  const name = completeName(Name);
  if (!isDomainName(name)) {
    throw new AwsError('InvalidDomainName', `The domain name ${Name} is not valid.`);
  }
  if ([...store.zones.values()].some((zone) => zone.callerReference === CallerReference)) {
    throw new AwsError(
      'HostedZoneAlreadyExists',
      `A hosted zone has already been created with the specified caller reference.`,
      { httpStatus: 409 },
    );
  }
  const nameServers = [0, 1, 2, 3].map((index) => `ns-${index + 1}.awsdns-0${index}.example`);
  const change = acceptChange(plane, undefined);
  const zone: HostedZone = {
    id: nextId(kernel, 'Z'),
    name,
    callerReference: CallerReference,
    ...(HostedZoneConfig?.Comment !== undefined && { comment: HostedZoneConfig.Comment }),
    nameServers,
    versions: [{ records: initialRecords(name, nameServers), inSyncAt: kernel.clock.now() }],
    busyUntil: 0,
  };
  store.zones.set(zone.id, zone);
  return {
    HostedZone: describe(zone),
    ChangeInfo: describeChange(change, kernel.clock.now()),
    DelegationSet: { NameServers: [...nameServers] },
    Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
  };
}

function initialRecords(name: string, nameServers: readonly string[]): Records {
  const [first = ''] = nameServers;
  const records: readonly RecordSet[] = [
    {
      Name: name,
      Type: 'NS',
      TTL: NAME_SERVER_TTL_SECONDS,
      ResourceRecords: nameServers.map((server) => ({ Value: `${server}.` })),
    },
    {
      Name: name,
      Type: 'SOA',
      TTL: AUTHORITY_TTL_SECONDS,
      ResourceRecords: [
        { Value: `${first}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400` },
      ],
    },
  ];
  return new Map(records.map((record) => [keyOf(record), record]));
}

function listHostedZones(
  { store }: ControlPlane,
  { Marker, MaxItems }: ListHostedZonesRequest,
): ListHostedZonesResponse {
  const all = [...store.zones.values()];
  const from = Marker === undefined ? 0 : all.findIndex(({ id }) => id === plainId(Marker));
  if (from < 0) throw invalidInput(`The marker ${String(Marker)} is not valid.`);
  const size = MaxItems ?? PAGE_SIZE;
  const next = all[from + size];
  return {
    HostedZones: all.slice(from, from + size).map(describe),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(Marker !== undefined && { Marker }),
    ...(next && { NextMarker: next.id }),
  } as ListHostedZonesResponse;
}

function listHostedZonesByName(
  { store }: ControlPlane,
  input: ListHostedZonesByNameRequest,
): ListHostedZonesByNameResponse {
  const { DNSName, HostedZoneId = '', MaxItems } = input;
  if (HostedZoneId !== '' && DNSName === undefined) {
    throw invalidInput('A hosted zone ID can be specified only with a DNS name.');
  }
  const start = completeName(DNSName ?? '');
  const all = [...store.zones.values()]
    .sort((a, b) => compareNames(a.name, b.name) || compareTexts(a.id, b.id))
    .filter((zone) => DNSName === undefined || compareNames(zone.name, start) >= 0)
    .filter((zone) => zone.name !== start || zone.id >= plainId(HostedZoneId));
  const size = MaxItems ?? PAGE_SIZE;
  const next = all[size];
  return {
    HostedZones: all.slice(0, size).map(describe),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(DNSName !== undefined && { DNSName }),
    ...(HostedZoneId !== '' && { HostedZoneId }),
    ...(next && { NextDNSName: next.name, NextHostedZoneId: next.id }),
  };
}

function describe(zone: HostedZone): Described {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: {
      ...(zone.comment !== undefined && { Comment: zone.comment }),
      PrivateZone: false,
    },
    ResourceRecordSetCount: recordsOf(zone).size,
  };
}
