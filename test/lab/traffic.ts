/**
 * Modelled requests, counted by what became of them and which version answered.
 */
import type { AccessLogEntry } from '../../region/kernel/contracts.ts';
import type { Region } from '../../region/region.ts';
import type { Estate, EstateWishes } from './estate.ts';

/** Requests that one version answered. */
export interface VersionTraffic {
  readonly answered: number;
  /** Of them, those answered with status 5xx. */
  readonly errors: number;
}

export interface TrafficCount {
  readonly sent: number;
  /** Requests that no instance answered. */
  readonly lost: number;
  readonly byVersion: Readonly<Record<string, VersionTraffic>>;
}

export interface LabTraffic {
  /** Everything so far. */
  count(): TrafficCount;
  /** What has come since the last call of this, or since the beginning. */
  sinceLast(): TrafficCount;
  stop(): void;
}

/** Clients of a network load balancer keep their connection, which is what weights decide about. */
const CLIENTS = { connections: 40, connectionSeconds: 45 };

/** Sends so many requests a region second to the estate's listener and counts them. */
export function startTraffic(
  region: Region,
  estate: Estate,
  options: {
    readonly requestsPerSecond: number;
    /** The version that an image holds; undefined for images that nobody added. */
    readonly versionOf: (imageId: string) => string | undefined;
    readonly loadBalancerType: EstateWishes['loadBalancerType'];
  },
): LabTraffic {
  let tally = emptyTally();
  let seen = tally;
  region.loadBalancing.onAccess((entry) => {
    tally = add(tally, entry, versionOfInstance(region, entry.instanceId, options.versionOf));
  });
  const { loadBalancerArn } = estate;
  const { requestsPerSecond } = options;
  const model = { loadBalancerArn, port: 80, requestsPerSecond };
  const stop =
    options.loadBalancerType === 'network'
      ? region.loadBalancing.modelConnections({ ...model, ...CLIENTS })
      : region.loadBalancing.modelTraffic(model);
  return {
    count: () => tally,
    sinceLast: () => {
      const since = subtract(tally, seen);
      seen = tally;
      return since;
    },
    stop,
  };
}

function emptyTally(): TrafficCount {
  return { sent: 0, lost: 0, byVersion: {} };
}

function add(tally: TrafficCount, entry: AccessLogEntry, version: string): TrafficCount {
  const { targetStatusCode } = entry;
  const sent = tally.sent + 1;
  if (targetStatusCode === undefined) return { ...tally, sent, lost: tally.lost + 1 };
  const before = tally.byVersion[version] ?? { answered: 0, errors: 0 };
  const answered = before.answered + 1;
  const errors = before.errors + (targetStatusCode >= 500 ? 1 : 0);
  return { ...tally, sent, byVersion: { ...tally.byVersion, [version]: { answered, errors } } };
}

function versionOfInstance(
  region: Region,
  instanceId: string | undefined,
  versionOf: (imageId: string) => string | undefined,
): string {
  const imageId = instanceId && region.ec2.fleet.instance(instanceId)?.imageId;
  return (imageId && versionOf(imageId)) ?? 'nobody';
}

function subtract(now: TrafficCount, before: TrafficCount): TrafficCount {
  const versions = Object.entries(now.byVersion).map(([version, { answered, errors }]) => {
    const start = before.byVersion[version] ?? { answered: 0, errors: 0 };
    const since = { answered: answered - start.answered, errors: errors - start.errors };
    return [version, since] as const;
  });
  return {
    sent: now.sent - before.sent,
    lost: now.lost - before.lost,
    byVersion: Object.fromEntries(versions.filter(([, { answered }]) => answered > 0)),
  };
}
