/**
 * DescribeTargetGroupAttributes and ModifyTargetGroupAttributes for target groups of Application and
 * Network Load Balancers.
 * Not for: attributes that only gateway load balancers and Lambda targets have; they are refused as
 * unknown, as AWS refuses them on these target groups.
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
import type {
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { changeAttributes, listAttributes, text, whole, word } from './attributes.ts';
import type { AttributeRules } from './attributes.ts';
import type { Protocol, TargetGroup } from './model.ts';
import { isNetwork } from './model.ts';
import { operation } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { toChange, toDescribe } from './permissions.ts';
import { invalidConfiguration, required } from './refusals.ts';
import type { Store } from './store.ts';
import { targetGroupsIn } from './store.ts';

/** Seconds: one second to seven days. */
const COOKIE_BOUNDS = { min: 1, max: 604_800 };
const PERCENT = { min: 1, max: 100 };
const TARGETS = { min: 1, max: 1000 };
const SLOW_START_MINIMUM_SECONDS = 30;

const slowStart = whole('0', { min: 0, max: 900 });

/** How few healthy targets a target group of either kind may have before traffic fails over. */
const HEALTH_MINIMUMS: AttributeRules = {
  'target_group_health.dns_failover.minimum_healthy_targets.count': whole('1', TARGETS, 'off'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': whole(
    'off',
    PERCENT,
    'off',
  ),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': whole('1', TARGETS),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': whole(
    'off',
    PERCENT,
    'off',
  ),
};

/** The attributes of an Application Load Balancer's target group, with defaults and ranges. */
const TARGET_GROUP_ATTRIBUTES: AttributeRules = {
  'deregistration_delay.timeout_seconds': whole('300', { min: 0, max: 3600 }),
  'stickiness.enabled': word('false', 'true'),
  'stickiness.type': word('lb_cookie', 'app_cookie'),
  'stickiness.lb_cookie.duration_seconds': whole('86400', COOKIE_BOUNDS),
  'stickiness.app_cookie.cookie_name': text('', cookieNameFault),
  'stickiness.app_cookie.duration_seconds': whole('86400', COOKIE_BOUNDS),
  'load_balancing.algorithm.type': word(
    'round_robin',
    'least_outstanding_requests',
    'weighted_random',
  ),
  'load_balancing.algorithm.anomaly_mitigation': word('off', 'on'),
  'load_balancing.cross_zone.enabled': word('use_load_balancer_configuration', 'true', 'false'),
  'slow_start.duration_seconds': {
    initial: '0',
    fault: (value) =>
      slowStart.fault(value) ??
      (value !== '0' && Number(value) < SLOW_START_MINIMUM_SECONDS
        ? "must be '0' or between '30-900' inclusive"
        : undefined),
  },
  ...HEALTH_MINIMUMS,
};

/**
 * The same of a Network Load Balancer's.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
 */
const NETWORK_ATTRIBUTES: AttributeRules = {
  'deregistration_delay.timeout_seconds': whole('300', { min: 0, max: 3600 }),
  'deregistration_delay.connection_termination.enabled': word('false', 'true'),
  'load_balancing.cross_zone.enabled': word('use_load_balancer_configuration', 'true', 'false'),
  'preserve_client_ip.enabled': word('true', 'false'),
  'proxy_protocol_v2.enabled': word('false', 'true'),
  'stickiness.enabled': word('false', 'true'),
  'stickiness.type': word('source_ip'),
  ...HEALTH_MINIMUMS,
  'target_health_state.unhealthy.connection_termination.enabled': word('true', 'false'),
  'target_health_state.unhealthy.draining_interval_seconds': whole('0', { min: 0, max: 360_000 }),
};

/** The attributes of a target group of a protocol. */
export function attributeRulesOf(protocol: Protocol): AttributeRules {
  return isNetwork(protocol) ? NETWORK_ATTRIBUTES : TARGET_GROUP_ATTRIBUTES;
}

