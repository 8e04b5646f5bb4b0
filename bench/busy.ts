/**
 * Many deployments of one service that are started at the same instant, once with each `onBusy`: what
 * became of each, and whether those that were turned away were told the truth.
 *   node --import tsx bench/busy.ts [--count 100]
 */
import { parseArgs } from 'node:util';
import { ON_BUSY } from '../shared/core/busy-policy.ts';
import { readStarted, type Started, startAtOnce, untilTold } from '../test/lab/busy.ts';
import { createLab } from '../test/lab/lab.ts';
import { leftovers } from '../test/lab/leftovers.ts';
import { printHeading, printTable } from './table.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const { values: wishes } = parseArgs({ options: { count: { type: 'string', default: '100' } } });
const count = Number(wishes.count);

/** Names in a sentence that are none of those that were started would be a lie. */
function isTruthful({ cause = '' }: Started, names: readonly string[]): boolean {
  return [...cause.matchAll(/\bd\d{3,}\b/g)].every(([name]) => names.includes(name));
}

async function measure(onBusy: (typeof ON_BUSY)[number]) {
  const lab = await createLab();
  try {
    const names = await startAtOnce(lab, { count, onBusy });
    await untilTold(lab, names);
    const first = await readStarted(lab, names);
    for (const name of names) await lab.end(name);
    const last = await readStarted(lab, names);
    const ended = (phase: string) => last.filter((one) => one.phase === phase).length;
    const refusedAs = (name: string) => last.filter(({ error }) => error === name).length;
    const waiting = first.filter(({ phase }) => phase === 'queued').length;
    return {
      onBusy,
      started: names.length,
      'ran at once': first.filter(({ isRunning }) => isRunning).length - waiting,
      'waited at first': waiting,
      succeeded: ended('succeeded'),
      'rolled back': ended('rolledBack'),
      'refused, busy': refusedAs('ServiceBusy'),
      'refused, superseded': refusedAs('Superseded'),
      'no outcome': last.filter(({ isRunning }) => isRunning).length,
      'told a lie': last.filter((one) => !isTruthful(one, names)).length,
      'left behind': (await leftovers(lab)).length,
    };
  } finally {
    await lab.stop();
  }
}

const startedAt = performance.now();
printHeading('Deployments of one service that are started at once', { clock: 'virtual', count });
const rows = [];
for (const onBusy of ON_BUSY) rows.push(await measure(onBusy));
printTable(rows);
console.log(`  ${Math.round((performance.now() - startedAt) / 1000)} s`);
if (rows.some((row) => row['told a lie'] + row['no outcome'] + row['left behind'] > 0)) {
  process.exitCode = 1;
}
