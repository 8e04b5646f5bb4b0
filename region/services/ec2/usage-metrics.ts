/**
 * How many vCPUs run or are reserved, as `AWS/Usage` counts them for the quotas: On-Demand and Spot
 * Instances apart.
 * Not for: what a launch is refused for; that counts anew (see `launch-limits.ts`).
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-instance-quotas.html
 */
import type { Kernel } from '../../kernel/kernel.ts';
import { type Lifecycle, vcpusInUse } from './launch-limits.ts';
import type { Ec2State } from './state.ts';

/**
 * Between two counts. CloudWatch takes usage up every minute, but AWS does not say how often EC2
 * counts: our choice, as late as what runs is seen to be told.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Usage-Metrics.html
 */
const PERIOD_MILLISECONDS = 5 * 60_000;

/** All types of the region are of standard families. */
const CLASSES: Readonly<Record<Lifecycle, string>> = {
  'on-demand': 'Standard/OnDemand',
  spot: 'Standard/Spot',
};

/** Counts for as long as there is anything to count. */
export interface UsageMetrics {
  /** Counts from now on, if nobody does; to be called when something was launched or reserved. */
  watch(): void;
}

/** Starts without counts. */
export function createUsageMetrics(options: { kernel: Kernel; state: Ec2State }): UsageMetrics {
  const { kernel, state } = options;
  const { clock } = kernel;
  const told = new Set<Lifecycle>();
  let isCounting = false;
  const tell = (): void => {
    for (const lifecycle of ['on-demand', 'spot'] as const) {
      const value = vcpusInUse(state, lifecycle);
      if (value > 0) told.add(lifecycle);
      if (told.has(lifecycle))
        kernel.measure({ ...METRIC, dimensions: toDimensions(lifecycle), value });
    }
  };
  const count = (): void => {
    isCounting = true;
    const next = (Math.floor(clock.now() / PERIOD_MILLISECONDS) + 1) * PERIOD_MILLISECONDS;
    clock.schedule(next, () => {
      tell();
      isCounting =
        state.reservations.size > 0 ||
        [...state.instances.values()].some((one) => one.state !== 'terminated');
      if (isCounting) count();
    });
  };
  return {
    watch: () => {
      if (!isCounting) count();
    },
  };
}

const METRIC = { namespace: 'AWS/Usage', metricName: 'ResourceCount', unit: 'None' } as const;

const toDimensions = (lifecycle: Lifecycle) => ({
  Service: 'EC2',
  Type: 'Resource',
  Resource: 'vCPU',
  Class: CLASSES[lifecycle],
});
