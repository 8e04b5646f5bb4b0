/**
 * Each function killed before and after each of its calls to AWS, one in a deployment of its own,
 * in virtual time: how the deployments ended, what got lost, and what was left behind.
 *   node --import tsx bench/kill.ts [--story success|rollback|recovery|retain|takeBack] [--position N]
 *     [--when before|after] [--task NAME] [--rich] [--writes] [--slice 1/4]
 */
import { parseArgs } from 'node:util';
import {
  describeDeath,
  judge,
  type Outcome,
  play,
  type Played,
  type References,
} from '../test/lab/kill.ts';
import { STORIES, type Story } from '../test/lab/kill-stories.ts';
import { type Death, isWrite, type When } from '../test/lab/positions.ts';
import { printHeading, printTable } from './table.ts';

// The SDK says on Node.js 20 that it will not support it for ever; tables are easier to read alone.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const { values: wishes } = parseArgs({
  options: {
    story: { type: 'string' },
    /** Number of the call in the story, from 1, as failures are told. */
    position: { type: 'string' },
    when: { type: 'string' },
    /** The function's file, such as shift-traffic. */
    task: { type: 'string' },
    /** A blue with policies, alarms, schedules, hooks and a warm pool. */
    rich: { type: 'boolean', default: false },
    /** Only calls that may change something. */
    writes: { type: 'boolean', default: false },
    /** One of so many equal parts, such as 1/4. */
    slice: { type: 'string', default: '1/1' },
  },
});

/** Deployments between two signs of life. */
const RUNS_BETWEEN_LINES = 25;

/** One deployment to play. */
interface Run extends Death {
  readonly story: Story;
  /** Number of the call in the story, from 1. */
  readonly number: number;
}

/** How one came out. */
interface Result extends Run {
  readonly outcome: Outcome;
  readonly lost: number;
  readonly complaints: readonly string[];
}

function chooseRuns(stories: readonly Played[]): readonly Run[] {
  const runs = stories.flatMap(({ story, positions }) =>
    positions.flatMap((position, index) =>
      (['before', 'after'] as const).map((when: When) => ({
        story,
        position,
        when,
        number: index + 1,
      })),
    ),
  );
  const [part = 1, parts = 1] = wishes.slice.split('/').map(Number);
  return runs
    .filter(({ story }) => !wishes.story || story === wishes.story)
    .filter(({ number }) => !wishes.position || number === Number(wishes.position))
    .filter(({ position }) => !wishes.task || position.task === wishes.task)
    .filter(({ when }) => !wishes.when || when === wishes.when)
    .filter(({ position }) => !wishes.writes || isWrite(position))
    .filter((_run, index) => index % parts === part - 1);
}

async function perform(run: Run, references: References): Promise<Result> {
  try {
    const played = await play(run.story, run, { isRich: wishes.rich });
    const { outcome, lost } = played;
    return { ...run, outcome, lost, complaints: judge(played, references) };
  } catch (error) {
    return { ...run, outcome: 'stuck', lost: 0, complaints: [String(error)] };
  }
}

function summarise(story: Story, results: readonly Result[]) {
  const own = results.filter((result) => result.story === story);
  const ended = (outcome: Outcome) => own.filter((one) => one.outcome === outcome).length;
  return {
    story,
    killed: own.length,
    succeeded: ended('succeeded'),
    'rolled back': ended('rolledBack'),
    failed: ended('failed'),
    refused: ended('refused'),
    stuck: ended('stuck'),
    'worst lost requests': Math.max(0, ...own.map(({ lost }) => lost)),
    'against the laws': own.filter(({ complaints }) => complaints.length > 0).length,
  };
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}

const startedAt = performance.now();
const stories: Played[] = [];
for (const story of Object.keys(STORIES) as Story[]) {
  stories.push(await play(story, undefined, { isRich: wishes.rich }));
}
const references = Object.fromEntries(
  stories.map(({ story, possessions }) => [story, possessions]),
) as References;
const runs = chooseRuns(stories);
printHeading('Functions killed before and after each call to AWS', {
  clock: 'virtual',
  ...Object.fromEntries(stories.map(({ story, positions }) => [story, positions.length])),
  runs: runs.length,
});
const results: Result[] = [];
for (const run of runs) {
  const result = await perform(run, references);
  results.push(result);
  if (results.length % RUNS_BETWEEN_LINES === 0) {
    console.error(`  ${results.length} of ${runs.length}, ${secondsSince(startedAt)} s`);
  }
  const { story, number, when, complaints } = result;
  if (complaints.length === 0) continue;
  console.log(
    `  ${wishes.rich ? '--rich ' : ''}--story ${story} --position ${number} --when ${when}: ${describeDeath(result)}\n` +
      complaints.map((complaint) => `    ${complaint}`).join('\n'),
  );
}
printTable((Object.keys(STORIES) as Story[]).map((story) => summarise(story, results)));
console.log(`  ${secondsSince(startedAt)} s`);
if (results.some(({ complaints }) => complaints.length > 0)) process.exitCode = 1;
