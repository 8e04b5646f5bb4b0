/**
 * What is different between two sights of a deployment, one plain sentence each: the lines that a
 * log gets.
 */
import type { FleetSight, Observation } from '../answers.ts';
import { describeVersions } from './words.ts';
import type { Sight } from './sight.ts';

/** One line. */
export interface Change {
  /** When it was read or written, ISO 8601. */
  readonly at: string;
  /** The state that says it, or what it is about: `alarms`, `green`, `blue`, `connection`. */
  readonly about: string;
  readonly text: string;
}

/** All changes, in order. `now` dates those that the API did not date. */
export function changesBetween(before: Sight | undefined, after: Sight, now: string): Change[] {
  return [
    ...connection(before, after, now),
    ...beginning(before, after),
    ...after.entries
      .slice(before?.entries.length ?? 0)
      .map(({ at, state, reason }) => ({ at, about: state, text: reason })),
    ...readings(before?.observation, after.observation),
  ];
}

function connection(before: Sight | undefined, { lost }: Sight, at: string): Change[] {
  const about = 'connection';
  if (lost && !before?.lost) {
    return [{ at, about, text: `The API is not reached; trying again. ${lost.because}` }];
  }
  return before?.lost && !lost ? [{ at, about, text: 'The API is reached again.' }] : [];
}

function beginning(before: Sight | undefined, { deployment, deploymentId }: Sight): Change[] {
  if (!deployment?.plan || before?.deployment?.plan) return [];
  const steps = deployment.plan.steps.map(({ greenWeightPercent }) => `${greenWeightPercent} %`);
  const text = `${describeVersions(deployment)}, by way of ${steps.join(', ')}.`;
  return [{ at: deployment.startedAt, about: deploymentId, text }];
}

function readings(before: Observation | undefined, after: Observation | undefined): Change[] {
  if (!after) return [];
  const told = (about: string, was: string | undefined, is: string | undefined): Change[] =>
    is === undefined || was === is ? [] : [{ at: after.at, about, text: is }];
  return [
    ...told('blue', inWords(before?.blue), inWords(after.blue)),
    ...told('green', inWords(before?.green), inWords(after.green)),
    ...alarmChanges(before, after),
    ...told('way back', before?.revertReadiness?.sentence, after.revertReadiness?.sentence),
  ];
}

/** A fleet in words, such as `2/4 healthy, 1 draining`; undefined where it is not there. */
export function inWords(fleet: FleetSight | undefined): string | undefined {
  if (!fleet || (fleet.exists === false && fleet.healthyCount === 0)) return undefined;
  const { healthyCount, drainingCount = 0 } = fleet;
  const of = fleet.desiredCapacity ?? fleet.inServiceCount;
  const healthy = `${of === undefined ? healthyCount : `${healthyCount}/${of}`} healthy`;
  return drainingCount > 0 ? `${healthy}, ${drainingCount} draining` : healthy;
}

function alarmChanges(before: Observation | undefined, after: Observation): Change[] {
  const { alarms, at } = after;
  const about = 'alarms';
  if (alarms?.type === 'unreadable') {
    const isNews = before?.alarms?.type !== 'unreadable';
    const text = `The alarms could not be read: ${alarms.because}`;
    return isNews ? [{ at, about, text }] : [];
  }
  const was = new Map(
    before?.alarms?.type === 'read'
      ? before.alarms.alarms.map(({ alarmName, state }) => [alarmName, state])
      : [],
  );
  return (alarms?.alarms ?? [])
    .filter(({ alarmName, state }) => was.get(alarmName) !== state)
    .map(({ alarmName, state }) => ({ at, about, text: `${alarmName} is ${state}` }));
}
