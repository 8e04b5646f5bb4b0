/**
 * Who answered the traffic: the load balancer's access log, counted by version.
 */

/** The fields of an access log entry that count here. */
export interface LogEntry {
  readonly targetGroupArn?: string | undefined;
  readonly targetStatusCode?: number | undefined;
}

/** What one version answered. */
export interface VersionCount {
  readonly answered: number;
  /** Answers with status 5xx, which are in `answered` as well. */
  readonly errors: number;
}

/** Counts by version; a version that answered nothing is missing. */
export type VersionCounts = Readonly<Record<string, VersionCount>>;

/** Adds up what versions answered, over all deployments of a rehearsal. */
export interface Scoreboard {
  /** Says which version runs behind a target group. */
  name(targetGroupArn: string, version: string): void;
  add(entry: LogEntry): void;
  counts(): VersionCounts;
}

/** An empty scoreboard. Target groups without a name are counted under their own. */
export function createScoreboard(): Scoreboard {
  const versions = new Map<string, string>();
  const counts = new Map<string, { answered: number; errors: number }>();
  return {
    name: (targetGroupArn, version) => {
      versions.set(targetGroupArn, version);
    },
    add: ({ targetGroupArn, targetStatusCode }) => {
      if (!targetGroupArn || targetStatusCode === undefined) return;
      const count = counts.get(targetGroupArn) ?? { answered: 0, errors: 0 };
      count.answered += 1;
      if (targetStatusCode >= 500) count.errors += 1;
      counts.set(targetGroupArn, count);
    },
    counts: () => {
      const named: Record<string, VersionCount> = {};
      for (const [targetGroupArn, { answered, errors }] of counts) {
        const version = versions.get(targetGroupArn) ?? targetGroupArn;
        const before = named[version] ?? { answered: 0, errors: 0 };
        named[version] = { answered: before.answered + answered, errors: before.errors + errors };
      }
      return named;
    },
  };
}

/** What was counted between two readings; versions that answered nothing are left out. */
export function countsBetween(before: VersionCounts, after: VersionCounts): VersionCounts {
  const between: Record<string, VersionCount> = {};
  for (const [version, { answered, errors }] of Object.entries(after)) {
    const start = before[version] ?? { answered: 0, errors: 0 };
    if (answered === start.answered) continue;
    between[version] = { answered: answered - start.answered, errors: errors - start.errors };
  }
  return between;
}

/** What a version answers per second, in whole answers. */
export interface Rate {
  readonly answersPerSecond: number;
  /** Answers with status 5xx, which are in `answersPerSecond` as well. */
  readonly errorsPerSecond: number;
}

/** The rate of a version that answers nothing. */
export const NO_RATE: Rate = { answersPerSecond: 0, errorsPerSecond: 0 };

/** Samples that a rate is counted over. */
const RATE_SAMPLES = 2;

/** Takes a sample at each call, `now` in milliseconds, and answers the rates of late by version. */
export function createRateMeter(
  scoreboard: Scoreboard,
): (now: number) => Readonly<Record<string, Rate>> {
  const samples: { readonly at: number; readonly counts: VersionCounts }[] = [];
  return (now) => {
    const counts = scoreboard.counts();
    samples.push({ at: now, counts });
    if (samples.length > RATE_SAMPLES + 1) samples.shift();
    const [oldest = { at: now, counts }] = samples;
    const seconds = (now - oldest.at) / 1000;
    if (seconds === 0) return {};
    const rates: Record<string, Rate> = {};
    for (const [version, count] of Object.entries(countsBetween(oldest.counts, counts))) {
      rates[version] = {
        answersPerSecond: Math.round(count.answered / seconds),
        errorsPerSecond: Math.round(count.errors / seconds),
      };
    }
    return rates;
  };
}
