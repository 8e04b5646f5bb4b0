/**
 * Another release of the packaged service: every bundle is a different one, and so is the version
 * of every function that is a task.
 */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PACKAGE_FOLDER } from './lab.ts';

const TEMPLATE_FILE = 'cloudformation-template-update-stack.json';

/** Digest at the end of a version's logical id. */
const VERSION_ID = /(Version)([0-9a-f]{16})\b/g;

/** Makes the next release of the package in a folder of its own, and answers the folder. */
export function packageNextRelease(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'teal-next-release-'));
  cpSync(PACKAGE_FOLDER, folder, { recursive: true });
  const file = path.join(folder, TEMPLATE_FILE);
  const template = readFileSync(file, 'utf8');
  const next = template
    .replaceAll(VERSION_ID, (_id, word: string, digest: string) => word + reversed(digest))
    .replaceAll('"serverless/teal/', '"next/serverless/teal/');
  writeFileSync(file, next);
  const { Resources } = JSON.parse(next) as {
    Resources: Record<string, { Properties?: { Code?: { S3Key: string } } }>;
  };
  for (const { Properties } of Object.values(Resources)) {
    if (Properties?.Code === undefined) continue;
    appendFileSync(path.join(folder, path.basename(Properties.Code.S3Key)), 'next');
  }
  return folder;
}

function reversed(text: string): string {
  return text.split('').toReversed().join('');
}
