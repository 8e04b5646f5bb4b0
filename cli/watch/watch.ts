/**
 * Watches a deployment to its end, and answers the exit status that its outcome is worth.
 */
import type { ApiClient } from '../api-client.ts';
import { EXIT, type Shell } from '../shell.ts';
import { createInk } from '../terminal/ink.ts';
import { follow } from './follow.ts';
import { type Sight, stateOf } from './sight.ts';
import { openViewer, type Viewer } from './viewers.ts';
import { sayStatus } from './words.ts';

/** How to watch. */
export interface WatchOptions {
  readonly shell: Shell;
  readonly isJson: boolean;
  /** True when it was just started, and may have no record yet. */
  readonly isNew: boolean;
}

/**
 * Watches until the deployment is over, or until Ctrl-C, which leaves the deployment alone.
 * @throws what `follow` throws, but for the interruption
 */
export async function watch(
  api: ApiClient,
  deploymentId: string,
  { shell, isJson, isNew }: WatchOptions,
): Promise<number> {
  const stopping = new AbortController();
  const stopListening = shell.onInterrupt(() => stopping.abort());
  const viewer = openViewer(shell, isJson);
  const { signal } = stopping;
  const { clock } = shell;
  try {
    const show = (sight: Sight): void => viewer.show(sight);
    const last = await closing(viewer, follow(api, deploymentId, { clock, signal, isNew, show }));
    return tellOutcome(last, shell, isJson);
  } catch (error) {
    if (!signal.aborted) throw error;
    shell.err(
      `Stopped watching; deployment ${deploymentId} goes on. Look again: teal watch ${deploymentId}`,
    );
    return EXIT.interrupted;
  } finally {
    stopListening();
  }
}

/** Closes the viewer before anything else is said, however it ends. */
async function closing<Value>(viewer: Viewer, running: Promise<Value>): Promise<Value> {
  try {
    return await running;
  } finally {
    viewer.close();
  }
}

function tellOutcome(sight: Sight, shell: Shell, isJson: boolean): number {
  const { status, reason } = stateOf(sight) ?? { status: 'failed', reason: 'It has no record.' };
  const exitStatus = exitStatusOf(status);
  if (isJson) {
    const { deploymentId } = sight;
    shell.out(JSON.stringify({ type: 'outcome', deploymentId, status, reason, exitStatus }));
    return exitStatus;
  }
  const ink = createInk(shell.screen, shell.environment);
  const colour = { 0: ink.green, 3: ink.yellow }[exitStatus] ?? ink.red;
  shell.out(colour(`${sight.deploymentId} ${sayStatus(status)}: ${reason}`));
  return exitStatus;
}

/** The exit status that a deployment of this status is worth, once it is over. */
export function exitStatusOf(status: string): number {
  if (status === 'succeeded') return EXIT.succeeded;
  return status === 'rolledBack' ? EXIT.rolledBack : EXIT.failed;
}
