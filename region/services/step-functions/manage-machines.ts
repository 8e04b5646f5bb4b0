/**
 * Creates, updates and deletes state machines.
 * Not for: the form of requests and answers (see `machine-operations.ts`).
 */
import type { LoggingConfiguration, TracingConfiguration } from '@aws-sdk/client-sfn';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Identities } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { checkName } from './constraints.ts';
import type { Revision } from './execution.ts';
import { uuid } from './jsonata-functions.ts';
import { loadDefinition } from './load-definition.ts';
import { stateMachineArn, type StateMachine, type Store } from './store.ts';

/** What a state machine is made of. */
export interface MachineSpec {
  readonly name: string;
  readonly roleArn: string;
  /** JSON text. */
  readonly definition: string;
  /** Missing means that nothing is logged. */
  readonly loggingConfiguration?: LoggingConfiguration | undefined;
  readonly tracingConfiguration?: TracingConfiguration | undefined;
}

/** State machines as their operations change them. */
export interface Machines {
  /**
   * Creates a state machine, or answers the one that is the same but for its role.
   * @throws AwsError InvalidName, InvalidDefinition, InvalidLoggingConfiguration,
   * StateMachineAlreadyExists, StateMachineDeleting, AccessDeniedException
   */
  create(spec: MachineSpec): StateMachine;
  /** Changes what new executions run; what is missing stays. */
  update(machine: StateMachine, change: Partial<MachineSpec>): Revision;
}

/** Builds the management of state machines. */
export function createMachines(parts: Parts): Machines {
  return {
    create: (spec) => createMachine(parts, spec),
    update: (machine, change) => {
      refuseDeleting(machine);
      const { revision } = machine;
      machine.revision = {
        ...revise(parts, {
          definition: change.definition ?? revision.text,
          roleArn: change.roleArn ?? revision.roleArn,
          loggingConfiguration: change.loggingConfiguration ?? revision.loggingConfiguration,
          tracingConfiguration: change.tracingConfiguration ?? revision.tracingConfiguration,
        }),
        revisionId: uuid(parts.kernel),
      };
      return machine.revision;
    },
  };
}

interface Parts {
  readonly kernel: Kernel;
  readonly identities: Identities;
  readonly store: Store;
}

function createMachine(parts: Parts, spec: MachineSpec): StateMachine {
  checkName(spec.name);
  const arn = stateMachineArn(spec.name);
  const existing = parts.store.findMachine(arn);
  if (existing) refuseDeleting(existing);
  const revision = revise(parts, spec);
  if (existing) {
    if (isSame(existing.revision, revision)) return existing;
    throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
  }
  const createdAt = parts.kernel.clock.now();
  const machine = { arn, name: spec.name, createdAt, revision, isDeleting: false };
  parts.store.addMachine(machine);
  return machine;
}

/** @throws AwsError StateMachineDeleting */
export function refuseDeleting({ arn, isDeleting }: StateMachine): void {
  if (!isDeleting) return;
  throw new AwsError('StateMachineDeleting', `State Machine is being deleted: '${arn}'`);
}

function revise(parts: Parts, spec: Omit<MachineSpec, 'name'>): Omit<Revision, 'revisionId'> {
  const definition = loadDefinition(spec.definition);
  const loggingConfiguration = readLogging(spec.loggingConfiguration);
  checkRole(parts.identities, spec.roleArn);
  return {
    definition,
    text: spec.definition,
    roleArn: spec.roleArn,
    loggingConfiguration,
    tracingConfiguration: { enabled: spec.tracingConfiguration?.enabled === true },
    updatedAt: parts.kernel.clock.now(),
  };
}

/** Creating the same twice is one creation; the role is not compared. */
function isSame(a: Revision, b: Omit<Revision, 'revisionId'>): boolean {
  const parts = ({ text, loggingConfiguration, tracingConfiguration }: typeof b): string =>
    JSON.stringify([text, loggingConfiguration, tracingConfiguration]);
  return parts(a) === parts(b);
}

/** Step Functions has to be able to assume the role before anything runs under it. */
function checkRole(identities: Identities, roleArn: string): void {
  try {
    identities.assume({ roleArn, principal: 'states.amazonaws.com', sessionName: 'validation' });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'AccessDeniedException',
      'Neither the global service principal states.amazonaws.com, nor the regional one is ' +
        `authorized to assume the provided role: ${roleArn}`,
    );
  }
}

function readLogging(given: LoggingConfiguration | undefined): LoggingConfiguration {
  const level = given?.level ?? 'OFF';
  const destinations = given?.destinations ?? [];
  if (level !== 'OFF' && destinations.length !== 1) {
    throw new AwsError(
      'InvalidLoggingConfiguration',
      "Invalid Logging Configuration: 'Must specify exactly one Log Destination.'",
    );
  }
  return {
    level,
    includeExecutionData: given?.includeExecutionData === true,
    ...(destinations.length === 0 ? {} : { destinations }),
  };
}
