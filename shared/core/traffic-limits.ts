/**
 * By which target group, listeners and rules a service says that its traffic comes. They limit what
 * is discovered and never let a route stay behind: blue is retired after a success, and a route that
 * still led to it would answer with errors.
 */
import * as z from 'zod/mini';
import type { Estate, FoundRoute, GroupReading, TargetGroupReading } from './estate.ts';
import type { Routing } from './routing.ts';

/**
 * Most listeners that a definition may name, those of one load balancer.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
const LISTENERS_MAX = 50;

/**
 * Most rules that a definition may name, those of one load balancer.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
const RULES_MAX = 100;

const arn = (kind: string, what: string) =>
  z.string().check(
    z.regex(new RegExp(`^arn:[^:]+:elasticloadbalancing:[^:]+:\\d+:${kind}/[^/].*$`), {
      error: `must be the ARN of a ${what}`,
    }),
  );

/** The keys of a definition that are about it. */
export const trafficLimits = {
  targetGroupArn: z.optional(
    arn('targetgroup', 'target group').check(
      z.describe(
        'The target group of the group that serves, needed where the group is attached to several; no ' +
          'route may lead to the others. After a success Teal follows green by itself.',
      ),
    ),
  ),
  listenerArns: z.optional(
    z
      .array(arn('listener', 'listener'))
      .check(
        z.minLength(1),
        z.maxLength(LISTENERS_MAX),
        z.describe(
          'Listeners by which traffic comes, each with its default action and its rules. With this or ' +
            '`ruleArns`, a deployment is refused when any other route leads to blue. Absent means: ' +
            'whatever is found.',
        ),
      ),
  ),
  ruleArns: z.optional(
    z
      .array(arn('listener-rule', 'listener rule'))
      .check(
        z.minLength(1),
        z.maxLength(RULES_MAX),
        z.describe('Single rules by which traffic comes, besides those of `listenerArns`.'),
      ),
  ),
};

/** What a service says of the way of its traffic. */
export interface TrafficLimits {
  readonly targetGroupArn?: string | undefined;
  readonly listenerArns?: readonly string[] | undefined;
  readonly ruleArns?: readonly string[] | undefined;
  readonly routing?: Routing | undefined;
}

/** The target group that serves: the one that the service names, or the only one that there is. */
export function chooseTargetGroup(
  { targetGroupArn }: Pick<TrafficLimits, 'targetGroupArn'>,
  { targetGroupArns }: Pick<GroupReading, 'targetGroupArns'>,
): string | undefined {
  if (targetGroupArn === undefined) {
    return targetGroupArns.length === 1 ? targetGroupArns[0] : undefined;
  }
  return targetGroupArns.includes(targetGroupArn) ? targetGroupArn : undefined;
}

/** Why no target group could be chosen, or why another one of the group stands in the way. */
export function complainAboutTargetGroups(
  { targetGroupArn }: Pick<TrafficLimits, 'targetGroupArn'>,
  { group, strayRoutes = [] }: Pick<Estate, 'group' | 'strayRoutes'>,
): readonly string[] {
  if (!group) return [];
  const { autoScalingGroupName: name, targetGroupArns } = group;
  const among = targetGroupArns.join(', ');
  if (targetGroupArn !== undefined && !targetGroupArns.includes(targetGroupArn)) {
    return [
      `Group ${name} is not attached to ${targetGroupArn} but to ${among || 'no target group'}; correct targetGroupArn in the service's definition.`,
    ];
  }
  if (targetGroupArns.length === 0) {
    return [`Group ${name} is attached to no target group; attach it to the one that serves.`];
  }
  if (targetGroupArn === undefined && targetGroupArns.length > 1) {
    return [
      `Group ${name} is attached to ${targetGroupArns.length} target groups (${among}); name the one that serves as targetGroupArn in the service's definition.`,
    ];
  }
  return strayRoutes.map(
    ({ id, targetGroupArn: stray }) =>
      `${id} sends group ${name} traffic by ${stray}, and Teal moves that of ${targetGroupArn} alone; give that traffic a group of its own, or take it out.`,
  );
}

/** Says that target groups of blue by which nothing comes will not be green's. */
export function warnAboutTargetGroups(
  { autoScalingGroupName, targetGroupArns }: GroupReading,
  {
    targetGroupArn,
    targetGroupName,
  }: Pick<TargetGroupReading, 'targetGroupArn' | 'targetGroupName'>,
): readonly string[] {
  const others = targetGroupArns.filter((one) => one !== targetGroupArn);
  if (others.length === 0) return [];
  return [
    `Group ${autoScalingGroupName} is also attached to ${others.join(', ')}, to which no route leads; green will be attached to a copy of ${targetGroupName} alone.`,
  ];
}

/** Why the listeners and rules that the service names are not those by which its traffic comes. */
export function complainAboutLimits(
  { listenerArns = [], ruleArns = [], routing }: TrafficLimits,
  routes: readonly FoundRoute[],
  targetGroupName: string,
): readonly string[] {
  if (listenerArns.length === 0 && ruleArns.length === 0) return [];
  if (routing) {
    return [
      "The records of routing split the traffic, and no listener does; take listenerArns and ruleArns out of the service's definition.",
    ];
  }
  const listeners = listenerArns.filter(
    (one) => !routes.some((route) => listenerOf(route) === one),
  );
  const rules = ruleArns.filter((one) => !routes.some(({ id }) => id === one));
  const idle = [
    ...listeners.map((one) => ({ one, key: 'listenerArns' })),
    ...rules.map((one) => ({ one, key: 'ruleArns' })),
  ].map(
    ({ one, key }) =>
      `${one} does not lead to target group ${targetGroupName}; correct ${key} in the service's definition.`,
  );
  const left = routes.filter(
    (route) => !ruleArns.includes(route.id) && !listenerArns.includes(listenerOf(route)),
  );
  const behind = left.map(
    ({ id }) =>
      `${id} leads to target group ${targetGroupName} too and would be left behind when blue is retired; name it in listenerArns or ruleArns, or have it lead elsewhere.`,
  );
  return [...idle, ...behind];
}

/**
 * The listener of a rule, or the listener itself: the ARN of a rule is that of its listener with
 * `listener-rule` for `listener` and one part more.
 * @source https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
function listenerOf({ id, type }: Pick<FoundRoute, 'id' | 'type'>): string {
  return type === 'rule' ? id.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, '') : id;
}
