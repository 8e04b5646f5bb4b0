/**
 * `teal rehearse` as words on the command line.
 * Not for: what the options do; see `rehearse.ts`.
 */
import { Command } from 'commander';
import {
  BAKE_SECONDS_MIN,
  defaultAlarmThreshold,
  DEFAULTS,
  type RehearsalOptions,
  risingPercents,
  sampleCommand,
  shellCommand,
  urlPath,
} from './options.ts';
import { wholeNumber } from '../whole-number.ts';

/** Longest hold or bake, in seconds: a day. */
const HOLD_MAX = 86_400;

type Flag = 'keep' | 'json' | 'verbose';

/** The options as commander leaves them. */
interface Words extends Omit<RehearsalOptions, 'broken' | 'alarmThreshold' | Flag> {
  readonly broken: string | false;
  readonly alarmThreshold?: number;
  readonly keep?: true;
  readonly json?: true;
  readonly verbose?: true;
}

/** Makes the command; `run` gets the options once all of them are in order. */
export function rehearseCommand(run: (options: RehearsalOptions) => Promise<void>): Command {
  const command = new Command('rehearse').description(
    'Deploys a good and a broken version on a local AWS region, under real traffic, from the ' +
      'packaged service.',
  );
  addApplication(command);
  addDeployment(command);
  addOutput(command);
  return command.action(
    async ({ broken, alarmThreshold, keep, json, verbose, ...words }: Words) => {
      await run({
        ...words,
        keep: keep ?? false,
        json: json ?? false,
        verbose: verbose ?? false,
        ...(broken !== false && { broken }),
        alarmThreshold: alarmThreshold ?? defaultAlarmThreshold(words),
      });
    },
  );
}

function addApplication(command: Command): void {
  const example = 'the example application';
  command
    .option('--blue <command>', 'shell command that serves version 1 on $PORT', shellCommand)
    .option('--green <command>', 'the same for version 2', shellCommand)
    .option('--broken <command>', 'the same for the version that must be caught', shellCommand)
    .option('--no-broken', 'deploys version 2 and nothing after it')
    .option('--path <path>', 'path that the traffic asks for', urlPath, '/')
    .option('--health-path <path>', 'path of the health checks', urlPath, '/')
    .option('--rate <n>', 'requests in a second of real time', wholeNumber(1, 2000), DEFAULTS.rate);
  refuseBoth(command, 'broken', 'no-broken');
  // Set here and not as defaults of the options, which would fill the help with their paths.
  command.setOptionValueWithSource('blue', sampleCommand('v1'), example);
  command.setOptionValueWithSource('green', sampleCommand('v2'), example);
  command.setOptionValueWithSource('broken', sampleCommand('v3', 0.5), example);
  command.addHelpText(
    'after',
    '\nWithout commands, the example application serves; its version 3 fails half of its requests.' +
      '\nSeconds of region time pass --speed times as fast as those on the wall.',
  );
}

/** Commander keeps both under one name, so that it cannot tell that they contradict each other. */
function refuseBoth(command: Command, ...names: readonly string[]): void {
  const given = new Set<string>();
  for (const name of names) {
    command.on(`option:${name}`, () => {
      given.add(name);
      if (given.size < names.length) return;
      command.error(`error: give one of ${names.map((one) => `--${one}`).join(' and ')}`);
    });
  }
}

function addDeployment(command: Command): void {
  command
    .option(
      '--steps <list>',
      `weights of green in percent; 100 follows (default: ${DEFAULTS.steps.join(',')})`,
      risingPercents,
    )
    .option(
      '--hold <s>',
      'seconds of region time that each weight is held',
      wholeNumber(0, HOLD_MAX),
      DEFAULTS.hold,
    )
    .option(
      '--bake <s>',
      'seconds of region time at 100 %, in which the alarms must be able to see green',
      wholeNumber(BAKE_SECONDS_MIN, HOLD_MAX),
      DEFAULTS.bake,
    )
    .option(
      '--alarm-threshold <n>',
      'errors (5xx) in a minute of region time above which an alarm is raised (default: 4 % of the requests)',
      wholeNumber(0, 1_000_000),
    )
    .option(
      '--green-deadline <s>',
      'seconds of region time for green to become healthy',
      wholeNumber(60, HOLD_MAX),
      DEFAULTS.greenDeadline,
    )
    .option(
      '--speed <n>',
      'seconds of region time in a second of real time',
      wholeNumber(1, 60),
      DEFAULTS.speed,
    );
  command.setOptionValueWithSource('steps', [...DEFAULTS.steps], 'default');
}

function addOutput(command: Command): void {
  command
    .option('--keep', 'leaves the region running and says how to reach it')
    .option('--json', 'prints the figures as one JSON object on standard output')
    .option('--verbose', "shows the region's own log");
}
