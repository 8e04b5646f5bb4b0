/**
 * The bundle of each function: its size, its five largest parts, and its cold start on this
 * machine in an execution environment of the region: a fresh thread that loads the bundle, and the
 * first call, with every call to AWS that it makes.
 * Not for: cold starts on AWS, which add the machine's own start and have other cores.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Metafile } from 'esbuild';
import { createWorkerSandbox } from '../region/services/lambda/worker-sandbox.ts';
import { firstEventOf } from './first-events.ts';
import { printHeading, printTable, quantile } from './table.ts';
import { openWorld, ROOT, type World } from './world.ts';

const SEED = 1;

/** Cold starts of each function; the median is told. */
const STARTS = 5;

/** How many of a bundle's parts are named. */
const PARTS_NAMED = 5;

const MEGABYTES = 256;

const TIMEOUT_SECONDS = 30;

/** Milliseconds of one cold start. */
interface ColdStart {
  readonly load: number;
  readonly firstCall: number;
  /** What the first call came to; a refusal is an answer as well. */
  readonly answer: string;
}

/** A package, or a folder of ours: what a reader can do something about. */
function partOf(input: string): string {
  const inModules = input.split('node_modules/').at(-1) ?? input;
  const words = inModules.split('/');
  if (inModules.startsWith('@')) return words.slice(0, 2).join('/');
  return input.includes('node_modules/') ? (words[0] ?? input) : words.slice(0, -1).join('/');
}

async function readSizes(name: string) {
  const text = await readFile(path.join(ROOT, `dist/meta/${name}.json`), 'utf8');
  const { outputs } = JSON.parse(text) as Metafile;
  const output = outputs[`dist/functions/${name}.mjs`];
  const parts = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    parts.set(partOf(input), (parts.get(partOf(input)) ?? 0) + bytesInOutput);
  }
  const largest = [...parts].toSorted(([, a], [, b]) => b - a).slice(0, PARTS_NAMED);
  const zip = await stat(path.join(ROOT, '.serverless', `${toCamelCase(name)}.zip`));
  return {
    kilobytes: (output?.bytes ?? 0) / 1000,
    zipKilobytes: zip.size / 1000,
    largest: largest.map(([part, bytes]) => `${part} ${Math.round(bytes / 1000)}`).join(', '),
  };
}

function toCamelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/** The variables that the template gives a function, and credentials that may do everything. */
async function readVariables(world: World, name: string): Promise<Record<string, string>> {
  const lambda = new LambdaClient(world.settings);
  const command = new GetFunctionConfigurationCommand({ FunctionName: `teal-dev-${name}` });
  const { Environment } = await lambda.send(command);
  const { accessKeyId, secretAccessKey } = world.region.administrator;
  return {
    ...Environment?.Variables,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: world.settings.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

async function startCold(
  { region }: World,
  code: { readonly taskRoot: string; readonly handler: string },
  name: string,
  variables: Record<string, string>,
): Promise<ColdStart> {
  const startedAt = performance.now();
  const sandbox = createWorkerSandbox({
    clock: region.clock,
    ...code,
    memoryMegabytes: MEGABYTES,
    timeoutSeconds: TIMEOUT_SECONDS,
    variables,
    logStreamName: 'bench',
    onOutput: () => undefined,
  });
  const problem = await sandbox.start();
  if (problem) throw new Error(`${name} does not load: ${problem.errorMessage}`);
  const loadedAt = performance.now();
  const outcome = await sandbox.run({
    requestId: 'bench',
    event: JSON.stringify(firstEventOf(name, region.clock.now())),
    context: {
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      memoryLimitInMB: String(MEGABYTES),
      logGroupName: 'bench',
      logStreamName: 'bench',
    },
    deadline: region.clock.now() + TIMEOUT_SECONDS * 1000,
    traceId: 'Root=1-00000000-000000000000000000000000;Sampled=0',
  });
  const endedAt = performance.now();
  await sandbox.end({ errorType: 'Sandbox.Ended', errorMessage: 'The benchmark is over.' });
  return {
    load: loadedAt - startedAt,
    firstCall: endedAt - loadedAt,
    answer: outcome.type === 'failed' ? outcome.failure.errorType : 'answered',
  };
}

async function measure(world: World, name: string) {
  const { kilobytes, zipKilobytes, largest } = await readSizes(name);
  const variables = await readVariables(world, name);
  const code = { taskRoot: ROOT, handler: `dist/functions/${name}.handler` };
  const callsBefore = world.region.endpoint.calls().length;
  const starts: ColdStart[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    starts.push(await startCold(world, code, name, variables));
  }
  const calls = (world.region.endpoint.calls().length - callsBefore) / STARTS;
  return {
    size: {
      function: name,
      kB: Math.round(kilobytes),
      'zip kB': Math.round(zipKilobytes),
      [`${PARTS_NAMED} largest parts, kB`]: largest,
    },
    start: describeStarts(name, starts, Math.round(calls)),
  };
}

/** An empty function tells what the thread itself costs. */
async function measureNothing(world: World) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'teal-bench-'));
  try {
    await writeFile(path.join(folder, 'index.mjs'), 'export const handler = async () => ({});\n');
    const starts: ColdStart[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      starts.push(
        await startCold(world, { taskRoot: folder, handler: 'index.handler' }, 'none', {}),
      );
    }
    return describeStarts('(an empty one)', starts, 0);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function describeStarts(name: string, starts: readonly ColdStart[], calls: number) {
  const told = (share: number, pick: (start: ColdStart) => number): number =>
    Math.round(quantile(starts.map(pick), share) ?? 0);
  const whole = ({ load, firstCall }: ColdStart): number => load + firstCall;
  return {
    function: name,
    'load ms': told(0.5, ({ load }) => load),
    'first call ms': told(0.5, ({ firstCall }) => firstCall),
    'cold start ms': told(0.5, whole),
    'least ms': told(0, whole),
    'AWS calls': calls,
    'first call came to': starts[0]?.answer,
  };
}

const files = await readdir(path.join(ROOT, 'dist/functions'));
const names = files.filter((file) => file.endsWith('.mjs')).map((file) => path.parse(file).name);
const world = await openWorld({ speed: 1, seed: SEED });
try {
  const figures = [];
  for (const name of names.toSorted()) figures.push(await measure(world, name));
  printHeading('Bundles, minified');
  printTable(figures.map(({ size }) => size));
  printHeading('Cold starts in the region', { starts: STARTS, figure: 'median' });
  printTable([await measureNothing(world), ...figures.map(({ start }) => start)]);
} finally {
  await world.stop();
}
