/**
 * `teal apply`: makes the definitions of a file those of Teal. Services that the file does not name
 * stay as they are.
 * Exit status: 0 when every definition is as in the file, 1 when one was refused, 2 for usage.
 */
import { Command } from 'commander';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import type { ServiceChange } from './definition-changes.ts';
import { TEAL_FILE } from './definition-file.ts';
import type { Shell } from './shell.ts';

/** The options as commander leaves them. */
interface Words extends ApiOptions {
  readonly file: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Makes the command. */
export function applyCommand(shell: Shell): Command {
  const command = new Command('apply')
    .description("Makes a file's definitions those of Teal; services that it does not name stay.")
    .option('-f, --file <path>', 'the file', TEAL_FILE)
    .option('--dry-run', 'only says what would be changed')
    .option('--json', 'prints what was changed as one JSON object');
  addApiOptions(command);
  return command.action(async (words: Words) => {
    const { file, dryRun: isDryRun = false, json } = words;
    // Loaded only now, as by the other commands: help needs no reader of definitions.
    const { readTealFile } = await import('./teal-file.ts');
    const { findChanges, formatChange, pathOf } = await import('./definition-changes.ts');
    const definitions = await readTealFile(file);
    const api = shell.open(words);
    const applied: ServiceChange[] = [];
    for (const definition of definitions) {
      const change = await findChanges(api, definition);
      const { service: _service, ...body } = definition;
      // Also where nothing differs: from then on Teal knows which group the file names.
      if (!isDryRun) await api.send('PUT', pathOf(definition), body);
      applied.push(change);
      // At once, so that a refusal of a later one does not hide what was done.
      if (!json) shell.out(formatChange(change, isDryRun ? 'future' : 'past', shell));
    }
    if (json) shell.out(JSON.stringify({ isDryRun, services: applied }, undefined, 2));
    else if (applied.length === 0) shell.out(`${file} names no service.`);
    else if (!isDryRun) sayWhatIsOpen(applied, shell);
  });
}

/** A definition is kept without a look at what is live, such as its alarms; a plan looks. */
function sayWhatIsOpen(applied: readonly ServiceChange[], shell: Shell): void {
  const one = applied.find(({ type }) => type !== 'unchanged');
  if (!one) return;
  shell.out(
    'Nothing that is live was looked at; whether a deployment would be accepted tells: ' +
      `teal plan --service ${one.service} --image <id>`,
  );
}
