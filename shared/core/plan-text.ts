/**
 * A plan's report as people read it in a terminal.
 */
import type { PlanReport } from './plan-report.ts';
import { count } from './situation.ts';
import type { Seconds } from './units.ts';

/** The units of a time, the largest first. */
const UNITS: readonly (readonly [seconds: number, symbol: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `1 h 5 min`; `0 s` for none. */
export function toDuration(seconds: Seconds): string {
  const parts: string[] = [];
  let left = Math.ceil(seconds);
  for (const [size, symbol] of UNITS) {
    const number = Math.floor(left / size);
    if (number > 0) parts.push(`${number} ${symbol}`);
    left -= number * size;
  }
  return parts.join(' ') || '0 s';
}

/** The whole report; a part without lines is left out. */
export function renderPlan(report: PlanReport): string {
  const { service, version, imageId, deploymentId, overlap, leastTotalSeconds } = report;
  const parts = [
    [`${version} of ${service} (${imageId}) as ${deploymentId}`],
    section('Creates', report.creates),
    section('Changes', report.changes),
    section('Deletes', report.deletes),
    section(
      'Steps, from when green is healthy',
      report.steps.map(
        ({ beginsAfterSeconds, greenWeightPercent, holdSeconds }) =>
          `after ${toDuration(beginsAfterSeconds)}: ${greenWeightPercent} % for ${toDuration(holdSeconds)}`,
      ),
    ),
    section('Waits for an approval', report.approvals ?? []),
    section('Takes at least', [
      `${toDuration(leastTotalSeconds)}, and as long as green takes to become healthy`,
    ]),
    section('Both fleets at once', [describeOverlap(overlap)]),
    section(
      'Agreed to',
      report.consented.map(({ consent, was, is }) => `${consent}: was ${was}, is ${is}`),
    ),
    section('Warnings', report.warnings),
    section('Not known beforehand', report.unknowns),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function describeOverlap({ instances, leastSeconds, instanceHours, price }: PlanReport['overlap']) {
  const size = `${count(instances, 'instance')} more for at least ${toDuration(leastSeconds)}: ${instanceHours} instance-hours`;
  return price
    ? `${size}, ${price.amount.toFixed(2)} ${price.currency} at the service's own price`
    : `${size}; the service's definition names no price`;
}
