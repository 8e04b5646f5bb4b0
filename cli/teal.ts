/** The command line of Teal; `teal.mjs` starts it, and `program.ts` says which commands it has. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { ApiRefused, ApiUnreachable } from './api-client.ts';
import { connect } from './api-options.ts';
import { COMPLETE_COMMAND } from './complete.ts';
import { CredentialsMissing } from './credentials.ts';
import { TealFileRefused } from './definition-file.ts';
import { DeploymentUnknown } from './deployment-id.ts';
import { createProgram } from './program.ts';
import { EXIT, type Shell } from './shell.ts';

/** Real milliseconds in which the process may still end by itself once everything was stopped. */
const LINGER_MILLISECONDS = 2000;

/** Exit status when nobody reads the output any more: that of SIGPIPE, which Node.js ignores. */
const BROKEN_PIPE = 141;

const shell: Shell = {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  screen: process.stdout,
  environment: process.env,
  done: (status) => (process.exitCode = status),
  open: connect,
  clock: {
    now: () => Date.now(),
    sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  },
  onInterrupt: listenForInterruption,
  onResize: (listener) => {
    process.stdout.on('resize', listener);
    return () => process.stdout.off('resize', listener);
  },
};

/**
 * Once interrupted, the signals are not given back to the system: npm passes on the Ctrl-C that the
 * terminal has sent already, and the second would end the process before its exit status is said.
 */
function listenForInterruption(listener: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let isInterrupted = false;
  const onSignal = (): void => {
    isInterrupted = true;
    listener();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    if (isInterrupted) return;
    for (const signal of signals) process.off(signal, onSignal);
  };
}

const endUnread = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(BROKEN_PIPE);
  console.error(`Standard output could not be written: ${error.message}`);
  process.exit(EXIT.failed);
};
process.stdout.on('error', endUnread);

const program = createProgram(shell, async (options) => {
  // It ends in an order of its own, with all programs that it started.
  process.stdout.off('error', endUnread);
  // Loaded only now: help and refusals need no region.
  const { rehearse } = await import('./rehearsal/rehearse.ts');
  process.exitCode = await rehearse(options);
  setTimeout(() => process.exit(), LINGER_MILLISECONDS).unref();
});

/** Failures whose messages are complete; anything else is a defect, and keeps its stack. */
const COMPLETE = [
  ApiRefused,
  ApiUnreachable,
  CredentialsMissing,
  DeploymentUnknown,
  TealFileRefused,
];

try {
  await program.parseAsync();
  // Whoever pressed Ctrl-C or Tab does not wait for an answer that is still on its way.
  if (process.exitCode === EXIT.interrupted || process.argv[2] === COMPLETE_COMMAND) process.exit();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.succeeded : EXIT.usage;
  } else if (COMPLETE.some((known) => error instanceof known)) {
    console.error((error as Error).message);
    process.exitCode = EXIT.failed;
  } else {
    throw error;
  }
}
