/**
 * What keeps the next step from being taken although nothing is wrong enough to go back. A closed
 * gate is waited for; one that stays closed too long leads back.
 */
import { neededCapacity } from './capacity.ts';
import { judgeAlarms } from './judge-alarms.ts';
import { judgeRevertReadiness } from './revert-readiness.ts';
import { count, type Rule, type Situation } from './situation.ts';

/** Longest wait for a gate: booting an instance and its health checks take minutes. */
export const GATE_SECONDS_MAX = 900;

/** A gate that is closed, in words, or undefined where it is open. */
type Gate = Rule<string>;

/** Every instance that green needs is in service and healthy. */
const greenIsWhole: Gate = (situation) => {
  const { green } = situation.observation;
  const needed = neededCapacity(situation);
  if (green.healthyCount >= needed) return undefined;
  const complaint = green.complaints[0] ? `; ${green.complaints[0]}` : '';
  return `Green had ${green.healthyCount} of ${count(needed, 'healthy target')}${complaint}.`;
};

/** Green can answer in every zone that blue answers in. */
const greenCoversEveryZone: Gate = ({ plan, observation: { green } }) => {
  const missing = plan.green.zones.filter((zone) => !green.healthyZones.includes(zone));
  if (missing.length === 0) return undefined;
  return `Green had no healthy target in ${missing.join(' and ')}.`;
};

/** Blue could take everything back. */
const blueIsReady: Gate = (situation) => {
  const { missingTargets, sentence } = judgeRevertReadiness(situation);
  return missingTargets > 0 ? sentence : undefined;
};

/** No step is taken blindly. */
const alarmsAreReadable: Gate = ({ observation: { alarms } }) =>
  alarms.type === 'unreadable' ? `The alarms could not be read: ${alarms.because}` : undefined;

/** An alarm that CloudWatch cannot evaluate is neither good nor bad news; it may come round. */
const alarmsAreTrusted: Gate = (situation) =>
  judgeAlarms(situation).find(({ type }) => type === 'inconclusive')?.reason;

/** What green must show before any traffic, the first included. */
export const healthGates: readonly Gate[] = [greenIsWhole, greenCoversEveryZone];

/** Green was tried by enough requests in this step; one that nobody asked has proved nothing. */
const greenWasTried: Gate = ({ plan, progress, observation }) => {
  if (plan.minimumRequests === 0 || progress.stepIndex < 0) return undefined;
  const { greenRequests } = observation;
  if (greenRequests === undefined) return 'The requests that green had could not be read.';
  if (greenRequests >= plan.minimumRequests) return undefined;
  return `Green had ${greenRequests} of the ${count(plan.minimumRequests, 'request')} that a step takes to prove anything.`;
};

const stepGates: readonly Gate[] = [
  alarmsAreReadable,
  alarmsAreTrusted,
  ...healthGates,
  greenWasTried,
  blueIsReady,
];

/** The first gate that is closed, in words; undefined when the next step may be taken. */
export function findClosedGate(situation: Situation): string | undefined {
  for (const gate of stepGates) {
    const sentence = gate(situation);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}
