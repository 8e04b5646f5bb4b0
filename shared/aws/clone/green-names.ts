/**
 * Writes green's names over blue's inside metrics and alarms: dimensions, resource labels and
 * expressions, at any depth.
 * Not for: names of the things themselves.
 */

/** How each fleet is called in metrics. */
export interface FleetNames {
  readonly blueGroupName: string;
  readonly greenGroupName: string;
  /** `targetgroup/<name>/<id>`, the end of the target group's ARN. */
  readonly blueTargetGroup: string;
  readonly greenTargetGroup: string;
  /**
   * `app/<name>/<id>` of the load balancers before them, where each fleet has its own. Absent where
   * both are behind the same.
   */
  readonly loadBalancers?: { readonly blue: string; readonly green: string };
}

/** The end of a target group's ARN, by which metrics know it; the ARN itself if it has no such end. */
export function metricNameOf(targetGroupArn: string): string {
  return targetGroupArn.slice(targetGroupArn.indexOf('targetgroup/')).trim();
}

/** The same of a load balancer's ARN. */
export function metricNameOfBalancer(loadBalancerArn: string): string {
  return loadBalancerArn.split(':loadbalancer/')[1] ?? loadBalancerArn;
}

/** The dimension that names a fleet's group. */
const GROUP_DIMENSION = 'AutoScalingGroupName';

/** What each dimension calls blue, and what it then calls green. */
const DIMENSIONS: Readonly<
  Record<
    string,
    (names: FleetNames) => { readonly blue: string; readonly green: string } | undefined
  >
> = {
  [GROUP_DIMENSION]: (names) => ({ blue: names.blueGroupName, green: names.greenGroupName }),
  TargetGroup: (names) => ({ blue: names.blueTargetGroup, green: names.greenTargetGroup }),
  LoadBalancer: (names) => names.loadBalancers,
};

/**
 * A copy of a value in which everything that names blue names green.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredefinedMetricSpecification.html
 */
export function toGreenNames<Value>(value: Value, names: FleetNames): Value {
  return rewrite(value, names) as Value;
}

/**
 * By what a metric or an alarm names blue, in words; undefined where it does not. Whatever a copy
 * for green would have rewritten counts.
 */
export function namesBlue(
  value: unknown,
  blue: { readonly blueGroupName: string; readonly blueTargetGroup?: string },
): string | undefined {
  const { blueGroupName, blueTargetGroup = NOBODY } = blue;
  const text = JSON.stringify(value);
  const isNamed = (names: Pick<FleetNames, 'blueGroupName' | 'blueTargetGroup'>) => {
    const others = { greenGroupName: NOBODY, greenTargetGroup: NOBODY };
    return JSON.stringify(toGreenNames(value, { ...names, ...others })) !== text;
  };
  if (isNamed({ blueGroupName: NOBODY, blueTargetGroup })) {
    return `blue's target group ${blueTargetGroup}`;
  }
  const isGroupNamed = isNamed({ blueGroupName, blueTargetGroup: NOBODY });
  return isGroupNamed ? `blue's group ${blueGroupName}` : undefined;
}

/** A name that AWS gives to nothing. */
const NOBODY = '\n';

function rewrite(value: unknown, names: FleetNames): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => rewrite(one, names));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const called = DIMENSIONS[String(members['Name'])]?.(names);
  if (called && members['Value'] === called.blue) return { ...members, Value: called.green };
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name,
      typeof member === 'string' ? rewriteText(name, member, names) : rewrite(member, names),
    ]),
  );
}

/** Members that are text and may name blue, and how each is rewritten. */
const TEXTS: Readonly<Record<string, (text: string, names: FleetNames) => string>> = {
  ResourceLabel: rewriteLabel,
  Expression: rewriteExpression,
  Query: rewriteExpression,
};

/** A label is the load balancer's name and the target group's, with a slash between them. */
function rewriteLabel(text: string, names: FleetNames): string {
  const { blueTargetGroup, greenTargetGroup, loadBalancers } = names;
  if (!text.endsWith(`/${blueTargetGroup}`)) return text;
  const balancer = text.slice(0, -blueTargetGroup.length - 1);
  const isOwn = balancer === loadBalancers?.blue;
  return `${isOwn ? loadBalancers?.green : balancer}/${greenTargetGroup}`;
}

function rewriteText(member: string, text: string, names: FleetNames): string {
  return TEXTS[member]?.(text, names) ?? text;
}

/** An expression names blue after a dimension, with or without quotation marks. */
function rewriteExpression(text: string, names: FleetNames): string {
  const group = new RegExp(
    `(\\b${GROUP_DIMENSION}\\s*=\\s*["']?)${escape(names.blueGroupName)}(?=["'\\s,)}]|$)`,
    'g',
  );
  const { loadBalancers } = names;
  const renamed = text
    .replace(group, (_match, before: string) => `${before}${names.greenGroupName}`)
    .replaceAll(names.blueTargetGroup, names.greenTargetGroup);
  return loadBalancers ? renamed.replaceAll(loadBalancers.blue, loadBalancers.green) : renamed;
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