function cookieNameFault(value: string): string | undefined {
  if (!/^[!#$%&'*+\-.^_`|~\w]{1,256}$/.test(value)) return 'is not a valid cookie name';
  return value.startsWith('AWSALB') ? "cannot start with 'AWSALB'" : undefined;
}

/** The two attribute operations of target groups. */
export function targetGroupAttributeOperations({ store, health }: ControlPlane): Operations {
  return {
    DescribeTargetGroupAttributes: operation<
      DescribeTargetGroupAttributesInput,
      DescribeTargetGroupAttributesOutput
    >(toDescribe('DescribeTargetGroupAttributes'), (input) => ({
      Attributes: listAttributes(store.targetGroup(input.TargetGroupArn).attributes),
    })),
    ModifyTargetGroupAttributes: operation<
      ModifyTargetGroupAttributesInput,
      ModifyTargetGroupAttributesOutput
    >(
      (input) => toChange(store, 'ModifyTargetGroupAttributes', [input.TargetGroupArn]),
      (input) => {
        const group = store.targetGroup(input.TargetGroupArn);
        const changes = required(input.Attributes, 'Target group attributes');
        const attributes = changeAttributes(
          group.attributes,
          changes,
          attributeRulesOf(group.protocol),
          'Target group',
        );
        const changed = new Set(changes.flatMap((change) => change.Key ?? []));
        refuseCombination(isNetwork(group.protocol) ? [] : CONFLICTS, attributes, changed);
        refuseStickinessBehindRules(store, group, attributes);
        store.targetGroups.set(group.arn, { ...group, attributes });
        health.refresh();
        return { Attributes: listAttributes(attributes) };
      },
    ),
  };
}

/** One rule between attributes: what it forbids, and what AWS is told to be wrong. */
interface Conflict {
  readonly applies: (is: (key: string, value: string) => boolean, changed: Changed) => boolean;
  readonly message: string;
}
type Changed = ReadonlySet<string>;

const CONFLICTS: readonly Conflict[] = [
  {
    applies: (is) =>
      !is('slow_start.duration_seconds', '0') &&
      !is('load_balancing.algorithm.type', 'round_robin'),
    message: 'Slow start mode can be used only with the round_robin load balancing algorithm',
  },
  {
    applies: (is) =>
      is('load_balancing.algorithm.anomaly_mitigation', 'on') &&
      !is('load_balancing.algorithm.type', 'weighted_random'),
    message:
      'Anomaly mitigation can be enabled only with the weighted_random load balancing algorithm',
  },
  {
    applies: (is) =>
      is('stickiness.enabled', 'true') && is('load_balancing.algorithm.type', 'weighted_random'),
    message: 'Stickiness cannot be enabled with the weighted_random load balancing algorithm',
  },
  {
    applies: (is) =>
      is('stickiness.enabled', 'true') && is('load_balancing.cross_zone.enabled', 'false'),
    message: 'Stickiness cannot be enabled when cross-zone load balancing is off',
  },
  {
    applies: (is) =>
      is('stickiness.enabled', 'true') &&
      is('stickiness.type', 'app_cookie') &&
      is('stickiness.app_cookie.cookie_name', ''),
    message: "You must set an application cookie name to enable stickiness of type 'app_cookie'",
  },
  {
    applies: (is, changed) =>
      !is('stickiness.type', 'app_cookie') &&
      (changed.has('stickiness.app_cookie.cookie_name') ||
        changed.has('stickiness.app_cookie.duration_seconds')),
    message: "Application cookie attributes can be set only for stickiness of type 'app_cookie'",
  },
];

function refuseCombination(
  conflicts: readonly Conflict[],
  attributes: ReadonlyMap<string, string>,
  changed: Changed,
): void {
  const is = (key: string, value: string): boolean => attributes.get(key) === value;
  const conflict = conflicts.find(({ applies }) => applies(is, changed));
  if (conflict) throw invalidConfiguration(conflict.message);
}

/** @source https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2734 */
function refuseStickinessBehindRules(
  store: Store,
  group: TargetGroup,
  attributes: ReadonlyMap<string, string>,
): void {
  if (attributes.get('stickiness.enabled') !== 'true') return;
  const shared = store
    .rulesUsing(group.arn)
    .filter((rule) => targetGroupsIn(rule.actions).length > 1);
  const loose = shared.filter(
    (rule) => !rule.actions.at(-1)?.ForwardConfig?.TargetGroupStickinessConfig?.Enabled,
  );
  if (loose.length > 0) {
    throw invalidConfiguration(
      'This target group appears behind a rule with group stickiness disabled ' +
        `(${loose.map((rule) => rule.arn).join(', ')}). You must enable group stickiness before ` +
        'enabling target stickiness',
    );
  }
  if (shared.length > 0 && attributes.get('stickiness.type') === 'app_cookie') {
    throw invalidConfiguration(
      "Stickiness of type 'app_cookie' is not supported for a target group behind a rule with " +
        'weighted target groups',
    );
  }
}
