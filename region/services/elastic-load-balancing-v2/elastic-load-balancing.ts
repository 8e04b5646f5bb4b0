/**
 * Elastic Load Balancing v2, for Application and Network Load Balancers: the operations, the life of
 * targets, and a data plane that carries or models requests and connections.
 * Not for: gateway load balancers, and IAM decisions (the endpoint makes them).
 */
import type {
  AccessLogEntry,
  BalancerTraffic,
  LoadBalancerNames,
  Network,
  TargetRegistry,
} from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Machines } from '../../kernel/machines.ts';
import type { Service } from '../../kernel/service.ts';
import type { ConnectionModel } from './connection-model.ts';
import { startConnectionModel } from './connection-model.ts';
import { combineDataPlanes, isNetworkView } from './data-planes.ts';
import { createFlows } from './flows.ts';
import { createHostMetrics } from './host-metrics.ts';
import { accountLimitOperations } from './account-limits.ts';
import { createLimits } from './limits.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerAttributeOperations } from './load-balancer-attributes.ts';
import { createLoadBalancerNames } from './load-balancer-names.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import type { TargetGroup } from './model.ts';
import { createNetworkDataPlane } from './network-proxy.ts';
import type { ControlPlane, Operations } from './operations.ts';
import type { ListenerView, Propagation } from './propagation.ts';
import { createPropagation } from './propagation.ts';
import type { Address } from './proxy.ts';
import { createDataPlane } from './proxy.ts';
import { createRouter } from './routing.ts';
import { ruleOperations } from './rules.ts';
import type { Store } from './store.ts';
import { createStore } from './store.ts';
import { tagOperations } from './tags.ts';
import { targetGroupAttributeOperations } from './target-group-attributes.ts';
import { targetGroupOperations } from './target-groups.ts';
import type { TargetHealth } from './target-health.ts';
import { createTargetHealth } from './target-health.ts';
import type { TargetGroupFacts } from './target-life.ts';
import { createTargetRegistry } from './target-registry.ts';
import { targetOperations } from './targets.ts';
import { createTraffic } from './traffic.ts';
import type { TrafficModel } from './traffic-model.ts';
import { sendModelled, startTrafficModel } from './traffic-model.ts';

/** Region milliseconds that a change of rules takes on average to reach the data plane. */
const PROPAGATION_MILLISECONDS = 1000;

/** The service with everything that the rest of the region uses of it. */
export interface ElasticLoadBalancing {
  readonly service: Service;
  readonly registry: TargetRegistry;
  readonly names: LoadBalancerNames;
  readonly traffic: BalancerTraffic;
  /**
   * Opens a socket for every listener, now and for those created later. Without this call there
   * are no sockets, which is what virtual time wants.
   */
  startDataPlane(): Promise<void>;
  /** Where a listener's socket is; undefined when it has none. */
  listenerAddress(
    listener: string | { readonly loadBalancerArn: string; readonly port: number },
  ): Address | undefined;
  /** Subscribes to the access log. */
  onAccess(listener: (entry: AccessLogEntry) => void): void;
  /** Starts traffic without sockets. @returns how to stop it */
  modelTraffic(model: TrafficModel): () => void;
  /** Starts clients that keep connections to a network load balancer. @returns how to stop them */
  modelConnections(model: ConnectionModel): () => void;
  /** Stops every check and closes every socket. */
  close(): Promise<void>;
}

/** What the service is built from; times that are absent have defaults. */
export interface ElasticLoadBalancingOptions {
  readonly kernel: Kernel;
  readonly machines: Machines;
  readonly network: Network;
  /** Region milliseconds; absent means 1000, 0 means that changes take effect at once. */
  readonly propagationMilliseconds?: number;
  /** Region milliseconds for which a new load balancer is `provisioning`; absent means 0. */
  readonly provisioningMilliseconds?: number;
}

/** Starts the service without any load balancer. */
export function createElasticLoadBalancing(
  options: ElasticLoadBalancingOptions,
): ElasticLoadBalancing {
  const { kernel, machines } = options;
  const store = createStore(createLimits(kernel.quotas));
  const { propagation, health, hostMetrics, dataPlane, traffic, router, flows } = wire(
    options,
    store,
  );
  const plane: ControlPlane = {
    kernel,
    store,
    network: options.network,
    machines,
    health,
    provisioningMilliseconds: options.provisioningMilliseconds ?? 0,
    announce: async (listenerArn) => {
      const done = propagation.announce(listenerArn);
      health.refresh();
      hostMetrics.wake();
      await done;
    },
  };
  const viewOn = (loadBalancerArn: string, port: number): ListenerView | undefined =>
    propagation
      .views()
      .find((view) => view.loadBalancerArn === loadBalancerArn && view.port === port);
  const dnsName = (arn: string): string => store.loadBalancers.get(arn)?.dnsName ?? '';
  const clients = { kernel, machines, router, traffic, view: viewOn, dnsName };

  return {
    service: { name: 'elastic-load-balancing-v2', operations: allOperations(plane) },
    registry: createTargetRegistry(store, health),
    names: createLoadBalancerNames(store, health),
    traffic: { send: (requests) => sendModelled(clients, requests) },
    startDataPlane: () => dataPlane.start(),
    listenerAddress: (listener) => {
      if (typeof listener === 'string') return dataPlane.address(listener);
      const view = viewOn(listener.loadBalancerArn, listener.port);
      return view && dataPlane.address(view.listenerArn);
    },
    onAccess: (listener) => traffic.onAccess(listener),
    modelTraffic: (model) => startTrafficModel(clients, model),
    modelConnections: (model) => startConnectionModel({ ...clients, flows }, model),
    close: async () => {
      health.close();
      hostMetrics.close();
      await dataPlane.close();
    },
  };
}

