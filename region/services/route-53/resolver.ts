/**
 * A resolver on the side of the clients: it keeps an answer for as long as it may.
 * Not for: choosing among records (see `dns.ts`).
 */
import type { AddressType, DnsAnswer, Resolve } from './dns.ts';

/** One resolver and the clients behind it. */
export interface Resolver {
  /** The kept answer while its time to live lasts, and a new one after. */
  lookUp(name: string, type: AddressType): DnsAnswer | undefined;
}

/**
 * Starts a resolver that keeps nothing.
 * @param options.firstShare part of its time to live that the first answer of a name is kept, 0 to
 * 1, so that many resolvers do not all ask in the same moment; absent means 1
 */
export function createResolver(options: {
  readonly resolve: Resolve;
  /** Region time, epoch milliseconds. */
  readonly now: () => number;
  readonly firstShare?: number;
}): Resolver {
  const { resolve, now, firstShare = 1 } = options;
  const kept = new Map<string, { readonly answer: DnsAnswer; readonly until: number }>();
  return {
    lookUp: (name, type) => {
      const key = `${name} ${type}`;
      const known = kept.get(key);
      if (known && now() < known.until) return known.answer;
      const answer = resolve(name, type);
      if (!answer) {
        kept.delete(key);
        return undefined;
      }
      const share = known ? 1 : firstShare;
      kept.set(key, { answer, until: now() + answer.ttlSeconds * 1000 * share });
      return answer;
    },
  };
}
