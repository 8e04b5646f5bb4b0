/**
 * Quotas of Application Load Balancers, at the values AWS gives every new account.
 * Not for: request rates; see `region/endpoint/request-rates.ts`.
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */

import type { Quotas } from '../../kernel/quotas.ts';

/** Application Load Balancers of an account in one Region. */
export const LOAD_BALANCERS_PER_REGION = 50;
/** Listeners of one load balancer. */
export const LISTENERS_PER_LOAD_BALANCER = 50;
/** Default rules are not counted. */
export const RULES_PER_LOAD_BALANCER = 100;
/** Target groups in one forward action. */
export const TARGET_GROUPS_PER_ACTION = 5;
/** Condition values in one rule, over all its conditions. */
export const CONDITION_VALUES_PER_RULE = 5;
/** `*` and `?` in one rule, over all its conditions. */
export const WILDCARDS_PER_RULE = 6;
/** Tags of one resource. */
export const TAGS_PER_RESOURCE = 50;
/** Load balancers, target groups and so on in one DescribeTags call. */
export const RESOURCES_PER_DESCRIBE_TAGS = 20;
/** Items on a page unless the caller asks for fewer, and the most it can ask for. */
export const PAGE_SIZE = 400;

/** Values of the quotas that can be set, by the names under which AWS describes them. */
const ADJUSTABLE = {
  'target-groups': 3000,
  'target-groups-per-application-load-balancer': 100,
  'targets-per-application-load-balancer': 1000,
  'targets-per-network-load-balancer': 3000,
  'targets-per-target-group': 1000,
} as const;

/** The same for those that cannot. */
const FIXED = {
  'application-load-balancers': LOAD_BALANCERS_PER_REGION,
  'listeners-per-application-load-balancer': LISTENERS_PER_LOAD_BALANCER,
  'rules-per-application-load-balancer': RULES_PER_LOAD_BALANCER,
  'target-groups-per-action-on-application-load-balancer': TARGET_GROUPS_PER_ACTION,
  'condition-values-per-alb-rule': CONDITION_VALUES_PER_RULE,
  'condition-wildcards-per-alb-rule': WILDCARDS_PER_RULE,
} as const;

/** Quotas by name. */
export type Limits = Readonly<Record<keyof typeof ADJUSTABLE | keyof typeof FIXED, number>>;

/** The quotas of an account, those of a new one where nothing else was said. */
export function createLimits(quotas: Quotas = {}): Limits {
  const set = Object.keys(ADJUSTABLE).flatMap((name) => {
    const value = quotas[name as keyof typeof ADJUSTABLE];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...FIXED, ...ADJUSTABLE, ...Object.fromEntries(set) };
}
