/**
 * `teal completion`: scripts for shells, made from the same commands that are run. They know words
 * and options by themselves; ids of deployments and names of services, which only the API knows, they
 * ask of `teal __complete` (see `complete.ts`) where one is being typed.
 */
import { Argument, Command, type Option } from 'commander';
import { COMPLETE_COMMAND, type WordKind } from './complete.ts';
import { VERBS } from './verbs.ts';

/** What can follow a command. */
interface Node {
  /** The words that lead here, without the program's name. */
  readonly path: readonly string[];
  readonly description: string;
  readonly words: readonly DescribedWord[];
  readonly options: readonly OptionWords[];
  /** What else can follow, which the API knows; absent where nothing does. */
  readonly asks?: WordKind | undefined;
}

interface DescribedWord {
  readonly name: string;
  readonly description: string;
}

interface OptionWords {
  /** Such as `--reason` and `-m`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** True when something has to follow. */
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  /** What its value is, where the API knows it. */
  readonly asks?: WordKind | undefined;
}

/** What the API knows, by the names of arguments and options. */
const ASKED: Readonly<Record<string, WordKind>> = {
  deployment: 'deployments',
  service: 'services',
  '--service': 'services',
};

/** Commands that only a deployment under way can be asked for. */
const ASKED_OF_RUNNING: ReadonlySet<string> = new Set(
  VERBS.filter(({ otherwise }) => otherwise === 'none').map(({ command }) => command),
);

const SHELLS = ['bash', 'zsh', 'fish'] as const;

type ShellName = (typeof SHELLS)[number];

const HELP = `
bash: source <(teal completion bash)      in ~/.bashrc
zsh:  source <(teal completion zsh)       in ~/.zshrc, after compinit
fish: teal completion fish > ~/.config/fish/completions/teal.fish

Deployments and services are asked of the API in TEAL_API, for a second at the most.`;

/** Makes the command; it completes the program that it was added to. */
export function completionCommand(out: (text: string) => void): Command {
  const command = new Command('completion')
    .description('Prints a script that completes commands and options in a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', HELP);
  return command.action((shell: ShellName) => {
    const nodes = nodesOf(command.parent ?? command);
    out({ bash, zsh, fish }[shell](nodes));
  });
}

/** Every command of a program, the program itself first. */
function nodesOf(command: Command, path: readonly string[] = []): readonly Node[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  const argument = command.registeredArguments[0];
  const node: Node = {
    path,
    description: command.description(),
    words: [
      ...children.map((child) => ({ name: child.name(), description: child.description() })),
      ...(argument?.argChoices ?? []).map((name) => ({ name, description: '' })),
    ],
    options: help.visibleOptions(command).map(wordsOf),
    asks: argument && askedOf(path, argument.name()),
  };
  return [node, ...children.flatMap((child) => nodesOf(child, [...path, child.name()]))];
}

function askedOf([command = '']: readonly string[], argument: string): WordKind | undefined {
  const asked = ASKED[argument];
  return asked === 'deployments' && ASKED_OF_RUNNING.has(command) ? 'running' : asked;
}

function wordsOf(option: Option): OptionWords {
  const { long, short, description, required, optional, argChoices = [] } = option;
  const flags = [long, short].filter((flag) => flag !== undefined && flag !== null);
  const asks = ASKED[long ?? ''];
  return { flags, description, takesValue: required || optional, choices: argChoices, asks };
}

/** Whether nobody knows what a value may be. */
function isFree({ choices, asks }: OptionWords): boolean {
  return choices.length === 0 && asks === undefined;
}

/** A command as a branch of `case`: what can follow it, and what can follow its options. */
function branch(node: Node, list: (words: readonly DescribedWord[]) => string): string {
  const { path, words, options, asks = '' } = node;
  const flags = options.flatMap((option) =>
    option.flags.map((name) => ({ name, description: option.description })),
  );
  const values = options.filter(({ takesValue }) => takesValue);
  const free = values.filter(isFree).flatMap((one) => one.flags);
  const after = (names: readonly string[], choices: readonly string[], kind = ''): string => {
    const found = list(choices.map((name) => ({ name, description: '' })));
    return `        ${names.join('|')}) ${found}; ask='${kind}' ;;`;
  };
  const cases = [
    ...values.filter((one) => !isFree(one)).map((one) => after(one.flags, one.choices, one.asks)),
    ...(free.length > 0 ? [after(free, [])] : []),
  ];
  return [
    `    '${path.join(' ')}')`,
    `      ${list([...words, ...flags])}; ask='${asks}'`,
    ...(cases.length > 0 ? ['      case "$before" in', ...cases, '      esac'] : []),
    '      ;;',
  ].join('\n');
}

