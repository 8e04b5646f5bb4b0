/**
 * A region for the rehearsal, with the packaged service loaded.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRealClock } from '../../region/kernel/real-clock.ts';
import { createRegion, type Region } from '../../region/region.ts';
import type { ClientSettings } from './estate.ts';

/** A region that runs, and what was learnt about it. */
export interface RunningRegion {
  readonly region: Region;
  readonly settings: ClientSettings;
  readonly stack: { readonly apiEndpoint: string; readonly stateMachineArn: string };
}

/** Where `npm run package` leaves the service. */
export const PACKAGE_FOLDER = fileURLToPath(new URL('../../.serverless', import.meta.url));

/** The file without which the folder is no package. */
const TEMPLATE = 'cloudformation-template-update-stack.json';

/** There is nothing to run. */
export class PackageMissing extends Error {
  override readonly name = 'PackageMissing';
}

/**
 * Prepares a region that has nothing in it and does not listen yet.
 * @throws PackageMissing when there is nothing that could be loaded into it
 */
export function prepareRegion(options: {
  readonly packageFolder: string;
  readonly speed: number;
  readonly onFailure: (error: unknown) => void;
  readonly log: (line: string) => void;
}): Region {
  const { packageFolder, speed, onFailure, log } = options;
  if (!existsSync(path.join(packageFolder, TEMPLATE))) {
    throw new PackageMissing(
      `There is no packaged service in ${path.relative(process.cwd(), packageFolder)}. ` +
        'Run `npm run package` first; `npm start` does both.',
    );
  }
  return createRegion({ clock: createRealClock({ speed, onFailure }), log });
}

/** Opens a region and loads the packaged service into it. */
export async function openRegion(region: Region, packageFolder: string): Promise<RunningRegion> {
  const endpoint = await region.listen();
  const { outputs } = await region.loadPackage(packageFolder);
  return {
    region,
    settings: {
      endpoint,
      region: 'us-east-1',
      credentials: region.administrator,
      maxAttempts: 1,
    },
    stack: {
      apiEndpoint: outputs['ApiEndpoint'] ?? '',
      stateMachineArn: outputs['StateMachineArn'] ?? '',
    },
  };
}
