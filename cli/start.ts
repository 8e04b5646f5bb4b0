/**
 * `teal start`: starts a deployment, and with `--wait` follows it to its end.
 */
import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { CONSENTS, type Consent } from '../shared/core/preflight/consent.ts';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import { seconds } from './duration.ts';
import { sendPatiently } from './patience.ts';
import { EXIT, EXIT_HELP, type Shell } from './shell.ts';
import { parseStrategy, STRATEGY_FORMS } from './strategy.ts';
import { watch } from './watch/watch.ts';

/** The options as commander leaves them. */
interface Words extends ApiOptions {
  readonly service: string;
  readonly image: string;
  readonly release?: string;
  readonly reason?: string;
  readonly strategy?: unknown;
  readonly bake?: number;
  readonly greenDeadline?: number;
  readonly consent?: readonly Consent[];
  readonly fixForward?: string;
  readonly onBusy?: string;
  readonly key?: string;
  readonly wait?: true;
  readonly json?: true;
}

interface StartAnswer {
  readonly deploymentId: string;
  readonly executionArn: string;
}

/** Makes the command. */
export function startCommand(shell: Shell): Command {
  const command = new Command('start')
    .description('Starts a deployment.')
    .requiredOption('--service <name>', 'service to deploy')
    .requiredOption('--image <id>', 'image to deploy, such as ami-0123456789abcdef0')
    .option('--release <text>', 'what people call the version (default: the image)')
    .option('-m, --reason <text>', 'why, for the record')
    .option('--strategy <how>', `in place of the service's: ${STRATEGY_FORMS}`, parseStrategy)
    .option('--bake <time>', 'how long both fleets stay up at 100 %, such as 30m', seconds)
    .option('--green-deadline <time>', 'time for green to become healthy, such as 20m', seconds)
    .addOption(new Option('--consent <changes...>', 'agrees to changes of blue').choices(CONSENTS))
    .option('--fix-forward <why>', 'goes on although an alarm is red that this version cures')
    .addOption(
      new Option('--on-busy <what>', 'what to do while another runs').choices([
        'refuse',
        'queue',
        'supersede',
      ]),
    )
    .option('--key <text>', 'makes a request that is sent again the same deployment')
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
  const answer = (await sendPatiently(api, '/deployments', bodyOf(words), key)) as StartAnswer;
  const { deploymentId } = answer;
  if (isJson) shell.out(JSON.stringify(words.wait ? { type: 'accepted', ...answer } : answer));
  else
    shell.out(
      `Deployment ${deploymentId} was started.${words.wait ? '' : ` Follow it: teal watch ${deploymentId}`}`,
    );
  if (!words.wait) return EXIT.succeeded;
  return watch(api, deploymentId, { shell, isJson, isNew: true });
}

function bodyOf(words: Words): Record<string, unknown> {
  const { service, image, release, reason, strategy, bake, greenDeadline, consent } = words;
  const { fixForward, onBusy } = words;
  const body = {
    service,
    imageId: image,
    version: release,
    reason,
    strategy,
    bakeTimeSeconds: bake,
    greenHealthyDeadlineSeconds: greenDeadline,
    consent,
    fixForward: fixForward === undefined ? undefined : { reason: fixForward },
    onBusy,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
