/**
 * The names that a deployment gives to what it creates: derived from its id, so that a task that
 * runs twice arrives at the same ones.
 * Not for: names of things that Teal finds.
 */

/**
 * Longest readable part. A target group's name may have 32 characters, the tightest limit around;
 * a hyphen and eight digits of hash must fit as well.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
 */
const BASE_LENGTH_MAX = 20;

/** Tag on everything Teal creates: the id of the deployment that made it. */
export const DEPLOYMENT_TAG = 'teal:deployment';

/**
 * What every service of AWS that Teal tags allows in a tag's value; ELB allows the least.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Tag.html
 */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const NO_TAG_CHARACTER = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;

/**
 * A deployment's id or version as the value of a tag: itself, unless somebody typed a name into the
 * console that Step Functions allows and tags do not, such as `release(42)!`.
 */
export function toTagValue(text: string): string {
  if (TAG_VALUE.test(text)) return text;
  return `${text.replaceAll(NO_TAG_CHARACTER, '_')}-${hash(text)}`;
}

/** Tag on everything Teal creates, and on images that should be deployed: the service's name. */
export const SERVICE_TAG = 'teal:service';

/** Tag on images and groups: what people call the version. */
export const VERSION_TAG = 'teal:version';

/** The name of green's Auto Scaling group and target group. */
export function greenName(service: string, deploymentId: string): string {
  const base = service.slice(0, BASE_LENGTH_MAX).replace(/-+$/, '');
  return `${base}-${hash(`${service}/${deploymentId}`)}`;
}

/**
 * Longest name of an alarm.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const ALARM_NAME_LENGTH_MAX = 255;

/** How the names of all alarms begin that Teal made for a group. */
export function alarmNamePrefix(autoScalingGroupName: string): string {
  return `${autoScalingGroupName}/`;
}

/** The name of green's copy of an alarm; the end of a name that is too long becomes its hash. */
export function greenAlarmName(autoScalingGroupName: string, alarmName: string): string {
  const name = `${alarmNamePrefix(autoScalingGroupName)}${alarmName}`;
  if (name.length <= ALARM_NAME_LENGTH_MAX) return name;
  const ending = `-${hash(alarmName)}`;
  return `${name.slice(0, ALARM_NAME_LENGTH_MAX - ending.length)}${ending}`;
}

/** What stands between a group's name and that of an alarm which watches it for a deployment. */
const MIRROR = 'watched/';

/** How the names of all alarms begin that watch a group only while a deployment runs. */
export function mirroredAlarmPrefix(autoScalingGroupName: string): string {
  return `${alarmNamePrefix(autoScalingGroupName)}${MIRROR}`;
}

/** The name of the copy that watches green as an alarm watches blue, while a deployment runs. */
export function mirroredAlarmName(autoScalingGroupName: string, alarmName: string): string {
  return greenAlarmName(autoScalingGroupName, `${MIRROR}${alarmName}`);
}

/** The name of the alarm by which a deployment hears that green lost targets. */
export function guardAlarmName(autoScalingGroupName: string): string {
  return mirroredAlarmName(autoScalingGroupName, 'healthy-targets');
}

/** The id of a deployment that is asked for with a key: the same key is the same deployment. */
export function deploymentIdOf(service: string, key: string): string {
  return `${service}-${hash(key)}${hash(`${service}/${key}`)}`;
}

/**
 * The name of the execution that recovers a deployment from an execution that is gone: whoever
 * finds out first starts it, and whoever comes second finds it started. `occasion` is what it is
 * started for, the same for both; `attempt` counts from 0.
 * At most 80 characters, of those that a name may have.
 * @source https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function recoveryName(
  { deploymentId, occasion }: { readonly deploymentId: string; readonly occasion: string },
  attempt: number,
): string {
  const base = deploymentId.slice(0, RECOVERY_BASE_LENGTH_MAX);
  return `recover-${base}-${hash(deploymentId)}${hash(occasion)}-${attempt}`;
}

/** Leaves room for `recover-`, two hashes and a number of up to three digits. */
const RECOVERY_BASE_LENGTH_MAX = 48;

/** An idempotency token for AWS calls that take one: 8 to 64 letters, digits and hyphens. */
export function clientToken(deploymentId: string, purpose: string): string {
  return `teal-${purpose}-${hash(deploymentId)}${hash(`${purpose}/${deploymentId}`)}`.slice(0, 64);
}

/**
 * 32-bit FNV-1a over UTF-16 units, as eight hexadecimal digits.
 * Two deployments with one hash are told apart by their tags, so that the worst case is a refusal.
 * @source https://www.rfc-editor.org/rfc/rfc9923.html
 */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}
