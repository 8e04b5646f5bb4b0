/**
 * Looks at a deployment again and again until it is over: often while it moves, seldom while it
 * holds, and patiently while the API is not reached.
 */
import { once } from 'node:events';
import type { ApiClient } from '../api-client.ts';
import { DeploymentUnknown } from '../deployment-id.ts';
import { isPassing } from '../patience.ts';
import type { ShellClock } from '../shell.ts';
import { apiTime, isFinal, look, type Sight } from './sight.ts';

/** Real milliseconds between two looks: after a change, and at the most. */
const POLL_MILLISECONDS = { min: 1000, max: 5000 };

/** How much longer the next pause is after a look at which nothing had changed. */
const POLL_GROWTH = 1.5;

/** Real milliseconds between two showings of the same sight, because its countdown goes on. */
const SHOW_MILLISECONDS = 1000;

/** Real milliseconds between two attempts to reach the API, at the most. */
const RETRY_MILLISECONDS_MAX = 30_000;

/** Real milliseconds without the API after which watching ends; the deployment does not. */
const LOST_MILLISECONDS_MAX = 15 * 60_000;

/** Real milliseconds that a deployment which was just started may take to have a record. */
const BIRTH_MILLISECONDS_MAX = 60_000;

/** How to follow. */
export interface FollowOptions {
  readonly clock: ShellClock;
  readonly signal: AbortSignal;
  /** True when it was just started, and may have no record yet. */
  readonly isNew: boolean;
  /** Gets every sight, and the same one again about once a second. */
  readonly show: (sight: Sight) => void;
}

/**
 * Follows a deployment and answers the last sight of it.
 * @throws DeploymentUnknown when there is none
 * @throws ApiRefused, ApiUnreachable when the API refuses, or is not reached for a quarter of an hour
 * @throws AbortError when the signal aborts first
 */
export async function follow(
  api: ApiClient,
  deploymentId: string,
  options: FollowOptions,
): Promise<Sight> {
  const { clock, signal, show } = options;
  const begunAt = clock.now();
  let sight: Sight = { deploymentId, entries: [] };
  let pause = POLL_MILLISECONDS.min;
  for (;;) {
    const before = sight;
    sight = await unlessAborted(lookOrLose(api, before, clock), signal);
    const mayBeBorn = options.isNew && clock.now() - begunAt < BIRTH_MILLISECONDS_MAX;
    if (!sight.deployment && !sight.lost && !mayBeBorn) throw unknown(deploymentId, options.isNew);
    show(sight);
    if (isFinal(sight)) return sight;
    pause = nextPause(before, sight, pause);
    for (let left = pause; left > 0; left -= SHOW_MILLISECONDS) {
      await clock.sleep(Math.min(left, SHOW_MILLISECONDS), signal);
      if (left > SHOW_MILLISECONDS) show(sight);
    }
  }
}

/** Waits for an answer no longer than the reader does. @throws AbortError */
async function unlessAborted<Value>(asking: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const waiting = new AbortController();
  const aborted = once(signal, 'abort', { signal: waiting.signal }).then(() => {
    throw signal.reason;
  });
  try {
    return await Promise.race([asking, aborted]);
  } finally {
    // Whichever comes too late is nobody's any more.
    aborted.catch(() => undefined);
    asking.catch(() => undefined);
    waiting.abort();
  }
}

async function lookOrLose(api: ApiClient, before: Sight, clock: ShellClock): Promise<Sight> {
  try {
    const sight = await look(api, before);
    const { aheadMilliseconds } = before;
    const ahead = sight.observation
      ? Date.parse(sight.observation.at) - clock.now()
      : aheadMilliseconds;
    return { ...sight, ...(ahead !== undefined && { aheadMilliseconds: ahead }) };
  } catch (error) {
    const now = apiTime(before, clock);
    const since = before.lost?.since ?? now;
    if (!isPassing(error) || now - since > LOST_MILLISECONDS_MAX) throw error;
    const attempts = (before.lost?.attempts ?? 0) + 1;
    return { ...before, lost: { since, attempts, because: (error as Error).message } };
  }
}

function nextPause(before: Sight, after: Sight, pause: number): number {
  const { min, max } = POLL_MILLISECONDS;
  if (after.lost) return Math.min(RETRY_MILLISECONDS_MAX, min * 2 ** (after.lost.attempts - 1));
  return essence(before) === essence(after) ? Math.min(max, pause * POLL_GROWTH) : min;
}

/** A sight without the time of its readings. */
function essence({ observation, deployment, entries }: Sight): string {
  return JSON.stringify([{ ...observation, at: '' }, deployment?.status, entries.length]);
}

function unknown(deploymentId: string, isNew: boolean): DeploymentUnknown {
  if (!isNew) {
    return new DeploymentUnknown(
      `There is no deployment ${deploymentId}; \`teal list\` shows what there is.`,
    );
  }
  return new DeploymentUnknown(
    `Deployment ${deploymentId} was accepted and has no record after ${BIRTH_MILLISECONDS_MAX / 1000} s; ` +
      'look at its execution in the Step Functions console.',
  );
}
