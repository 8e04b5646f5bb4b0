/** `teal list`: deployments, newest first. */
import { Command, Option } from 'commander';
import { STATUS_FILTERS } from '../shared/core/api/statuses.ts';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import type { DeploymentsAnswer, Summary } from './answers.ts';
import { wholeNumber } from './whole-number.ts';
import type { Shell } from './shell.ts';
import { formatTable } from './table.ts';
import { sayStatus } from './watch/words.ts';

interface Words extends ApiOptions {
  readonly service?: string;
  readonly status?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: true;
}

/** Deployments that are shown unless told. */
const LIMIT_DEFAULT = 20;

/** Most deployments of one answer. */
const LIMIT_MAX = 100;

/** Makes the command. */
export function listCommand(shell: Shell): Command {
  const command = new Command('list')
    .description('Lists deployments, newest first.')
    .option('--service <name>', 'only those of a service')
    .addOption(
      new Option('--status <name>', 'only those of a status; running: not ended').choices(
        STATUS_FILTERS,
      ),
    )
    .option('--limit <n>', 'how many at the most', wholeNumber(1, LIMIT_MAX), LIMIT_DEFAULT)
    .option('--cursor <text>', 'goes on where the last list ended')
    .option('--json', 'prints the list as one JSON object');
  addApiOptions(command);
  return command.action(async (words: Words) => {
    const { service, status, limit, cursor, json } = words;
    const query = new URLSearchParams({
      limit: String(limit),
      ...(service && { service }),
      ...(status && { status }),
      ...(cursor && { cursor }),
    });
    const api = shell.open(words);
    const answer = (await api.send('GET', `/deployments?${query.toString()}`)) as DeploymentsAnswer;
    shell.out(json ? JSON.stringify(answer, undefined, 2) : formatList(answer, shell));
  });
}

const HEADINGS = ['DEPLOYMENT', 'SERVICE', 'VERSION', 'STATUS', 'GREEN', 'STARTED', 'REASON'];

function formatList({ deployments, nextCursor }: DeploymentsAnswer, shell: Shell): string {
  // A page of those with a status may be empty and have others behind it.
  const more = nextCursor === undefined ? '' : `\nThere are more: --cursor ${nextCursor}`;
  if (deployments.length === 0) return `There is no such deployment.${more}`;
  return `${formatTable(HEADINGS, deployments.map(toRow), shell)}${more}`;
}

function toRow(summary: Summary): readonly string[] {
  const { deploymentId, service, version, status, greenWeightPercent, startedAt, reason } = summary;
  const started = `${startedAt.slice(0, 16)}Z`;
  return [
    deploymentId,
    service,
    version,
    sayStatus(status),
    `${greenWeightPercent} %`,
    started,
    reason,
  ];
}
