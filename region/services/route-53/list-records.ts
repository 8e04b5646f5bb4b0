/**
 * ListResourceRecordSets: the records as they were last changed, whether or not every name server
 * answers by them yet.
 *
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
 */
import type {
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
} from '@aws-sdk/client-route-53';
import type { RecordSet } from './model.ts';
import { compareNames, compareTexts, completeName } from './names.ts';
import { operation, toDo } from './operation.ts';
import type { ControlPlane, Operations } from './operation.ts';
import { invalidInput } from './refusals.ts';
import { recordsOf } from './store.ts';

/** Record sets on a page unless the caller asks for fewer, and the most it can get. */
const PAGE_SIZE = 300;

/** ListResourceRecordSets. */
export function listRecordOperations({ store }: ControlPlane): Operations {
  return {
    ListResourceRecordSets: operation<
      ListResourceRecordSetsRequest,
      ListResourceRecordSetsResponse
    >(
      ({ HostedZoneId }) => toDo('ListResourceRecordSets', 'hostedzone', HostedZoneId),
      (input) => listRecords([...recordsOf(store.zone(input.HostedZoneId)).values()], input),
    ),
  };
}

function listRecords(
  records: readonly RecordSet[],
  input: ListResourceRecordSetsRequest,
): ListResourceRecordSetsResponse {
  const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: identifier } = input;
  if ((type !== undefined && name === undefined) || (identifier !== undefined && !type)) {
    throw invalidInput(
      'Invalid request: a start record type needs a start record name, and a start record ' +
        'identifier needs both.',
    );
  }
  const start = { Name: completeName(name ?? ''), Type: type ?? '', SetIdentifier: identifier };
  const listed = [...records]
    .sort(compareRecords)
    .filter((record) => name === undefined || compareRecords(record, start) >= 0);
  const size = Math.min(input.MaxItems ?? PAGE_SIZE, PAGE_SIZE);
  const next = listed[size];
  return {
    ResourceRecordSets: listed.slice(0, size),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(next && {
      NextRecordName: next.Name,
      NextRecordType: next.Type,
      ...(next.SetIdentifier !== undefined && { NextRecordIdentifier: next.SetIdentifier }),
    }),
  };
}

interface Place {
  readonly Name: string;
  readonly Type: string;
  readonly SetIdentifier?: string | undefined;
}

function compareRecords(a: Place, b: Place): number {
  return (
    compareNames(a.Name, b.Name) ||
    compareTexts(a.Type, b.Type) ||
    compareTexts(a.SetIdentifier ?? '', b.SetIdentifier ?? '')
  );
}
