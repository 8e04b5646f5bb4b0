/**
 * The figures of a rehearsal, read off what AWS itself would tell: execution histories, alarm
 * histories, and the list of calls.
 */
import type { VersionCounts } from './scoreboard.ts';
import type { TimelineEntry } from '../answers.ts';

/** How a deployment ended; one that was refused before it began is `failed` as well. */
export type ReportedOutcome = 'succeeded' | 'rolledBack' | 'failed';

/** One deployment, as `--json` prints it. */
export interface DeploymentReport {
  readonly deploymentId: string;
  readonly outcome: ReportedOutcome;
  readonly reason: string;
  /** Confirmed weights with the region time of their confirmation. */
  readonly steps: readonly { readonly greenWeightPercent: number; readonly at: string }[];
  readonly requests: {
    readonly sent: number;
    /** Requests that no version answered. */
    readonly failed: number;
    readonly byVersion: VersionCounts;
  };
  readonly stateTransitions: number;
  /** Calls of the functions, by `service:Operation`. */
  readonly awsCalls: Readonly<Record<string, number>>;
  /** Real milliseconds; null when green never was healthy or never got traffic. */
  readonly greenHealthyToFirstShiftMs: number | null;
  /** Real milliseconds; null when no alarm was raised. */
  readonly alarmToBlueFullMs: number | null;
}

/** What `--json` prints. */
export interface RehearsalReport {
  readonly deployments: readonly DeploymentReport[];
  readonly region: { readonly speed: number; readonly wallSeconds: number };
}

/** One deployment of the rehearsal, and how it was meant to end. */
export interface PlayedDeployment {
  readonly version: string;
  readonly expected: 'succeeded' | 'rolledBack';
  readonly report: DeploymentReport;
}

/** Says whether a deployment ended as it was meant to. */
export function endedAsMeant({ expected, report }: PlayedDeployment): boolean {
  return report.outcome === expected;
}

/** A status of the API as an outcome. */
export function toOutcome(status: string): ReportedOutcome {
  return status === 'succeeded' || status === 'rolledBack' ? status : 'failed';
}

/**
 * Confirmed weights in order, the one after a rollback included; empty when green never had
 * traffic. The timeline says `hold` or `decide` when a weight was read back.
 */
export function readSteps(
  entries: readonly TimelineEntry[],
): { greenWeightPercent: number; at: string }[] {
  const steps = entries
    .filter(
      ({ state, event }) =>
        (state === 'ConfirmTraffic' && (event === 'hold' || event === 'decide')) ||
        (state === 'ConfirmRollback' && event === 'cleanUp'),
    )
    .map(({ greenWeightPercent, at }) => ({ greenWeightPercent: greenWeightPercent ?? 0, at }));
  return steps.some(({ greenWeightPercent }) => greenWeightPercent > 0) ? steps : [];
}

/** Counts calls by `service:Operation`. */
export function countCalls(
  calls: readonly { readonly service: string; readonly operation: string }[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { service, operation } of calls) {
    const key = `${service}:${operation}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => a.localeCompare(b)));
}

/** One event of an execution's history, as far as it counts here. */
export interface HistoryEvent {
  readonly type?: string | undefined;
  readonly timestamp?: Date | undefined;
  readonly stateExitedEventDetails?: { readonly name?: string | undefined } | undefined;
}

/** When a state was left for the first time; undefined when it never was. */
export function firstExit(history: readonly HistoryEvent[], state: string): number | undefined {
  const exit = history.find((event) => event.stateExitedEventDetails?.name === state);
  return exit?.timestamp?.getTime();
}

/** Region milliseconds between two instants, as milliseconds of real time. */
export function realMilliseconds(
  from: number | undefined,
  to: number | undefined,
  speed: number,
): number | null {
  return from === undefined || to === undefined ? null : Math.round((to - from) / speed);
}
