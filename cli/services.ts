/** `teal services list | get | delete`: what Teal may deploy. */
import { Command } from 'commander';
import type { ServiceDefinition } from '../shared/core/spec.ts';
import { addApiOptions, type ApiOptions } from './api-options.ts';
import type { Shell } from './shell.ts';
import { formatTable } from './table.ts';
import { wholeNumber } from './whole-number.ts';

interface Words extends ApiOptions {
  readonly json?: true;
}

interface ListWords extends Words {
  readonly limit: number;
  readonly cursor?: string;
}

/** One page of definitions, by name. */
export interface ServicesAnswer {
  readonly services: readonly ServiceDefinition[];
  readonly nextCursor?: string;
}

/** Services that are shown unless told. */
const LIMIT_DEFAULT = 50;

/** Most services of one answer. */
const LIMIT_MAX = 100;

/** Makes the commands. */
export function servicesCommand(shell: Shell): Command {
  const services = new Command('services').description('Lists, shows and deletes definitions.');
  for (const command of [list(shell), get(shell), remove(shell)]) {
    services.addCommand(command);
  }
  return services;
}

function list(shell: Shell): Command {
  const command = new Command('list')
    .description('Lists services by name.')
    .option('--limit <n>', 'how many at the most', wholeNumber(1, LIMIT_MAX), LIMIT_DEFAULT)
    .option('--cursor <text>', 'goes on where the last list ended')
    .option('--json', 'prints the list as one JSON object');
  addApiOptions(command);
  return command.action(async (words: ListWords) => {
    const { limit, cursor } = words;
    const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) });
    const path = `/services?${query.toString()}`;
    const answer = (await shell.open(words).send('GET', path)) as ServicesAnswer;
    shell.out(words.json ? JSON.stringify(answer, undefined, 2) : formatServices(answer, shell));
  });
}

function formatServices({ services, nextCursor }: ServicesAnswer, shell: Shell): string {
  const more = nextCursor === undefined ? '' : `\nThere are more: --cursor ${nextCursor}`;
  if (services.length === 0) return `There is no service.${more}`;
  const rows = services.map(({ service, autoScalingGroupName, strategy, alarms }) => [
    service,
    autoScalingGroupName,
    strategy.type,
    String(alarms.length),
  ]);
  return `${formatTable(['SERVICE', 'GROUP', 'STRATEGY', 'ALARMS'], rows, shell)}${more}`;
}

function get(shell: Shell): Command {
  const command = new Command('get')
    .description('Prints the definition of a service, defaults filled in, as JSON.')
    .argument('<service>', 'its name')
    .option('--json', 'the same: there is no other form');
  addApiOptions(command);
  return command.action(async (service: string, words: Words) => {
    const answer = await shell.open(words).send('GET', `/services/${encodeURIComponent(service)}`);
    shell.out(JSON.stringify(answer, undefined, 2));
  });
}

function remove(shell: Shell): Command {
  const command = new Command('delete')
    .description('Deletes the definition of a service; its groups and its history stay.')
    .argument('<service>', 'its name')
    .option('--json', 'prints the answer as one JSON object');
  addApiOptions(command);
  return command.action(async (service: string, words: Words) => {
    const path = `/services/${encodeURIComponent(service)}`;
    const answer = await shell.open(words).send('DELETE', path);
    shell.out(
      words.json ? JSON.stringify(answer, undefined, 2) : `Service ${service} was deleted.`,
    );
  });
}
