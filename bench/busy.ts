/**
 * Many deployments of one service that are started at the same instant, once with each `onBusy`, and
 * once more over the API, which turns some away before they have an execution: what became of each,
 * and whether those that were turned away were told the truth.
 *   node --import tsx bench/busy.ts [--count 100]
 */
import { parseArgs } from 'node:util';
import { ON_BUSY } from '../shared/core/busy-policy.ts';
import { askOverApi, readStarted, startAtOnce, untilTold } from '../test/lab/busy.ts';
import { createLab } from '../test/lab/lab.ts';
import { leftovers } from '../test/lab/leftovers.ts';
import { printHeading, printTable } from './table.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const { values: wishes } = parseArgs({ options: { count: { type: 'string', default: '100' } } });
const count = Number(wishes.count);

/** Names in a sentence that are none of those that were started would be a lie. */
function isTruthful(sentence: string, names: readonly string[]): boolean {
  return [...sentence.matchAll(/\b(?:d\d{3,}|web-[0-9a-z]{12,})\b/g)].every(([name]) =>
    names.includes(name),
  );
}

async function measure(onBusy: (typeof ON_BUSY)[number], over: 'console' | 'API') {
  const lab = await createLab();
  try {
    const { accepted: names, turnedAway } =
      over === 'API'
        ? await askOverApi(lab, count)
        : { accepted: await startAtOnce(lab, { count, onBusy }), turnedAway: [] };
    await untilTold(lab, names);
    const first = await readStarted(lab, names);
    for (const name of names) await lab.end(name);
    const last = await readStarted(lab, names);
    const ended = (phase: string) => last.filter((one) => one.phase === phase).length;
    const refusedAs = (name: string) => last.filter(({ error }) => error === name).length;
    const told = [
      ...last.map(({ cause = '' }) => cause),
      ...turnedAway.map(({ detail }) => detail),
    ];
    const waiting = first.filter(({ phase }) => phase === 'queued').length;
    return {
      onBusy,
      over,
      started: names.length,
      'answered 409': turnedAway.length,
      'ran at once': first.filter(({ isRunning }) => isRunning).length - waiting,
      'waited at first': waiting,
      succeeded: ended('succeeded'),
      'rolled back': ended('rolledBack'),
      'refused, busy': refusedAs('ServiceBusy'),
      'refused, superseded': refusedAs('Superseded'),
      'no outcome': last.filter(({ isRunning }) => isRunning).length,
      'told a lie': told.filter((sentence) => !isTruthful(sentence, names)).length,
      'left behind': (await leftovers(lab)).length,
    };
  } finally {
    await lab.stop();
  }
}

const startedAt = performance.now();
printHeading('Deployments of one service that are started at once', { clock: 'virtual', count });
const rows = [];
for (const onBusy of ON_BUSY) rows.push(await measure(onBusy, 'console'));
rows.push(await measure('refuse', 'API'));
printTable(rows);
console.log(`  ${Math.round((performance.now() - startedAt) / 1000)} s`);
if (rows.some((row) => row['told a lie'] + row['no outcome'] + row['left behind'] > 0)) {
  process.exitCode = 1;
}
