/**
 * A function as Lambda describes it.
 * Not for: what only the region knows about it.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';

import { logGroupName } from './environment-variables.ts';
import { LATEST, functionArn } from './names.ts';
import { revisionOf } from './registry.ts';
import type { FunctionRecord } from './registry.ts';

/** The configuration of a function or of one of its versions. */
export function describeFunction(
  record: FunctionRecord,
  qualifier?: string,
): FunctionConfiguration {
  const revision = revisionOf(record, qualifier);
  const { settings } = revision;
  const { name, program, environment } = settings;
  return {
    FunctionName: name,
    FunctionArn: functionArn(name, qualifier),
    Role: settings.roleArn,
    ...(program.type === 'bundle' && {
      Runtime: program.runtime as FunctionConfiguration['Runtime'],
      Handler: program.handler,
      Architectures: [program.architecture] as FunctionConfiguration['Architectures'],
    }),
    CodeSize: revision.codeSize,
    CodeSha256: revision.codeSha256,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMegabytes,
    // Lambda writes the zone as an offset and no `Z`.
    LastModified: new Date(revision.lastModified).toISOString().replace('Z', '+0000'),
    Version: qualifier ?? LATEST,
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: { ...environment } } }),
    TracingConfig: { Mode: settings.tracing },
    RevisionId: revision.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: 'Text', LogGroup: logGroupName(name) },
  };
}
