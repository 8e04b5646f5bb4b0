/**
 * The connections of network load balancers: to which target each goes, and when it is ended.
 * A connection stays with its target while weights change, until its target group's weight is 0.
 * Not for: carrying bytes (`network-proxy.ts`) or modelling them (`connection-model.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
 */
import type { Kernel } from '../../kernel/kernel.ts';
import type { ListenerView } from './propagation.ts';

/**
 * Region milliseconds for which connections live on when their target group's weight becomes 0.
 * AWS says "a short period of time".
 */
const LINGER_MILLISECONDS = 10_000;

/** One connection. */
export interface Flow {
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
  readonly instanceId: string;
  /** Ends it on both sides. */
  readonly end: () => void;
}

/** The connections of all network load balancers. */
export interface Flows {
  /** Remembers a new connection. @returns how to forget it */
  open(flow: Flow): () => void;
  /** Ends the connections that a listener no longer allows, after a moment. */
  follow(listenerArn: string, view: ListenerView | undefined): void;
  /** Ends the connections to a target. */
  cut(targetGroupArn: string, instanceId: string): void;
  /** Connections that a load balancer has now, and has opened since this was last asked. */
  take(loadBalancerArn: string): { readonly active: number; readonly opened: number };
  close(): void;
}

/** Starts without connections. */
export function createFlows(kernel: Kernel): Flows {
  const flows = new Set<Flow>();
  const opened = new Map<string, number>();
  const allowed = new Map<string, ReadonlySet<string>>();
  const endAll = (ends: (flow: Flow) => boolean): void => {
    for (const flow of flows) {
      if (!ends(flow)) continue;
      flows.delete(flow);
      flow.end();
    }
  };
  const isAllowed = ({ listenerArn, targetGroupArn }: Flow): boolean =>
    allowed.get(listenerArn)?.has(targetGroupArn) ?? false;
  return {
    open: (flow) => {
      flows.add(flow);
      opened.set(flow.loadBalancerArn, (opened.get(flow.loadBalancerArn) ?? 0) + 1);
      return () => void flows.delete(flow);
    },
    follow: (listenerArn, view) => {
      allowed.set(listenerArn, weightedGroups(view));
      const { clock } = kernel;
      clock.schedule(clock.now() + LINGER_MILLISECONDS, () =>
        endAll((flow) => flow.listenerArn === listenerArn && !isAllowed(flow)),
      );
    },
    cut: (targetGroupArn, instanceId) =>
      endAll((flow) => flow.targetGroupArn === targetGroupArn && flow.instanceId === instanceId),
    take: (loadBalancerArn) => {
      const count = opened.get(loadBalancerArn) ?? 0;
      opened.delete(loadBalancerArn);
      const active = [...flows].filter((flow) => flow.loadBalancerArn === loadBalancerArn).length;
      return { active, opened: count };
    },
    close: () => endAll(() => true),
  };
}

function weightedGroups(view: ListenerView | undefined): ReadonlySet<string> {
  const actions = view?.rules.flatMap((rule) => rule.actions) ?? [];
  const tuples = actions.flatMap((action) => action.ForwardConfig?.TargetGroups ?? []);
  return new Set(
    tuples.flatMap(({ TargetGroupArn, Weight = 0 }) =>
      TargetGroupArn !== undefined && Weight > 0 ? [TargetGroupArn] : [],
    ),
  );
}
