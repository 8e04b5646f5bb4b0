/** Times as people type them and as they read them. */
import { InvalidArgumentError } from 'commander';
import { toDuration } from '../shared/core/plan-text.ts';

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * Reads `90`, `90s`, `10m`, `2h` or `1d` as seconds.
 * @throws InvalidArgumentError for anything else
 */
export function seconds(text: string): number {
  const [, digits = '', unit = 's'] = /^(\d{1,8})([smhd]?)$/.exec(text) ?? [];
  if (digits === '') {
    throw new InvalidArgumentError('It takes a time such as 90s, 10m, 2h or 1d.');
  }
  return Number(digits) * UNIT_SECONDS[(unit || 's') as keyof typeof UNIT_SECONDS];
}

/** Seconds to read at a glance, such as `4 min 10 s`; past an hour whole minutes will do. */
export function formatSeconds(total: number): string {
  const grain = total >= UNIT_SECONDS.h ? UNIT_SECONDS.m : 1;
  return toDuration(Math.max(0, Math.round(total / grain) * grain));
}
