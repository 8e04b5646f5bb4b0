/**
 * The functions of the region and all that is known about each.
 * Not for: running them.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Identities } from '../../kernel/contracts.ts';
import { LATEST, notFound } from './names.ts';
import type { FunctionReference } from './names.ts';
import type { Pool } from './pool.ts';
import { createResourcePolicy } from './resource-policy.ts';
import type { ResourcePolicy } from './resource-policy.ts';
import { createRevisions, isSameRevision, LAMBDA_PRINCIPAL } from './revisions.ts';
import type { FunctionRevision, RevisionDependencies } from './revisions.ts';
import { invalidParameter, readSettings } from './settings.ts';
import type { FunctionOptions, FunctionSettings } from './settings.ts';

/** Invocations at a time in the account. @source gettingstarted-limits page of the guide */
export const ACCOUNT_CONCURRENCY = 1000;

/** Concurrency that reservations must leave to the functions without one. */
const LEAST_UNRESERVED = 100;

/** How Lambda retries asynchronous events of a function, and where those go that it gives up. */
export interface EventRetries {
  /** 0 to 2. */
  readonly maximumRetryAttempts: number;
  /** Region seconds, 60 to 21600. */
  readonly maximumEventAgeSeconds: number;
  /** ARN of the queue for records of events that were given up. Absent means that they are gone. */
  readonly onFailureArn?: string;
}

/** @source https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const DEFAULT_RETRIES: EventRetries = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

/** One function. What can change is changed by the registry and the operations alone. */
export interface FunctionRecord {
  latest: FunctionRevision;
  eventRetries: EventRetries;
  /** Published versions by their numbers, `1` first. */
  readonly versions: Map<string, FunctionRevision>;
  readonly policy: ResourcePolicy;
  /** Invocations that are running. */
  running: number;
}

/** Starts without any function. */
export function createRegistry(dependencies: RevisionDependencies) {
  const { identities } = dependencies;
  const records = new Map<string, FunctionRecord>();
  const revisions = createRevisions(dependencies);

  const add = (options: FunctionOptions): FunctionRecord => {
    const settings = readSettings(options);
    if (records.has(settings.name)) {
      throw new AwsError('ResourceConflictException', `Function already exist: ${settings.name}`, {
        httpStatus: 409,
        fields: { Type: 'User' },
      });
    }
    checkReservation(settings, all());
    checkRole(settings, identities);
    const record: FunctionRecord = {
      latest: revisions.make(settings, options),
      eventRetries: DEFAULT_RETRIES,
      versions: new Map(),
      policy: createResourcePolicy(settings.name),
      running: 0,
    };
    records.set(settings.name, record);
    return record;
  };

  /** Changes the settings of `$LATEST`; its code stays. */
  const change = (record: FunctionRecord, settings: FunctionSettings): void => {
    revisions.retire(record.latest);
    record.latest = revisions.remake(record.latest, settings);
  };

  /** Gives a function other code and settings. @throws AwsError ResourceNotFoundException */
  const update = (options: FunctionOptions): FunctionRecord => {
    const settings = readSettings(options);
    const record = find({ name: settings.name });
    const others = all().filter((other) => other !== record);
    checkReservation(settings, others);
    checkRole(settings, identities);
    revisions.retire(record.latest);
    record.latest = revisions.make(settings, options);
    return record;
  };

  /** Freezes `$LATEST` under the next number, unless the last version is the same. */
  const publish = (record: FunctionRecord): { version: string; isNew: boolean } => {
    const { latest, versions } = record;
    const [number, last] = [...versions].at(-1) ?? ['0', undefined];
    if (last && isSameRevision(last, latest)) return { version: number, isNew: false };
    const version = String(Number(number) + 1);
    versions.set(version, revisions.remake(latest));
    return { version, isNew: true };
  };

  /** @throws AwsError ResourceNotFoundException */
  const find = ({ name, qualifier = LATEST }: FunctionReference): FunctionRecord => {
    const record = records.get(name);
    if (!record) throw notFound(qualifier === LATEST ? name : `${name}:${qualifier}`);
    if (qualifier !== LATEST && !record.versions.has(qualifier)) {
      throw notFound(`${name}:${qualifier}`);
    }
    return record;
  };

  const all = (): readonly FunctionRecord[] => [...records.values()];
  const stop = (): Promise<void> => revisions.stop(all().flatMap(poolsOf));

  return { add, update, change, publish, find, all, stop };
}

/** What runs when a function is invoked under a version, or under none. */
export function revisionOf(record: FunctionRecord, qualifier = LATEST): FunctionRevision {
  return record.versions.get(qualifier) ?? record.latest;
}

/** The environments of a function, those of its versions included. */
export function poolsOf({ latest, versions }: FunctionRecord): readonly Pool[] {
  return [latest.pool, ...[...versions.values()].map(({ pool }) => pool)];
}

/** Finds functions by name and version, and changes what is known of them. */
export type Registry = ReturnType<typeof createRegistry>;

function checkReservation(settings: FunctionSettings, others: readonly FunctionRecord[]): void {
  const { reservedConcurrency: own = 0 } = settings;
  if (!Number.isInteger(own) || own < 0) {
    throw invalidParameter(`Reserved concurrency is a whole number from 0, not ${own}.`);
  }
  if (ACCOUNT_CONCURRENCY - reservedBy(others) - own < LEAST_UNRESERVED) {
    throw invalidParameter(
      "Specified ReservedConcurrentExecutions for function decreases account's " +
        `UnreservedConcurrentExecution below its minimum value of [${LEAST_UNRESERVED}].`,
    );
  }
}

/** Concurrency that functions have reserved together. */
export function reservedBy(records: readonly FunctionRecord[]): number {
  return records.reduce((sum, { latest }) => sum + (latest.settings.reservedConcurrency ?? 0), 0);
}

function checkRole(settings: FunctionSettings, identities: Identities): void {
  const { roleArn } = settings;
  if (roleArn === undefined) return;
  try {
    identities.assume({ roleArn, principal: LAMBDA_PRINCIPAL, sessionName: settings.name });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
  }
  const traces = { action: 'xray:PutTraceSegments', resources: ['*'] };
  if (settings.tracing === 'Active' && !identities.isAllowed(roleArn, traces)) {
    throw invalidParameter(
      'The provided execution role does not have permissions to call PutTraceSegments on XRAY',
    );
  }
}
