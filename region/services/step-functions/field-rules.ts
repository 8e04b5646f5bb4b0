/**
 * Which fields the objects of a definition may and must have, and what their values look like.
 * Not for: rules between fields or between states (see `check-state.ts` and `check-flow.ts`).
 */
import { isExpression } from './expression-text.ts';
import { isObject } from './json.ts';
import { MAX_DELAY_SECONDS_BOUND, NAME_LIMIT_CHARACTERS, SECONDS_LIMIT } from './limits.ts';

/** Says what is wrong with a value, or nothing. */
type Rule = (value: unknown) => string | undefined;

/** The fields of one kind of object. */
export interface Shape {
  readonly fields: Readonly<Record<string, Rule>>;
  readonly required: readonly string[];
}

const anything: Rule = () => undefined;

const text: Rule = (value) => (typeof value === 'string' ? undefined : 'Expected a string');

const isTrue: Rule = (value) => (value === true ? undefined : 'Expected the value true');

const oneOf =
  (...values: readonly unknown[]): Rule =>
  (value) =>
    values.includes(value) ? undefined : `Expected one of [${values.join(', ')}]`;

const integer =
  (least: number, most: number): Rule =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `Expected an integer from ${least} to ${most}`;

const number =
  (least: number): Rule =>
  (value) =>
    typeof value === 'number' && value >= least ? undefined : `Expected a number from ${least} up`;

const orExpression =
  (rule: Rule): Rule =>
  (value) =>
    isExpression(value) ? undefined : rule(value);

const names: Rule = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string')
    ? undefined
    : 'Expected a non-empty list of strings';

const list: Rule = (value) => (Array.isArray(value) ? undefined : 'Expected a list');

const filledList: Rule = (value) =>
  Array.isArray(value) && value.length > 0 ? undefined : 'Expected a non-empty list';

const condition: Rule = (value) =>
  typeof value === 'boolean' || isExpression(value)
    ? undefined
    : 'Expected a boolean or a JSONata expression';

/** Offsets have to be there: `2016-03-14T01:59:00Z`. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Whether a text is a point in time as a Wait state takes it. */
export function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));
}

const timestamp: Rule = (value) =>
  isTimestamp(value) ? undefined : 'String does not match RFC3339 timestamp';

const VARIABLE_NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

const assignments: Rule = (value) => {
  if (!isObject(value)) return 'Expected an object';
  const bad = Object.keys(value).find(
    (name) => name === 'states' || name.length > NAME_LIMIT_CHARACTERS || !VARIABLE_NAME.test(name),
  );
  return bad === undefined ? undefined : `'${bad}' cannot be the name of a variable`;
};

/** The only two resources of the subset. */
export const LAMBDA_INVOKE = 'arn:aws:states:::lambda:invoke';

/** The resource whose task is over when somebody says so by its token. */
export const LAMBDA_INVOKE_TOKEN = `${LAMBDA_INVOKE}.waitForTaskToken`;

const resource: Rule = (value) =>
  value === LAMBDA_INVOKE || value === LAMBDA_INVOKE_TOKEN
    ? undefined
    : `The region runs only the resources ${LAMBDA_INVOKE} and ${LAMBDA_INVOKE_TOKEN}`;

const seconds = orExpression(integer(1, SECONDS_LIMIT));
const result = { Output: anything, Assign: assignments };
const transition = { Next: text, End: isTrue };
const anyState = { Type: text, Comment: text, QueryLanguage: oneOf('JSONata') };

/** The definition itself. */
export const MACHINE_SHAPE: Shape = {
  fields: {
    Comment: text,
    QueryLanguage: oneOf('JSONata'),
    StartAt: text,
    States: (value) => (isObject(value) ? undefined : 'Expected an object'),
    TimeoutSeconds: integer(1, SECONDS_LIMIT),
    Version: oneOf('1.0'),
  },
  required: ['States', 'StartAt'],
};

/** States by their type. */
export const STATE_SHAPES: Readonly<Record<string, Shape>> = {
  Task: {
    fields: {
      ...anyState,
      ...transition,
      ...result,
      Resource: resource,
      Arguments: orExpression((value) => (isObject(value) ? undefined : 'Expected an object')),
      TimeoutSeconds: seconds,
      HeartbeatSeconds: seconds,
      Retry: list,
      Catch: list,
    },
    required: ['Resource'],
  },
  Choice: {
    fields: { ...anyState, ...result, Choices: filledList, Default: text },
    required: ['Choices'],
  },
  Wait: {
    fields: {
      ...anyState,
      ...transition,
      ...result,
      Seconds: orExpression(integer(0, SECONDS_LIMIT)),
      Timestamp: orExpression(timestamp),
    },
    required: [],
  },
  Pass: { fields: { ...anyState, ...transition, ...result }, required: [] },
  Succeed: { fields: { ...anyState, Output: anything }, required: [] },
  Fail: { fields: { ...anyState, Error: text, Cause: text }, required: [] },
};

/** One entry of `Retry`. */
export const RETRIER_SHAPE: Shape = {
  fields: {
    Comment: text,
    ErrorEquals: names,
    IntervalSeconds: integer(1, SECONDS_LIMIT),
    MaxAttempts: integer(0, SECONDS_LIMIT),
    BackoffRate: number(1),
    MaxDelaySeconds: integer(1, MAX_DELAY_SECONDS_BOUND - 1),
    JitterStrategy: oneOf('FULL', 'NONE'),
  },
  required: ['ErrorEquals'],
};

/** One entry of `Catch`. */
export const CATCHER_SHAPE: Shape = {
  fields: { ...result, Comment: text, ErrorEquals: names, Next: text },
  required: ['ErrorEquals', 'Next'],
};

/** One entry of `Choices`. */
export const CHOICE_SHAPE: Shape = {
  fields: { ...result, Comment: text, Condition: condition, Next: text },
  required: ['Condition', 'Next'],
};

/** What `Arguments` of a Lambda invocation may hold in the subset. */
export const ARGUMENTS_SHAPE: Shape = {
  fields: {
    FunctionName: (value) =>
      typeof value === 'string' && value !== '' ? undefined : 'Expected a non-empty string',
    Payload: anything,
  },
  required: ['FunctionName'],
};
