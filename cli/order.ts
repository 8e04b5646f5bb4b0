/**
 * The commands of the verbs: `teal pause web`, `teal abort web-1f2e`, and so on.
 * Exit status: 0 when the order was taken, 1 when it was refused; with `--wait` that of the outcome.
 */
import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { type ApiClient, ApiRefused } from './api-client.ts';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import { type Deployment, isOver, type Possible } from './answers.ts';
import { findDeployment } from './deployment-id.ts';
import { isUnknownOption } from './option-names.ts';
import { sendPatiently } from './patience.ts';
import { EXIT, EXIT_HELP, type Shell } from './shell.ts';
import { addVerbOptions, bodyOf, commandOf, type VerbRow, VERBS } from './verbs.ts';
import { textOf } from './watch/words.ts';
import { watch } from './watch/watch.ts';

/** The options as commander leaves them, besides those of the verb. */
interface Words extends ApiOptions {
  readonly reason?: string;
  readonly wait?: true;
  readonly json?: true;
}

interface OrderAnswer {
  readonly deploymentId: string;
  readonly reason?: string;
}

/** Which deployment a word means, by what is meant where none runs. */
const WHICH: Readonly<Record<VerbRow['otherwise'], string>> = {
  none: 'id of a deployment, or a service whose running one is meant',
  serving: 'id of a deployment, or a service: its running one, or else the one that serves',
  newest: 'id of a deployment, or a service: its running one, or else its last',
};

/** One command for each verb. */
export function orderCommands(shell: Shell): readonly Command[] {
  return VERBS.map((row) => orderCommand(row, shell));
}

function orderCommand(row: VerbRow, shell: Shell): Command {
  const command = new Command(row.command)
    .description(row.summary)
    .argument('<deployment>', WHICH[row.otherwise])
    .option('-m, --reason <text>', 'why, for the timeline');
  addVerbOptions(command, row);
  command
    .option('--wait', 'follows the deployment to its end, as `teal watch` does')
    .option('--json', 'prints the answer as one JSON object, and JSON lines with --wait');
  addApiOptions(command);
  return command
    .addHelpText('after', EXIT_HELP)
    .action(async (word: string, words: Words) => shell.done(await order(row, word, words, shell)));
}

async function order(row: VerbRow, word: string, words: Words, shell: Shell): Promise<number> {
  const api = shell.open(words);
  const { otherwise } = row;
  const deploymentId = await findDeployment(api, word, { otherwise, say: shell.err });
  if (row.verb === 'rollback' && deploymentId !== word) {
    const doubt = await doubtRollback(api, deploymentId);
    if (doubt !== undefined) {
      shell.err(doubt);
      return EXIT.failed;
    }
  }
  const body = bodyOf(row, { ...words });
  const path = `/deployments/${encodeURIComponent(deploymentId)}/${row.verb}`;
  const answer = await give(api, row, { path, body }, shell);
  if (!answer) return EXIT.failed;
  if (words.json) shell.out(JSON.stringify(words.wait ? { type: 'accepted', ...answer } : answer));
  else shell.out(describeAnswer(row, deploymentId, answer));
  if (!words.wait) return EXIT.succeeded;
  return watch(api, answer.deploymentId, { shell, isJson: words.json ?? false, isNew: true });
}

/**
 * Whoever asks twice for a service to be taken back wants it taken back, and not to and fro: undefined
 * where the deployment that is meant takes nothing back itself.
 */
async function doubtRollback(api: ApiClient, deploymentId: string): Promise<string | undefined> {
  const path = `/deployments/${encodeURIComponent(deploymentId)}`;
  const { request, status } = (await api.send('GET', path)) as Deployment;
  const rollbackOf = textOf(request['rollbackOf']);
  if (rollbackOf === undefined) return undefined;
  const [what, doing] = isOver(status) ? ['took', 'taken back'] : ['takes', 'stopped'];
  return (
    `${deploymentId} is a rollback itself: it ${what} ${rollbackOf} back, and was not ${doing}, because that ` +
    `would bring the later version again. Where that is meant, name it by its id: teal rollback ${deploymentId}`
  );
}

/** The answer, or undefined where the order was refused and the reader was told. */
async function give(
  api: ApiClient,
  row: VerbRow,
  { path, body }: { readonly path: string; readonly body: unknown },
  shell: Shell,
): Promise<OrderAnswer | undefined> {
  try {
    const key = randomUUID();
    return (await sendPatiently(api, path, body, key)) as OrderAnswer;
  } catch (error) {
    if (!(error instanceof ApiRefused)) throw error;
    const { message, problem = {} } = error;
    const possible = describePossible(problem['possible']);
    shell.err(`${message}${describeTooEarly(row, problem['issues'])}${possible}`);
    return undefined;
  }
}

/** The API takes a running deployment back by the shortest way, and does not say so of its keys. */
function describeTooEarly({ verb, options }: VerbRow, issues: unknown): string {
  const early = options.filter(({ member }) => isUnknownOption(issues, member));
  if (verb !== 'rollback' || early.length === 0) return '';
  const names = early.map(({ flags }) => flags.split(' ')[0]).join(' and ');
  return ` ${names}: only for a deployment that is over; a running one gives everything back at once.`;
}

function describeAnswer(
  { command }: VerbRow,
  deploymentId: string,
  { deploymentId: answered, reason }: OrderAnswer,
): string {
  if (answered !== deploymentId) {
    return `Deployment ${answered} was started; it takes ${deploymentId} back. Follow it: teal watch ${answered}`;
  }
  return `${deploymentId}: ${reason ?? `${command} was asked for.`}`;
}

/** What can be asked instead, in the words of the command line; empty where nobody said. */
export function describePossible(possible: unknown): string {
  if (!Array.isArray(possible)) return '';
  const commands = (possible as readonly (string | Possible)[]).map((one) =>
    commandOf(typeof one === 'string' ? one : one.verb),
  );
  return commands.length === 0
    ? ' Nothing can be asked of it now.'
    : ` Possible now: ${commands.join(', ')}.`;
}
