/**
 * The verbs of a deployment on the command line: one table, from which commands, help, completion
 * and the reference are made.
 * Not for: what they do; see `docs/operating.md`.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Verb } from '../shared/core/orders.ts';
import { parseStrategy, STRATEGY_FORMS } from './strategy.ts';
import { seconds } from './duration.ts';
import type { Otherwise } from './deployment-id.ts';

/** One verb: what people type, what the API calls it, and what it takes besides a reason. */
export interface VerbRow {
  readonly command: string;
  /** The last part of the API's path. */
  readonly verb: Verb;
  readonly summary: string;
  /** What a service's name means where no deployment of it runs. */
  readonly otherwise: Otherwise;
  readonly options: readonly VerbOption[];
}

/** An option, and the member of the request's body that it becomes. */
export interface VerbOption {
  readonly flags: string;
  readonly help: string;
  readonly member: string;
  readonly parse: (text: string) => unknown;
  readonly choices?: readonly string[];
  readonly isMandatory?: true;
}

/** What happens when a pause is over, by the words of the command line. */
const AFTER_PAUSE = { resume: 'resume', 'roll-back': 'rollBack' } as const;

/** Every verb, in the order in which a deployment meets them. */
export const VERBS: readonly VerbRow[] = [
  row('approve', 'approve', 'Lets a deployment go on that waits for approval.'),
  row('reject', 'reject', 'Refuses approval: the deployment is rolled back.'),
  row('promote', 'promote', 'Ends the current hold, and a pause, and takes the next step now.'),
  row('promote-all', 'promoteAll', 'Skips all holds before 100 %; the bake stays.'),
  row('pause', 'pause', 'Takes no further step until it is resumed; alarms still count.', {
    options: [
      {
        flags: '--timeout <time>',
        help: 'ends the pause by itself after so long, such as 30m',
        member: 'timeoutSeconds',
        parse: seconds,
      },
      {
        flags: '--on-timeout <what>',
        help: 'what happens then (default: resume)',
        member: 'onTimeout',
        parse: parseAfterPause,
        choices: Object.keys(AFTER_PAUSE),
      },
    ],
  }),
  row('resume', 'resume', 'Ends a pause.'),
  row('skip-hold', 'skipHold', 'Ends the current hold, the bake included.'),
  row('extend-hold', 'extendHold', 'Makes the current hold longer.', {
    options: [
      {
        flags: '--by <time>',
        help: 'how much longer, such as 10m',
        member: 'seconds',
        parse: seconds,
        isMandatory: true,
      },
    ],
  }),
  row('abort', 'abort', 'Stops a running deployment: blue takes everything back.'),
  row(
    'rollback',
    'rollback',
    'Takes a deployment back: a running one, or one whose blue is kept.',
    {
      otherwise: 'serving',
      options: [
        {
          flags: '--strategy <how>',
          help: `of one that is over: how traffic goes back; at once unless told: ${STRATEGY_FORMS}`,
          member: 'strategy',
          parse: parseStrategy,
        },
        {
          flags: '--bake <time>',
          help: 'of one that is over: how long both fleets stay up afterwards',
          member: 'bakeTimeSeconds',
          parse: seconds,
        },
      ],
    },
  ),
];

function row(
  command: string,
  verb: Verb,
  summary: string,
  { options = [], otherwise = 'none' }: Partial<Pick<VerbRow, 'options' | 'otherwise'>> = {},
): VerbRow {
  return { command, verb, summary, otherwise, options };
}

function parseAfterPause(text: string): string {
  const wish = AFTER_PAUSE[text as keyof typeof AFTER_PAUSE];
  if (wish) return wish;
  throw new InvalidArgumentError(`It takes ${Object.keys(AFTER_PAUSE).join(' or ')}.`);
}

/** The word of the command line for a verb of the API, which is itself where it has no other. */
export function commandOf(verb: string): string {
  return VERBS.find((known) => known.verb === verb)?.command ?? verb;
}

/** Gives a command the options of a verb. */
export function addVerbOptions(command: Command, { options }: VerbRow): void {
  for (const { flags, help, parse, choices, isMandatory } of options) {
    const option = new Option(flags, help);
    if (choices) option.choices(choices);
    command.addOption(option.argParser(parse).makeOptionMandatory(isMandatory ?? false));
  }
}

/** The body of the request, from what was typed. */
export function bodyOf(
  { options }: VerbRow,
  words: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given = options.map(({ flags, member }) => [member, words[nameOf(flags)]] as const);
  return Object.fromEntries(
    [['reason', words['reason']] as const, ...given].filter(([, value]) => value !== undefined),
  );
}

/** The name under which commander keeps an option. */
function nameOf(flags: string): string {
  return new Option(flags).attributeName();
}
