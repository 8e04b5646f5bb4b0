/**
 * How long an operator's order takes to show: from the beginning of the API call to the event in the
 * execution's own history by which anybody can see it, in milliseconds of real time.
 *   node --import tsx bench/verbs.ts [--speed 30] [--rounds 12]
 */
import { parseArgs } from 'node:util';
import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { type Execution, startDeployment, waitForTask } from './executions.ts';
import { addImage, addServices } from './service.ts';
import { printHeading, printTable, spreadOf } from './table.ts';
import { openWorld, type World } from './world.ts';

const { values: wishes } = parseArgs({
  options: {
    speed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '12' },
  },
});

const SPEED = Number(wishes.speed);
const ROUNDS = Number(wishes.rounds);

const SEED = 1;

/** Longer than the benchmark, whatever it measures. */
const HOLD_SECONDS = 86_400;

/** Real seconds after which an order has clearly not shown. */
const PATIENCE_SECONDS = 60;

/** Real milliseconds between two looks for an effect; the figures do not depend on it. */
const LOOK_MILLISECONDS = 250;

/** Events of a history in which an effect is found: more than there are between order and look. */
const LATEST_EVENTS = 60;

/** Real milliseconds that the machine is left alone before an order, so that none waits for another. */
const REST_MILLISECONDS = 500;

/** Region seconds between two starts: AWS lets an account write to ELB three times a second. */
const STAGGER_SECONDS = 6;

/**
 * Region seconds after a rollback began, in which its clean-up takes what AWS lets an account ask
 * of ELB: 25 and more calls, with 10 a second coming back.
 */
const CLEAN_UP_SECONDS = 20;

/** One order, and where its effect shows. */
interface Asking {
  readonly verb: string;
  readonly body?: object;
  /** The state whose entering or leaving is the effect, and which of both. */
  readonly shows: readonly [event: 'entered' | 'exited', state: string];
}

/** What one deployment is asked over and over, two steps a round. A weight counts when read back. */
const ROUND: readonly Asking[] = [
  { verb: 'pause', shows: ['entered', 'Paused'] },
  { verb: 'resume', shows: ['entered', 'Hold'] },
  { verb: 'extendHold', body: { seconds: 60 }, shows: ['entered', 'Hold'] },
  { verb: 'promote', shows: ['exited', 'ConfirmTraffic'] },
  { verb: 'skipHold', shows: ['entered', 'RequestApproval'] },
  { verb: 'approve', shows: ['exited', 'ConfirmTraffic'] },
];

const PROMOTE_ALL: Asking = { verb: 'promoteAll', shows: ['exited', 'ConfirmTraffic'] };
const ABORT: Asking = { verb: 'abort', shows: ['exited', 'ConfirmRollback'] };
const REJECT: Asking = { verb: 'reject', shows: ['exited', 'ConfirmRollback'] };

/** When a history shows an effect, region time; undefined while it does not. */
function shownAt(
  events: readonly HistoryEvent[],
  [event, state]: Asking['shows'],
  since: number,
): number | undefined {
  const found = events.find(({ timestamp, ...one }) => {
    const details =
      event === 'entered' ? one.stateEnteredEventDetails : one.stateExitedEventDetails;
    return details?.name === state && (timestamp?.getTime() ?? 0) >= since;
  });
  return found?.timestamp?.getTime();
}

/** The end of a history, oldest event first: reading all of it would cost what is measured. */
async function readLatest(
  { stepFunctions }: World,
  { executionArn }: Execution,
): Promise<readonly HistoryEvent[]> {
  const wanted = { executionArn, reverseOrder: true, maxResults: LATEST_EVENTS };
  const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand(wanted));
  return events.toReversed();
}

