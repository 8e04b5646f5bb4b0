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
}

/** The end of a target group's ARN, by which metrics know it; the ARN itself if it has no such end. */
export function metricNameOf(targetGroupArn: string): string {
  return targetGroupArn.slice(targetGroupArn.indexOf('targetgroup/')).trim();
}

/** The dimensions that name a fleet. */
const GROUP_DIMENSION = 'AutoScalingGroupName';
const TARGET_GROUP_DIMENSION = 'TargetGroup';

/**
 * A copy of a value in which everything that names blue names green.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredefinedMetricSpecification.html
 */
export function toGreenNames<Value>(value: Value, names: FleetNames): Value {
  return rewrite(value, names) as Value;
}

function rewrite(value: unknown, names: FleetNames): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => rewrite(one, names));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const members = value as Readonly<Record<string, unknown>>;
  if (isBlueDimension(members, names)) {
    const isGroup = members['Name'] === GROUP_DIMENSION;
    return { ...members, Value: isGroup ? names.greenGroupName : names.greenTargetGroup };
  }
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name,
      typeof member === 'string' ? rewriteText(name, member, names) : rewrite(member, names),
    ]),
  );
}

function isBlueDimension(
  { Name, Value }: Readonly<Record<string, unknown>>,
  { blueGroupName, blueTargetGroup }: FleetNames,
): boolean {
  return (
    (Name === GROUP_DIMENSION && Value === blueGroupName) ||
    (Name === TARGET_GROUP_DIMENSION && Value === blueTargetGroup)
  );
}

/** Members that are text and may name blue, and how each is rewritten. */
const TEXTS: Readonly<Record<string, (text: string, names: FleetNames) => string>> = {
  ResourceLabel: (text, { blueTargetGroup, greenTargetGroup }) =>
    text.endsWith(`/${blueTargetGroup}`)
      ? `${text.slice(0, -blueTargetGroup.length)}${greenTargetGroup}`
      : text,
  Expression: rewriteExpression,
  Query: rewriteExpression,
};

function rewriteText(member: string, text: string, names: FleetNames): string {
  return TEXTS[member]?.(text, names) ?? text;
}

/** An expression names blue after a dimension, with or without quotation marks. */
function rewriteExpression(text: string, names: FleetNames): string {
  const group = new RegExp(
    `(\\b${GROUP_DIMENSION}\\s*=\\s*["']?)${escape(names.blueGroupName)}(?=["'\\s,)}]|$)`,
    'g',
  );
  return text
    .replace(group, (_match, before: string) => `${before}${names.greenGroupName}`)
    .replaceAll(names.blueTargetGroup, names.greenTargetGroup);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
