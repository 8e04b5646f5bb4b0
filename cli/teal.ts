/** The command line of Teal; `teal.mjs` starts it. */
import { Command } from 'commander';
import { ApiRefused, ApiUnreachable } from './api-client.ts';
import { leftoversCommand } from './leftovers.ts';
import { planCommand } from './plan.ts';
import { rehearseCommand } from './rehearsal/command.ts';

/** Exit status when the words of the command line are off; commander's own is 1. */
const USAGE = 2;

/** Real milliseconds in which the process may still end by itself once everything was stopped. */
const LINGER_MILLISECONDS = 2000;

const program = new Command('teal')
  .description('Weighted blue-green deployments of EC2 Auto Scaling groups, with a way back.')
  .showHelpAfterError('(teal --help shows what there is)')
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : USAGE);
  });
// `copyInheritedSettings` and not `addCommand` alone: usage errors end every command alike.
program.addCommand(
  rehearseCommand(async (options) => {
    // Loaded only now: help and refusals need no region.
    const { rehearse } = await import('./rehearsal/rehearse.ts');
    process.exitCode = await rehearse(options);
    setTimeout(() => process.exit(), LINGER_MILLISECONDS).unref();
  }).copyInheritedSettings(program),
);
program.addCommand(
  planCommand((status) => (process.exitCode = status), {
    out: (text) => console.log(text),
    err: (text) => console.error(text),
  }).copyInheritedSettings(program),
);
program.addCommand(leftoversCommand((text) => console.log(text)).copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (error) {
  // Their messages are complete; anything else is a defect, and keeps its stack.
  if (!(error instanceof ApiRefused || error instanceof ApiUnreachable)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
