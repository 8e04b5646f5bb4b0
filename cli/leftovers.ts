/**
 * `teal leftovers`: what deployments froze or could not remove, and how to undo it by hand.
 * Exit status: 0 when the list could be read, even when it is long.
 */
import { Command } from 'commander';
import { type Leftover, renderLeftovers } from '../shared/core/leftovers.ts';
import type { ApiClient } from './api-client.ts';
import { addApiOptions, type ApiOptions, connect } from './api-options.ts';

/** The options as commander leaves them. */
interface Words extends ApiOptions {
  readonly json?: true;
}

/** Makes the command; `out` gets what it prints. */
export function leftoversCommand(
  out: (text: string) => void,
  open: (options: ApiOptions) => ApiClient = connect,
): Command {
  const command = new Command('leftovers')
    .description('Lists what deployments froze or could not remove, and how to undo it by hand.')
    .option('--json', 'prints the list as one JSON object');
  addApiOptions(command);
  return command.action(async (words: Words) => {
    const answer = (await open(words).send('GET', '/leftovers')) as LeftoversAnswer;
    out(words.json ? JSON.stringify(answer, undefined, 2) : renderLeftovers(answer.leftovers));
  });
}

interface LeftoversAnswer {
  readonly leftovers: readonly Leftover[];
}
