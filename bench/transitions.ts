/**
 * What a deployment costs in state transitions: a canary of five steps over 60 minutes of region
 * time, and the same over 600, in virtual time and with the packaged functions.
 */
import { addImage, addServices } from './service.ts';
import { readHistory, startDeployment, waitForEnd } from './executions.ts';
import { printHeading, printTable } from './table.ts';
import { openWorld } from './world.ts';

const SEED = 1;

/** The last step is 100 %; its hold is the bake. */
const WEIGHTS = [5, 20, 50, 80];

const MINUTES = [60, 600];

/**
 * US dollars for one transition of a Standard workflow in us-east-1, after the free ones.
 * @source https://aws.amazon.com/step-functions/pricing/
 */
const DOLLARS_PER_TRANSITION = 0.000025;

async function measure(minutes: number) {
  const startedAt = performance.now();
  const world = await openWorld({ speed: 'virtual', seed: SEED });
  try {
    const holdSeconds = (minutes * 60) / (WEIGHTS.length + 1);
    const name = `canary-${minutes}`;
    await addServices(world, [name], {
      steps: WEIGHTS.map((greenWeightPercent) => ({ greenWeightPercent, holdSeconds })),
      bakeTimeSeconds: holdSeconds,
    });
    const imageId = addImage(world, `${name}-v2`);
    const before = world.region.clock.now();
    const execution = await startDeployment(world, { service: name, imageId }, `${name}-1`);
    const { status, cause } = await waitForEnd(world, execution, 60);
    const transitions = world.region.stepFunctions.billedTransitions(execution.executionArn);
    const calls = world.region.endpoint
      .calls()
      .filter(({ at, roleArn }) => at >= before && roleArn);
    return {
      'holds, region minutes': minutes,
      outcome: `${status} ${cause}`.trim(),
      transitions,
      'Step Functions $': (transitions * DOLLARS_PER_TRANSITION).toFixed(5),
      'history events': (await readHistory(world, execution)).length,
      'AWS calls': calls.length,
      'real seconds': ((performance.now() - startedAt) / 1000).toFixed(1),
    };
  } finally {
    await world.stop();
  }
}

printHeading('State transitions of a canary of five steps', {
  clock: 'virtual',
  seed: SEED,
  weights: [...WEIGHTS, 100].join('/'),
});
const rows = [];
for (const minutes of MINUTES) rows.push(await measure(minutes));
printTable(rows);
