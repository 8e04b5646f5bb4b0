/**
 * The execution environments of one function: one per invocation at a time, kept warm in between.
 * Not for: how many may run (see `invoke.ts`).
 */
import type { Cancel, Clock } from '../../kernel/clock.ts';
import type { Sandbox } from './sandbox.ts';

interface Frozen {
  readonly sandbox: Sandbox;
  readonly cancelRecycling: Cancel;
}

/** Starts without any environment; `open` starts one. */
export function createPool(options: {
  readonly clock: Clock;
  /** Region milliseconds that an environment stays frozen before it is given up. */
  readonly idleMilliseconds: number;
  readonly open: () => Sandbox;
}) {
  const { clock, idleMilliseconds, open } = options;
  const frozen: Frozen[] = [];
  const inUse = new Set<Sandbox>();
  const ending = new Set<Promise<void>>();
  let opened = 0;

  const discard = (sandbox: Sandbox, why: string): void => {
    inUse.delete(sandbox);
    const ended = sandbox.end({ errorType: 'Runtime.ExitError', errorMessage: why });
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  };

  /** The environment that was used last, or a new one. */
  const take = (): Sandbox => {
    let entry = frozen.pop();
    entry?.cancelRecycling();
    while (entry?.sandbox.ended()) {
      entry = frozen.pop();
      entry?.cancelRecycling();
    }
    if (entry === undefined) opened += 1;
    const sandbox = entry?.sandbox ?? open();
    inUse.add(sandbox);
    return sandbox;
  };

  /** Freezes an environment for the next invocation; gives it up when it has ended. */
  const giveBack = (sandbox: Sandbox): void => {
    if (!inUse.has(sandbox) || sandbox.ended()) {
      discard(sandbox, 'The environment has ended.');
      return;
    }
    inUse.delete(sandbox);
    const cancelRecycling = clock.schedule(clock.now() + idleMilliseconds, () => {
      frozen.splice(frozen.indexOf(entry), 1);
      discard(sandbox, 'The environment was idle for too long.');
    });
    const entry: Frozen = { sandbox, cancelRecycling };
    frozen.push(entry);
  };

  /** Gives up every frozen environment, and those in use as soon as they are given back. */
  const renew = (): void => {
    for (const { sandbox, cancelRecycling } of frozen.splice(0)) {
      cancelRecycling();
      discard(sandbox, 'The function has changed.');
    }
    inUse.clear();
  };

  /** Ends every environment at once and waits until nothing runs. */
  const stop = async (): Promise<void> => {
    const running = [...inUse];
    renew();
    for (const sandbox of running) discard(sandbox, 'The region has stopped.');
    await Promise.all(ending);
  };

  return { take, giveBack, renew, stop, coldStarts: () => opened };
}

/** Lends environments; one that is given back is used again before a new one is made. */
export type Pool = ReturnType<typeof createPool>;
