/**
 * `PutEvents`: events from outside.
 * Not for: what the region's own services emit; that comes through `deliver`.
 */
import type {
  PutEventsCommandInput,
  PutEventsCommandOutput,
  PutEventsRequestEntry,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { arn } from '../../kernel/kernel.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation } from '../../kernel/service.ts';
import { describeViolations, hasLength } from '../constraints.ts';
import { wrapEvent } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { requireDefaultBus, validationException } from './rule-operations.ts';
import { DEFAULT_BUS } from './rules.ts';

/** @source https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const ENTRIES_PER_CALL = 10;

/**
 * Bytes of all entries together.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
const SIZE_LIMIT_BYTES = 262_144;

/** Bytes that a time counts for. @source as above */
const TIME_BYTES = 14;

/** The operation `PutEvents`. */
export function createPutEvents(options: {
  kernel: Kernel;
  publish: (event: Envelope) => void;
}): Operation<PutEventsCommandInput, Omit<PutEventsCommandOutput, '$metadata'>> {
  const { kernel, publish } = options;
  return {
    permissions: (input) => [
      {
        action: 'events:PutEvents',
        resources: [arn('events', `event-bus/${DEFAULT_BUS}`)],
        context: {
          'events:source': (input.Entries ?? []).map((entry) => entry.Source ?? ''),
          'events:detail-type': (input.Entries ?? []).map((entry) => entry.DetailType ?? ''),
        },
      },
    ],
    run: (input) => {
      const entries = input.Entries ?? [];
      checkCall(entries);
      const results = entries.map((entry) => putEntry(entry, { kernel, publish }));
      return {
        FailedEntryCount: results.filter((result) => result.ErrorCode !== undefined).length,
        Entries: results,
      };
    },
  };
}

function checkCall(entries: readonly PutEventsRequestEntry[]): void {
  const violations = describeViolations([
    hasLength(
      entries.map(() => 'PutEventsRequestEntry'),
      'entries',
      { min: 1, max: ENTRIES_PER_CALL },
    ),
  ]);
  if (violations !== undefined) throw validationException(violations);
  const size = entries.reduce((total, entry) => total + sizeOf(entry), 0);
  if (size > SIZE_LIMIT_BYTES) {
    throw validationException('Total size of the entries in the request is over the limit.');
  }
  for (const entry of entries) requireDefaultBus(entry.EventBusName);
}

function sizeOf(entry: PutEventsRequestEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const bytes = texts.reduce((total, text) => total + Buffer.byteLength(text ?? ''), 0);
  return bytes + (entry.Time === undefined ? 0 : TIME_BYTES);
}

function putEntry(
  entry: PutEventsRequestEntry,
  { kernel, publish }: { kernel: Kernel; publish: (event: Envelope) => void },
): PutEventsResultEntry {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((member) => !entry[member]);
  if (missing !== undefined) {
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  }
  if (/^aws\./i.test(entry.Source ?? '')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  const detail = readDetail(entry.Detail ?? '');
  if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const event = wrapEvent(
    {
      source: entry.Source ?? '',
      detailType: entry.DetailType ?? '',
      resources: entry.Resources ?? [],
      detail,
    },
    { kernel, at: entry.Time?.getTime() ?? kernel.clock.now() },
  );
  publish(event);
  return { EventId: event.id };
}

function readDetail(text: string): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    const isObject = typeof detail === 'object' && detail !== null && !Array.isArray(detail);
    return isObject ? (detail as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
