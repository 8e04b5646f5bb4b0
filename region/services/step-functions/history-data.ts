/**
 * Histories without the data of the execution, for whoever asks for its course only.
 * Not for: recording (see `history.ts`).
 */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { isObject } from './json.ts';

/** Members that hold data of an execution. */
const DATA: ReadonlySet<string> = new Set([
  'input',
  'output',
  'parameters',
  'assignedVariables',
  'error',
  'cause',
]);

/** An event without the data of the execution. */
export function withoutData(event: HistoryEvent): HistoryEvent {
  const members = Object.entries(event).map(([name, value]: [string, unknown]) => [
    name,
    isObject(value) && !(value instanceof Date) ? stripped(value) : value,
  ]);
  return Object.fromEntries(members) as HistoryEvent;
}

function stripped(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.has(name)));
}
