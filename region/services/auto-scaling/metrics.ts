/**
 * Group metrics, once a region minute for groups that enabled them.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
 */
import type {
  DisableMetricsCollectionCommandInput,
  EnableMetricsCollectionCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { validationError } from './errors.ts';
import { ownMembers, poolMembers } from './state.ts';
import { describeOperation, groupOperation } from './store.ts';
import { poolSize } from './warm-pool.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Phase } from './state.ts';

const GRANULARITY = '1Minute';
const MINUTE_MILLISECONDS = 60_000;

const countOf =
  (...phases: readonly Phase[]) =>
  (group: GroupRecord): number =>
    ownMembers(group).filter((member) => phases.includes(member.phase)).length;

/** What each metric counts. */
const METRICS: Readonly<Record<string, (group: GroupRecord) => number>> = {
  GroupMinSize: (group) => group.settings.MinSize,
  GroupMaxSize: (group) => group.settings.MaxSize,
  GroupDesiredCapacity: (group) => group.settings.DesiredCapacity,
  GroupInServiceInstances: countOf('inService'),
  GroupPendingInstances: countOf('booting', 'launchHook'),
  GroupTerminatingInstances: countOf('draining', 'terminateHook', 'stopping'),
  GroupStandbyInstances: countOf('enteringStandby', 'standby'),
  GroupTotalInstances: (group) => ownMembers(group).length,
  GroupInServiceCapacity: countOf('inService'),
  GroupPendingCapacity: countOf('booting', 'launchHook'),
  GroupStandbyCapacity: countOf('enteringStandby', 'standby'),
  GroupTerminatingCapacity: countOf('draining', 'terminateHook', 'stopping'),
  GroupTotalCapacity: (group) => ownMembers(group).length,
  WarmPoolDesiredCapacity: poolSize,
  WarmPoolWarmedCapacity: (group) =>
    poolMembers(group).filter((member) => member.phase === 'warmed').length,
  WarmPoolTotalCapacity: (group) => poolMembers(group).length,
  GroupAndWarmPoolDesiredCapacity: (group) => group.settings.DesiredCapacity + poolSize(group),
  GroupAndWarmPoolTotalCapacity: (group) => group.members.size,
};

/** Measures a group when a new minute began since it was measured last. */
export function recordGroupMetrics({ kernel }: Engine, group: GroupRecord): void {
  const minute = Math.floor(kernel.clock.now() / MINUTE_MILLISECONDS);
  if (group.enabledMetrics.size === 0 || group.measuredMinute === minute) return;
  group.measuredMinute = minute;
  for (const metricName of group.enabledMetrics) {
    kernel.measure({
      namespace: 'AWS/AutoScaling',
      metricName,
      dimensions: { AutoScalingGroupName: group.name },
      value: METRICS[metricName]?.(group) ?? 0,
      unit: 'None',
    });
  }
}

/** EnableMetricsCollection, DisableMetricsCollection, DescribeMetricCollectionTypes. */
export function metricOperations({ groups }: Pick<Engine, 'groups'>) {
  return {
    EnableMetricsCollection: groupOperation(
      groups,
      'EnableMetricsCollection',
      (group, input: EnableMetricsCollectionCommandInput) => {
        if (input.Granularity !== GRANULARITY) {
          throw validationError(`Granularity must be '${GRANULARITY}'.`);
        }
        for (const metric of readMetrics(input.Metrics)) group.enabledMetrics.add(metric);
        return {};
      },
    ),
    DisableMetricsCollection: groupOperation(
      groups,
      'DisableMetricsCollection',
      (group, input: DisableMetricsCollectionCommandInput) => {
        for (const metric of readMetrics(input.Metrics)) group.enabledMetrics.delete(metric);
        return {};
      },
    ),
    DescribeMetricCollectionTypes: describeOperation('DescribeMetricCollectionTypes', () => ({
      Metrics: Object.keys(METRICS).map((Metric) => ({ Metric })),
      Granularities: [{ Granularity: GRANULARITY }],
    })),
  };
}

/** A group's enabled metrics as Describe lists them. */
export function describeMetrics(group: GroupRecord) {
  return [...group.enabledMetrics].map((Metric) => ({ Metric, Granularity: GRANULARITY }));
}

/** No list means every metric. */
function readMetrics(names: readonly string[] | undefined): readonly string[] {
  if (!names?.length) return Object.keys(METRICS);
  const unknown = names.find((name) => !METRICS[name]);
  if (unknown !== undefined) throw validationError(`Unknown metric '${unknown}'.`);
  return names;
}
