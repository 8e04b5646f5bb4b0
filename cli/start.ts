/**
 * `teal start`: starts a deployment, and with `--wait` follows it to its end.
 */
import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { type Deployment, isOver } from './answers.ts';
import { type ApiClient, ApiRefused, ApiUnreachable } from './api-client.ts';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import { sendPatiently } from './patience.ts';
import { addReleaseOptions, type ReleaseWords, requestOf } from './release-options.ts';
import { EXIT, EXIT_HELP, type Shell } from './shell.ts';
import { idempotencyKey } from './text.ts';
import { exitStatusOf, watch } from './watch/watch.ts';
import { sayStatus } from './watch/words.ts';

/** The options as commander leaves them. */
interface Words extends ApiOptions, ReleaseWords {
  readonly key?: string;
  readonly wait?: true;
  readonly json?: true;
}

interface StartAnswer {
  readonly deploymentId: string;
  readonly executionArn: string;
  /** Another deployment that was under way, and for whose end this one waits. */
  readonly queuedBehind?: string;
}

/** Makes the command. */
export function startCommand(shell: Shell): Command {
  const command = new Command('start').description('Starts a deployment.');
  addReleaseOptions(command);
  command
    .option(
      '--key <text>',
      'makes a request that is sent again the same deployment',
      idempotencyKey,
    )
    .option('--wait', 'follows the deployment to its end, as `teal watch` does')
    .option('--json', 'prints the answer as one JSON object, and JSON lines with --wait');
  addApiOptions(command);
  return command
    .addHelpText('after', EXIT_HELP)
    .action(async (words: Words) => shell.done(await start(words, shell)));
}

async function start(words: Words, shell: Shell): Promise<number> {
  const { json: isJson = false, key = randomUUID() } = words;
  const api = shell.open(words);
  const request = requestOf(words);
  const answer = (await sendPatiently(api, '/deployments', request, key)) as StartAnswer;
  const { deploymentId } = answer;
  if (words.wait) {
    if (isJson) shell.out(JSON.stringify({ type: 'accepted', ...answer }));
    else shell.out(describeBeginning(answer));
    return watch(api, deploymentId, { shell, isJson, isNew: true });
  }
  const record = await lookOnce(api, deploymentId);
  if (isJson) {
    const { status, reason, place } = record ?? {};
    shell.out(JSON.stringify({ ...answer, status, reason, place }));
  } else shell.out(describeStart(answer, record));
  return record && isOver(record.status) ? exitStatusOf(record.status) : EXIT.succeeded;
}

/**
 * The record, which a request that was sent again may find ended. Undefined where it is not there
 * yet, or cannot be read: the deployment was started all the same.
 */
async function lookOnce(api: ApiClient, deploymentId: string): Promise<Deployment | undefined> {
  try {
    return (await api.send(
      'GET',
      `/deployments/${encodeURIComponent(deploymentId)}`,
    )) as Deployment;
  } catch (error) {
    if (error instanceof ApiRefused || error instanceof ApiUnreachable) return undefined;
    throw error;
  }
}

function describeStart(answer: StartAnswer, record: Deployment | undefined): string {
  const { deploymentId } = answer;
  const follow = `Follow it: teal watch ${deploymentId}`;
  if (record && isOver(record.status)) {
    return `Deployment ${deploymentId} is over: ${sayStatus(record.status)}. ${record.reason}`;
  }
  if (record?.status === 'queued') {
    const place = record.place === undefined ? '' : ` at place ${record.place}`;
    return `Deployment ${deploymentId} is queued${place}: ${record.reason} ${follow}`;
  }
  return `${describeBeginning(answer)} ${follow}`;
}

/** What is known of a deployment before it has a record. */
function describeBeginning({ deploymentId, queuedBehind }: StartAnswer): string {
  return queuedBehind === undefined
    ? `Deployment ${deploymentId} was started.`
    : `Deployment ${deploymentId} is queued behind ${queuedBehind}.`;
}
