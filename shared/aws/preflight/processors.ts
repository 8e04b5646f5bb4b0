/**
 * Quotas of vCPUs: Service Quotas tells how many an account may run and which metric counts them,
 * CloudWatch what the metric said last, and EC2 what runs now where that matters.
 * Not for: what green needs, which is decided from it (see `core/preflight/processors.ts`).
 */
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  GetServiceQuotaCommand,
  type MetricInfo,
  type ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { type Demand, needsRecount } from '../../core/preflight/processors.ts';
import type {
  KnownProcessors,
  LaunchReading,
  Purchase,
  UnknownProcessors,
} from '../../core/preflight/surroundings.ts';
import type { IsoInstant } from '../../core/units.ts';
import { call } from '../call.ts';
import { quotaCodeOf } from './processor-quotas.ts';
import { createCounter, refusalOf } from './running-processors.ts';

interface Dependencies {
  readonly ec2: EC2Client;
  readonly serviceQuotas: ServiceQuotasClient;
  readonly cloudWatch: CloudWatchClient;
}

/** What quotas are asked for. */
interface Subject {
  readonly demand: Demand;
  /** Whether instances run on Dedicated Hosts. */
  readonly isOnHosts: boolean;
  readonly now: IsoInstant;
}

/** A quota, and which of a group's types count against it. */
type Scope = Pick<KnownProcessors, 'purchase' | 'instanceTypes'>;

/** Usage is collected every minute. */
const PERIOD_SECONDS = 60;

/** Older numbers are not believed: a good many deployments fit into the time. */
const USAGE_AGE_MAX_SECONDS = 30 * 60;

/**
 * Reads every quota that instances of the group could count against. What AWS does not tell is
 * answered with the reason and never thrown: a quota stops a launch, and no plan. Instances are
 * counted at most once, and only where a metric leaves no room for green.
 */
export async function readProcessors(
  dependencies: Dependencies,
  { demand, isOnHosts, now }: Subject,
): Promise<readonly (KnownProcessors | UnknownProcessors)[]> {
  const { launch } = demand;
  const countRunning = createCounter(dependencies.ec2);
  const readings: (KnownProcessors | UnknownProcessors)[] = [];
  for (const purchase of purchasesOf(launch)) {
    const { instanceTypes } = launch;
    const reason = isOnHosts ? ON_HOSTS : instanceTypes.length === 0 ? BY_ATTRIBUTES : undefined;
    if (reason !== undefined) {
      readings.push({ type: 'unknown', purchase, instanceTypes, reason });
      continue;
    }
    for (const [code, types] of byQuota(instanceTypes, purchase)) {
      const scope: Scope = { purchase, instanceTypes: types };
      const reading =
        code === undefined
          ? unknown(scope, `AWS names none for ${types.join(', ')}`)
          : await readOne(dependencies, { code, scope, now });
      const isDoubtful = reading.type === 'known' && needsRecount(demand, reading);
      readings.push(
        isDoubtful ? { ...reading, recount: await countRunning(reading.quotaCode) } : reading,
      );
    }
  }
  return readings;
}

const ON_HOSTS = 'Dedicated Hosts have quotas of their own';
const BY_ATTRIBUTES = "blue's group chooses its instance types by attributes";

function purchasesOf({ onDemand }: LaunchReading): readonly Purchase[] {
  const { baseCount, percentAboveBase } = onDemand;
  return [
    ...(baseCount > 0 || percentAboveBase > 0 ? ['onDemand' as const] : []),
    ...(percentAboveBase < 100 ? ['spot' as const] : []),
  ];
}

function byQuota(instanceTypes: readonly string[], purchase: Purchase) {
  const codes = new Map<string | undefined, string[]>();
  for (const instanceType of instanceTypes) {
    const code = quotaCodeOf(instanceType, purchase);
    codes.set(code, [...(codes.get(code) ?? []), instanceType]);
  }
  return codes;
}

const unknown = (scope: Scope, reason: string) => ({ type: 'unknown', ...scope, reason }) as const;

async function readOne(
  { serviceQuotas, cloudWatch }: Pick<Dependencies, 'serviceQuotas' | 'cloudWatch'>,
  asked: { readonly code: string; readonly scope: Scope; readonly now: IsoInstant },
): Promise<KnownProcessors | UnknownProcessors> {
  const { code, scope, now } = asked;
  try {
    const command = new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code });
    const output = await call('GetServiceQuota', code, () => serviceQuotas.send(command));
    const { Value: limit, QuotaName: quotaName = code, UsageMetric } = output.Quota ?? {};
    if (limit === undefined) return unknown(scope, `Service Quotas has no value of ${code}`);
    if (!UsageMetric)
      return unknown(scope, `Service Quotas names no metric of what is used of ${code}`);
    const usage = await readUsage(cloudWatch, UsageMetric, { code, now });
    if (!usage) return unknown(scope, `CloudWatch has no recent number of what is used of ${code}`);
    return { type: 'known', ...scope, quotaCode: code, quotaName, limit, ...usage };
  } catch (error) {
    // A role that may not look, and a service that does not answer, leave it to the launch.
    return unknown(scope, refusalOf(error));
  }
}

/**
 * The newest number and the minute that it is of.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Usage-Metrics.html
 */
async function readUsage(
  client: CloudWatchClient,
  metric: MetricInfo,
  { code, now }: { readonly code: string; readonly now: IsoInstant },
): Promise<Pick<KnownProcessors, 'used' | 'usedAt'> | undefined> {
  const { MetricNamespace, MetricName, MetricDimensions = {} } = metric;
  const Dimensions = Object.entries(MetricDimensions).map(([Name, Value]) => ({ Name, Value }));
  const end = Date.parse(now);
  const command = new GetMetricDataCommand({
    StartTime: new Date(end - USAGE_AGE_MAX_SECONDS * 1000),
    EndTime: new Date(end),
    ScanBy: 'TimestampDescending',
    MetricDataQueries: [
      {
        Id: 'used',
        MetricStat: {
          Metric: { Namespace: MetricNamespace, MetricName, Dimensions },
          Period: PERIOD_SECONDS,
          Stat: metric.MetricStatisticRecommendation ?? 'Maximum',
        },
      },
    ],
  });
  const output = await call('GetMetricData', code, () => client.send(command));
  const { Timestamps: [at] = [], Values: [used] = [] } = output.MetricDataResults?.[0] ?? {};
  return at && used !== undefined ? { used, usedAt: at.toISOString() } : undefined;
}
