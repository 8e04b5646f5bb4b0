/**
 * Quotas of Application Load Balancers, at the values AWS gives every new account.
 * Not for: request rates; see `region/endpoint/request-rates.ts`.
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */

/** Application Load Balancers of an account in one Region. */
export const LOAD_BALANCERS_PER_REGION = 50;
/** Target groups of an account in one Region. */
export const TARGET_GROUPS_PER_REGION = 3000;
/** Listeners of one load balancer. */
export const LISTENERS_PER_LOAD_BALANCER = 50;
/** Default rules are not counted. */
export const RULES_PER_LOAD_BALANCER = 100;
/** Different target groups that all rules of one load balancer name. */
export const TARGET_GROUPS_PER_LOAD_BALANCER = 100;
/** Targets in all target groups of one load balancer. */
export const TARGETS_PER_LOAD_BALANCER = 1000;
/** Targets in one target group. */
export const TARGETS_PER_TARGET_GROUP = 1000;
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
