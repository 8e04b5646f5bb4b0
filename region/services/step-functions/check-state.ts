/**
 * Whether one object of a definition has the fields it may and must have, and whether those go
 * together.
 * Not for: the graph of states (`check-flow.ts`) and the expressions (`check-expressions.ts`).
 */
import type { Report } from './diagnostics.ts';
import {
  ARGUMENTS_SHAPE,
  CATCHER_SHAPE,
  CHOICE_SHAPE,
  RETRIER_SHAPE,
  STATE_SHAPES,
  type Shape,
} from './field-rules.ts';
import { isObject } from './json.ts';
import { NAME_LIMIT_CHARACTERS } from './limits.ts';

type Raw = Readonly<Record<string, unknown>>;

/** Fields that AWS knows in the JSONPath query language only. */
const JSONPATH_FIELDS: ReadonlySet<string> = new Set([
  'InputPath',
  'OutputPath',
  'Parameters',
  'Result',
  'ResultPath',
  'ResultSelector',
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'ErrorPath',
  'CausePath',
]);

/** Checks the fields of one object against its shape. */
export function checkShape(value: unknown, shape: Shape, location: string, report: Report): void {
  const at = location === '' ? '/' : location;
  if (!isObject(value)) {
    report.schema(at, 'Expected an object');
    return;
  }
  const missing = shape.required.filter((field) => !(field in value));
  if (missing.length > 0) report.schema(at, `These fields are required: [${missing.join(', ')}]`);
  for (const [field, content] of Object.entries(value)) {
    const rule = Object.hasOwn(shape.fields, field) ? shape.fields[field] : undefined;
    const problem = rule ? rule(content) : unknownField(field);
    if (problem !== undefined) report.schema(`${location}/${field}`, problem);
  }
}

function unknownField(field: string): string {
  return JSONPATH_FIELDS.has(field)
    ? `Field '${field}' belongs to JSONPath and cannot be used when 'QueryLanguage' is 'JSONata'`
    : `Field '${field}' is not supported`;
}

/** Checks one state by itself. */
export function checkState(name: string, state: unknown, report: Report): void {
  const location = `/States/${name}`;
  if (name.length === 0 || name.length > NAME_LIMIT_CHARACTERS) {
    report.schema(location, `State names have 1 to ${NAME_LIMIT_CHARACTERS} characters`);
  }
  if (!isObject(state)) {
    report.schema(location, 'Expected an object');
    return;
  }
  const type = state['Type'];
  if (typeof type !== 'string') {
    report.schema(location, 'These fields are required: [Type]');
    return;
  }
  if (state['QueryLanguage'] === 'JSONPath') {
    report.schema(
      location,
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
    );
    return;
  }
  const shape = Object.hasOwn(STATE_SHAPES, type) ? STATE_SHAPES[type] : undefined;
  if (!shape) {
    report.schema(`${location}/Type`, `The region does not run states of type '${type}'`);
    return;
  }
  checkShape(state, shape, location, report);
  if ('Next' in shape.fields) checkTransition(state, location, report);
  TYPE_CHECKS[type]?.(state, location, report);
}

function checkTransition(state: Raw, location: string, report: Report): void {
  const count = Number('Next' in state) + Number('End' in state);
  if (count !== 1) {
    report.schema(location, 'Exactly one of these fields is required: [Next, End]');
  }
}

type Check = (state: Raw, location: string, report: Report) => void;

const checkWait: Check = (state, location, report) => {
  const count = Number('Seconds' in state) + Number('Timestamp' in state);
  if (count !== 1) {
    report.schema(location, 'Exactly one of these fields is required: [Seconds, Timestamp]');
  }
};

const checkChoice: Check = (state, location, report) => {
  for (const [index, choice] of entries(state['Choices'])) {
    checkShape(choice, CHOICE_SHAPE, `${location}/Choices[${index}]`, report);
  }
};

const checkTask: Check = (state, location, report) => {
  const timeout = state['TimeoutSeconds'];
  const heartbeat = state['HeartbeatSeconds'];
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    report.schema(
      `${location}/HeartbeatSeconds`,
      `HeartbeatSeconds (${heartbeat}) must be smaller than TimeoutSeconds (${timeout})`,
    );
  }
  if (isObject(state['Arguments'])) {
    checkShape(state['Arguments'], ARGUMENTS_SHAPE, `${location}/Arguments`, report);
  }
  checkHandlers(state, 'Retry', RETRIER_SHAPE, { location, report });
  checkHandlers(state, 'Catch', CATCHER_SHAPE, { location, report });
  for (const [index, retrier] of entries(state['Retry'])) {
    checkDelay(retrier, `${location}/Retry[${index}]`, report);
  }
};

const TYPE_CHECKS: Readonly<Record<string, Check>> = {
  Wait: checkWait,
  Choice: checkChoice,
  Task: checkTask,
};

/** `States.ALL` has to stand alone and last, or what comes after it could never be reached. */
function checkHandlers(
  state: Raw,
  field: 'Retry' | 'Catch',
  shape: Shape,
  { location, report }: { location: string; report: Report },
): void {
  const handlers = entries(state[field]);
  for (const [index, handler] of handlers) {
    const at = `${location}/${field}[${index}]`;
    checkShape(handler, shape, at, report);
    const errors: unknown = isObject(handler) ? handler['ErrorEquals'] : undefined;
    if (!Array.isArray(errors) || !errors.includes('States.ALL')) continue;
    if (errors.length > 1) {
      report.schema(`${at}/ErrorEquals`, "'States.ALL' must appear alone");
    }
    if (index !== handlers.length - 1) {
      report.schema(`${at}/ErrorEquals`, `'States.ALL' must appear in the last entry of ${field}`);
    }
  }
}

function checkDelay(retrier: unknown, location: string, report: Report): void {
  if (!isObject(retrier)) return;
  const most = retrier['MaxDelaySeconds'];
  const interval = retrier['IntervalSeconds'] ?? 1;
  if (typeof most === 'number' && typeof interval === 'number' && most <= interval) {
    report.schema(
      `${location}/MaxDelaySeconds`,
      `MaxDelaySeconds (${most}) must be greater than IntervalSeconds (${interval})`,
    );
  }
}

function entries(value: unknown): readonly (readonly [number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : [];
}
