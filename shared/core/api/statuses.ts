/**
 * The statuses of deployments by name, as lists are asked for by them. Apart from the schemas, so that
 * the command line can offer them without loading any.
 */
import type { Phase } from '../progress.ts';

/**
 * Every phase, so that a list can be asked for by phase. The compiler tells when one is missing.
 */
const PHASES: Readonly<Record<Phase, true>> = {
  queued: true,
  planned: true,
  preparingGreen: true,
  awaitingGreen: true,
  shifting: true,
  holding: true,
  paused: true,
  awaitingApproval: true,
  retiringBlue: true,
  rollingBack: true,
  cleaningUpGreen: true,
  refused: true,
  succeeded: true,
  rolledBack: true,
  failed: true,
};

/** Every phase by name, in the order in which a deployment may meet them. */
export const PHASE_NAMES = Object.keys(PHASES) as [Phase, ...Phase[]];

/** What a list of deployments can be asked for; `running` is every phase before the end. */
export const STATUS_FILTERS = [...PHASE_NAMES, 'running'] as const;

/** One of `STATUS_FILTERS`. */
export type StatusFilter = (typeof STATUS_FILTERS)[number];
