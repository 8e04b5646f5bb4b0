/**
 * `teal plan`: shows what a deployment would do, touching nothing.
 * Exit status: 0 when it is possible, 1 when it is refused; words of the command line that are
 * wrong end with 2.
 */
import { Command } from 'commander';
import type { PlanReport } from '../shared/core/plan-report.ts';
import { renderPlan } from '../shared/core/plan-text.ts';
import { type ApiClient, ApiRefused } from './api-client.ts';
import { addApiOptions, type ApiOptions, connect } from './api-options.ts';
import { addReleaseOptions, type ReleaseWords, requestOf } from './release-options.ts';

/** The options as commander leaves them. */
interface Words extends ApiOptions, ReleaseWords {
  readonly json?: true;
}

/** Where the command writes; a test has its own. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Makes the command; `done` gets the exit status. */
export function planCommand(
  done: (status: number) => void,
  streams: Streams,
  open: (options: ApiOptions) => ApiClient = connect,
): Command {
  const command = new Command('plan').description(
    'Shows what a deployment would create, change and delete, touching nothing.',
  );
  addReleaseOptions(command);
  command.option('--json', 'prints the report as one JSON object');
  addApiOptions(command);
  return command.action(async (words: Words) => done(await showPlan(words, streams, open(words))));
}

async function showPlan(words: Words, { out, err }: Streams, api: ApiClient): Promise<number> {
  const { service: _service, ...body } = requestOf(words);
  try {
    const path = `/services/${encodeURIComponent(words.service)}/plan`;
    const report = (await api.send('POST', path, body)) as PlanReport;
    out(words.json ? JSON.stringify(report, undefined, 2) : renderPlan(report));
    return 0;
  } catch (error) {
    // A refusal is what the command is asked for; anything else is a failure of its own.
    if (!(error instanceof ApiRefused)) throw error;
    err(error.message);
    return 1;
  }
}
