/** How traffic moves, as a word on the command line. */
import { InvalidArgumentError } from 'commander';
import type { Strategy } from '../shared/core/spec.ts';
import { seconds } from './duration.ts';

/** What `--strategy` takes, for help and complaints. */
export const STRATEGY_FORMS =
  'all-at-once, canary:10:10m, linear:20:10m or steps:5:4m,20:10m (percent of green: hold)';

/**
 * Reads a strategy.
 * @throws InvalidArgumentError where it is none of `STRATEGY_FORMS`
 * @example parseStrategy('canary:10:5m')
 * // { type: 'canary', greenWeightPercent: 10, holdSeconds: 300 }
 */
export function parseStrategy(text: string): Strategy {
  const [type, ...rest] = text.split(':');
  const words = rest.join(':');
  if (type === 'all-at-once' && words === '') return { type: 'allAtOnce' };
  if (type === 'canary') return { type, ...parseStep(words) };
  if (type === 'linear') {
    const { greenWeightPercent: stepPercent, holdSeconds } = parseStep(words);
    return { type, stepPercent, holdSeconds };
  }
  if (type === 'steps') return { type, steps: words.split(',').map(parseStep) };
  throw new InvalidArgumentError(`It takes ${STRATEGY_FORMS}.`);
}

function parseStep(text: string): { greenWeightPercent: number; holdSeconds: number } {
  const [, percent, hold] = /^(\d{1,3})%?:(\w+)$/.exec(text) ?? [];
  if (!percent || !hold || Number(percent) > 100) {
    throw new InvalidArgumentError(`It takes ${STRATEGY_FORMS}.`);
  }
  return { greenWeightPercent: Number(percent), holdSeconds: seconds(hold) };
}
