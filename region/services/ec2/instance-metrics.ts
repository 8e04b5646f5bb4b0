/**
 * CPU utilization of instances whose program states one: every five minutes, or every minute with
 * detailed monitoring, for the instance itself and for its Auto Scaling group.
 * Not for: real processes, whose load nobody measures here.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
 */
import type { Kernel } from '../../kernel/kernel.ts';
import type { MachineRoom } from '../../machines/machines.ts';
import type { InstanceRecord } from './state.ts';
import type { TagStore } from './tags.ts';

const MINUTE_MILLISECONDS = 60_000;
/** Minutes between two readings without detailed monitoring. */
const BASIC_MINUTES = 5;
const GROUP_TAG = 'aws:autoscaling:groupName';

/** Measures instances for as long as there are any to measure. */
export interface InstanceMetrics {
  /** Measures an instance from now on, until it is terminated. */
  watch(instance: InstanceRecord): void;
}

/** Starts without instances, and without ticks. */
export function createInstanceMetrics(options: {
  kernel: Kernel;
  machines: MachineRoom;
  tags: TagStore;
}): InstanceMetrics {
  const { clock } = options.kernel;
  const watched = new Set<InstanceRecord>();
  const tick = (): void => {
    const next = (Math.floor(clock.now() / MINUTE_MILLISECONDS) + 1) * MINUTE_MILLISECONDS;
    clock.schedule(next, () => {
      for (const instance of watched) {
        if (instance.state === 'terminated') watched.delete(instance);
        else measure(options, instance, next / MINUTE_MILLISECONDS);
      }
      if (watched.size > 0) tick();
    });
  };
  return {
    watch: (instance) => {
      watched.add(instance);
      if (watched.size === 1) tick();
    },
  };
}

function measure(
  { kernel, machines, tags }: { kernel: Kernel; machines: MachineRoom; tags: TagStore },
  instance: InstanceRecord,
  minute: number,
): void {
  if (instance.state !== 'running') return;
  const isDetailed = instance.data.Monitoring?.Enabled ?? false;
  if (!isDetailed && minute % BASIC_MINUTES !== 0) return;
  const value = machines.readCpu(instance.id);
  if (value === undefined) return;
  const group = tags.of(instance.id).get(GROUP_TAG);
  const common = { namespace: 'AWS/EC2', metricName: 'CPUUtilization', unit: 'Percent' } as const;
  // The reading covers the time that just ended, so it belongs to the minute before this one.
  const at = kernel.clock.now() - 1;
  kernel.measure({ ...common, value, at, dimensions: { InstanceId: instance.id } });
  if (group === undefined) return;
  kernel.measure({ ...common, value, at, dimensions: { AutoScalingGroupName: group } });
}
