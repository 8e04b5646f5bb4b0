/**
 * `teal init`: writes a `teal.yml` drafted from an Auto Scaling group as it is live, and the schema by
 * which editors complete it.
 * Exit status: 0 when it was written, 1 when it was not, 2 for usage.
 */
import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import type { DefinitionDraft } from '../shared/core/draft-definition.ts';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import { SCHEMA_FILE, TEAL_FILE, TealFileRefused } from './definition-file.ts';
import type { Shell } from './shell.ts';

/** The options as commander leaves them. */
interface Words extends ApiOptions {
  readonly fromGroup: string;
  readonly service?: string;
  readonly output: string;
  readonly stdout?: true;
  readonly force?: true;
}

/** Makes the command. */
export function initCommand(shell: Shell): Command {
  const command = new Command('init')
    .description('Writes a definition drafted from an Auto Scaling group as it is live.')
    .requiredOption('--from-group <name>', 'the Auto Scaling group that serves')
    .option('--service <name>', "what to call the service (default: made of the group's name)")
    .option('-o, --output <path>', 'the file to write', TEAL_FILE)
    .option('--stdout', 'prints the definition and writes no file')
    .option('--force', 'writes over a file that exists');
  addApiOptions(command);
  return command.action(async (words: Words) => {
    const { fromGroup, service, output, stdout, force: isForced = false } = words;
    if (!stdout && !isForced) await refuseExisting(output);
    const query = service === undefined ? '' : `?service=${encodeURIComponent(service)}`;
    const address = `/groups/${encodeURIComponent(fromGroup)}/definition${query}`;
    const draft = (await shell.open(words).send('GET', address)) as DefinitionDraft;
    const { renderTealFile } = await import('./teal-file.ts');
    // Where it is seen even if the file is written to standard output.
    if (draft.owner !== undefined) shell.err(draft.notes[0] ?? '');
    if (stdout) {
      shell.out(renderTealFile(draft, { hasSchema: false }).trimEnd());
      return;
    }
    const { makeTealFileSchema } = await import('../shared/core/definition-schema.ts');
    const text = renderTealFile(draft, { hasSchema: true });
    const schema = `${JSON.stringify(makeTealFileSchema(), undefined, 2)}\n`;
    await write(output, text, isForced);
    await write(path.join(path.dirname(output), SCHEMA_FILE), schema, true);
    shell.out(
      `${output} defines ${draft.definition.service}; ${SCHEMA_FILE} beside it is for editors.`,
    );
    for (const note of draft.notes) shell.out(`- ${note}`);
    const named = output === TEAL_FILE ? '' : ` -f ${quote(output)}`;
    shell.out(`Read it, then: teal diff${named}, teal apply${named}.`);
  });
}

/** A path as a shell takes it. */
function quote(file: string): string {
  return /^[\w./~-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
}

/** Asked before the API is, so that nobody waits for a draft that cannot be kept. */
async function refuseExisting(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw alreadyThere(file);
}

/** @throws TealFileRefused when the file is there, or cannot be written */
async function write(file: string, text: string, mayReplace: boolean): Promise<void> {
  await writeFile(file, text, { flag: mayReplace ? 'w' : 'wx' }).catch((error: unknown) => {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw alreadyThere(file);
    throw new TealFileRefused(`Tried to write ${file}; the answer was ${code}.`, { cause: error });
  });
}

function alreadyThere(file: string): TealFileRefused {
  return new TealFileRefused(
    `${file} is there already and was left alone; name another with --output, see the draft with --stdout, or give --force.`,
  );
}
