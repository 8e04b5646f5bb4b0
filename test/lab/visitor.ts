/**
 * One client with a browser's memory for cookies, over a real connection to the listener's socket.
 * Time stands still while it asks.
 * Not for: load; see `traffic.ts`.
 */
import type { Lab } from './lab.ts';

export interface Visitor {
  /** Asks once, and says which instance answered; undefined when none did. */
  ask(): Promise<string | undefined>;
}

/** Opens the listeners' sockets, and makes clients that begin without a cookie. */
export async function openDoors(lab: Lab): Promise<() => Visitor> {
  const { loadBalancing } = lab.region;
  await lab.act(() => lab.clock.work(() => loadBalancing.startDataPlane()));
  let answeredBy: string | undefined;
  loadBalancing.onAccess(({ instanceId }) => {
    answeredBy = instanceId;
  });
  return () => {
    const cookies = new Map<string, string>();
    const send = async () => {
      const address = loadBalancing.listenerAddress(lab.estate.listenerArn);
      if (!address) throw new Error('The listener has no socket.');
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { connection: 'close', ...(cookie && { cookie }) };
      const response = await fetch(`http://${address.host}:${address.port}/`, { headers });
      await response.arrayBuffer();
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
        cookies.set(name, value);
      }
      return answeredBy;
    };
    return { ask: () => lab.act(() => lab.clock.work(send)) };
  };
}
