/**
 * Route 53: public hosted zones, their records and health checks, and how names are answered.
 * Not for: private zones, traffic policies, and routing by latency, place or address.
 */
import type { BalancerTraffic, LoadBalancerNames } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import { changeRecordOperations } from './change-records.ts';
import { changeOperations } from './changes.ts';
import type { Resolve } from './dns.ts';
import { createDns } from './dns.ts';
import { healthCheckOperations } from './health-checks.ts';
import { hostedZoneOperations } from './hosted-zones.ts';
import { listRecordOperations } from './list-records.ts';
import type { NamedTraffic, RunningTraffic } from './named-traffic.ts';
import { startNamedTraffic } from './named-traffic.ts';
import type { ControlPlane } from './operation.ts';
import { createStore } from './store.ts';

/**
 * Region milliseconds that a change takes at most to reach every name server.
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
const PROPAGATION_MILLISECONDS = 60_000;

/** Region milliseconds for which a zone is busy with a change; AWS names no number. */
const PROCESSING_MILLISECONDS = 500;

/** The service with everything that the rest of the region uses of it. */
export interface Route53 {
  readonly service: Service;
  /** Asks the name servers, without a resolver in between. */
  readonly resolve: Resolve;
  /** Starts modelled clients that ask for a name. */
  modelTraffic(model: NamedTraffic): RunningTraffic;
  /** Says what a health check finds from now on. @throws AwsError NoSuchHealthCheck */
  setHealth(healthCheckId: string, isHealthy: boolean): void;
}

/** What the service is built from; times that are absent have defaults. */
export interface Route53Options {
  readonly kernel: Kernel;
  readonly loadBalancers: LoadBalancerNames;
  readonly traffic: BalancerTraffic;
  /** Region milliseconds; absent means 60,000, 0 means that changes are in sync at once. */
  readonly propagationMilliseconds?: number;
  /** Region milliseconds; absent means 500, 0 means that a zone is never busy. */
  readonly processingMilliseconds?: number;
}

/** Starts the service without any zone. */
export function createRoute53(options: Route53Options): Route53 {
  const { kernel, loadBalancers, traffic } = options;
  const store = createStore();
  const plane: ControlPlane = {
    kernel,
    store,
    loadBalancers,
    propagationMilliseconds: options.propagationMilliseconds ?? PROPAGATION_MILLISECONDS,
    processingMilliseconds: options.processingMilliseconds ?? PROCESSING_MILLISECONDS,
  };
  const now = (): number => kernel.clock.now();
  const resolve = createDns({ store, loadBalancers, now, random: () => kernel.random() });
  return {
    service: {
      name: 'route-53',
      operations: {
        ...hostedZoneOperations(plane),
        ...changeRecordOperations(plane),
        ...changeOperations(plane),
        ...listRecordOperations(plane),
        ...healthCheckOperations(plane),
      },
    },
    resolve,
    modelTraffic: (model) => startNamedTraffic({ kernel, resolve, loadBalancers, traffic }, model),
    setHealth: (healthCheckId, isHealthy) => {
      const check = store.healthCheck(healthCheckId);
      store.healthChecks.set(check.id, { ...check, isHealthy, checkedAt: now() });
    },
  };
}
