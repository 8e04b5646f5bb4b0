/** `teal watch` as words on the command line. */
import { Command } from 'commander';
import { addApiOptions, type ApiOptions } from '../api-options.ts';
import { findDeployment } from '../deployment-id.ts';
import { EXIT_HELP, type Shell } from '../shell.ts';
import { watch } from './watch.ts';

interface Words extends ApiOptions {
  readonly json?: true;
}

const HELP = `
A terminal gets a picture that is redrawn in place, anything else a line for each change.
Ctrl-C stops watching and leaves the deployment alone.${EXIT_HELP}`;

/** Makes the command. */
export function watchCommand(shell: Shell): Command {
  const command = new Command('watch')
    .description('Shows a deployment while it runs: steps, weights, targets, alarms, time left.')
    .argument('<deployment>', 'id of a deployment, or a service: its running one, or else its last')
    .option('--json', 'prints every change as a JSON object on a line of its own');
  addApiOptions(command);
  return command.addHelpText('after', HELP).action(async (word: string, words: Words) => {
    const api = shell.open(words);
    const id = await findDeployment(api, word, { otherwise: 'newest', say: shell.err });
    shell.done(await watch(api, id, { shell, isJson: words.json ?? false, isNew: false }));
  });
}
