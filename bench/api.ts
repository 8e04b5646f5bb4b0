/**
 * How long the HTTP API takes to answer on this machine, operation by operation: over a real socket,
 * with signatures, roles and packaged functions; cold is the first answer of a fresh environment.
 * Not for: what API Gateway and Lambda themselves take on AWS.
 *   node --import tsx bench/api.ts [--warm 30] [--cold 5]
 */
import { parseArgs } from 'node:util';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { addImage, addServices } from './service.ts';
import { printHeading, printTable, quantile } from './table.ts';
import { openWorld, type World } from './world.ts';

const { values: wishes } = parseArgs({
  options: {
    warm: { type: 'string', default: '30' },
    cold: { type: 'string', default: '5' },
  },
});

const WARM = Number(wishes.warm);
const COLD = Number(wishes.cold);

/** Region seconds that the deployment holds: longer than all that is measured. */
const HOLD_SECONDS = 86_400;

type Asking = {
  readonly operation: string;
  /** Such as `teal-dev-api`. */
  readonly functionName: string;
  readonly ask: (world: World, turn: number) => Promise<unknown>;
};

const API = 'teal-dev-api';

function get(operation: string, path: string, functionName = API): Asking {
  return { operation, functionName, ask: ({ api }) => api.send('GET', path) };
}

function post(operation: string, path: string, body: object, functionName = API): Asking {
  return { operation, functionName, ask: ({ api }) => api.send('POST', path, body) };
}

function operationsFor(id: string, imageId: string): readonly Asking[] {
  return [
    get('GET /services', '/services'),
    get('GET /services/{service}', '/services/web'),
    get('GET /deployments', '/deployments'),
    get('GET /deployments/{deploymentId}', `/deployments/${id}`),
    get('GET …/timeline', `/deployments/${id}/timeline`),
    get('GET …/observation', `/deployments/${id}/observation`, 'teal-dev-show-deployment'),
    get('GET /leftovers', '/leftovers'),
    get('GET /groups/{group}/definition', '/groups/web/definition', 'teal-dev-draft-definition'),
    post('POST …/plan', '/services/idle/plan', { imageId }, 'teal-dev-show-plan'),
    // Nobody deploys what is not there: the start is answered, and refused where it is planned.
    post('POST /deployments', '/deployments', { service: 'idle', imageId }),
    {
      operation: 'POST …/pause, …/resume',
      functionName: API,
      ask: ({ api }, turn) =>
        api.send('POST', `/deployments/${id}/${turn % 2 === 0 ? 'pause' : 'resume'}`, {}),
    },
    {
      operation: 'PUT /services/{service}',
      functionName: API,
      ask: ({ api }) => api.send('PUT', '/services/idle', { autoScalingGroupName: 'idle' }),
    },
  ];
}

/** Milliseconds of one answer; a refusal is an answer as well. */
async function time(world: World, { ask }: Asking, turn: number): Promise<number> {
  const startedAt = performance.now();
  await ask(world, turn).catch((error: unknown) => {
    if ((error as Error).name !== 'ApiRefused') throw error;
  });
  return performance.now() - startedAt;
}

function told(values: readonly number[], share: number): number {
  return Math.round(quantile(values, share) ?? 0);
}

async function measure(world: World, lambda: LambdaClient, asking: Asking) {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let turn = 0; turn < COLD; turn += 1) {
    // Environments of the old settings serve no further request.
    await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: asking.functionName,
        Description: `Cold for ${asking.operation}, ${turn}.`,
      }),
    );
    cold.push(await time(world, asking, turn));
  }
  for (let turn = 0; turn < WARM; turn += 1) warm.push(await time(world, asking, turn + COLD));
  return {
    operation: asking.operation,
    'cold median ms': told(cold, 0.5),
    'warm median ms': told(warm, 0.5),
    'warm p95 ms': told(warm, 0.95),
  };
}

const world = await openWorld({ speed: 10, seed: 1 });
try {
  await addServices(world, ['web'], {
    steps: [{ greenWeightPercent: 10, holdSeconds: HOLD_SECONDS }],
    bakeTimeSeconds: 300,
  });
  await world.api.send('PUT', '/services/idle', { autoScalingGroupName: 'idle' });
  const imageId = addImage(world, 'v2');
  const body = { service: 'web', imageId, version: 'v2' };
  const started = (await world.api.send('POST', '/deployments', body)) as { deploymentId: string };
  const id = started.deploymentId;
  const isHolding = async () => {
    const { status, reason } = (await world.api
      .send('GET', `/deployments/${id}`)
      .catch(() => ({}))) as { status?: string; reason?: string };
    if (status === 'refused') throw new Error(`The deployment was refused: ${reason}`);
    return status === 'holding';
  };
  while (!(await isHolding())) await world.pass(10);
  const lambda = new LambdaClient(world.settings);
  const rows = [];
  for (const asking of operationsFor(id, imageId)) rows.push(await measure(world, lambda, asking));
  printHeading('Answers of the HTTP API', { cold: COLD, warm: WARM, speed: 10 });
  printTable(rows);
} finally {
  await world.stop();
}
