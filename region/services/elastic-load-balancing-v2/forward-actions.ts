/**
 * Forward actions: weights, group stickiness, and which target groups a load balancer may use.
 * Not for: choosing a target for a request (see `routing.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
import type {
  Action,
  ForwardActionConfig,
  TargetGroupStickinessConfig,
  TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { ActionSite } from './actions.ts';
import { inRange } from '../constraints.ts';
import { TARGET_GROUPS_PER_ACTION } from './limits.ts';
import type { Protocol, TargetGroup } from './model.ts';
import { isNetwork } from './model.ts';
import { invalidAction, invalidConfiguration, refuseViolations, required } from './refusals.ts';
import type { Store } from './store.ts';
import { targetGroupsIn } from './store.ts';

/** Weight of a target group that is alone in its action. */
const SOLE_WEIGHT = 1;
const WEIGHT_BOUNDS = { min: 0, max: 999 };
/** Seconds: one second to seven days. */
const STICKINESS_BOUNDS = { min: 1, max: 604_800 };

/**
 * Checks a forward action and gives it the form of AWS's answers: `ForwardConfig` always, and
 * `TargetGroupArn` as well when there is one target group only.
 * @throws AwsError ValidationError, InvalidLoadBalancerAction, TargetGroupNotFound
 */
export function completeForward(action: Action, store: Store): Action {
  const tuples = completeTuples(action);
  const groups = tuples.map((tuple) => {
    const arn = required(tuple.TargetGroupArn, 'A target group ARN');
    const group = store.targetGroups.get(arn);
    if (!group) throw new AwsError('TargetGroupNotFound', `Target group '${arn}' not found`);
    return group;
  });
  const stickiness = completeStickiness(action.ForwardConfig?.TargetGroupStickinessConfig);
  refuseTargetStickiness(groups, stickiness);
  const config: ForwardActionConfig = {
    TargetGroups: tuples,
    TargetGroupStickinessConfig: stickiness,
  };
  const [only] = groups;
  const sole = groups.length === 1 && only ? { TargetGroupArn: only.arn } : {};
  return { Type: 'forward', ...sole, ForwardConfig: config };
}

function completeTuples(action: Action): TargetGroupTuple[] {
  const listed = action.ForwardConfig?.TargetGroups ?? [];
  const arns = new Set(listed.map((tuple) => tuple.TargetGroupArn));
  if (action.TargetGroupArn !== undefined && listed.length > 0) {
    // Describe returns both forms for a single target group; sending both back with a second
    // target group added is the mistake that this refusal catches.
    if (listed.length > 1 || !arns.has(action.TargetGroupArn)) {
      throw invalidAction(
        'You can specify only one target group with ForwardConfig, and it must be the same ' +
          'target group as TargetGroupArn, if you specify both',
      );
    }
  }
  const tuples =
    listed.length > 0 ? listed : [{ TargetGroupArn: required(action.TargetGroupArn, TARGET) }];
  if (tuples.length > TARGET_GROUPS_PER_ACTION) {
    throw invalidAction(
      `An action of type 'forward' cannot have more than ${TARGET_GROUPS_PER_ACTION} target groups`,
    );
  }
  if (listed.length > arns.size) {
    throw invalidAction('A target group cannot be specified more than once in an action');
  }
  refuseViolations(
    ...tuples.map((tuple, index) =>
      inRange(
        tuple.Weight,
        `actions.1.member.forwardConfig.targetGroups.${index + 1}.member.weight`,
        WEIGHT_BOUNDS,
      ),
    ),
  );
  return tuples.map((tuple) => ({ ...tuple, Weight: weightOf(tuple, tuples.length) }));
}

const TARGET = 'A target group ARN';

function weightOf(tuple: TargetGroupTuple, count: number): number {
  if (tuple.Weight === undefined && count > 1) {
    throw invalidAction(
      'A weight must be specified for each target group when there are multiple target groups',
    );
  }
  const weight = tuple.Weight ?? SOLE_WEIGHT;
  if (!Number.isInteger(weight)) throw invalidAction(`The weight '${weight}' is not an integer`);
  return weight;
}

