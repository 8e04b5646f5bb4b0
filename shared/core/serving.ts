/**
 * Which parts of a definition name the fleet that serves. Teal exchanges them after every success, so
 * that the file from which a definition is given again and again falls behind by itself.
 */
import { toCanonicalJson } from './canonical-json.ts';
import type { ServiceDefinition } from './service-definition.ts';

/** The keys that follow green. */
const SERVING_KEYS = ['autoScalingGroupName', 'targetGroupArn', 'routing'] as const;

/** What a definition says of the fleet that serves. */
export type Serving = Pick<ServiceDefinition, (typeof SERVING_KEYS)[number]>;

/** A definition as it is kept, and what was given for the fleet when it was given last. */
export interface KeptDefinition {
  readonly definition: ServiceDefinition;
  /** Absent in what was kept before this was remembered. */
  readonly given?: Serving | undefined;
}

/** What a definition says of the fleet that serves, without its other keys. */
export function servingOf({ autoScalingGroupName, targetGroupArn, routing }: Serving): Serving {
  return {
    autoScalingGroupName,
    ...(targetGroupArn !== undefined && { targetGroupArn }),
    ...(routing && { routing }),
  };
}

/**
 * What is to be kept when a definition is given. A key that is given as it was given the last time
 * is no news, and what Teal has made of it since stays; a key that is given otherwise is somebody's
 * wish, and counts.
 */
export function followOn(
  given: ServiceDefinition,
  kept: KeptDefinition | undefined,
): ServiceDefinition {
  const before = kept?.given;
  if (!kept || !before) return given;
  const followed = SERVING_KEYS.filter(
    (key) => toCanonicalJson(given[key]) === toCanonicalJson(before[key]),
  );
  const { autoScalingGroupName, targetGroupArn, routing, ...rest } = given;
  const serving = { autoScalingGroupName, targetGroupArn, routing };
  for (const key of followed) Object.assign(serving, { [key]: kept.definition[key] });
  return { ...rest, ...servingOf(serving) };
}

/** The definition as it was given the last time, whatever serves by now. */
export function asGiven({ definition, given }: KeptDefinition): ServiceDefinition {
  const { autoScalingGroupName, targetGroupArn, routing, ...rest } = definition;
  const serving = { autoScalingGroupName, targetGroupArn, routing };
  return { ...rest, ...servingOf(given ?? serving) };
}
