/**
 * Where a function's code lies on this machine while the region runs.
 * Not for: loading it; each execution environment does that itself.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { invalidParameter } from './settings.ts';
import type { CodeFunctionOptions } from './settings.ts';
import { BadZip, readZip } from './zip.ts';
import type { ZipEntry } from './zip.ts';

/** Bytes of all files of a function. @source gettingstarted-limits page of the guide */
const UNZIPPED_LIMIT_BYTES = 262_144_000;

/** Code ready to be loaded from this machine. */
export interface FunctionCode {
  /** Directory that the handler's name is relative to. */
  readonly taskRoot: string;
  /** Digest of the archive in base64, as `CodeSha256` is told. */
  readonly sha256: string;
  /** Bytes of the archive; 0 for a directory. */
  readonly size: number;
  /** Removes what was unpacked. */
  remove(): void;
}

/**
 * Unpacks a function's archive into a directory of its own, or takes a directory as it is.
 * @throws AwsError InvalidParameterValueException when there is nothing that can be unpacked
 */
export function placeCode(options: CodeFunctionOptions): FunctionCode {
  const { name, codeZip, codeDirectory } = options;
  if ((codeZip === undefined) === (codeDirectory === undefined)) {
    throw invalidParameter(`Function ${name} needs either an archive or a directory as its code.`);
  }
  if (codeZip !== undefined) return unpack(name, codeZip);
  const taskRoot = codeDirectory ?? '';
  if (!existsSync(taskRoot))
    throw invalidParameter(`Function ${name} has no directory ${taskRoot}.`);
  return { taskRoot, sha256: digest(taskRoot), size: 0, remove: () => undefined };
}

function unpack(name: string, archive: Uint8Array): FunctionCode {
  const entries = readArchive(archive);
  const unzipped = entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
  if (unzipped > UNZIPPED_LIMIT_BYTES) {
    throw invalidParameter(`Unzipped size must be smaller than ${UNZIPPED_LIMIT_BYTES} bytes`);
  }
  const taskRoot = mkdtempSync(path.join(tmpdir(), `region-${name}-`));
  for (const entry of entries) {
    const file = path.join(taskRoot, entry.path);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, entry.bytes);
  }
  return {
    taskRoot,
    sha256: digest(archive),
    size: archive.length,
    remove: () => rmSync(taskRoot, { recursive: true, force: true }),
  };
}

function readArchive(archive: Uint8Array): readonly ZipEntry[] {
  try {
    return readZip(archive);
  } catch (cause) {
    if (!(cause instanceof BadZip)) throw cause;
    throw invalidParameter(`Could not unzip uploaded file. ${cause.message}`);
  }
}

/** Digest in base64, as `CodeSha256` is told. */
export function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('base64');
}