function completeStickiness(
  given: TargetGroupStickinessConfig | undefined,
): TargetGroupStickinessConfig {
  if (!given?.Enabled) return { Enabled: false };
  const seconds = required(given.DurationSeconds, 'A duration for target group stickiness');
  refuseViolations(
    inRange(
      seconds,
      'actions.1.member.forwardConfig.targetGroupStickinessConfig.durationSeconds',
      STICKINESS_BOUNDS,
    ),
  );
  return { Enabled: true, DurationSeconds: seconds };
}

/** @source https://github.com/argoproj/argo-rollouts/issues/1577 */
function refuseTargetStickiness(
  groups: readonly TargetGroup[],
  stickiness: TargetGroupStickinessConfig,
): void {
  const sticky = groups.filter((group) => group.attributes.get('stickiness.enabled') === 'true');
  if (groups.length < 2 || sticky.length === 0) return;
  if (!stickiness.Enabled) {
    throw invalidAction(
      'You must enable group stickiness on a rule if you enabled target stickiness on one of its ' +
        'target groups',
    );
  }
  if (sticky.some((group) => group.attributes.get('stickiness.type') === 'app_cookie')) {
    throw invalidAction(
      "Target groups with stickiness of type 'app_cookie' are not supported in a rule with " +
        'weighted target groups',
    );
  }
}

/**
 * Refuses target groups that the load balancer cannot use.
 * @throws AwsError IncompatibleProtocols, InvalidConfigurationRequest,
 * TargetGroupAssociationLimit, TooManyUniqueTargetGroupsPerLoadBalancer
 */
export function refuseAssociations(
  actions: readonly Action[],
  { store, loadBalancer, protocol }: ActionSite,
): void {
  const arns = targetGroupsIn(actions);
  refuseProtocols(arns, store, protocol);
  const elsewhere = arns.filter((arn) => {
    const user = store.loadBalancerOf(arn);
    return user !== undefined && user !== loadBalancer.arn;
  });
  if (elsewhere.length > 0) {
    throw new AwsError(
      'TargetGroupAssociationLimit',
      'The following target groups cannot be associated with more than one load balancer: ' +
        elsewhere.join(', '),
    );
  }
  const foreign = arns.filter((arn) => store.targetGroup(arn).vpcId !== loadBalancer.vpcId);
  if (foreign.length > 0) {
    throw invalidConfiguration(
      `The following target groups are not in the VPC of the load balancer '${loadBalancer.arn}': ` +
        foreign.join(', '),
    );
  }
  const used = new Set([...store.targetGroupsOf(loadBalancer.arn), ...arns]);
  const limit = store.limits['target-groups-per-application-load-balancer'];
  if (used.size > limit) {
    throw new AwsError(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      'You have reached the maximum number of unique target groups that you can associate with ' +
        `a load balancer of type '${loadBalancer.type}': [${limit}]`,
    );
  }
}

/**
 * Target group protocols that a listener's protocol goes with.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html
 */
const COMPATIBLE: Readonly<Record<Protocol, readonly Protocol[]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP'],
  TLS: ['TCP', 'TLS'],
};

/** @source https://github.com/hashicorp/terraform-provider-aws/issues/4955 */
function refuseProtocols(arns: readonly string[], store: Store, protocol: Protocol): void {
  const groups = arns.map((arn) => store.targetGroup(arn));
  const misfit = groups.find((group) => !COMPATIBLE[protocol].includes(group.protocol));
  if (misfit) {
    throw new AwsError(
      'IncompatibleProtocols',
      `The listener and its associated target group '${misfit.arn}' have incompatible ` +
        `protocols: '${protocol}' and '${misfit.protocol}'`,
    );
  }
  if (isNetwork(protocol) && new Set(groups.map((group) => group.protocol)).size > 1) {
    throw invalidConfiguration('TCP and TLS target groups cannot be combined in one action');
  }
}
