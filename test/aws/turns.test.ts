/** Whose turn it is, as tasks find it in the table, and when the next one is told. */
import '../lab/environment.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropEnded, lookAtTurn, toWaiting } from '../../functions/_turn.ts';
import { recordOutcome, type RecordOutcomePorts } from '../../functions/record-outcome.ts';
import { createDeployments } from '../../shared/aws/dynamodb-deployments.ts';
import { createHolds } from '../../shared/aws/dynamodb-holds.ts';
import { createLeases } from '../../shared/aws/dynamodb-leases.ts';
import { createLocks } from '../../shared/aws/dynamodb-locks.ts';
import { createQueue } from '../../shared/aws/dynamodb-queue.ts';
import { createServices } from '../../shared/aws/dynamodb-services.ts';
import { createTimeline } from '../../shared/aws/dynamodb-timeline.ts';
import { createWatches } from '../../shared/aws/dynamodb-watches.ts';
import { initialProgress } from '../../shared/core/progress.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { NOW, plan } from '../core/situations.ts';
import { type LocalTable, openLocalTable } from './local-table.ts';

const LATER = instantAfter(NOW, 3600);
const MUCH_LATER = instantAfter(NOW, 7200);

let local: LocalTable;

beforeAll(async () => {
  local = await openLocalTable();
});

afterAll(() => local.close());

const definition = (service: string) =>
  parseServiceDefinition({ service, autoScalingGroupName: 'web-blue' });

const ports = () => ({
  deployments: createDeployments(local.table),
  locks: createLocks(local.table),
  leases: createLeases(local.table),
  queue: createQueue(local.table),
});

/** A record of a service of its own, so that no test sees another's queue. */
async function keep(
  deploymentId: string,
  over: Partial<DeploymentRecord> = {},
): Promise<DeploymentRecord> {
  const kept: DeploymentRecord = {
    deploymentId,
    service: 'turns',
    startedAt: NOW,
    executionArn: `arn:aws:states:us-east-1:1:execution:deploy:${deploymentId}`,
    request: { service: 'turns', onBusy: 'supersede' },
    progress: { ...initialProgress('It waited.'), phase: 'queued', queuedAt: NOW },
    revision: 0,
    ...over,
  };
  return ports().deployments.create(kept);
}

describe('turns', () => {
  it('do not come by themselves onto what a failure left frozen, until that is undone', async () => {
    const failed = { ...initialProgress('It failed.'), phase: 'failed' } as const;
    const service = 'broken';
    await keep('broken-1', { service, plan, progress: failed });
    const waits = await keep('broken-2', { service, startedAt: LATER });
    const pin = {
      deploymentId: 'broken-1',
      kind: 'bluePin',
      resource: 'web-blue',
      service,
      owner: 'arn',
      expiresAt: NOW,
      undo: 'Set the minimum of web-blue to 1.',
    } as const;
    await ports().leases.open(pin);
    const seen = { definition: definition(service), now: LATER };
    const { turn } = await lookAtTurn(ports(), waits, seen);
    expect(turn).toMatchObject({ type: 'queue', reason: expect.stringMatching(/broken-1 froze/) });
    const { queuedAt: _none, ...fresh } = waits.progress;
    const asked = await lookAtTurn(ports(), { ...waits, progress: fresh }, seen);
    expect(asked.turn.type).toBe('begin');
    await ports().leases.close(pin);
    expect((await lookAtTurn(ports(), waits, seen)).turn.type).toBe('begin');
  });

  it('are kept from nobody by a newer one that is over or was aborted', async () => {
    const { queue } = ports();
    const service = 'dead';
    const self = toWaiting(await keep('dead-1', { service }), definition(service));
    const abort = { by: 'ann', reason: 'wrong image', at: NOW };
    const aborted = await keep('dead-2', { service, startedAt: LATER, abort });
    const refused = { ...initialProgress('It was refused.'), phase: 'refused' } as const;
    const over = await keep('dead-3', { service, startedAt: MUCH_LATER, progress: refused });
    for (const newer of [aborted, over]) await queue.join(toWaiting(newer, undefined));
    await expect(dropEnded(ports(), self, await queue.list(service))).resolves.toEqual([]);
    const left = (await queue.list(service)).map(({ deploymentId }) => deploymentId);
    expect(left).toEqual(['dead-2']);
  });

  it('come only once the end before them is kept', async () => {
    const { deployments, locks, leases, queue } = ports();
    const service = 'order';
    const { deploymentId, executionArn } = await keep('order-1', { service });
    const seen: (string | undefined)[] = [];
    const release: typeof locks.release = async (lease) => {
      seen.push((await deployments.load(deploymentId))?.progress.phase);
      await locks.release(lease);
    };
    const unused = {} as Pick<RecordOutcomePorts, 'pointers' | 'defaultVersions'>;
    const end = recordOutcome({
      ...unused,
      deployments,
      leases,
      queue,
      locks: { ...locks, release },
      timeline: createTimeline(local.table),
      services: createServices(local.table),
      holds: createHolds(local.table),
      watches: createWatches(local.table),
      executions: { signal: async () => 'gone' },
      notifier: { publish: async () => undefined },
    });
    const cause = {
      failure: { state: 'PlanDeployment', error: 'SpecRefused', cause: 'It was gone.' },
    };
    await end({ deploymentId, executionArn, now: NOW, cause });
    expect(seen).toEqual(['refused']);
  });
});
