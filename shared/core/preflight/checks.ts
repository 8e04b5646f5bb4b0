/**
 * All checks before a deployment, in the order in which people read them.
 */
import type { Check, Finding, Question } from './finding.ts';
import { checkFit } from './fit.ts';
import { checkImage } from './image.ts';
import { checkKeys } from './keys.ts';
import { checkProcessors } from './processors.ts';
import { checkQuotas } from './quotas.ts';
import { checkReservations } from './reservations.ts';
import { checkSubnets } from './subnets.ts';
import { checkVolumes } from './volumes.ts';

/** A new concern is a file of its own and a line here. */
const CHECKS: readonly Check[] = [
  checkImage,
  checkFit,
  checkVolumes,
  checkKeys,
  checkSubnets,
  checkReservations,
  checkQuotas,
  checkProcessors,
];

/** Everything that the checks have to say; it changes nothing. */
export function runChecks(question: Question): readonly Finding[] {
  return CHECKS.flatMap((check) => check(question));
}

/** The sentences of one type, in order. */
export function sentencesOf(
  findings: readonly Finding[],
  type: Finding['type'],
): readonly string[] {
  return findings.filter((one) => one.type === type).map(({ sentence }) => sentence);
}
