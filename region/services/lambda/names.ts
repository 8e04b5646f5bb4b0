/**
 * The ways in which callers name a function: by name, partial ARN or ARN, with or without a
 * version.
 * Not for: aliases, which the region does not have.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID, REGION_NAME, arn } from '../../kernel/kernel.ts';

/** The version whose code can still change; every other version is a number. */
export const LATEST = '$LATEST';

/** @source botocore lambda 2015-03-31, NamespacedFunctionName */
const FUNCTION_NAME = new RegExp(
  [
    /^(?:arn:aws:lambda:)?(?:(?<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?<account>\d{12}):)?/,
    /(?:function:)?(?<name>[a-zA-Z0-9-_]{1,64})(?::(?<version>\$LATEST|[a-zA-Z0-9-_]+))?$/,
  ]
    .map((part) => part.source)
    .join(''),
);

/** A function as a caller means it, whichever way he named it. */
export interface FunctionReference {
  readonly name: string;
  /** Absent when the caller named no version, which means `$LATEST`. */
  readonly qualifier?: string;
}

/** ARN of a function, or of one of its versions. */
export function functionArn(name: string, qualifier?: string): string {
  return arn('lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);
}

/**
 * Reads a function's name as callers give it.
 * @throws AwsError ValidationException when it is no function name, ResourceNotFoundException when
 * it belongs to another account or region
 */
export function parseFunctionName(text: string, qualifier?: string): FunctionReference {
  const groups = FUNCTION_NAME.exec(text)?.groups;
  if (groups?.['name'] === undefined) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${text}' at 'functionName' failed to satisfy ` +
        `constraint: Member must satisfy regular expression pattern: ${FUNCTION_NAME.source}`,
    );
  }
  const { region = REGION_NAME, account = ACCOUNT_ID, name, version } = groups;
  if (region !== REGION_NAME || account !== ACCOUNT_ID) throw notFound(text);
  if (version !== undefined && qualifier !== undefined && version !== qualifier) {
    throw new AwsError(
      'InvalidParameterValueException',
      `The derived qualifier from the function name does not match the specified qualifier.`,
      { fields: { Type: 'User' } },
    );
  }
  const chosen = version ?? qualifier;
  return chosen === undefined ? { name } : { name, qualifier: chosen };
}

/** The ARN that a policy sees for a function as the caller named it. */
export function permissionArn(text: string, qualifier?: string): string {
  const groups = FUNCTION_NAME.exec(text)?.groups;
  return functionArn(groups?.['name'] ?? text, groups?.['version'] ?? qualifier);
}

/** Lambda's answer about a function that does not exist. */
export function notFound(nameOrArn: string): AwsError {
  const named = nameOrArn.startsWith('arn:') ? nameOrArn : functionArn(nameOrArn);
  return new AwsError('ResourceNotFoundException', `Function not found: ${named}`, {
    httpStatus: 404,
    fields: { Type: 'User' },
  });
}
