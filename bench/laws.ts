/**
 * Many deployments to which things happen, in virtual time, each under the watch of the laws; a
 * scenario that breaks one is printed with the seed that repeats it.
 *   node --import tsx bench/laws.ts [--runs 100] [--seed 1]
 */
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { playScenario, type Scenario, scenarios } from '../test/lab/scenario.ts';
import { printHeading, printTable } from './table.ts';

// The SDK says on Node.js 20 that it will not support it for ever; tables are easier to read alone.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const { values: wishes } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});

const runs = Number(wishes.runs);
const seed = Number(wishes.seed);

/** Counts of one kind of scenario. */
interface Row {
  played: number;
  broken: number;
}

async function violationsOf(scenario: Scenario): Promise<readonly string[]> {
  try {
    return await playScenario(scenario);
  } catch (error) {
    return [`it did not end: ${String(error)}`];
  }
}

printHeading('Deployments to which things happen', { clock: 'virtual', runs, seed });
const startedAt = performance.now();
const rows = new Map<string, Row>();
for (const [index, scenario] of fc.sample(scenarios, { numRuns: runs, seed }).entries()) {
  const violations = await violationsOf(scenario);
  const kinds = scenario.mishaps.map(({ name }) => name);
  for (const kind of kinds.length > 0 ? new Set(kinds) : ['(none)']) {
    const row = rows.get(kind) ?? { played: 0, broken: 0 };
    row.played += 1;
    row.broken += violations.length > 0 ? 1 : 0;
    rows.set(kind, row);
  }
  if (violations.length === 0) continue;
  process.exitCode = 1;
  console.log(`  ${index + 1}. ${JSON.stringify(scenario)}`);
  console.log(violations.map((violation) => `     ${violation}`).join('\n'));
}
printTable(
  [...rows].map(([mishap, { played, broken }]) => ({ mishap, played, 'against a law': broken })),
);
console.log(`  ${Math.round((performance.now() - startedAt) / 1000)} s`);
