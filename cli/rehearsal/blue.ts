/**
 * The wait for blue, before which there is nothing to deploy onto.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BLUE_INSTANCES, countHealthy, type Estate } from './estate.ts';
import { readLastWords, readPrograms } from './programs.ts';
import type { RunningRegion } from './start-region.ts';

/**
 * Real seconds that a program may take until it answers. Programs boot as slowly as they do, however
 * fast the clock of the region runs.
 */
export const BOOT_SECONDS_MAX = 30;

/** Real milliseconds between two looks. */
const LOOK_MILLISECONDS = 100;

/** Version 1 cannot be deployed onto; `lastWords` is what its program wrote, if it did. */
export class BlueIsUnfit extends Error {
  override readonly name = 'BlueIsUnfit';
  readonly lastWords: string;

  constructor(message: string, lastWords: string) {
    super(message);
    this.lastWords = lastWords;
  }
}

/**
 * Waits until all of blue is healthy.
 * @throws BlueIsUnfit as soon as one of its programs has ended, or when they take too long
 */
export async function waitForBlue(
  running: RunningRegion,
  { blueTargetGroupArn, autoScalingGroupName }: Estate,
  { healthPath, signal }: { healthPath: string; signal: AbortSignal },
): Promise<void> {
  const giveUpAt = performance.now() + BOOT_SECONDS_MAX * 1000;
  while ((await countHealthy(running.settings, blueTargetGroupArn)) < BLUE_INSTANCES) {
    const programs = await readPrograms(running, autoScalingGroupName);
    const ended = programs.find(({ endedByItself }) => endedByItself);
    if (ended) throw await unfit(running, ended.instanceId, 'its program ended at once');
    if (performance.now() > giveUpAt) {
      const because =
        `it did not answer the health checks of ${healthPath} on $PORT with status 200 ` +
        `within ${BOOT_SECONDS_MAX} s`;
      throw await unfit(running, programs.at(-1)?.instanceId, because);
    }
    await sleep(LOOK_MILLISECONDS, undefined, { signal });
  }
}

async function unfit(
  running: RunningRegion,
  instanceId: string | undefined,
  because: string,
): Promise<BlueIsUnfit> {
  return new BlueIsUnfit(
    `Version 1 is not running, so there is nothing to deploy onto: ${because}. ` +
      'Correct the command given by --blue and start again.',
    instanceId === undefined ? '' : await readLastWords(running, instanceId),
  );
}
