/**
 * `teal __complete`: what a shell asks while somebody presses Tab, a word in each line. It says
 * nothing at all where the API cannot be asked: nobody is to read complaints in the middle of a line.
 * Not for: words and options, which the shells' own scripts know (see `completion.ts`).
 */
import { Argument, Command } from 'commander';
import type { DeploymentsAnswer } from './answers.ts';
import type { ApiClient } from './api-client.ts';
import type { ApiOptions } from './api-options.ts';
import { type Page, pagesOf } from './pages.ts';
import type { ServicesAnswer } from './services.ts';
import type { Shell } from './shell.ts';

/** The command's name, which no help shows. */
export const COMPLETE_COMMAND = '__complete';

/**
 * What can be asked for: ids of deployments and names of their services, the same of those that have
 * not ended, or names of all services.
 */
const WORD_KINDS = ['deployments', 'running', 'services'] as const;

/** One of them. */
export type WordKind = (typeof WORD_KINDS)[number];

/** Real milliseconds that somebody who pressed Tab is kept waiting for the API. */
const PATIENCE_MILLISECONDS = 1000;

/** Newest deployments that are offered; the API looks at few more for one page. */
const DEPLOYMENTS_MAX = 50;

/** Services of one page, the most that the API gives. */
const SERVICES_PER_PAGE = 100;

/** Pages that are asked for; the second in which somebody waits ends most lists before. */
const PAGES_MAX = 50;

/** Bash expands the words that it is given, so that none may have anything to expand. */
const PLAIN_WORD = /^\w[\w.-]*$/;

/** Makes the command, which takes its API from the environment alone. */
export function completeCommand(shell: Shell): Command {
  return new Command(COMPLETE_COMMAND)
    .addArgument(new Argument('<what>').choices(WORD_KINDS))
    .action(async (kind: WordKind) => {
      const words: string[] = [];
      await inTime(readWords(shell, kind, words));
      const plain = [...new Set(words)].filter((word) => PLAIN_WORD.test(word));
      if (plain.length > 0) shell.out(plain.join('\n'));
    });
}

/** Adds to `words` page by page, so that those are there which came in time. */
async function readWords(shell: Shell, kind: WordKind, words: string[]): Promise<void> {
  const { TEAL_API: api = '', AWS_REGION: region } = shell.environment;
  const options: ApiOptions = { api, ...(region && { region }) };
  try {
    for await (const page of ASK[kind](shell.open(options))) words.push(...page);
  } catch {
    // No address, no keys, no permission, no answer: there is nothing to offer, or nothing more.
  }
}

type Pages = AsyncGenerator<readonly string[]>;

const ASK: Readonly<Record<WordKind, (api: ApiClient) => Pages>> = {
  deployments: async function* deployments(api) {
    yield wordsOf((await api.send('GET', NEWEST)) as DeploymentsAnswer);
  },
  running: async function* running(api) {
    // A page of those that run may be empty and have others behind it.
    for await (const page of listAll<DeploymentsAnswer>(api, `${NEWEST}&status=running`)) {
      yield wordsOf(page);
    }
  },
  services: async function* services(api) {
    const path = `/services?limit=${SERVICES_PER_PAGE}`;
    for await (const page of listAll<ServicesAnswer>(api, path)) {
      yield page.services.map(({ service }) => service);
    }
  },
};

/** The newest deployments. */
const NEWEST = `/deployments?limit=${DEPLOYMENTS_MAX}`;

/** A service means its running deployment. */
function wordsOf({ deployments }: DeploymentsAnswer): readonly string[] {
  return [
    ...deployments.map(({ deploymentId }) => deploymentId),
    ...deployments.map(({ service }) => service),
  ];
}

function listAll<Answer extends Page>(api: ApiClient, path: string): AsyncGenerator<Answer> {
  const ask = (cursor: string | undefined) => {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    return api.send('GET', `${path}${more}`) as Promise<Answer>;
  };
  return pagesOf(ask, PAGES_MAX);
}

/** Waits for the words, and no longer than anybody has patience. */
async function inTime(asking: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MILLISECONDS);
  });
  try {
    await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}
