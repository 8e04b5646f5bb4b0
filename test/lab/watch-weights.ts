/**
 * Law 5, seen from the region: weights that somebody else changed are not overwritten but by the
 * way back, and nothing is built on a weight that nobody has read back.
 * Not for: records of Route 53, and whether a weight is wise (see `law-watch.ts`).
 */
import { readShares, type RouteShares } from './fleet-sight.ts';
import type { Lab } from './lab.ts';
import { tookEffect, type WatchedCall, type Watcher } from './watched-call.ts';

/** Writes that move traffic. */
export const WEIGHT_WRITES: ReadonlySet<string> = new Set(['ModifyListener', 'ModifyRule']);

/** Reads that tell weights. */
const WEIGHT_READS: ReadonlySet<string> = new Set(['DescribeListeners', 'DescribeRules']);

/** A deployment that was stopped by a foreign change takes everything back: that is the stop. */
const WAY_BACK: ReadonlySet<string> = new Set(['roll-back', 'clean-up-green']);

type Shares = ReadonlyMap<string, RouteShares>;

/** A weight that was written and that no other function has read since. */
interface Unread {
  readonly percent: number;
  readonly by: string;
}

/** Starts to watch the routes of a lab's load balancer. */
export function watchWeights({ region, estate }: Pick<Lab, 'region' | 'estate'>): Watcher {
  let seen: Shares = readShares(region, estate.loadBalancerArn);
  // What Teal wrote or found last; a route that is otherwise was changed by somebody else.
  const known = new Map(seen);
  let unread: Unread | undefined;
  return (call) => {
    const task = taskOf(call);
    if (WEIGHT_READS.has(call.operation) && call.roleArn && task !== unread?.by) unread = undefined;
    if (!WEIGHT_WRITES.has(call.operation) || !tookEffect(call)) return [];
    const before = seen;
    seen = readShares(region, estate.loadBalancerArn);
    if (call.roleArn === undefined) return [];
    const written = [...seen].filter(([arn, shares]) => !isSame(shares, before.get(arn)));
    const overwritten = written.filter(
      ([arn]) => !isSame(known.get(arn) ?? before.get(arn), before.get(arn)) && !WAY_BACK.has(task),
    );
    for (const [arn, shares] of written) known.set(arn, shares);
    const percent = Math.max(0, ...written.map(([arn]) => growth(before.get(arn), seen.get(arn))));
    const complaints = [
      ...overwritten.map(([arn]) => `law 5: ${task} overwrote foreign weights of ${arn}`),
      ...judgeReadBack(unread, { task, percent, isWritten: written.length > 0 }),
    ];
    if (task === 'shift-traffic' && percent > 0) unread = { percent, by: task };
    return complaints;
  };
}

function judgeReadBack(
  unread: Unread | undefined,
  { task, percent, isWritten }: { task: string; percent: number; isWritten: boolean },
): readonly string[] {
  if (!unread || !isWritten) return [];
  const isNext = task === 'shift-traffic' && percent > unread.percent;
  return isNext || task === 'retire-blue'
    ? [`law 5: ${task} went on before ${unread.percent} % was read back`]
    : [];
}

/** The largest share that some fleet has now and did not have before; 0 where none grew. */
function growth(before: RouteShares = {}, after: RouteShares = {}): number {
  const grown = Object.entries(after).filter(([name, share]) => share > (before[name] ?? 0));
  return Math.max(0, ...grown.map(([, share]) => share));
}

function isSame(one: RouteShares = {}, other: RouteShares = {}): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

/** The file of the function that called; of a bundle, its name without service and stage. */
function taskOf({ invocation, callerLabel }: WatchedCall): string {
  return invocation?.task ?? callerLabel.replace(/^teal-[^-]+-/, '');
}
