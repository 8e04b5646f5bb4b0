/**
 * What can be said of a deployment before it starts: the same for `teal plan`, which shows it, as for
 * `teal start`, which does it.
 */
import { type Command, Option } from 'commander';
import { CONSENTS, type Consent } from '../shared/core/preflight/consent.ts';
import { seconds } from './duration.ts';
import { parseStrategy, STRATEGY_FORMS } from './strategy.ts';

/** The options as commander leaves them. */
export interface ReleaseWords {
  readonly service: string;
  readonly image: string;
  readonly release?: string;
  readonly reason?: string;
  readonly strategy?: unknown;
  readonly bake?: number;
  readonly greenDeadline?: number;
  readonly consent?: readonly Consent[];
  readonly fixForward?: string;
  readonly onBusy?: string;
}

/** Adds the options. */
export function addReleaseOptions(command: Command): void {
  command
    .requiredOption('--service <name>', 'service to deploy')
    .requiredOption('--image <id>', 'image to deploy, such as ami-0123456789abcdef0')
    .option('--release <text>', 'what people call the version (default: the image)')
    .option('-m, --reason <text>', 'why, for the record')
    .option('--strategy <how>', `in place of the service's: ${STRATEGY_FORMS}`, parseStrategy)
    .option('--bake <time>', 'how long both fleets stay up at 100 %, such as 30m', seconds)
    .option('--green-deadline <time>', 'time for green to become healthy, such as 20m', seconds)
    .addOption(new Option('--consent <changes...>', 'agrees to changes of blue').choices(CONSENTS))
    .option('--fix-forward <why>', 'goes on although an alarm is red that this version cures')
    .addOption(
      new Option('--on-busy <what>', 'what to do while another runs').choices([
        'refuse',
        'queue',
        'supersede',
      ]),
    );
}

/** The request that the words ask for, without what nobody said. */
export function requestOf(words: ReleaseWords): Record<string, unknown> {
  const { service, image, release, reason, strategy, bake, greenDeadline, consent } = words;
  const { fixForward, onBusy } = words;
  const request = {
    service,
    imageId: image,
    version: release,
    reason,
    strategy,
    bakeTimeSeconds: bake,
    greenHealthyDeadlineSeconds: greenDeadline,
    consent,
    fixForward: fixForward === undefined ? undefined : { reason: fixForward },
    onBusy,
  };
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}
