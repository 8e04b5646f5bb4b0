/**
 * A function's resource policy: which services may invoke it, on behalf of what.
 * Not for: roles, whose own policies decide (see `region/iam`).
 */
import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda';

import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { functionArn } from './names.ts';
import { invalidParameter } from './settings.ts';

/** Members of AddPermission that the region understands; any other is refused. */
const KNOWN_MEMBERS = new Set([
  'FunctionName',
  'StatementId',
  'Action',
  'Principal',
  'SourceArn',
  'SourceAccount',
]);

/** @source botocore lambda 2015-03-31, AddPermissionRequest */
const PATTERNS: Readonly<Record<'StatementId' | 'Action' | 'Principal' | 'SourceArn', RegExp>> = {
  StatementId: /^[a-zA-Z0-9-_]{1,100}$/,
  Action: /^(?:lambda:\*|lambda:[a-zA-Z]+|\*)$/,
  Principal: /^[a-z0-9-]+\.amazonaws\.com$/,
  SourceArn: /^arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:(?:[a-z]{2}(?:-gov)?-[a-z]+-\d)?:(?:\d{12})?:.*$/,
};

/** Actions of a statement that let somebody invoke. */
const INVOKING_ACTIONS = new Set(['*', 'lambda:*', 'lambda:InvokeFunction']);

interface Statement {
  readonly id: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

/** Who asks to invoke. */
interface ServiceCaller {
  /** Such as `events.amazonaws.com`. */
  readonly principal: string;
  /** ARN of the rule, topic or route on whose behalf it asks. */
  readonly sourceArn: string;
}

/** Starts the policy of a function: nobody may invoke it. */
export function createResourcePolicy(functionName: string) {
  const statements = new Map<string, Statement>();

  const add = (input: AddPermissionCommandInput): object => {
    const statement = readStatement(input);
    if (statements.has(statement.id)) {
      throw new AwsError(
        'ResourceConflictException',
        `The statement id (${statement.id}) provided already exists. ` +
          'Please provide a new statement id, or remove the existing statement.',
        { httpStatus: 409, fields: { Type: 'User' } },
      );
    }
    statements.set(statement.id, statement);
    return render(functionName, statement);
  };

  const remove = (id: string): void => {
    if (statements.delete(id)) return;
    throw missing(`Statement ${id} is not found in resource policy.`);
  };

  const document = (): object => {
    if (statements.size === 0) throw missing('The resource you requested does not exist.');
    return {
      Version: '2012-10-17',
      Id: 'default',
      Statement: [...statements.values()].map((statement) => render(functionName, statement)),
    };
  };

  const allows = (caller: ServiceCaller): boolean =>
    [...statements.values()].some((statement) => matches(statement, caller));

  return { add, remove, document, allows };
}

/** Starts empty, which lets no service in. */
export type ResourcePolicy = ReturnType<typeof createResourcePolicy>;

function readStatement(input: AddPermissionCommandInput): Statement {
  for (const [member, value] of Object.entries(input)) {
    if (value !== undefined && !KNOWN_MEMBERS.has(member)) {
      throw invalidParameter(`The region's AddPermission does not know ${member}.`);
    }
  }
  for (const [member, pattern] of Object.entries(PATTERNS)) {
    const value = input[member as keyof typeof PATTERNS];
    if (value !== undefined && !pattern.test(value)) {
      throw invalidParameter(
        `The region allows no ${member} '${value}' in a function's policy: it must match ` +
          pattern.source,
      );
    }
  }
  return {
    id: input.StatementId ?? '',
    action: input.Action ?? '',
    principal: input.Principal ?? '',
    ...(input.SourceArn !== undefined && { sourceArn: input.SourceArn }),
    ...(input.SourceAccount !== undefined && { sourceAccount: input.SourceAccount }),
  };
}

function matches(statement: Statement, caller: ServiceCaller): boolean {
  const { action, principal, sourceArn, sourceAccount } = statement;
  return (
    INVOKING_ACTIONS.has(action) &&
    principal === caller.principal &&
    (sourceAccount === undefined || sourceAccount === ACCOUNT_ID) &&
    (sourceArn === undefined || isArnLike(caller.sourceArn, sourceArn))
  );
}

/**
 * Says whether an ARN matches a pattern part by part, with `*` and `?` inside each part.
 * @source IAM user guide, reference_policies_elements_condition_operators, ArnLike
 */
export function isArnLike(candidate: string, pattern: string): boolean {
  const actual = splitArn(candidate);
  return splitArn(pattern).every((part, index) => {
    const text = part.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
    const expression = text.replaceAll('*', '.*').replaceAll('?', '.');
    return new RegExp(`^${expression}$`).test(actual[index] ?? '');
  });
}

/** The six parts of an ARN; the resource keeps its colons. */
function splitArn(text: string): readonly string[] {
  const parts = text.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function render(functionName: string, statement: Statement): object {
  const { id, action, principal, sourceArn, sourceAccount } = statement;
  const condition = {
    ...(sourceAccount !== undefined && { StringEquals: { 'AWS:SourceAccount': sourceAccount } }),
    ...(sourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
  };
  return {
    Sid: id,
    Effect: 'Allow',
    Principal: { Service: principal },
    Action: action,
    Resource: functionArn(functionName),
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function missing(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, {
    httpStatus: 404,
    fields: { Type: 'User' },
  });
}
