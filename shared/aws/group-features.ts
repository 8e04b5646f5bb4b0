/**
 * What a group has that green could not have, and what keeps a group busy, both in words.
 * Not for: what green does get (see `green-group.ts`).
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeInstanceRefreshesCommand,
} from '@aws-sdk/client-auto-scaling';
import { call } from './call.ts';
import { refusedOverrides } from './clone/mixed-instances.ts';
import { isForeignTag, OWN_TAGS, TAGS_PER_CALL_MAX } from './deployment-tags.ts';
import { readSuspended } from './group-processes.ts';
import { DELETION_STATUS } from './groups.ts';
import { readPages } from './pages.ts';

/**
 * States of an instance refresh in which it still changes the group.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html
 */
const ACTIVE_REFRESHES: ReadonlySet<string> = new Set([
  'Pending',
  'InProgress',
  'Baking',
  'Cancelling',
  'RollbackInProgress',
]);

/** How a group names the target groups of Elastic Load Balancing among its traffic sources. */
const TARGET_GROUP_SOURCE = 'elbv2';

/**
 * Processes without which green would not come up: it would launch nothing, could not be emptied,
 * or would launch instances that never become targets.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
 */
const NEEDED_PROCESSES = ['Launch', 'Terminate', 'AddToLoadBalancer'];

/**
 * Tags that a group or a target group may have, AWS's own aside.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
 */
const TAGS_MAX = 50;

/** Features in words; none where the group has nothing of the kind. */
type Feature = (group: AutoScalingGroup) => readonly string[];

const FEATURES: readonly Feature[] = [
  refusedOverrides,
  ({ LaunchConfigurationName }) => (LaunchConfigurationName ? ['a launch configuration'] : []),
  ({ DesiredCapacityType: type }) =>
    type && type !== 'units' ? [`capacity that is counted in ${type}, not in instances`] : [],
  ({ Operator }) =>
    Operator ? [`an operator (${Operator.Principal ?? 'another AWS service'})`] : [],
  ({ LoadBalancerNames = [] }) =>
    some(LoadBalancerNames.length, 'classic load balancer', 'classic load balancers'),
  ({ TrafficSources = [] }) => {
    const others = TrafficSources.filter(({ Type, Identifier = '' }) =>
      Type ? Type !== TARGET_GROUP_SOURCE && Type !== 'elb' : !Identifier.includes(':targetgroup/'),
    );
    return some(others.length, 'other traffic source', 'other traffic sources');
  },
  (group) =>
    readSuspended(group)
      .filter((name) => NEEDED_PROCESSES.includes(name))
      .map((name) => `the process ${name} suspended`),
  ({ Tags = [] }) => {
    const tags = Tags.filter(isForeignTag).length;
    const words = `${tags} tags, to which Teal adds ${OWN_TAGS} (AWS takes ${TAGS_MAX})`;
    return tags + OWN_TAGS > TAGS_MAX ? [words] : [];
  },
  ({ Tags = [] }) => {
    const tags = Tags.filter((tag) => isForeignTag(tag) && tag.PropagateAtLaunch).length;
    const most = TAGS_PER_CALL_MAX - OWN_TAGS;
    const words = `${tags} tags for its instances (a new group's first ones can have ${most})`;
    return tags > most ? [words] : [];
  },
];

/** Everything that Teal cannot carry over from this group, in words. */
export function listUnsupported(group: AutoScalingGroup): readonly string[] {
  return FEATURES.flatMap((feature) => feature(group));
}

/** What AWS or another tool is doing with the group; undefined when it is left alone. */
export async function readBusyWith(
  client: AutoScalingClient,
  group: AutoScalingGroup,
): Promise<string | undefined> {
  if (group.Status === DELETION_STATUS) return 'AWS is deleting it';
  const name = group.AutoScalingGroupName ?? '';
  const refreshes = await readPages(async (NextToken) => {
    const command = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name, NextToken });
    const output = await call('DescribeInstanceRefreshes', name, () => client.send(command));
    return { items: output.InstanceRefreshes, next: output.NextToken };
  });
  const active = refreshes.find(({ Status = '' }) => ACTIVE_REFRESHES.has(Status));
  return active && `instance refresh ${active.InstanceRefreshId} is ${active.Status}`;
}

/** `2 classic load balancers`; nothing for none. */
function some(number: number, singular: string, plural: string): readonly string[] {
  return number === 0 ? [] : [`${number} ${number === 1 ? singular : plural}`];
}
