/**
 * What the data plane knows of listeners and rules: the same as the control plane, a moment later.
 * AWS documents no delay; about a second, drawn from the seed, is the region's choice, so that
 * nobody takes an answered ModifyListener for shifted traffic.
 * Not for: DescribeRules and DescribeListeners, which see a change at once.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Matches } from './matching.ts';
import { compileConditions } from './matching.ts';
import type { Protocol } from './model.ts';
import type { Store } from './store.ts';
import { targetGroupsIn } from './store.ts';

/** A listener as the data plane sees it. */
export interface ListenerView {
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** In the order of evaluation; the last one matches everything. */
  readonly rules: readonly CompiledRule[];
}

/** A rule as the data plane evaluates it. */
export interface CompiledRule {
  readonly arn: string;
  readonly matches: Matches;
  readonly actions: readonly Action[];
}

/** The data plane's knowledge of listeners, and the way to bring it up to date. */
export interface Propagation {
  /** Says that a listener or its rules changed; they take effect later, in order. */
  announce(listenerArn: string): void | Promise<void>;
  /** Undefined when the data plane does not know the listener, or no longer. */
  view(listenerArn: string): ListenerView | undefined;
  views(): readonly ListenerView[];
  /** ARN of the load balancer on which a rule in effect names the target group. */
  loadBalancerOf(targetGroupArn: string): string | undefined;
}

/** Starts with no listener. */
export function createPropagation(options: {
  readonly kernel: Kernel;
  readonly store: Store;
  /** Region milliseconds that a change takes on average; 0 for at once. */
  readonly delayMilliseconds: number;
  /** Called when a listener changed in the data plane; undefined means that it is gone. */
  readonly onChange: (listenerArn: string, view: ListenerView | undefined) => void | Promise<void>;
}): Propagation {
  const { kernel, store, delayMilliseconds, onChange } = options;
  const current = new Map<string, ListenerView>();
  const published = new Map<string, number>();
  let announced = 0;

  const publish = (
    listenerArn: string,
    order: number,
    view: ListenerView | undefined,
  ): void | Promise<void> => {
    // Two changes in quick succession may draw delays in which the later one arrives first.
    if (order < (published.get(listenerArn) ?? 0)) return undefined;
    published.set(listenerArn, order);
    if (view) current.set(listenerArn, view);
    else current.delete(listenerArn);
    return onChange(listenerArn, view);
  };

  return {
    announce: (listenerArn) => {
      const view = viewOf(store, listenerArn);
      const order = (announced += 1);
      const isNew = view !== undefined && !published.has(listenerArn);
      // A new listener has no earlier rules that could still be in effect.
      if (isNew || delayMilliseconds === 0) return publish(listenerArn, order, view);
      const delay = delayMilliseconds * (0.5 + kernel.random());
      kernel.clock.schedule(kernel.clock.now() + delay, () => publish(listenerArn, order, view));
      return undefined;
    },
    view: (listenerArn) => current.get(listenerArn),
    views: () => [...current.values()],
    loadBalancerOf: (targetGroupArn) =>
      [...current.values()].find((view) =>
        view.rules.some((rule) => targetGroupsIn(rule.actions).includes(targetGroupArn)),
      )?.loadBalancerArn,
  };
}

function viewOf(store: Store, listenerArn: string): ListenerView | undefined {
  const listener = store.listeners.get(listenerArn);
  if (!listener) return undefined;
  return {
    listenerArn,
    loadBalancerArn: listener.loadBalancerArn,
    port: listener.port,
    protocol: listener.protocol,
    rules: store.rulesOf(listenerArn).map((rule) => ({
      arn: rule.arn,
      matches: compileConditions(rule.conditions),
      actions: rule.actions,
    })),
  };
}
