/**
 * What operators ask of deployments over the API, and where a deployment is afterwards.
 */
import { expect } from 'vitest';
import type { TimelineEntry } from '../../shared/core/record.ts';
import type { ApiAnswer } from './api.ts';
import type { Around } from './in-process.ts';
import type { Lab } from './lab.ts';

/** The state in which an execution is. */
export async function stateOf(lab: Lab, deploymentId: string): Promise<string | undefined> {
  return (await lab.act(() => lab.states(deploymentId))).at(-1);
}

/** Gives an order, whatever becomes of it. */
export function ask(
  lab: Lab,
  deploymentId: string,
  verb: string,
  body: Readonly<Record<string, unknown>> = {},
  key?: string,
): Promise<ApiAnswer> {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return lab.api.send('POST', `/deployments/${deploymentId}/${verb}`, { body, headers });
}

/** Gives an order that must be granted; answers its sentence. */
export async function give(
  lab: Lab,
  deploymentId: string,
  verb: string,
  body: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { status, body: answer } = await ask(lab, deploymentId, verb, body);
  expect([status, answer['detail']]).toEqual([202, undefined]);
  return String(answer['reason']);
}

/** What the API says can be asked of a deployment now. */
export async function possible(lab: Lab, deploymentId: string): Promise<readonly string[]> {
  const { body } = await lab.api.send('GET', `/deployments/${deploymentId}`);
  return (body['possible'] as readonly { readonly verb: string }[]).map(({ verb }) => verb);
}

/** Lines of a deployment's timeline that operators caused. */
export async function orderLines(
  lab: Lab,
  deploymentId: string,
): Promise<readonly TimelineEntry[]> {
  const { body } = await lab.api.send('GET', `/deployments/${deploymentId}/timeline`);
  const entries = body['entries'] as readonly TimelineEntry[];
  return entries.filter(({ state }) => state === 'Operator');
}

/** Does something once, right before or after a function is called for the first time. */
export function once(task: string, when: 'before' | 'after', run: () => Promise<unknown>): Around {
  let isDone = false;
  return async (call, go) => {
    if (call.task !== task || isDone) return go();
    isDone = true;
    if (when === 'before') await run();
    const answer = await go();
    if (when === 'after') await run();
    return answer;
  };
}
