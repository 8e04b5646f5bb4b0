/**
 * `teal __complete`: what a shell asks while somebody presses Tab, a word in each line. It says
 * nothing at all where the API cannot be asked: nobody is to read complaints in the middle of a line.
 * Not for: words and options, which the shells' own scripts know (see `completion.ts`).
 */
import { Argument, Command } from 'commander';
import type { DeploymentsAnswer } from './answers.ts';
import type { ApiClient } from './api-client.ts';
import type { ApiOptions } from './api-options.ts';
import type { ServicesAnswer } from './services.ts';
import type { Shell } from './shell.ts';

/** The command's name, which no help shows. */
export const COMPLETE_COMMAND = '__complete';

/** What can be asked for: ids of deployments and names of their services, or names of all services. */
const WORD_KINDS = ['deployments', 'services'] as const;

/** One of them. */
export type WordKind = (typeof WORD_KINDS)[number];

/** Real milliseconds that somebody who pressed Tab is kept waiting for the API. */
const PATIENCE_MILLISECONDS = 1000;

/** Newest deployments that are offered; the API looks at few more for one page. */
const DEPLOYMENTS_MAX = 50;

/** Services that are offered: one page. */
const SERVICES_MAX = 100;

/** Bash expands the words that it is given, so that none may have anything to expand. */
const PLAIN_WORD = /^\w[\w.-]*$/;

/** Makes the command, which takes its API from the environment alone. */
export function completeCommand(shell: Shell): Command {
  return new Command(COMPLETE_COMMAND)
    .addArgument(new Argument('<what>').choices(WORD_KINDS))
    .action(async (kind: WordKind) => {
      const words = await inTime(readWords(shell, kind));
      const plain = [...new Set(words)].filter((word) => PLAIN_WORD.test(word));
      if (plain.length > 0) shell.out(plain.join('\n'));
    });
}

async function readWords(shell: Shell, kind: WordKind): Promise<readonly string[]> {
  const { TEAL_API: api = '', AWS_REGION: region } = shell.environment;
  const options: ApiOptions = { api, ...(region && { region }) };
  try {
    return await ASK[kind](shell.open(options));
  } catch {
    // No address, no keys, no permission, no answer: there is nothing to offer.
    return [];
  }
}

const ASK: Readonly<Record<WordKind, (api: ApiClient) => Promise<readonly string[]>>> = {
  deployments: async (api) => {
    const answer = await api.send('GET', `/deployments?limit=${DEPLOYMENTS_MAX}`);
    const { deployments } = answer as DeploymentsAnswer;
    // A service means its running deployment.
    return [
      ...deployments.map(({ deploymentId }) => deploymentId),
      ...deployments.map(({ service }) => service),
    ];
  },
  services: async (api) => {
    const answer = await api.send('GET', `/services?limit=${SERVICES_MAX}`);
    return (answer as ServicesAnswer).services.map(({ service }) => service);
  },
};

/** The words, or none where they come too late. */
async function inTime(asking: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), PATIENCE_MILLISECONDS);
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}
