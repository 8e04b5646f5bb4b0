/**
 * How often AWS lets an account call: the token buckets that each call takes from. A service that
 * is not here is not throttled.
 * Not for: taking the tokens (`throttle.ts`), nor quotas on how many of a thing there may be.
 */
import type { Quotas } from '../kernel/quotas.ts';
import type { ServiceName } from '../kernel/service.ts';

/** A token bucket: `capacity` tokens at once, and `refillPerSecond` more in every region second. */
export interface Rate {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** What one call takes from one bucket. */
export interface Charge extends Rate {
  /** Calls that name the same bucket of the same service share it. */
  readonly bucket: string;
  /** Tokens; absent means one. */
  readonly cost?: number;
}

type ChargesOf = (operation: string, input: unknown, quotas: Quotas) => readonly Charge[];

const rate = (capacity: number, refillPerSecond: number): Rate => ({ capacity, refillPerSecond });

/** A rate that is published as calls per second, with nothing saved up. */
const perSecond = (calls: number): Rate => rate(calls, calls);

/** A bucket for each operation: its own rate, or the usual one for operations of its kind. */
const each =
  (own: Readonly<Record<string, Rate>>, usual: (operation: string) => Rate | undefined) =>
  (operation: string): readonly Charge[] => {
    const found = own[operation] ?? usual(operation);
    return found ? [{ bucket: operation, ...found }] : [];
  };

const isRead = (operation: string): boolean => /^(?:Describe|Get|List)/.test(operation);

/**
 * Buckets are shared by all operations of a category, and one more by all operations. Calls that
 * Auto Scaling makes for itself take nothing.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
 */
const loadBalancing: ChargesOf = (operation) => [
  { bucket: 'account', ...rate(40, 10) },
  loadBalancingCategory(operation),
];

function loadBalancingCategory(operation: string): Charge {
  if (isRead(operation)) return { bucket: 'non-mutating', ...rate(40, 10) };
  if (operation === 'CreateLoadBalancer') return { bucket: 'resource-intensive', ...rate(10, 0.2) };
  if (/^(?:Der|R)egisterTargets$/.test(operation)) {
    return { bucket: 'registration', ...rate(20, 4) };
  }
  return { bucket: 'mutating', ...rate(20, 3) };
}

/** Reads that cost more where a call neither filters nor asks for pages. */
const UNFILTERED = new Set([
  'DescribeInstances',
  'DescribeInstanceStatus',
  'DescribeSecurityGroups',
]);

const ec2Requests = each(
  {
    CreateLaunchTemplateVersion: rate(100, 5),
    CreateTags: rate(100, 10),
    DeleteTags: rate(100, 10),
    DeregisterImage: rate(100, 5),
    ModifyLaunchTemplate: rate(100, 5),
    RunInstances: rate(5, 2),
    TerminateInstances: rate(100, 5),
  },
  (operation) => (isRead(operation) ? rate(100, 20) : rate(50, 5)),
);

/** @source https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const ec2: ChargesOf = (operation, input) => {
  const members = (input ?? {}) as {
    readonly Filters?: readonly unknown[];
    readonly MaxResults?: number;
    readonly MaxCount?: number;
    readonly InstanceIds?: readonly string[];
  };
  const isWhole = !members.Filters?.length && members.MaxResults === undefined;
  if (isWhole && UNFILTERED.has(operation)) {
    return [{ bucket: `${operation} unfiltered`, ...rate(50, 10) }];
  }
  const requests = ec2Requests(operation);
  const resources = { bucket: `${operation} resources`, capacity: 1000 };
  if (operation === 'RunInstances') {
    return [...requests, { ...resources, refillPerSecond: 2, cost: members.MaxCount ?? 1 }];
  }
  if (operation === 'TerminateInstances') {
    const cost = members.InstanceIds?.length ?? 1;
    return [...requests, { ...resources, refillPerSecond: 20, cost }];
  }
  return requests;
};

/** @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const cloudWatch = each(
  {
    DeleteAlarms: perSecond(3),
    DescribeAlarmHistory: perSecond(20),
    DescribeAlarms: perSecond(9),
    DescribeAlarmsForMetric: perSecond(9),
    DisableAlarmActions: perSecond(3),
    EnableAlarmActions: perSecond(3),
    GetMetricData: perSecond(500),
    GetMetricStatistics: perSecond(400),
    ListMetrics: perSecond(25),
    PutCompositeAlarm: perSecond(3),
    PutMetricAlarm: perSecond(3),
    PutMetricData: perSecond(500),
    SetAlarmState: perSecond(3),
  },
  () => perSecond(10),
);

/**
 * AWS throttles Auto Scaling but does not say when: an assumption, no higher than for ELB's reads
 * and EC2's writes.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
 */
const autoScaling = each({}, (operation) => (isRead(operation) ? rate(40, 10) : rate(50, 5)));

/**
 * The rates of the larger regions.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const stepFunctions = each(
  {
    CreateStateMachine: rate(100, 1),
    DeleteStateMachine: rate(100, 1),
    DescribeExecution: rate(300, 15),
    DescribeStateMachine: rate(200, 20),
    DescribeStateMachineForExecution: rate(200, 1),
    GetExecutionHistory: rate(400, 20),
    ListExecutions: rate(200, 5),
    ListStateMachines: rate(100, 5),
    RedriveExecution: rate(1300, 300),
    SendTaskFailure: rate(3000, 500),
    SendTaskHeartbeat: rate(3000, 500),
    SendTaskSuccess: rate(3000, 500),
    StartExecution: rate(1300, 300),
    StopExecution: rate(1000, 200),
    UpdateStateMachine: rate(100, 1),
    ValidateStateMachineDefinition: rate(100, 1),
  },
  () => undefined,
);

/**
 * Invocations are bounded by concurrency instead; reading a function has its own rate.
 * @source https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const lambda: ChargesOf = (operation) => {
  if (operation === 'Invoke') return [];
  if (operation === 'GetFunction') return [{ bucket: operation, ...perSecond(100) }];
  if (operation === 'GetPolicy') return [{ bucket: operation, ...perSecond(15) }];
  return [{ bucket: 'control plane', ...perSecond(15) }];
};

/**
 * One bucket for the account, one for each operation, and one that changes of records pay by what
 * they change: replacing a record set counts as two.
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/throttling-api-requests.html
 */
const route53: ChargesOf = (operation, input) => {
  const requests = [
    { bucket: 'account', ...rate(50, 10) },
    { bucket: operation, ...rate(50, 10) },
  ];
  if (operation !== 'ChangeResourceRecordSets') return requests;
  const { ChangeBatch } = (input ?? {}) as {
    readonly ChangeBatch?: { readonly Changes?: readonly { readonly Action?: string }[] };
  };
  const costs = (ChangeBatch?.Changes ?? []).map(({ Action }) => (Action === 'UPSERT' ? 2 : 1));
  const cost = costs.reduce<number>((sum, one) => sum + one, 0);
  return [...requests, { bucket: 'changes', ...rate(1500, 100), cost }];
};

/**
 * Parameter Store's standard throughput, which is published for these three alone; the two reads
 * share theirs.
 * @source https://docs.aws.amazon.com/general/latest/gr/ssm.html
 */
const ssm: ChargesOf = (operation, _input, { 'parameter-writes-per-second': writes = 3 }) => {
  if (operation === 'PutParameter') return [{ bucket: operation, ...perSecond(writes) }];
  return /^GetParameters?$/.test(operation) ? [{ bucket: 'reads', ...perSecond(40) }] : [];
};

/**
 * Five calls a second, and five more in one burst.
 * @source https://docs.aws.amazon.com/servicequotas/latest/userguide/reference_limits.html
 */
const serviceQuotas = each({ GetServiceQuota: rate(10, 5) }, () => undefined);

const services: Partial<Readonly<Record<ServiceName, ChargesOf>>> = {
  'auto-scaling': autoScaling,
  cloudwatch: cloudWatch,
  ec2,
  'elastic-load-balancing-v2': loadBalancing,
  lambda,
  'route-53': route53,
  'service-quotas': serviceQuotas,
  sfn: stepFunctions,
  ssm,
};

/** What a call takes. Empty where AWS publishes no rate that an account could reach. */
export function chargesOf(
  service: ServiceName,
  operation: string,
  input: unknown,
  quotas: Quotas,
): readonly Charge[] {
  return services[service]?.(operation, input, quotas) ?? [];
}
