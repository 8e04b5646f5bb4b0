/**
 * All commands of `teal`, in the order of its help. Whatever completes, documents or runs them
 * takes them from here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { applyCommand } from './apply.ts';
import { completeCommand } from './complete.ts';
import { completionCommand } from './completion.ts';
import { diffCommand } from './diff.ts';
import { getCommand, timelineCommand } from './get.ts';
import { initCommand } from './init.ts';
import { leftoversCommand } from './leftovers.ts';
import { listCommand } from './list.ts';
import { orderCommands } from './order.ts';
import { planCommand } from './plan.ts';
import { rehearseCommand } from './rehearsal/command.ts';
import type { RehearsalOptions } from './rehearsal/options.ts';
import { servicesCommand } from './services.ts';
import type { Shell } from './shell.ts';
import { startCommand } from './start.ts';
import { refuseEmptyValues } from './text.ts';
import { watchCommand } from './watch/command.ts';

/** What stands above the commands in the help. */
const GROUPS = {
  deployments: 'Deployments:',
  verbs: 'While one runs (a service means its running deployment):',
  services: 'Services:',
  others: 'Others:',
} as const;

/**
 * Makes the program, which throws a CommanderError for words that are off, and after help.
 * `rehearse` is handed in, because it needs the whole region.
 */
export function createProgram(
  shell: Shell,
  rehearse: (options: RehearsalOptions) => Promise<void>,
): Command {
  const { done, out, open } = shell;
  const program = new Command('teal')
    .description('Weighted blue-green deployments of EC2 Auto Scaling groups, with a way back.')
    .version(readVersion(), '-V, --version')
    .showHelpAfterError('(teal --help shows what there is)')
    // Thrown and not ended at once, so that whoever runs the program says how it exits.
    .exitOverride();
  const hide = (command: Command): void => {
    inherit(command, program);
    program.addCommand(command, { hidden: true });
  };
  const add = (heading: keyof typeof GROUPS, ...commands: readonly Command[]): void => {
    for (const command of commands) {
      command.helpGroup(GROUPS[heading]);
      inherit(command, program);
      program.addCommand(command);
    }
  };
  add('deployments', startCommand(shell), planCommand(done, shell, open), watchCommand(shell));
  add('deployments', listCommand(shell), getCommand(shell), timelineCommand(shell));
  add('verbs', ...orderCommands(shell));
  add('services', initCommand(shell), diffCommand(shell), applyCommand(shell));
  add('services', servicesCommand(shell));
  add('others', leftoversCommand(out, open));
  if (hasRegion()) add('others', rehearseCommand(rehearse));
  else hide(rehearseCommand(rehearse));
  add('others', completionCommand(out));
  hide(completeCommand(shell));
  refuseEmptyValues(program);
  refuseUnknownHelp(program);
  for (const command of program.commands) pointToHelp(command, program.name());
  return program;
}

/** Commander answers `help` for a word that is no command with all of the help, and does not say why. */
function refuseUnknownHelp(program: Command): void {
  const help = new Command('help')
    .description('display help for command')
    .argument('[command]')
    .action((word?: string) => {
      if (word === undefined) program.help();
      const found = program.commands.find((command) => command.name() === word);
      if (!found) program.error(`error: unknown command '${word}'`);
      found?.help();
    });
  inherit(help, program);
  program.helpCommand(false).addCommand(help);
}

/** What is installed has no region, and its help speaks of no rehearsal. */
function hasRegion(): boolean {
  return existsSync(new URL('../region', import.meta.url));
}

/** After a usage error people need the options of the very command. */
function pointToHelp(command: Command, before: string): void {
  const path = `${before} ${command.name()}`;
  command.showHelpAfterError(`(${path} --help shows what there is)`);
  for (const child of command.commands) pointToHelp(child, path);
}

/** `copyInheritedSettings` and not `addCommand` alone: usage errors end every command alike. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
}

function readVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
