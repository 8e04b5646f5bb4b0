/**
 * The operations on state machines.
 * Not for: executions and task tokens.
 */
import type {
  CreateStateMachineCommandInput,
  CreateStateMachineOutput,
  DeleteStateMachineCommandInput,
  DescribeStateMachineCommandInput,
  DescribeStateMachineForExecutionCommandInput,
  DescribeStateMachineForExecutionOutput,
  DescribeStateMachineOutput,
  ListStateMachinesCommandInput,
  ListStateMachinesOutput,
  UpdateStateMachineCommandInput,
  UpdateStateMachineOutput,
  ValidateStateMachineDefinitionCommandInput,
  ValidateStateMachineDefinitionOutput,
} from '@aws-sdk/client-sfn';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import { checkRequest } from './constraints.ts';
import type { Revision } from './execution.ts';
import { readDefinition } from './load-definition.ts';
import type { Machines } from './manage-machines.ts';
import { page } from './paging.ts';
import { stateMachineArn, type Store } from './store.ts';

interface Parts {
  readonly machines: Machines;
  readonly store: Store;
}

/** Most findings that one validation answers, unless it asks for fewer. */
const DIAGNOSTICS_LIMIT = 100;

/** Builds the operations. */
export function machineOperations(parts: Parts) {
  return {
    CreateStateMachine: create(parts),
    UpdateStateMachine: update(parts),
    DeleteStateMachine: remove(parts),
    DescribeStateMachine: describe(parts),
    DescribeStateMachineForExecution: describeForExecution(parts),
    ListStateMachines: list(parts),
    ValidateStateMachineDefinition: validate(),
  };
}

/** Permission for one action on one ARN. */
export function allow(action: string, resource: string | undefined): Permission {
  return { action: `states:${action}`, resources: [resource ?? ''] };
}

function passRole(roleArn: string): Permission {
  return {
    action: 'iam:PassRole',
    resources: [roleArn],
    context: { 'iam:PassedToService': 'states.amazonaws.com' },
  };
}

function create({
  machines,
}: Parts): Operation<CreateStateMachineCommandInput, CreateStateMachineOutput> {
  return {
    permissions: ({ name, roleArn }) => [
      allow('CreateStateMachine', stateMachineArn(name ?? '')),
      passRole(roleArn ?? ''),
    ],
    run: (input) => {
      checkRequest(input, ['definition', 'roleArn', 'type'], {
        required: ['definition', 'roleArn'],
      });
      if (input.type === 'EXPRESS') {
        throw new AwsError(
          'StateMachineTypeNotSupported',
          'This operation is not supported by this type of state machine',
        );
      }
      const machine = machines.create({
        name: input.name ?? '',
        definition: input.definition ?? '',
        roleArn: input.roleArn ?? '',
        loggingConfiguration: input.loggingConfiguration,
        tracingConfiguration: input.tracingConfiguration,
      });
      return { stateMachineArn: machine.arn, creationDate: new Date(machine.createdAt) };
    },
  };
}

function update({
  machines,
  store,
}: Parts): Operation<UpdateStateMachineCommandInput, UpdateStateMachineOutput> {
  return {
    permissions: ({ stateMachineArn: arn, roleArn }) => [
      allow('UpdateStateMachine', arn),
      ...(roleArn === undefined ? [] : [passRole(roleArn)]),
    ],
    run: (input) => {
      checkRequest(input, ['stateMachineArn', 'definition', 'roleArn']);
      const { definition, roleArn, loggingConfiguration, tracingConfiguration } = input;
      const machine = store.machine(input.stateMachineArn ?? '');
      const change = { definition, roleArn, loggingConfiguration, tracingConfiguration };
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      if (given.length === 0) {
        throw new AwsError(
          'MissingRequiredParameter',
          'Either the definition, the role ARN, the LoggingConfiguration, or the ' +
            'TracingConfiguration must be specified',
        );
      }
      const revision = machines.update(machine, Object.fromEntries(given));
      return { updateDate: new Date(revision.updatedAt), ...revisionId(revision) };
    },
  };
}