/** Builds the parts that know each other: rules in effect, targets, traffic and sockets. */
function wire(options: ElasticLoadBalancingOptions, store: Store) {
  const { kernel, machines } = options;
  const delay = options.propagationMilliseconds ?? PROPAGATION_MILLISECONDS;
  const flows = createFlows(kernel);
  const propagation: Propagation = createPropagation({
    kernel,
    store,
    delayMilliseconds: delay,
    onChange: (listenerArn, view) => {
      health.refresh();
      if (!view || isNetworkView(view)) flows.follow(listenerArn, view);
      return dataPlane.follow(listenerArn, view);
    },
  });
  const health = watchHostCounts(
    createTargetHealth({
      kernel,
      machines,
      facts: (arn) => factsOf(store, propagation, arn),
      lingerMilliseconds: 2 * delay,
      endFlows: (arn, instanceId) => flows.cut(arn, instanceId),
      onGone: (arn, instanceId) => dataPlane.cut(arn, instanceId),
    }),
    () => hostMetrics.wake(),
  );
  const hostMetrics = createHostMetrics(kernel, health, (arn) => store.loadBalancerOf(arn), flows);
  const traffic = createTraffic(kernel, (arn) => {
    const pool = health.pool(arn);
    return pool.healthy.length || pool.open.length;
  });
  const router = createRouter({
    random: () => kernel.random(),
    now: () => kernel.clock.now(),
    pool: (arn) => health.pool(arn),
    attributes: (arn) => store.targetGroups.get(arn)?.attributes,
  });
  const world = {
    kernel,
    machines,
    router,
    traffic,
    view: (listenerArn: string) => propagation.view(listenerArn),
  };
  const dataPlane = combineDataPlanes(
    createDataPlane({
      ...world,
      views: () => propagation.views().filter((view) => !isNetworkView(view)),
      attribute: (arn, name) => store.loadBalancers.get(arn)?.attributes.get(name),
    }),
    createNetworkDataPlane({
      ...world,
      flows,
      views: () => propagation.views().filter(isNetworkView),
    }),
  );
  return { propagation, health, hostMetrics, dataPlane, traffic, router, flows };
}

/** The first target of a target group in use is the moment from which hosts are counted. */
function watchHostCounts(health: TargetHealth, wake: () => void): TargetHealth {
  return {
    ...health,
    register: (arn, instanceIds) => {
      health.register(arn, instanceIds);
      wake();
    },
  };
}

function factsOf(
  store: Store,
  propagation: Propagation,
  targetGroupArn: string,
): TargetGroupFacts | undefined {
  const group = store.targetGroups.get(targetGroupArn);
  if (!group) return undefined;
  // A rule that was just changed is still in effect for a moment: its targets stay in use.
  const loadBalancerArn =
    store.loadBalancerOf(targetGroupArn) ?? propagation.loadBalancerOf(targetGroupArn);
  const loadBalancer = store.loadBalancers.get(loadBalancerArn ?? '');
  return {
    healthCheck: group.healthCheck,
    port: group.port,
    deregistrationDelaySeconds: Number(
      group.attributes.get('deregistration_delay.timeout_seconds'),
    ),
    ...unhealthyFlowsOf(group),
    inUse: loadBalancerArn !== undefined,
    zones: loadBalancer && new Set(loadBalancer.zones.map((zone) => zone.zoneName)),
  };
}

/** Only target groups of network load balancers have these attributes. */
function unhealthyFlowsOf({ attributes }: TargetGroup) {
  const prefix = 'target_health_state.unhealthy';
  return {
    endsUnhealthyFlows: attributes.get(`${prefix}.connection_termination.enabled`) === 'true',
    unhealthyDrainingSeconds: Number(attributes.get(`${prefix}.draining_interval_seconds`) ?? 0),
  };
}

function allOperations(plane: ControlPlane): Operations {
  return {
    ...accountLimitOperations(plane),
    ...loadBalancerOperations(plane),
    ...loadBalancerAttributeOperations(plane),
    ...listenerOperations(plane),
    ...ruleOperations(plane),
    ...targetGroupOperations(plane),
    ...targetGroupAttributeOperations(plane),
    ...targetOperations(plane),
    ...tagOperations(plane),
  };
}
