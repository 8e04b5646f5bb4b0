/**
 * Changing a function's settings while the region runs.
 * Not for: its code, role, runtime or handler, which only the template sets.
 */
import type {
  FunctionConfiguration,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';

import { AwsError } from '../../kernel/aws-error.ts';
import { describeFunction } from './describe.ts';
import type { FunctionRecord, Registry } from './registry.ts';
import { checkSettings, invalidParameter } from './settings.ts';
import type { FunctionSettings } from './settings.ts';

/** Members that can be changed; any other is refused. */
const KNOWN_MEMBERS = new Set([
  'FunctionName',
  'Description',
  'Environment',
  'MemorySize',
  'Timeout',
  'RevisionId',
]);

/**
 * Applies a change; environments of the old settings serve no further invocation.
 * @throws AwsError InvalidParameterValueException, PreconditionFailedException
 */
export function updateConfiguration(
  registry: Registry,
  record: FunctionRecord,
  input: UpdateFunctionConfigurationCommandInput,
): FunctionConfiguration {
  for (const [member, value] of Object.entries(input)) {
    if (value !== undefined && !KNOWN_MEMBERS.has(member)) {
      throw invalidParameter(`The region's UpdateFunctionConfiguration does not know ${member}.`);
    }
  }
  if (input.RevisionId !== undefined && input.RevisionId !== record.latest.revisionId) {
    throw new AwsError(
      'PreconditionFailedException',
      'The RevisionId provided does not match the latest RevisionId of the Lambda function or ' +
        'alias. Call the GetFunction or the GetAlias API to retrieve the latest RevisionId for ' +
        'your resource.',
      { httpStatus: 412, fields: { Type: 'User' } },
    );
  }
  const settings = change(record.latest.settings, input);
  checkSettings(settings);
  registry.change(record, settings);
  return describeFunction(record);
}

function change(
  settings: FunctionSettings,
  input: UpdateFunctionConfigurationCommandInput,
): FunctionSettings {
  return {
    ...settings,
    description: input.Description ?? settings.description,
    environment: input.Environment ? (input.Environment.Variables ?? {}) : settings.environment,
    memoryMegabytes: input.MemorySize ?? settings.memoryMegabytes,
    timeoutSeconds: input.Timeout ?? settings.timeoutSeconds,
  };
}
