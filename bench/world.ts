/**
 * A region with the packaged service in it, the way benchmarks use one.
 * Not for: estates and deployments (see `service.ts`).
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type ApiClient, createApiClient } from '../cli/api-client.ts';
import type { Clock } from '../region/kernel/clock.ts';
import { createRealClock } from '../region/kernel/real-clock.ts';
import { createVirtualClock } from '../region/kernel/virtual-clock.ts';
import { createRegion, type Region } from '../region/region.ts';

/** The repository's own folder. */
export const ROOT = path.resolve(import.meta.dirname, '..');

/** Where `npm run package` leaves the service. */
const PACKAGE_FOLDER = path.join(ROOT, '.serverless');

/** Where virtual time begins; any Monday does. */
const VIRTUAL_START = Date.UTC(2026, 0, 5, 9, 0, 0);

/** Times that the administrator's clients try a call; AWS's request rates hold here, too. */
const ATTEMPTS_MAX = 10;

/** How the administrator's clients are made. */
export type ClientSettings = ReturnType<typeof settingsOf>;

/** A region in which Teal is deployed, seen by its administrator. */
export interface World {
  readonly region: Region;
  readonly settings: ClientSettings;
  readonly api: ApiClient;
  readonly stateMachineArn: string;
  readonly stepFunctions: SFNClient;
  readonly cloudWatch: CloudWatchClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  /** Does something that takes real time, such as a call, and waits for it. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Lets region seconds pass. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a region and deploys the package into it.
 * `speed`: region seconds in a real second, or `virtual`. `seed`: what its chance starts from.
 * @throws Error when nothing was packaged
 */
export async function openWorld(options: {
  speed: number | 'virtual';
  seed: number;
}): Promise<World> {
  if (!existsSync(PACKAGE_FOLDER)) {
    throw new Error(`There is no ${PACKAGE_FOLDER}; run \`npm run package\` first.`);
  }
  const { clock, run, pass } = startClock(options.speed);
  const region = createRegion({ clock, seed: options.seed });
  const endpoint = await region.listen();
  const { outputs } = await region.loadPackage(PACKAGE_FOLDER);
  const settings = settingsOf(endpoint, region);
  return {
    region,
    settings,
    api: createApiClient({ ...settings, endpoint: outputs['ApiEndpoint'] ?? '' }),
    stateMachineArn: outputs['StateMachineArn'] ?? '',
    stepFunctions: new SFNClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    loadBalancing: new ElasticLoadBalancingV2Client(settings),
    run,
    pass,
    stop: () => region.stop(),
  };
}

function settingsOf(endpoint: string, { administrator }: Region) {
  return {
    endpoint,
    region: 'us-east-1',
    maxAttempts: ATTEMPTS_MAX,
    credentials: administrator,
  } as const;
}

/** A scheduled task that fails is a defect of the region; figures after it would mean nothing. */
function fail(error: unknown): never {
  throw error;
}

function startClock(speed: number | 'virtual'): Pick<World, 'run' | 'pass'> & { clock: Clock } {
  if (speed === 'virtual') {
    const clock = createVirtualClock({ start: VIRTUAL_START });
    return {
      clock,
      run: (work) => clock.runUntil(clock.work(work)),
      pass: (seconds) => clock.runUntil(clock.sleep(seconds * 1000)),
    };
  }
  const clock = createRealClock({ speed, onFailure: fail });
  return { clock, run: (work) => work(), pass: (seconds) => clock.sleep(seconds * 1000) };
}

// The SDK says on Node.js 20 that it will not support it for ever; tables are easier to read alone.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
