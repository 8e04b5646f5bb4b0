/**
 * Lambda's public operations.
 * Not for: creating functions, which the region does from a packaged template.
 */
import type * as lambda from '@aws-sdk/client-lambda';

import { AwsError } from '../../kernel/aws-error.ts';
import type { Call, Permission, Service } from '../../kernel/service.ts';
import { takePage } from '../pages.ts';
import type { EventQueue } from './event-queue.ts';
import { describeFunction } from './describe.ts';
import { readPayload } from './invoke.ts';
import type { Invoker } from './invoke.ts';
import type { FunctionLogs } from './logs.ts';
import { LATEST, parseFunctionName, permissionArn } from './names.ts';
import type { Registry } from './registry.ts';
import { updateConfiguration } from './update-configuration.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { invalidParameter } from './settings.ts';

type Answer<Output extends { $metadata: unknown }> = Omit<Output, '$metadata'>;

interface Named {
  readonly FunctionName?: string | undefined;
  readonly Qualifier?: string | undefined;
}

/** Functions in one page of ListFunctions. @source botocore lambda, ListFunctions */
const PAGE_SIZE = 50;

interface OperationDependencies {
  readonly kernel: Kernel;
  readonly registry: Registry;
  readonly invoker: Invoker;
  readonly events: EventQueue;
  readonly logs: FunctionLogs;
}

/** Makes the service out of its parts. */
export function createOperations(dependencies: OperationDependencies): Service {
  const { registry } = dependencies;
  const find = (input: Named) =>
    registry.find(parseFunctionName(input.FunctionName ?? '', input.Qualifier));

  return {
    name: 'lambda',
    operations: {
      Invoke: {
        permissions: onFunction('lambda:InvokeFunction'),
        run: (input: lambda.InvokeCommandInput, call: Call) =>
          invokeOperation(dependencies, input, call),
      },
      GetFunction: {
        permissions: onFunction('lambda:GetFunction'),
        run: (input: lambda.GetFunctionCommandInput): Answer<lambda.GetFunctionCommandOutput> => {
          const record = find(input);
          const { reservedConcurrency } = record.latest.settings;
          return {
            Configuration: describeFunction(record, input.Qualifier),
            Code: { RepositoryType: 'S3' },
            ...(reservedConcurrency !== undefined && {
              Concurrency: { ReservedConcurrentExecutions: reservedConcurrency },
            }),
          };
        },
      },
      GetFunctionConfiguration: {
        permissions: onFunction('lambda:GetFunctionConfiguration'),
        run: (input: lambda.GetFunctionConfigurationCommandInput) =>
          describeFunction(find(input), input.Qualifier),
      },
      ListFunctions: {
        permissions: () => [{ action: 'lambda:ListFunctions', resources: ['*'] }],
        run: (input: lambda.ListFunctionsCommandInput) => listFunctions(registry, input),
      },
      UpdateFunctionConfiguration: {
        permissions: onFunction('lambda:UpdateFunctionConfiguration'),
        run: (input: lambda.UpdateFunctionConfigurationCommandInput) =>
          updateConfiguration(registry, find(input), input),
      },
      ...policyOperations(find),
    },
  };
}

function policyOperations(find: (input: Named) => ReturnType<Registry['find']>) {
  return {
    GetPolicy: {
      permissions: onFunction('lambda:GetPolicy'),
      run: (input: lambda.GetPolicyCommandInput): Answer<lambda.GetPolicyCommandOutput> => {
        const { policy, latest } = find(input);
        return { Policy: JSON.stringify(policy.document()), RevisionId: latest.revisionId };
      },
    },
    AddPermission: {
      permissions: onFunction('lambda:AddPermission'),
      run: (
        input: lambda.AddPermissionCommandInput,
      ): Answer<lambda.AddPermissionCommandOutput> => ({
        Statement: JSON.stringify(find(input).policy.add(input)),
      }),
    },
    RemovePermission: {
      permissions: onFunction('lambda:RemovePermission'),
      run: (input: lambda.RemovePermissionCommandInput): object => {
        find(input).policy.remove(input.StatementId ?? '');
        return {};
      },
    },
  };
}

function onFunction(action: string): (input: Named) => readonly Permission[] {
  return ({ FunctionName = '', Qualifier }) => [
    { action, resources: [permissionArn(FunctionName, Qualifier)] },
  ];
}

const UNSUPPORTED_INVOKE = ['ClientContext', 'DurableExecutionName', 'TenantId'] as const;

async function invokeOperation(
  { kernel, registry, invoker, events, logs }: OperationDependencies,
  input: lambda.InvokeCommandInput,
  { caller }: Call,
): Promise<Answer<lambda.InvokeCommandOutput>> {
  const reference = parseFunctionName(input.FunctionName ?? '', input.Qualifier);
  const unsupported = UNSUPPORTED_INVOKE.find((member) => input[member] !== undefined);
  if (unsupported) throw invalidParameter(`The region's Invoke does not know ${unsupported}.`);
  registry.find(reference);
  const { InvocationType: type = 'RequestResponse' } = input;
  if (type === 'DryRun') return { StatusCode: 204 };
  if (type !== 'Event' && type !== 'RequestResponse') {
    throw new AwsError('ValidationException', `'${String(type)}' is no invocation type.`);
  }
  const payload = readPayload(Buffer.from((input.Payload ?? '') as Uint8Array).toString(), type);
  if (type === 'Event') {
    events.add(reference, payload);
    return { StatusCode: 202, Payload: new Uint8Array() as never };
  }
  // The call only waits here, and so does a caller that is itself a function; the function that
  // runs marks its own work.
  const { clock } = kernel;
  const wait = () => clock.idle(() => invoker.invoke(reference, payload));
  const invocation = await (caller.roleArn === undefined ? wait() : clock.idle(wait));
  return {
    StatusCode: 200,
    ExecutedVersion: reference.qualifier ?? LATEST,
    Payload: Buffer.from(invocation.payload) as never,
    ...(invocation.functionError && { FunctionError: invocation.functionError }),
    ...(input.LogType === 'Tail' && {
      LogResult: logs.tail(reference.name, invocation.requestId),
    }),
  };
}

function listFunctions(
  registry: Registry,
  { Marker, MaxItems = PAGE_SIZE }: lambda.ListFunctionsCommandInput,
): Answer<lambda.ListFunctionsCommandOutput> {
  const { items, nextToken } = takePage(registry.all(), {
    size: Math.min(MaxItems, PAGE_SIZE),
    token: Marker,
    refuse: () => invalidParameter('Invalid Marker.'),
  });
  return {
    Functions: items.map((record) => describeFunction(record)),
    ...(nextToken !== undefined && { NextMarker: nextToken }),
  };
}
