/**
 * The proxy's connections to targets and the requests under way on them.
 * Not for: how a request goes its way (see `upstream.ts`).
 */
import { Agent } from 'node:http';

/** Idle connections that are kept to one target. */
const IDLE_CONNECTIONS = 128;

/** Connections and requests under way, by target. */
export interface TargetConnections {
  /** The connections that requests to a target share. */
  agent(targetGroupArn: string, instanceId: string): Agent;
  /** Remembers a request under way. @returns how to forget it */
  hold(targetGroupArn: string, instanceId: string, breakOff: () => void): () => void;
  /** Breaks off everything under way to a target and closes its connections. */
  cut(targetGroupArn: string, instanceId: string): void;
  close(): void;
}

const keyOf = (targetGroupArn: string, instanceId: string): string =>
  `${targetGroupArn} ${instanceId}`;

/** A pool of connections per target, so that one target's end touches no other. */
export function createTargetConnections(): TargetConnections {
  const agents = new Map<string, Agent>();
  const underWay = new Map<string, Set<() => void>>();
  return {
    agent: (targetGroupArn, instanceId) => {
      const key = keyOf(targetGroupArn, instanceId);
      const known = agents.get(key);
      if (known) return known;
      const agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
      agents.set(key, agent);
      return agent;
    },
    hold: (targetGroupArn, instanceId, breakOff) => {
      const key = keyOf(targetGroupArn, instanceId);
      const held = underWay.get(key) ?? new Set();
      underWay.set(key, held);
      held.add(breakOff);
      return () => {
        held.delete(breakOff);
        if (held.size === 0) underWay.delete(key);
      };
    },
    cut: (targetGroupArn, instanceId) => {
      const key = keyOf(targetGroupArn, instanceId);
      for (const breakOff of underWay.get(key) ?? []) breakOff();
      agents.get(key)?.destroy();
      agents.delete(key);
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}