function remove({ store }: Parts): Operation<DeleteStateMachineCommandInput, object> {
  return {
    permissions: ({ stateMachineArn: arn }) => [allow('DeleteStateMachine', arn)],
    run: (input) => {
      checkRequest(input, ['stateMachineArn']);
      const machine = store.findMachine(input.stateMachineArn ?? '');
      if (machine) machine.isDeleting = true;
      return {};
    },
  };
}

function describe({
  store,
}: Parts): Operation<DescribeStateMachineCommandInput, DescribeStateMachineOutput> {
  return {
    permissions: ({ stateMachineArn: arn }) => [allow('DescribeStateMachine', arn)],
    run: (input) => {
      checkRequest(input, ['stateMachineArn']);
      const machine = store.machine(input.stateMachineArn ?? '');
      return {
        stateMachineArn: machine.arn,
        name: machine.name,
        status: machine.isDeleting ? 'DELETING' : 'ACTIVE',
        type: 'STANDARD',
        creationDate: new Date(machine.createdAt),
        ...describeRevision(machine.revision),
      };
    },
  };
}

function describeForExecution({
  store,
}: Parts): Operation<
  DescribeStateMachineForExecutionCommandInput,
  DescribeStateMachineForExecutionOutput
> {
  return {
    permissions: ({ executionArn }) => [allow('DescribeStateMachineForExecution', executionArn)],
    run: (input) => {
      checkRequest(input, ['executionArn']);
      const execution = store.execution(input.executionArn ?? '');
      return {
        stateMachineArn: execution.stateMachineArn,
        name: execution.stateMachineName,
        updateDate: new Date(execution.revision.updatedAt),
        ...describeRevision(execution.revision),
      };
    },
  };
}

function describeRevision(revision: Revision) {
  const { variableReferences } = revision.definition;
  return {
    definition: revision.text,
    roleArn: revision.roleArn,
    loggingConfiguration: revision.loggingConfiguration,
    tracingConfiguration: revision.tracingConfiguration,
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' as const },
    ...(Object.keys(variableReferences).length === 0 ? {} : { variableReferences }),
    ...revisionId(revision),
  };
}

function revisionId(revision: Revision): { revisionId?: string } {
  return revision.revisionId === undefined ? {} : { revisionId: revision.revisionId };
}

function list({ store }: Parts): Operation<ListStateMachinesCommandInput, ListStateMachinesOutput> {
  return {
    permissions: () => [{ action: 'states:ListStateMachines', resources: ['*'] }],
    run: (input) => {
      checkRequest(input, ['maxResults', 'nextToken']);
      const { items, ...rest } = page(store.machines(), input, 'stateMachines');
      const stateMachines = items.map((machine) => ({
        stateMachineArn: machine.arn,
        name: machine.name,
        type: 'STANDARD' as const,
        creationDate: new Date(machine.createdAt),
      }));
      return { stateMachines, ...rest };
    },
  };
}

function validate(): Operation<
  ValidateStateMachineDefinitionCommandInput,
  ValidateStateMachineDefinitionOutput
> {
  return {
    permissions: () => [{ action: 'states:ValidateStateMachineDefinition', resources: ['*'] }],
    run: (input) => {
      checkRequest(input, ['type', 'severity'], { required: ['definition'] });
      const read = readDefinition(input.definition ?? '');
      const found = 'diagnostics' in read ? read.diagnostics : [];
      const most = input.maxResults || DIAGNOSTICS_LIMIT;
      return {
        result: found.length === 0 ? 'OK' : 'FAIL',
        diagnostics: found
          .slice(0, most)
          .map((diagnostic) => ({ severity: 'ERROR' as const, ...diagnostic })),
        truncated: found.length > most,
      };
    },
  };
}
