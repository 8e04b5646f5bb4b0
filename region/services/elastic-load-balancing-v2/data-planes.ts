/**
 * The sockets of all load balancers as one: each listener has those of its load balancer's type.
 */
import { isNetwork } from './model.ts';
import type { ListenerView } from './propagation.ts';
import type { DataPlane } from './proxy.ts';

/** Puts the sockets for requests and the sockets for connections together. */
export function combineDataPlanes(application: DataPlane, network: DataPlane): DataPlane {
  const both = [application, network];
  return {
    start: async () => {
      await Promise.all(both.map((plane) => plane.start()));
    },
    follow: (listenerArn, view) => {
      if (view) return (isNetworkView(view) ? network : application).follow(listenerArn, view);
      for (const plane of both) void plane.follow(listenerArn, undefined);
      return undefined;
    },
    address: (listenerArn) => application.address(listenerArn) ?? network.address(listenerArn),
    cut: (targetGroupArn, instanceId) => {
      for (const plane of both) plane.cut(targetGroupArn, instanceId);
    },
    close: async () => {
      await Promise.all(both.map((plane) => plane.close()));
    },
  };
}

/** Whether a listener belongs to a network load balancer. */
export function isNetworkView({ protocol }: ListenerView): boolean {
  return isNetwork(protocol);
}