/** The commands that a word before the cursor may be, as a pattern of `case`. */
function pathsOf(nodes: readonly Node[]): string {
  return nodes
    .slice(1)
    .map(({ path }) => `'${path.join(' ')}'`)
    .join('|');
}

function bashList(words: readonly DescribedWord[]): string {
  return `found='${words.map(({ name }) => name).join(' ')}'`;
}

/** What bash and zsh have in common: which command `words` lead to, and what it offers. */
function walk(
  nodes: readonly Node[],
  words: string,
  list: (words: readonly DescribedWord[]) => string,
): string {
  return `  for word in ${words}; do
    next="\${where:+$where }$word"
    case "$next" in
      ${pathsOf(nodes)}) where="$next" ;;
    esac
  done
  case "$where" in
${nodes.map((node) => branch(node, list)).join('\n')}
  esac`;
}

/** Where there is nothing to offer, bash completes files. */
function bash(nodes: readonly Node[]): string {
  return `# Completes teal in bash.
_teal() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local where='' found='' ask='' word next
${walk(nodes, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"', bashList)}
  if [[ -n "$ask" && "$current" != -* ]]; then
    found+=" $("\${COMP_WORDS[0]}" ${COMPLETE_COMMAND} "$ask" 2>/dev/null </dev/null)"
  fi
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o default -F _teal teal`;
}

/** The same with descriptions. */
function zsh(nodes: readonly Node[]): string {
  return `#compdef teal
# Completes teal in zsh.
_teal() {
  local -a found
  local where='' ask='' word next before="\${words[CURRENT-1]}"
${walk(nodes, '"${(@)words[2,CURRENT-1]}"', zshList)}
  if [[ -n "$ask" && "\${words[CURRENT]}" != -* ]]; then
    found+=(\${(f)"$("\${words[1]}" ${COMPLETE_COMMAND} "$ask" 2>/dev/null </dev/null)"})
  fi
  if (( \${#found} )); then _describe teal found; else _files; fi
}
compdef _teal teal`;
}

function zshList(words: readonly DescribedWord[]): string {
  const quoted = words.map(({ name, description }) => zshQuote(`${name}:${description}`));
  return `found=(${quoted.join(' ')})`;
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** fish takes one line for each word and option, with the place in which it counts. */
function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, words, options, asks }) => {
    const here = `complete -c teal -n ${fishQuote(['__teal_at', ...path].join(' '))}`;
    return [
      ...words.map(({ name, description }) => `${here} -f -a ${name} -d ${fishQuote(description)}`),
      ...(asks ? [`${here} -f -a ${fishQuote(fishAsk(asks))}`] : []),
      ...options.map((option) => `${here} ${fishOption(option)}`),
    ];
  });
  return `# Completes teal in fish.
function __teal_at
  set -l words (commandline -opc)
  set -e words[1]
  set -l where ''
  for word in $words
    set -l next (string trim -- "$where $word")
    if contains -- $next ${pathsOf(nodes).replaceAll('|', ' ')}
      set where $next
    end
  end
  test "$where" = "$argv"
end
function __teal_ask
  teal ${COMPLETE_COMMAND} $argv 2>/dev/null </dev/null
end
${lines.join('\n')}`;
}

const fishAsk = (kind: WordKind): string => `(__teal_ask ${kind})`;

function fishOption({ flags, description, takesValue, choices, asks }: OptionWords): string {
  const names = flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const words = asks ? fishAsk(asks) : choices.join(' ');
  const value = words ? [`-x -a ${fishQuote(words)}`] : takesValue ? ['-r'] : [];
  return [...names, ...value, `-d ${fishQuote(description)}`].join(' ');
}

function fishQuote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