const rest = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Gives an order and waits for its effect; answers real milliseconds. */
async function measure(world: World, execution: Execution, asking: Asking): Promise<number> {
  await rest(REST_MILLISECONDS);
  const { verb, body = {}, shows } = asking;
  const { clock } = world.region;
  const askedAt = clock.now();
  await world.api.send('POST', `/deployments/${execution.deploymentId}/${verb}`, body);
  const deadline = performance.now() + PATIENCE_SECONDS * 1000;
  while (performance.now() < deadline) {
    const at = shownAt(await readLatest(world, execution), shows, askedAt);
    if (at !== undefined) return (at - askedAt) / SPEED;
    await rest(LOOK_MILLISECONDS);
  }
  throw new Error(`${verb} of ${execution.deploymentId} did not show in ${shows.join(' ')}.`);
}

/** The steps of so many rounds: every second one asks for an approval. */
function stepsFor(rounds: number) {
  return Array.from({ length: rounds * 2 + 1 }, (_, index) => ({
    greenWeightPercent: index + 1,
    holdSeconds: HOLD_SECONDS,
    ...(index % 2 === 1 && { approval: true }),
  }));
}

const measured = new Map<string, number[]>();

async function take(world: World, execution: Execution, asking: Asking): Promise<void> {
  const milliseconds = await measure(world, execution, asking);
  measured.set(asking.verb, [...(measured.get(asking.verb) ?? []), milliseconds]);
}

/** Starts a deployment of each service, and waits until all of them are in a state. */
async function startAll(world: World, names: readonly string[], state: string) {
  const executions: Execution[] = [];
  for (const name of names) {
    const imageId = addImage(world, `${name}-v2`);
    executions.push(await startDeployment(world, { service: name, imageId }, `${name}-1`));
    await world.pass(STAGGER_SECONDS);
  }
  for (const execution of executions) {
    await waitForTask(world, execution, { state, everySeconds: 1 });
  }
  return executions;
}

const namesOf = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${kind}-${index}`);

async function askOne(world: World): Promise<void> {
  const names = namesOf('long', 1);
  await addServices(world, names, { steps: stepsFor(ROUNDS), bakeTimeSeconds: HOLD_SECONDS });
  const [execution] = await startAll(world, names, 'Hold');
  if (!execution) throw new Error('No deployment was started.');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const asking of ROUND) await take(world, execution, asking);
    await waitForTask(world, execution, { state: 'Hold', everySeconds: 1 });
  }
}

async function askMany(world: World): Promise<void> {
  const names = namesOf('all', ROUNDS);
  const steps = [{ greenWeightPercent: 10, holdSeconds: HOLD_SECONDS }];
  await addServices(world, names, { steps, bakeTimeSeconds: HOLD_SECONDS });
  for (const execution of await startAll(world, names, 'Hold')) {
    await take(world, execution, PROMOTE_ALL);
    await take(world, execution, ABORT);
    await world.pass(CLEAN_UP_SECONDS);
  }
}

async function rejectMany(world: World): Promise<void> {
  const names = namesOf('no', ROUNDS);
  const steps = [{ greenWeightPercent: 10, holdSeconds: 0, approval: true }];
  await addServices(world, names, { steps, bakeTimeSeconds: HOLD_SECONDS });
  for (const execution of await startAll(world, names, 'RequestApproval')) {
    await take(world, execution, REJECT);
    await world.pass(CLEAN_UP_SECONDS);
  }
}

const startedAt = performance.now();
printHeading('From an order to its effect, real milliseconds', {
  seed: SEED,
  speed: SPEED,
  rounds: ROUNDS,
});
const world = await openWorld({ speed: SPEED, seed: SEED });
try {
  await askOne(world);
  await askMany(world);
  await rejectMany(world);
  const rows = [...ROUND, PROMOTE_ALL, ABORT, REJECT].map(({ verb, shows }) => ({
    verb,
    effect: shows.join(' '),
    ...spreadOf(measured.get(verb) ?? []),
  }));
  const all = [...measured.values()].flat();
  printTable([...rows, { verb: 'all', effect: '', ...spreadOf(all) }]);
} finally {
  await world.stop();
}
console.log(`  measured in ${Math.round((performance.now() - startedAt) / 1000)} s`);
