/**
 * `teal diff`: what `teal apply` would change.
 * Exit status, as of diff itself: 0 when nothing would change, 1 when something would, 2 for whatever
 * keeps that from being known.
 */
import { Command } from 'commander';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import type { ServiceChange } from './definition-changes.ts';
import { TEAL_FILE } from './definition-file.ts';
import type { Shell } from './shell.ts';

/** Exit statuses of this command alone. */
const DIFFERS = 1;
const TROUBLE = 2;

/** Failures whose messages are complete. */
const COMPLETE: ReadonlySet<string> = new Set([
  'ApiRefused',
  'ApiUnreachable',
  'CredentialsMissing',
  'TealFileRefused',
]);

/** The options as commander leaves them. */
interface Words extends ApiOptions {
  readonly file: string;
  readonly json?: true;
}

/** Makes the command. */
export function diffCommand(shell: Shell): Command {
  const command = new Command('diff')
    .description('Shows what apply would change, key by key; changes nothing.')
    .option('-f, --file <path>', 'the file', TEAL_FILE)
    .option('--json', 'prints the differences as one JSON object')
    .addHelpText('after', '\nExit status: 0 no difference, 1 a difference, 2 it is not known.');
  addApiOptions(command);
  return command.action(async (words: Words) => {
    try {
      shell.done(await showDifferences(words, shell));
    } catch (error) {
      if (!(error instanceof Error) || !COMPLETE.has(error.name)) throw error;
      shell.err(error.message);
      shell.done(TROUBLE);
    }
  });
}

async function showDifferences(words: Words, shell: Shell): Promise<number> {
  const { file, json } = words;
  const { readTealFile } = await import('./teal-file.ts');
  const { findChanges, formatChange } = await import('./definition-changes.ts');
  const definitions = await readTealFile(file);
  const api = shell.open(words);
  const services: ServiceChange[] = [];
  for (const definition of definitions) services.push(await findChanges(api, definition));
  const differing = services.filter(({ type }) => type !== 'unchanged');
  if (json) shell.out(JSON.stringify({ services }, undefined, 2));
  else if (differing.length === 0) shell.out(`Nothing would be changed by ${file}.`);
  else for (const change of differing) shell.out(formatChange(change, 'future', shell));
  return differing.length > 0 ? DIFFERS : 0;
}
