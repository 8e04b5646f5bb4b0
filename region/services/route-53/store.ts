/**
 * Where zones, changes and health checks are kept and found, with AWS's answer for what is not
 * there.
 * Not for: what operations may do with them.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Change, HealthCheck, HostedZone, Records } from './model.ts';
import { noSuchHealthCheck, noSuchHostedZone } from './refusals.ts';

/** Everything of the service, by ids without their prefixes. */
export interface Store {
  readonly zones: Map<string, HostedZone>;
  readonly changes: Map<string, Change>;
  readonly healthChecks: Map<string, HealthCheck>;
  /** Takes ids with and without `/hostedzone/`. @throws AwsError NoSuchHostedZone */
  zone(id: string | undefined): HostedZone;
  /** @throws AwsError NoSuchChange */
  change(id: string | undefined): Change;
  /** @throws AwsError NoSuchHealthCheck */
  healthCheck(id: string | undefined): HealthCheck;
}

/** An empty store. */
export function createStore(): Store {
  const zones = new Map<string, HostedZone>();
  const changes = new Map<string, Change>();
  const healthChecks = new Map<string, HealthCheck>();
  return {
    zones,
    changes,
    healthChecks,
    zone: (given = '') => {
      const id = plainId(given);
      const zone = zones.get(id);
      if (!zone) throw noSuchHostedZone(id);
      return zone;
    },
    change: (given = '') => {
      const id = plainId(given);
      const change = changes.get(id);
      if (change) return change;
      throw new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, {
        httpStatus: 404,
      });
    },
    healthCheck: (id = '') => {
      const check = healthChecks.get(id);
      if (!check) throw noSuchHealthCheck(id);
      return check;
    },
  };
}

/** An id without the kind before it: `/hostedzone/Z1` is `Z1`. */
export function plainId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The records of a zone as the API describes them, whether or not they are in sync. */
export function recordsOf(zone: HostedZone): Records {
  return zone.versions.at(-1)?.records ?? new Map();
}
