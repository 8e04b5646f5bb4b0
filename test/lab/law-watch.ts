/**
 * Watches a region for what no deployment may do, while it does it: at every request that the load
 * balancer answers and after every call of Teal's functions, with the region's own eyes. Laws 1 and
 * 2 are here, 5, 6 and 7 in `watch-*.ts`; laws 3, 4 and 8 are for whoever plays a deployment to its
 * end under this watch.
 * Not for: what Teal says of itself, and what must be true when it is over (see `leftovers.ts`).
 */
import { type FleetSight, readFleets } from './fleet-sight.ts';
import { currentInvocation } from './invocations.ts';
import type { Lab } from './lab.ts';
import { nameOf } from './sight.ts';
import { tookEffect, type WatchedCall } from './watched-call.ts';
import { watchDeletions } from './watch-deletions.ts';
import { watchWeights, WEIGHT_WRITES } from './watch-weights.ts';
import { watchWriters } from './watch-writers.ts';

export interface LawWatch {
  /** What was against a law, and when, in words. */
  violations(): readonly string[];
  /** From now on another fleet is the one to which everything could go back. */
  turn(blue: string): void;
  stop(): void;
}

export interface LawWatchOptions {
  /** Instances that all of the traffic needs. */
  readonly neededInstances: number;
  /**
   * Region seconds for which green may be too weak for its traffic while blue could take it:
   * nobody can know of a dead instance before its health checks and an alarm have seen it. A blue
   * that lost an instance is for its group to heal: green has proved nothing yet.
   */
  readonly reactionSeconds: number;
  /** Groups and target groups that the service lets be deleted; absent means that it lets none. */
  readonly given?: readonly string[];
}

/**
 * What the labs' usual estate comes to. Green may be too weak for as long as two failed health
 * checks, one minute of the metric, its delay, and the way back take.
 */
export function usualLaws({ estate }: Pick<Lab, 'estate'>): LawWatchOptions {
  const given = [estate.autoScalingGroupName, nameOf(estate.blueTargetGroupArn)];
  return { neededInstances: USUAL_INSTANCES, reactionSeconds: 240, given };
}

/** Healthy instances that the usual estate's blue runs. */
export const USUAL_INSTANCES = 2;

/** Region milliseconds between two looks while requests come. */
const LOOK_MILLISECONDS = 1000;

/** Starts to watch; every look costs a fraction of a real millisecond. */
export function watchLaws(lab: Lab, options: LawWatchOptions): LawWatch {
  const { region, clock, estate } = lab;
  const watchers = [watchWeights(lab), watchWriters(), watchDeletions(lab, options.given ?? [])];
  let blueName = nameOf(estate.blueTargetGroupArn);
  const found = new Map<string, string>();
  const weakness = createWeakness(options);
  let before: readonly FleetSight[] = [];
  let lookedAt = clock.now();
  const tell = (sentences: readonly string[]) => {
    for (const sentence of sentences) {
      if (found.has(sentence)) continue;
      found.set(sentence, `${sentence} (${new Date(clock.now()).toISOString()})`);
    }
  };
  const look = (): Both => {
    lookedAt = clock.now();
    const fleets = readFleets(region, estate.loadBalancerArn);
    const both = splitFleets(fleets, blueName);
    tell(weakness(both, clock.now()));
    return both;
  };
  const onWrite = ({ callerLabel }: WatchedCall) => {
    const both = look();
    tell(judgeWrite(before, both, options).map((what) => `${callerLabel} ${what}`));
    before = [...both.others, ...(both.blue ? [both.blue] : [])];
  };
  const stopCalls = region.endpoint.onCall((record, input) => {
    // Calls of people come from no function, even while they are made inside one.
    const invocation = record.roleArn === undefined ? undefined : currentInvocation();
    const call: WatchedCall = { ...record, input, ...(invocation && { invocation }) };
    for (const watcher of watchers) tell(watcher(call));
    const isOurs = record.roleArn !== undefined && tookEffect(record);
    if (isOurs && WEIGHT_WRITES.has(record.operation)) onWrite(call);
  });
  let isWatching = true;
  region.loadBalancing.onAccess(() => {
    if (isWatching && clock.now() - lookedAt >= LOOK_MILLISECONDS) look();
  });
  return {
    violations: () => [...found.values()],
    turn: (blue) => {
      blueName = blue;
      before = [];
    },
    stop: () => {
      isWatching = false;
      stopCalls();
    },
  };
}

/** Blue, where a route still names it, and everything else that is named. */
interface Both {
  readonly blue: FleetSight | undefined;
  readonly others: readonly FleetSight[];
}

function splitFleets(fleets: readonly FleetSight[], blueName: string): Both {
  return {
    blue: fleets.find(({ name }) => name === blueName),
    others: fleets.filter(({ name }) => name !== blueName),
  };
}

/** Instances that a fleet needs for its share; one too few is against law 1. */
function isTooWeak(fleet: FleetSight, { neededInstances }: LawWatchOptions): boolean {
  return fleet.healthy < Math.ceil((fleet.percent / 100) * neededInstances);
}

/** Law 1 over time: green does not stay too weak for its traffic while blue could take it. */
function createWeakness(options: LawWatchOptions) {
  const weakSince = new Map<string, number>();
  return ({ blue, others }: Both, now: number): readonly string[] => {
    const isRefuge = blue !== undefined && blue.healthy >= options.neededInstances;
    const weak = others.filter((fleet) => isRefuge && isTooWeak(fleet, options));
    for (const name of weakSince.keys()) {
      if (weak.every((fleet) => fleet.name !== name)) weakSince.delete(name);
    }
    return weak.flatMap(({ name, percent, healthy }) => {
      const since = weakSince.get(name) ?? now;
      weakSince.set(name, since);
      return now - since > options.reactionSeconds * 1000
        ? [`law 1: ${name} kept ${percent} % with ${healthy} healthy targets`]
        : [];
    });
  };
}

/** Laws 1 and 2 at a write: who gets more can take it, and blue can take everything back. */
function judgeWrite(
  before: readonly FleetSight[],
  { blue, others }: Both,
  options: LawWatchOptions,
): readonly string[] {
  const grown = others.filter(
    ({ name, percent }) => percent > (before.find((one) => one.name === name)?.percent ?? 0),
  );
  const weak = grown
    .filter((fleet) => isTooWeak(fleet, options))
    .map((fleet) => `gave ${fleet.name} ${fleet.percent} % on ${fleet.healthy}: law 1`);
  const isBlueWeak = blue !== undefined && blue.healthy < options.neededInstances;
  const unsafe = grown
    .filter(() => isBlueWeak)
    .map(({ percent }) => `shifted ${percent} % while blue had ${blue?.healthy} healthy: law 2`);
  return [...weak, ...unsafe];
}
