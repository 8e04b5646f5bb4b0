/**
 * An instance's software as a real process on this machine, with a port of its own.
 * Not for: deciding when it starts and stops; EC2 does.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { ChildProcess } from 'node:child_process';
import type { AddressInfo } from 'node:net';

/** Console output that is kept, in characters: as much as GetConsoleOutput returns. */
const OUTPUT_LIMIT_CHARACTERS = 64 * 1024;

/** Real milliseconds between SIGTERM and SIGKILL. */
const TERMINATION_GRACE_MILLISECONDS = 2000;

/** Real milliseconds that the last output of an ended command may take to arrive. */
const LAST_OUTPUT_MILLISECONDS = 1000;

/**
 * Runs the command in `$0` and, beside it, a watcher that reads the pipe from the region. However
 * the region ends, even by SIGKILL, the pipe then closes and the watcher takes the whole process
 * group down. The command itself sees neither the pipe nor the watcher.
 */
const SUPERVISED = `exec 3<&0 </dev/null
{ trap '' TERM INT HUP; cat <&3; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
exec /bin/sh -c "$0"`;

/** How a process ended. */
export interface Exit {
  /** Exit code; null when a signal ended it or it never started. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to stdout and stderr, with the reason of its end. */
  readonly lastOutput: string;
}

/** A process that was started, and may have ended since. */
export interface RunningProcess {
  readonly port: number;
  /** The end of what it wrote to stdout and stderr. */
  output(): string;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  /** Settles once it has ended. */
  readonly ended: Promise<void>;
  /** Ends it and its children: SIGTERM, and SIGKILL two real seconds later. */
  stop(): Promise<void>;
  /** SIGKILL to it and its children, without waiting. */
  kill(): void;
}

/** Asks the system for a port of 127.0.0.1 that is free now. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}

/** Spawns a command in a process group of its own. A failure to start is read with `exit()`. */
export function startProcess(options: {
  command: string;
  port: number;
  environment: Readonly<Record<string, string>>;
}): RunningProcess {
  const child = spawn('/bin/sh', ['-c', SUPERVISED, options.command], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...options.environment, PORT: String(options.port) },
  });
  const output = recordOutput(child);
  let exit: Exit | undefined;
  const signalGroup = (signal: 'SIGTERM' | 'SIGKILL'): void => {
    if (child.pid === undefined || exit) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone already, which is what was wanted.
    }
  };
  const ended = new Promise<void>((resolve) => {
    const end = (code: number | null, signal: string | null, reason: string): void => {
      if (exit) return;
      output.add(`${reason}\n`);
      exit = { code, signal, lastOutput: output.text() };
      resolve();
    };
    child.once('error', (error) => {
      end(null, null, `The command could not be started: ${error.message}.`);
    });
    child.once('exit', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
      const finish = (): void => end(code, signal, `The command ${how}.`);
      // The last output arrives before `close`. Whatever the command left behind in its group goes
      // with it; what escaped from the group may hold the streams open for ever. The watcher alone
      // would not do: a SIGTERM that came before it was ready has ended it.
      child.once('close', finish);
      signalGroup('SIGKILL');
      child.stdin.destroy();
      setTimeout(finish, LAST_OUTPUT_MILLISECONDS).unref();
    });
  });

  return {
    port: options.port,
    output: output.text,
    exit: () => exit,
    ended,
    kill: () => signalGroup('SIGKILL'),
    stop: async () => {
      signalGroup('SIGTERM');
      const timer = setTimeout(() => signalGroup('SIGKILL'), TERMINATION_GRACE_MILLISECONDS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function recordOutput(child: ChildProcess): {
  readonly add: (text: string) => void;
  readonly text: () => string;
} {
  let kept = '';
  const add = (text: string): void => {
    kept = (kept + text).slice(-OUTPUT_LIMIT_CHARACTERS);
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', add);
  }
  // The pipe to the watcher breaks when the command never started; `error` already says why.
  child.stdin?.on('error', () => {});
  return { add, text: () => kept };
}
