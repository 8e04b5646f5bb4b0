/** A shell that does nothing, for whoever only reads what the commands say of themselves. */
import type { Shell } from './shell.ts';

const nothing = (): void => undefined;

/** Commands that are run in it fail. */
export const NO_SHELL: Shell = {
  out: nothing,
  err: nothing,
  screen: { write: nothing },
  environment: {},
  done: nothing,
  open: () => {
    throw new Error('This command line is read and not run.');
  },
  clock: { now: () => 0, sleep: async () => undefined },
  onInterrupt: () => nothing,
  onResize: () => nothing,
};
