/**
 * Notices, to about ten milliseconds of real time, when all targets of a group became healthy.
 */
import type { Region } from '../../region/region.ts';

/** Real milliseconds between two looks; no AWS call is made for them. */
const LOOK_MILLISECONDS = 10;

/** Watches target groups until it is stopped; each remembers only its first full health. */
export interface HealthWatch {
  /** Follows one more target group. */
  follow(targetGroupArn: string, needed: number): void;
  /** Region time at which as many targets as needed were healthy first; undefined when never. */
  healthySince(targetGroupArn: string | undefined): number | undefined;
  stop(): void;
}

/** Starts watching. */
export function watchHealth(region: Region): HealthWatch {
  const needed = new Map<string, number>();
  const since = new Map<string, number>();
  const timer = setInterval(() => {
    for (const [arn, count] of needed) {
      if (countHealthyNow(region, arn) < count) continue;
      since.set(arn, region.clock.now());
      needed.delete(arn);
    }
  }, LOOK_MILLISECONDS);
  return {
    follow: (targetGroupArn, count) => {
      if (!since.has(targetGroupArn)) needed.set(targetGroupArn, count);
    },
    healthySince: (targetGroupArn) => since.get(targetGroupArn ?? ''),
    stop: () => clearInterval(timer),
  };
}

/** A target group that is gone has no healthy targets. */
function countHealthyNow({ loadBalancing: { registry } }: Region, targetGroupArn: string): number {
  if (!registry.targetGroup(targetGroupArn)) return 0;
  const targets = [...registry.targetHealth(targetGroupArn).values()];
  return targets.filter(({ state }) => state === 'healthy').length;
}
