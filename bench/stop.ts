/**
 * StopExecution in every state of a deployment that goes well and of one that is rolled back, with
 * the event of the end told and lost: how the deployments ended, and how long it took until nothing
 * was frozen. Each is redriven afterwards and recovered once more, which must change nothing.
 *   node --import tsx bench/stop.ts [--story success|rollback] [--state NAME] [--lost] [--slice 1/4]
 *     [--redrive atOnce|duringRecovery|afterRecovery]
 */
import { parseArgs } from 'node:util';
import type { Aftermath, RedriveTime } from '../test/lab/aftermath.ts';
import {
  describeStop,
  judgeStopped,
  playStopped,
  playWhole,
  type Stop,
  stopsOf,
} from '../test/lab/stop.ts';
import { printHeading, printTable } from './table.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const { values: wishes } = parseArgs({
  options: {
    story: { type: 'string' },
    state: { type: 'string' },
    /** Only stops of which nobody is told. */
    lost: { type: 'boolean', default: false },
    /** One of so many equal parts, such as 1/4. */
    slice: { type: 'string', default: '1/1' },
    /** Before, while or after somebody recovers what was stopped. */
    redrive: { type: 'string', default: 'afterRecovery' },
  },
});

/** Deployments between two signs of life. */
const RUNS_BETWEEN_LINES = 10;

/** One stop, and what came of it; `stopped` is absent when the lab itself gave up. */
interface Result extends Stop {
  readonly stopped?: Aftermath;
  readonly complaints: readonly string[];
}

const redrive = wishes.redrive as RedriveTime;
const startedAt = performance.now();
const wholes = [await playWhole('success'), await playWhole('rollback')];
const [part = 1, parts = 1] = wishes.slice.split('/').map(Number);
const stops = wholes
  .flatMap(stopsOf)
  .filter(({ story }) => !wishes.story || story === wishes.story)
  .filter(({ state }) => !wishes.state || state === wishes.state)
  .filter(({ isEventLost }) => !wishes.lost || isEventLost)
  .filter((_stop, index) => index % parts === part - 1);
printHeading('Executions stopped in every state', {
  clock: 'virtual',
  ...Object.fromEntries(wholes.map(({ story, visits }) => [story, visits.length])),
  runs: stops.length,
});

async function perform(stop: Stop): Promise<Result> {
  try {
    const stopped = await playStopped({ ...stop, redrive });
    return { ...stop, stopped, complaints: judgeStopped(stopped, wholes, redrive) };
  } catch (error) {
    return { ...stop, complaints: [String(error)] };
  }
}

const results: Result[] = [];
for (const stop of stops) {
  const result = await perform(stop);
  results.push(result);
  if (results.length % RUNS_BETWEEN_LINES === 0) {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.error(`  ${results.length} of ${stops.length}, ${seconds} s`);
  }
  if (result.complaints.length === 0) continue;
  console.log(`  ${describeStop(stop)}`);
  for (const complaint of result.complaints) console.log(`    ${complaint}`);
}

function summarise(story: string, isEventLost: boolean) {
  const own = results.filter((one) => one.story === story && one.isEventLost === isEventLost);
  const ended = (outcome: string) =>
    own.filter(({ stopped }) => stopped?.outcome === outcome).length;
  const seconds = own.map(({ stopped }) => stopped?.seconds ?? 0).toSorted((a, b) => a - b);
  return {
    story,
    event: isEventLost ? 'lost' : 'told',
    stops: own.length,
    states: new Set(own.map(({ state }) => state)).size,
    succeeded: ended('succeeded'),
    'rolled back': ended('rolledBack'),
    refused: ended('refused'),
    'failed or stuck': ended('failed') + ended('stuck'),
    'seconds until free, median': Math.round(seconds[Math.floor(seconds.length / 2)] ?? 0),
    'at most': Math.round(seconds.at(-1) ?? 0),
    'worst lost requests': Math.max(0, ...own.map(({ stopped }) => stopped?.lost ?? 0)),
    'against the laws': own.filter(({ complaints }) => complaints.length > 0).length,
  };
}

/** How redriven executions ended, and what they changed before. */
function summariseRedrives() {
  const endings = new Map<string, Result[]>();
  for (const result of results) {
    const ended = result.stopped?.redriven.ended ?? 'the lab gave up';
    endings.set(ended, [...(endings.get(ended) ?? []), result]);
  }
  return [...endings].map(([ended, own]) => ({
    redrive,
    'ended as': ended,
    times: own.length,
    states: new Set(own.map(({ state }) => state)).size,
    'calls that changed something': own.reduce(
      (sum, { stopped }) => sum + (stopped?.redriven.writes.length ?? 0),
      0,
    ),
  }));
}

printTable(summariseRedrives());
printTable(wholes.flatMap(({ story }) => [false, true].map((isLost) => summarise(story, isLost))));
console.log(`  ${Math.round((performance.now() - startedAt) / 1000)} s`);
if (results.some(({ complaints }) => complaints.length > 0)) process.exitCode = 1;
