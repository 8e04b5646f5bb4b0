/**
 * Reads what `serverless package` leaves in `.serverless`: the template and one archive per
 * function.
 * Not for: making packages.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { TemplateProblem } from './problem.ts';

/** The template with everything in it; the other one only creates the bucket. */
const TEMPLATE_FILE = 'cloudformation-template-update-stack.json';

/** A package on disk, read only where it is asked for. */
export interface Package {
  /** The parsed template. */
  readonly template: unknown;
  /** Bytes of the archive that an S3Key names by its last part; undefined when there is none. */
  readonly artifacts: (key: string) => Uint8Array | undefined;
}

/** Reads a package. @throws TemplateProblem when the directory holds none */
export function readPackage(directory: string): Package {
  const file = path.join(directory, TEMPLATE_FILE);
  if (!existsSync(file)) {
    throw new TemplateProblem(`Nothing is packaged in ${directory}: there is no ${TEMPLATE_FILE}.`);
  }
  return {
    template: JSON.parse(readFileSync(file, 'utf8')) as unknown,
    artifacts: (key) => {
      const archive = path.join(directory, path.posix.basename(key));
      return existsSync(archive) ? readFileSync(archive) : undefined;
    },
  };
}
