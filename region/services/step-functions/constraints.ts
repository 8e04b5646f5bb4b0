/**
 * The constraints of the API's model on the members of a request: what AWS refuses before it looks
 * at any state machine.
 * Not for: what a definition must look like (see `check-state.ts`).
 */
import { AwsError } from '../../kernel/aws-error.ts';
import {
  ERROR_LIMIT_CHARACTERS,
  CAUSE_LIMIT_CHARACTERS,
  NAME_LIMIT_CHARACTERS,
  PAGE_LIMIT,
} from './limits.ts';

interface TextConstraint {
  readonly least?: number;
  readonly most: number;
  readonly isRequired?: boolean;
}

const ARN_CONSTRAINT: TextConstraint = { least: 1, most: 256, isRequired: true };

/** Members by their names, with the constraint of the shape each has. */
const TEXTS: Readonly<Record<string, TextConstraint>> = {
  stateMachineArn: ARN_CONSTRAINT,
  executionArn: ARN_CONSTRAINT,
  roleArn: { least: 1, most: 256 },
  definition: { least: 1, most: 1_048_576 },
  input: { most: 262_144 },
  output: { most: 262_144 },
  taskToken: { least: 1, most: 2048, isRequired: true },
  nextToken: { least: 1, most: 1024 },
  clientToken: { least: 1, most: 64 },
  error: { most: ERROR_LIMIT_CHARACTERS },
  cause: { most: CAUSE_LIMIT_CHARACTERS },
};

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  statusFilter: ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'],
  redriveFilter: ['REDRIVEN', 'NOT_REDRIVEN'],
  type: ['STANDARD', 'EXPRESS'],
  severity: ['ERROR', 'WARNING'],
};

/**
 * Checks the named members of a request. `required` names those that must be there although the
 * same member may be missing elsewhere.
 * @throws AwsError ValidationException for the first member that breaks its constraint
 */
export function checkRequest(
  request: object,
  members: readonly string[],
  options: { required?: readonly string[] } = {},
): void {
  for (const member of members) {
    const value = (request as Readonly<Record<string, unknown>>)[member];
    const text = TEXTS[member];
    const isRequired = text?.isRequired === true || options.required?.includes(member) === true;
    if (value === undefined || value === null) {
      if (isRequired) throw violation('null', member, 'Member must not be null');
      continue;
    }
    if (text && typeof value === 'string') checkText(value, member, text);
    if (member === 'maxResults' && typeof value === 'number') checkPageSize(value);
    const values = ENUMS[member];
    if (values && typeof value === 'string' && !values.includes(value)) {
      const list = values.join(', ');
      throw violation(`'${value}'`, member, `Member must satisfy enum value set: [${list}]`);
    }
  }
}

function checkText(value: string, member: string, { least = 0, most }: TextConstraint): void {
  if (value.length > most) {
    const rule = `Member must have length less than or equal to ${most}`;
    throw violation(`'${value.slice(0, most)}'`, member, rule);
  }
  if (value.length < least) {
    const rule = `Member must have length greater than or equal to ${least}`;
    throw violation(`'${value}'`, member, rule);
  }
}

function checkPageSize(value: number): void {
  if (value > PAGE_LIMIT) {
    const rule = `Member must have value less than or equal to ${PAGE_LIMIT}`;
    throw violation(`'${value}'`, 'maxResults', rule);
  }
  if (value < 0) {
    const rule = 'Member must have value greater than or equal to 0';
    throw violation(`'${value}'`, 'maxResults', rule);
  }
}

function violation(value: string, member: string, rule: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: ` +
      rule,
  );
}

/**
 * Characters that no name may have.
 * @source https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
const FORBIDDEN_IN_NAMES =
  // oxlint-disable-next-line no-control-regex -- control characters are what AWS forbids
  /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff]/u;

/**
 * Checks the name of a state machine or an execution. Its length is a matter of the model, its
 * characters are not.
 * @throws AwsError ValidationException, InvalidName
 * @source https://github.com/getmoto/moto/issues/6438 (the refusal of a long name)
 */
export function checkName(name: string): void {
  checkText(name, 'name', { least: 1, most: NAME_LIMIT_CHARACTERS });
  if (FORBIDDEN_IN_NAMES.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}
