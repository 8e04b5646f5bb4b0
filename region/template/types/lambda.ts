/**
 * Functions, and what belongs to them.
 * Not for: layers, VPCs, images, URLs, aliases and event source mappings, which are refused.
 */
import { TemplateProblem } from '../problem.ts';
import type { Reader } from '../reader.ts';
import type { Loading, ResourceType } from '../resource-type.ts';
import type { FunctionDefinition } from '../targets.ts';
import { asText, isObject } from '../json.ts';

/** Characters of a function's name. @source botocore lambda, FunctionName */
const FUNCTION_NAME_LIMIT = 64;

/**
 * The types by their names in a template.
 * @source https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
 */
export const LAMBDA_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::Lambda::Function': {
    required: ['Code', 'Handler', 'Runtime', 'Role'],
    optional: [
      'FunctionName',
      'Description',
      'MemorySize',
      'Timeout',
      'Architectures',
      'Environment',
      'ReservedConcurrentExecutions',
      'TracingConfig',
    ],
    inert: ['Tags', 'LoggingConfig', 'EphemeralStorage'],
    create: (read, loading) => {
      const definition = functionOf(read, loading);
      const { arn } = loading.targets.addFunction(definition);
      return { ref: definition.name, attributes: { Arn: arn } };
    },
    update: (read, loading) => {
      const definition = functionOf(read, loading);
      const { arn } = loading.targets.updateFunction(definition);
      return { ref: definition.name, attributes: { Arn: arn } };
    },
  },
  'AWS::Lambda::Permission': {
    required: ['FunctionName', 'Action', 'Principal'],
    optional: ['SourceArn', 'SourceAccount'],
    inert: [],
    create: (read, loading) => {
      const id = loading.generateName(100);
      loading.targets.addPermission({
        FunctionName: read.text('FunctionName'),
        StatementId: id,
        Action: read.text('Action'),
        Principal: read.text('Principal'),
        SourceArn: read.optionalText('SourceArn'),
        SourceAccount: read.optionalText('SourceAccount'),
      });
      return { ref: id, attributes: { Id: id } };
    },
  },
  'AWS::Lambda::Version': {
    required: ['FunctionName'],
    optional: ['CodeSha256'],
    inert: ['Description'],
    create: (read, { targets }) => {
      const codeSha256 = read.optionalText('CodeSha256');
      const { arn } = targets.publishVersion({
        functionName: read.text('FunctionName'),
        ...(codeSha256 !== undefined && { codeSha256 }),
      });
      const version = arn.split(':').at(-1) ?? '';
      return { ref: arn, attributes: { Version: version, FunctionArn: arn } };
    },
  },
  'AWS::Lambda::EventInvokeConfig': {
    required: ['FunctionName', 'Qualifier'],
    optional: ['MaximumRetryAttempts', 'MaximumEventAgeInSeconds', 'DestinationConfig'],
    inert: [],
    create: (read, loading) => {
      if (read.text('Qualifier') !== '$LATEST') {
        throw new TemplateProblem(`${read.label}: the region has no aliases.`);
      }
      const onFailureArn = failureDestination(read);
      const attempts = read.optionalNumber('MaximumRetryAttempts');
      const age = read.optionalNumber('MaximumEventAgeInSeconds');
      loading.targets.setEventRetries(read.text('FunctionName'), {
        ...(attempts !== undefined && { maximumRetryAttempts: attempts }),
        ...(age !== undefined && { maximumEventAgeSeconds: age }),
        ...(onFailureArn !== undefined && { onFailureArn }),
      });
      return { ref: loading.generateName(100) };
    },
  },
};

function failureDestination(read: Reader): string | undefined {
  const { OnFailure: onFailure, ...others } = read.optionalObject('DestinationConfig') ?? {};
  if (Object.keys(others).length > 0) {
    throw new TemplateProblem(`${read.label}: the region has no destination but OnFailure.`);
  }
  if (!isObject(onFailure)) return undefined;
  return asText(onFailure['Destination'], `${read.label}: Destination`);
}

function functionOf(read: Reader, loading: Loading): FunctionDefinition {
  const { Mode: tracing } = read.optionalObject('TracingConfig') ?? {};
  return {
    name: read.optionalText('FunctionName') ?? loading.generateName(FUNCTION_NAME_LIMIT),
    handler: read.text('Handler'),
    roleArn: read.text('Role'),
    runtime: read.text('Runtime'),
    codeZip: loading.artifact(artifactKey(read)),
    environment: variablesOf(read),
    ...optional('description', read.optionalText('Description')),
    ...optional('timeoutSeconds', read.optionalNumber('Timeout')),
    ...optional('memoryMegabytes', read.optionalNumber('MemorySize')),
    ...optional('reservedConcurrency', read.optionalNumber('ReservedConcurrentExecutions')),
    ...(read.has('Architectures') && { architectures: read.texts('Architectures') }),
    ...((tracing === 'Active' || tracing === 'PassThrough') && { tracing }),
  };
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

function artifactKey(read: Reader): string {
  const { S3Key: key, ...others } = read.object('Code');
  const unknown = Object.keys(others).filter((name) => name !== 'S3Bucket');
  if (typeof key !== 'string' || unknown.length > 0) {
    throw new TemplateProblem(`${read.label}: code must be a packaged archive, an S3Key alone.`);
  }
  return key;
}

function variablesOf(read: Reader): Readonly<Record<string, string>> {
  const { Variables: variables = {} } = read.optionalObject('Environment') ?? {};
  const entries = Object.entries(isObject(variables) ? variables : {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, asText(value, `${read.label}: the variable ${name}`)]),
  );
}
