/**
 * Requests made by chance, sent to the whole HTTP API: how many, and how each operation answered.
 * What is wrong with an answer is printed with the request and the seed that repeats it.
 *   node --import tsx bench/fuzz.ts [--runs 20000] [--seed 1] [--packaged]
 */
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { createFuzzer, fuzzRequests } from '../test/lab/fuzz.ts';
import { halfMade } from '../test/lab/half-made.ts';
import { createLab, type Lab } from '../test/lab/lab.ts';
import { printHeading, printTable } from './table.ts';

// The SDK says on Node.js 20 that it will not support it for ever; tables are easier to read alone.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const { values: wishes } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    packaged: { type: 'boolean', default: false },
  },
});

const seed = Number(wishes.seed);
const runs = Number(wishes.runs);

/**
 * Requests to one lab. The table of a lab grows with every start that is refused, and a deployment
 * holds for a day at the most.
 */
const RUNS_PER_LAB = 2500;

/** Counts by operation and status, over all labs. */
const totals = new Map<string, Map<string, number>>();

async function openLab(): Promise<{ lab: Lab; id: string }> {
  const lab = await createLab({
    runtime: wishes.packaged ? 'packaged' : 'inProcess',
    requestsPerSecond: 1,
  });
  const id = await lab.deploy({
    version: 'v2',
    strategy: { type: 'linear', stepPercent: 2, holdSeconds: 86_400 },
  });
  await lab.untilState(id, 'Hold');
  return { lab, id };
}

/** Sends some of the requests; answers how many were not answered as they should be. */
async function fuzz(numRuns: number, labSeed: number): Promise<number> {
  const { lab, id } = await openLab();
  let wrong = 0;
  try {
    const fuzzer = createFuzzer(lab.api, () => id);
    for (const [index, request] of fc.sample(fuzzRequests, { numRuns, seed: labSeed }).entries()) {
      const complaints = await fuzzer.ask(request);
      if (complaints.length === 0) continue;
      wrong += 1;
      console.log(`  seed ${labSeed}, request ${index}: ${complaints.join('; ').slice(0, 400)}`);
      console.log(`    ${JSON.stringify(request).slice(0, 600)}`);
    }
    await lab.end(id);
    const left = await halfMade(lab);
    for (const one of left) console.log(`  seed ${labSeed}: ${one}`);
    for (const [operation, row] of fuzzer.counts) add(operation, row);
    return wrong + left.length;
  } finally {
    await lab.stop();
  }
}

function add(operation: string, row: ReadonlyMap<string, number>): void {
  const total = totals.get(operation) ?? new Map<string, number>();
  totals.set(operation, total);
  for (const [status, count] of row) total.set(status, (total.get(status) ?? 0) + count);
}

printHeading('Requests made by chance', {
  functions: wishes.packaged ? 'packaged' : 'in process',
  runs,
  seed,
});
const startedAt = performance.now();
let wrong = 0;
for (let sent = 0; sent < runs; sent += RUNS_PER_LAB) {
  wrong += await fuzz(Math.min(RUNS_PER_LAB, runs - sent), seed + sent / RUNS_PER_LAB);
}
const statuses = [...new Set([...totals.values()].flatMap((row) => [...row.keys()]))].toSorted();
const sum = (row: ReadonlyMap<string, number>) => [...row.values()].reduce((a, b) => a + b, 0);
printTable(
  [...totals].map(([operation, row]) => ({
    operation,
    requests: sum(row),
    ...Object.fromEntries(statuses.map((status) => [`HTTP ${status}`, row.get(status) ?? 0])),
  })),
);
const all = [...totals.values()].reduce((total, row) => total + sum(row), 0);
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`  ${all} requests, ${wrong} not as they should be, ${seconds} s`);
if (wrong > 0) process.exitCode = 1;
