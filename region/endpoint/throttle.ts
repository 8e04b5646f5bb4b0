/**
 * Refuses callers that ask more often than AWS lets an account ask. Buckets fill on region time:
 * a region that runs faster takes calls faster, and virtual time has to move before they fill.
 * Not for: throttling on purpose (`faults.ts`).
 */
import type { Clock } from '../kernel/clock.ts';
import type { Quotas } from '../kernel/quotas.ts';
import type { ServiceName } from '../kernel/service.ts';
import { rateExceeded } from './refusals.ts';
import { chargesOf } from './request-rates.ts';
import type { Charge } from './request-rates.ts';

/** Takes the tokens of a call. @throws AwsError the service's refusal when there are too few */
export type Throttle = (service: ServiceName, operation: string, input: unknown) => void;

interface Bucket {
  tokens: number;
  /** Region time of the last change, epoch milliseconds. */
  at: number;
}

/** Starts with every bucket full. */
export function createThrottle(clock: Clock, quotas: Quotas = {}): Throttle {
  const buckets = new Map<string, Bucket>();

  const filled = (service: ServiceName, charge: Charge): Bucket => {
    const { bucket: name, capacity, refillPerSecond } = charge;
    const key = `${service} ${name}`;
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: capacity, at: now };
    const added = ((now - bucket.at) / 1000) * refillPerSecond;
    bucket.tokens = Math.min(capacity, bucket.tokens + added);
    bucket.at = now;
    buckets.set(key, bucket);
    return bucket;
  };

  return (service, operation, input) => {
    const taken = chargesOf(service, operation, input, quotas).map((charge) => ({
      bucket: filled(service, charge),
      cost: charge.cost ?? 1,
    }));
    // A refused call takes nothing, so that whoever keeps asking is let in at the refill's pace.
    if (taken.some(({ bucket, cost }) => bucket.tokens < cost)) throw rateExceeded(service);
    for (const { bucket, cost } of taken) bucket.tokens -= cost;
  };
}
