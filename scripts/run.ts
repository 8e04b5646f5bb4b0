/**
 * Runs a program of `node_modules` with the Node.js that runs this, and keeps what it printed.
 * Not for: programs that ask questions; standard input is closed.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';

/** How a program ended. */
export interface Ended {
  /** 0 means well; 1 where a signal ended it. */
  readonly exitCode: number;
  /** Standard output and standard error in the order in which they came. */
  readonly output: string;
  readonly seconds: number;
}

/** The repository's own folder. */
export const ROOT = path.resolve(import.meta.dirname, '..');

/** What to run, and where. */
export interface Program {
  /** A program, or a JavaScript file that `node` below runs. */
  readonly file: string;
  readonly args: readonly string[];
  /** Folder to run it in; the repository's where missing. */
  readonly folder?: string;
  /** Shows the output while it comes instead of keeping it. */
  readonly show?: boolean;
}

/** Runs a program to its end; a program that fails is a value, not an exception. */
export async function run({ file, args, folder = ROOT, show = false }: Program): Promise<Ended> {
  const started = performance.now();
  const child = spawn(file, [...args], {
    cwd: folder,
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  return { exitCode, output, seconds: (performance.now() - started) / 1000 };
}
