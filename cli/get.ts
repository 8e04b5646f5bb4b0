/** `teal get` and `teal timeline`: one deployment as it is, and how it came there. */
import { Command } from 'commander';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import type { Deployment, TimelineEntry } from './answers.ts';
import { findDeployment } from './deployment-id.ts';
import { formatSeconds } from './duration.ts';
import type { Shell } from './shell.ts';
import { formatTable } from './table.ts';
import { commandOf } from './verbs.ts';
import { readTimeline } from './watch/sight.ts';
import { describeVersions, sayPause, sayStatus, sayWayBack, textOf } from './watch/words.ts';

interface Words extends ApiOptions {
  readonly json?: true;
}

const WHICH = 'id of a deployment, or a service: its running one, or else its last';

/** Makes `teal get`. */
export function getCommand(shell: Shell): Command {
  const command = new Command('get')
    .description(
      'Shows a deployment: what was asked and planned, how far it came, what is possible.',
    )
    .argument('<deployment>', WHICH)
    .option('--json', 'prints the whole record as one JSON object');
  addApiOptions(command);
  return command.action(async (word: string, words: Words) => {
    const api = shell.open(words);
    const id = await findDeployment(api, word, { otherwise: 'newest', say: shell.err });
    const record = (await api.send('GET', `/deployments/${encodeURIComponent(id)}`)) as Deployment;
    shell.out(words.json ? JSON.stringify(record, undefined, 2) : formatDeployment(record));
  });
}

/** Makes `teal timeline`. */
export function timelineCommand(shell: Shell): Command {
  const command = new Command('timeline')
    .description('Prints everything that was decided for a deployment, oldest first.')
    .argument('<deployment>', WHICH)
    .option('--json', 'prints the timeline as one JSON object');
  addApiOptions(command);
  return command.action(async (word: string, words: Words) => {
    const api = shell.open(words);
    const deploymentId = await findDeployment(api, word, { otherwise: 'newest', say: shell.err });
    const entries = await readTimeline(api, `/deployments/${encodeURIComponent(deploymentId)}`);
    const answer = { deploymentId, entries };
    shell.out(words.json ? JSON.stringify(answer, undefined, 2) : formatTimeline(entries, shell));
  });
}

function formatTimeline(entries: readonly TimelineEntry[], shell: Shell): string {
  if (entries.length === 0) return 'Nothing was decided yet.';
  const rows = entries.map(({ at, state, reason }) => [`${at.slice(0, 19)}Z`, state, reason]);
  // Whole sentences here: whoever reads a timeline wants the end of them.
  return formatTable(['TIME', 'STATE', 'REASON'], rows, shell, false);
}

/** A record as people read it, a name and a value in each line. */
export function formatDeployment(record: Deployment): string {
  const { deploymentId, startedAt, status, reason, request, plan, progress, pause, possible } =
    record;
  const steps = plan?.steps.map(
    ({ greenWeightPercent, holdSeconds }) =>
      `${greenWeightPercent} % for ${formatSeconds(holdSeconds)}`,
  );
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    ['deployment', deploymentId],
    ['release', describeVersions(record)],
    ['image', plan?.imageId ?? textOf(request['imageId'])],
    ['status', sayStatus(status)],
    ['reason', reason],
    ['green', `${progress.confirmedGreenWeightPercent} % of the traffic`],
    ['paused by', pause && sayPause(pause)],
    ['steps', steps?.join(', ')],
    ['way back', sayWayBack(record)],
    ['kept until', progress.retainedUntil],
    ['started', startedAt],
    ['asked by', textOf(request['requestedBy'])],
    ['asked why', textOf(request['reason'])],
    ['execution', record.executionArn],
  ];
  const asked = (possible ?? []).map(
    ({ verb, sentence }) => `  teal ${commandOf(verb)} ${deploymentId}\n    ${sentence}`,
  );
  const lines = rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name.padEnd(12)}${value}`);
  return [...lines, ...(asked.length > 0 ? ['possible', ...asked] : [])].join('\n');
}
