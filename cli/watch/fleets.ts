/** Both fleets as rows of the picture. */
import { inWords } from './changes.ts';
import type { Sight } from './sight.ts';
import { versionsOf } from './words.ts';

/** One fleet. */
export interface FleetRow {
  readonly name: 'blue' | 'green';
  readonly version: string;
  readonly weightPercent: number;
  /** Its targets, such as `2/4 healthy, 1 draining`. */
  readonly made: string;
  /** False when it has fewer healthy targets than it should. */
  readonly isWhole: boolean;
}

/** Blue and green; nothing until the deployment is observed. */
export function fleetRows({ observation, deployment }: Sight): readonly FleetRow[] {
  if (!observation || !deployment) return [];
  const versions = versionsOf(deployment);
  const weight = observation.greenWeightPercent;
  return (['blue', 'green'] as const).map((name) => {
    const fleet = observation[name];
    const needed = fleet?.desiredCapacity ?? 0;
    return {
      name,
      version: versions[name] ?? '',
      weightPercent: name === 'green' ? weight : 100 - weight,
      made: inWords(fleet) ?? 'not there',
      isWhole: (fleet?.healthyCount ?? 0) >= needed,
    };
  });
}
