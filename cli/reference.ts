/** The reference of the command line as a page, made from the commands themselves. */
import type { Command } from 'commander';
import { COMPLETE_COMMAND } from './complete.ts';

/** Cells of a line of help on the page, wherever it is made. */
const HELP_CELLS = 92;

const HEAD = `# The command line

Made from the code by \`npm run docs\`; \`teal --help\` and \`teal <command> --help\` say the same.

\`npm i -g\` takes the tarball that \`npm run pack:cli\` makes; in a clone, \`npm run --silent teal --\`
does without. The API is named by \`--api\` or \`TEAL_API\`, and requests are signed with the keys that
AWS's own tools would use: the environment, a profile (\`--profile\`, \`AWS_PROFILE\`) with its roles, single
sign-on or credential process, a web identity, or the metadata of a container or an instance. A
profile that is named wins over keys in the environment.

A deployment is named by its id, or by its service: that means the running deployment of it, which is
said on standard error. \`teal get\`, \`timeline\` and \`watch\` take the last one where none runs, \`rollback\`
the last one that succeeded; it takes back no rollback unless that is named by its id.

Times are \`90s\`, \`10m\`, \`2h\` or \`1d\`; a number alone is seconds. \`--json\` prints one JSON value, and
with \`watch\` or \`--wait\` one on each line: \`accepted\`, \`entry\`, \`observation\`, \`lost\`, \`reached\` and, at
the end, \`outcome\`. Colours follow the terminal, \`NO_COLOR\` and \`FORCE_COLOR\`.

| Exit status | When                                                             |
| ----------- | ---------------------------------------------------------------- |
| 0           | it was done; with \`watch\` and \`--wait\`, the deployment succeeded |
| 1           | it failed or was refused, or the API was not reached             |
| 2           | the words of the command line were off                           |
| 3           | with \`watch\` and \`--wait\`: the deployment was rolled back        |
| 130         | Ctrl-C; a deployment that was watched goes on                    |
| 141         | nobody reads the output any more, such as after \`head -1\`        |

\`teal start\` by the \`--key\` of a deployment that is over ends as that deployment did.
`;

/** The whole page. */
export function renderCliReference(program: Command): string {
  const sections = commandsOf(program).map(
    ({ path, command }) => `## ${path}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`,
  );
  return [HEAD, ...sections].join('\n');
}

interface Placed {
  readonly path: string;
  readonly command: Command;
}

function commandsOf(command: Command, before = ''): readonly Placed[] {
  const path = `${before} ${command.name()}`.trim();
  const hidden = ['help', COMPLETE_COMMAND];
  const children = command.commands.filter((child) => !hidden.includes(child.name()));
  return [{ path, command }, ...children.flatMap((child) => commandsOf(child, path))];
}

/** With what stands after the options, which `helpInformation` leaves out. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => HELP_CELLS,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
