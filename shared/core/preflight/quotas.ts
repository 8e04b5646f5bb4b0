/**
 * Limits of the account that a second fleet could meet.
 * Not for: rules and target groups of one action; Teal adds no rule, and refuses a third target
 * group in an action long before AWS's limit of five. For vCPUs see `processors.ts`.
 */
import { admit, type Check, complain, type Finding, type Question } from './finding.ts';
import type { QuotaName, QuotaReading } from './surroundings.ts';

interface Quota {
  /** What is counted, in words. */
  readonly noun: string;
  /** How many more a deployment needs while both fleets are up. */
  readonly needed: (question: Question) => number;
}

const ONE = () => 1;
const FLEET = ({ greenCapacity }: Question) => greenCapacity;

/**
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-template-restrictions.html
 */
const QUOTAS: Readonly<Record<QuotaName, Quota>> = {
  autoScalingGroups: { noun: 'Auto Scaling groups', needed: ONE },
  targetGroups: { noun: 'target groups', needed: ONE },
  targetGroupsOfLoadBalancer: { noun: 'target groups', needed: ONE },
  targetsOfLoadBalancer: { noun: 'targets', needed: FLEET },
  targetsOfTargetGroup: { noun: 'targets of a target group', needed: FLEET },
  launchTemplateVersions: { noun: 'versions', needed: ONE },
};

/** Complains about every limit that green would pass, and says which ones nobody looked at. */
export const checkQuotas: Check = (question) =>
  question.surroundings.quotas.flatMap((reading) => judge(question, reading));

function judge(question: Question, { name, of, limit, used }: QuotaReading): Finding[] {
  const { noun, needed } = QUOTAS[name];
  const where = of ? ` of ${of}` : ' of the account';
  if (limit === undefined || used === undefined) {
    return [admit(`Whether the quota of ${noun}${where} has room is not known.`)];
  }
  const more = needed(question);
  if (used + more <= limit) return [];
  return [
    complain(
      `The quota of ${noun}${where} is ${limit}, of which ${used} are used, and green needs ${more} more; raise it or free some.`,
    ),
  ];
}
