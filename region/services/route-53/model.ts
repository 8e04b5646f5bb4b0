/**
 * What Route 53 remembers: hosted zones with their records, changes under way, health checks.
 * Not for: which records go together (`record-rules.ts`) or which one answers (`dns.ts`).
 */
import type { ChangeInfo, HealthCheckConfig, ResourceRecordSet } from '@aws-sdk/client-route-53';

/** A record set as AWS describes it, with its name completed. */
export type RecordSet = ResourceRecordSet & {
  readonly Name: string;
  readonly Type: NonNullable<ResourceRecordSet['Type']>;
};

/** Record sets by `keyOf`. */
export type Records = ReadonlyMap<string, RecordSet>;

/** The records of a zone from one change on. */
export interface ZoneVersion {
  readonly records: Records;
  /** When every name server answers by it; region time, epoch milliseconds. */
  readonly inSyncAt: number;
}

/** A public hosted zone. */
export interface HostedZone {
  /** Without `/hostedzone/`. */
  readonly id: string;
  /** With the dot at its end. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string;
  readonly nameServers: readonly string[];
  /** Oldest first; the last one is what the API describes. */
  readonly versions: readonly ZoneVersion[];
  /** Until then a further change is refused; region time, epoch milliseconds. */
  readonly busyUntil: number;
}

/** A change as it was accepted. */
export interface Change {
  /** Without `/change/`. */
  readonly id: string;
  readonly submittedAt: number;
  readonly inSyncAt: number;
  readonly comment?: string;
}

/** A health check, whose result the region is told from outside. */
export interface HealthCheck {
  readonly id: string;
  readonly callerReference: string;
  readonly config: HealthCheckConfig;
  readonly isHealthy: boolean;
  /** Region time, epoch milliseconds. */
  readonly checkedAt: number;
}

/** What tells one record set of a zone from another. */
export function keyOf({ Name, Type, SetIdentifier = '' }: RecordSet): string {
  return `${Name} ${Type} ${SetIdentifier}`;
}

/** A change as AWS describes it. */
export function describeChange(change: Change, now: number): ChangeInfo {
  return {
    Id: `/change/${change.id}`,
    Status: now < change.inSyncAt ? 'PENDING' : 'INSYNC',
    SubmittedAt: new Date(change.submittedAt),
    ...(change.comment !== undefined && { Comment: change.comment }),
  };
}
