/**
 * One deployment as it is kept: what was asked, what was planned, how far it came.
 */
import type { CloneReport } from './clone/report.ts';
import type { AbortRequest } from './observation.ts';
import type { Orders } from './orders.ts';
import type { Plan } from './plan.ts';
import { hasEnded, type Progress } from './progress.ts';
import type { DeploymentRequest } from './spec.ts';
import type { IsoInstant } from './units.ts';

/** The whole of a deployment in the table, its timeline aside. */
export interface DeploymentRecord {
  readonly deploymentId: string;
  readonly service: string;
  readonly startedAt: IsoInstant;
  /** The one execution that may drive it: the first, or the recovery that took over last. */
  readonly executionArn: string;
  /** As it came in; never holds a secret, because requests have no place for one. */
  readonly request: DeploymentRequest | Readonly<Record<string, unknown>>;
  /** Absent when the deployment was refused before it had one. */
  readonly plan?: Plan;
  readonly progress: Progress;
  /** The lock's fencing number; absent until the lock was acquired. */
  readonly fence?: number;
  readonly abort?: AbortRequest;
  /** What operators asked for besides; absent until somebody does. */
  readonly orders?: Orders;
  /** Counts the saves of the orders, which are saved apart from all the rest; absent means none. */
  readonly orderCount?: number;
  /** What was taken up after the end, such as a clean-up that failed; absent when nothing was. */
  readonly errand?: Errand;
  /** What the read-back of green found; absent until green was read back. */
  readonly cloneReport?: CloneReport;
  /** Counts the saves of this record; a save names the number it read. */
  readonly revision: number;
}

/** Work for a deployment that has ended; its outcome stays what it is. */
export interface Errand {
  readonly type: 'rollBack' | 'retireBlue' | 'cleanUpGreen' | 'publish' | 'tell' | 'release';
  readonly begunAt: IsoInstant;
  /** Absent while it is under way. */
  readonly endedAt?: IsoInstant;
}

/** Errands that write nothing to any fleet or route. */
const FLEETLESS: readonly Errand['type'][] = ['publish', 'tell'];

/** Says whether an errand is under way. */
export function isOnErrand({ errand }: Pick<DeploymentRecord, 'errand'>): boolean {
  return errand !== undefined && errand.endedAt === undefined;
}

/** The errand that is under way and may change a fleet or its traffic; undefined without one. */
export function fleetErrandOf(record: Pick<DeploymentRecord, 'errand'>): Errand | undefined {
  const { errand } = record;
  return errand && isOnErrand(record) && !FLEETLESS.includes(errand.type) ? errand : undefined;
}

/** Says whether tasks may write for a deployment: it has not ended, or is on an errand. */
export function isOpen(record: Pick<DeploymentRecord, 'progress' | 'errand'>): boolean {
  return !hasEnded(record.progress) || isOnErrand(record);
}

/** One line of a deployment's history. */
export interface TimelineEntry {
  readonly at: IsoInstant;
  /** Orders lines of one instant: the record's revision when the line was written. */
  readonly order: number;
  /** The state that wrote it, such as `ShiftTraffic`; `Operator` where it was an order. */
  readonly state: string;
  /** What was decided or done: a directive's type, or a verb. */
  readonly event: string;
  /** The sentence people read. */
  readonly reason: string;
  readonly greenWeightPercent?: number;
  /** ARN of who asked for it; absent where it was Teal's own decision. */
  readonly by?: string;
}
