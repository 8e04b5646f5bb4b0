/**
 * What happens to a request: which rule it meets, which target group its weight draws, which target
 * there gets it. Real requests and modelled ones are decided by this same code.
 * Not for: carrying the decision out (see `proxy.ts` and `traffic-model.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
import type { Action, ForwardActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RoutableRequest } from './matching.ts';
import type { ListenerView } from './propagation.ts';
import type { OwnAnswer } from './own-answers.ts';
import { decideOwnAnswer } from './own-answers.ts';
import { readCookie, writeCookie } from './stickiness.ts';
import type { RoutableTarget, TargetPool } from './target-life.ts';

/** What is to be done with a request. */
export type Decision =
  | {
      readonly type: 'forward';
      readonly targetGroupArn: string;
      readonly target: RoutableTarget;
      /** True when the target was chosen although too few targets are healthy. */
      readonly failsOpen: boolean;
      /** `Set-Cookie` values that the answer has to carry. */
      readonly cookies: readonly string[];
    }
  /** The target group has nobody to ask: 503, and no other target group steps in. */
  | { readonly type: 'unavailable'; readonly targetGroupArn?: string }
  | OwnAnswer;

/** What decisions depend on besides the request. */
export interface RoutingWorld {
  /** A number in [0, 1). */
  random(): number;
  /** Region time, epoch milliseconds. */
  now(): number;
  pool(targetGroupArn: string): TargetPool;
  /** Attributes of a target group; undefined once it is deleted. */
  attributes(targetGroupArn: string): ReadonlyMap<string, string> | undefined;
}

/** Decides about requests, one at a time. */
export interface Router {
  decide(view: ListenerView, request: RoutableRequest): Decision;
}

/** A router keeps nothing but whose turn it is in each target group. */
export function createRouter(world: RoutingWorld): Router {
  const turns = new Map<string, number>();

  const nextTurn = (targetGroupArn: string): number => {
    const turn = (turns.get(targetGroupArn) ?? 0) + 1;
    turns.set(targetGroupArn, turn % Number.MAX_SAFE_INTEGER);
    return turn;
  };

  const decide = (view: ListenerView, request: RoutableRequest): Decision => {
    const rule = view.rules.find(({ matches }) => matches(request));
    const action = rule?.actions.at(-1);
    if (!rule || !action) return { type: 'unavailable' };
    const own = decideOwnAnswer(rule.actions, view, request);
    if (own) return own;
    const group = chooseGroup(action, request, world);
    if (!group) return { type: 'unavailable' };
    const choice = chooseTarget(group.arn, request, world, nextTurn);
    if (!choice) return { type: 'unavailable', targetGroupArn: group.arn };
    return {
      type: 'forward',
      targetGroupArn: group.arn,
      target: choice.target,
      failsOpen: choice.failsOpen,
      cookies: [...group.cookies, ...choice.cookies],
    };
  };

  return { decide };
}

interface GroupChoice {
  readonly arn: string;
  readonly cookies: readonly string[];
}

/**
 * The target group of a request. A cookie beats every weight, 0 included, as long as the action
 * still names its target group; the cookie is renewed with each answer.
 */
function chooseGroup(
  action: Action,
  request: RoutableRequest,
  world: RoutingWorld,
): GroupChoice | undefined {
  const config = action.ForwardConfig ?? {};
  const stickiness = config.TargetGroupStickinessConfig;
  if (!stickiness?.Enabled) {
    const arn = drawGroup(config, world);
    return arn === undefined ? undefined : { arn, cookies: [] };
  }
  const now = world.now();
  const remembered = readCookie(request, 'AWSALBTG', now);
  const named = config.TargetGroups?.some((tuple) => tuple.TargetGroupArn === remembered);
  const arn = named ? remembered : drawGroup(config, world);
  if (arn === undefined) return undefined;
  return { arn, cookies: writeCookie('AWSALBTG', arn, stickiness.DurationSeconds ?? 0, now) };
}

/** A target group by weight; undefined when all weights are 0. */
function drawGroup(config: ForwardActionConfig, world: RoutingWorld): string | undefined {
  const tuples = (config.TargetGroups ?? []).filter((tuple) => (tuple.Weight ?? 0) > 0);
  if (tuples.length < 2) return tuples[0]?.TargetGroupArn;
  const total = tuples.reduce((sum, tuple) => sum + (tuple.Weight ?? 0), 0);
  let left = world.random() * total;
  const drawn = tuples.find((tuple) => {
    left -= tuple.Weight ?? 0;
    return left < 0;
  });
  return (drawn ?? tuples.at(-1))?.TargetGroupArn;
}

interface TargetChoice {
  readonly target: RoutableTarget;
  readonly failsOpen: boolean;
  readonly cookies: readonly string[];
}

function chooseTarget(
  targetGroupArn: string,
  request: RoutableRequest,
  world: RoutingWorld,
  nextTurn: (targetGroupArn: string) => number,
): TargetChoice | undefined {
  const attributes = world.attributes(targetGroupArn) ?? new Map<string, string>();
  const pool = world.pool(targetGroupArn);
  const failsOpen = isTooUnhealthy(pool, attributes);
  const candidates = failsOpen ? pool.open : pool.healthy;
  const sticky =
    attributes.get('stickiness.enabled') === 'true' &&
    attributes.get('stickiness.type') === 'lb_cookie';
  const algorithm = ALGORITHMS[attributes.get('load_balancing.algorithm.type') ?? ''];
  const draw = (): RoutableTarget | undefined =>
    (algorithm ?? roundRobin)(candidates, () => nextTurn(targetGroupArn), world);
  if (!sticky) {
    const target = draw();
    return target && { target, failsOpen, cookies: [] };
  }
  const now = world.now();
  const remembered = readCookie(request, 'AWSALB', now);
  const name = (target: RoutableTarget): string => `${targetGroupArn} ${target.instanceId}`;
  const target = candidates.find((candidate) => name(candidate) === remembered) ?? draw();
  if (!target) return undefined;
  const seconds = Number(attributes.get('stickiness.lb_cookie.duration_seconds'));
  return { target, failsOpen, cookies: writeCookie('AWSALB', name(target), seconds, now) };
}

/** Whether so few targets are healthy that requests go to all of them, healthy or not. */
function isTooUnhealthy(pool: TargetPool, attributes: ReadonlyMap<string, string>): boolean {
  const prefix = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets';
  const count = Number(attributes.get(`${prefix}.count`) ?? 1);
  const percentage = Number(attributes.get(`${prefix}.percentage`));
  const healthy = pool.healthy.length;
  if (healthy < count) return true;
  return percentage > 0 && healthy * 100 < percentage * pool.open.length;
}

type Algorithm = (
  candidates: readonly RoutableTarget[],
  nextTurn: () => number,
  world: RoutingWorld,
) => RoutableTarget | undefined;

const roundRobin: Algorithm = (candidates, nextTurn) =>
  candidates.length === 0 ? undefined : candidates[nextTurn() % candidates.length];

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  round_robin: roundRobin,
  weighted_random: (candidates, _nextTurn, world) =>
    candidates[Math.floor(world.random() * candidates.length)],
  least_outstanding_requests: (candidates, nextTurn, world) => {
    const least = Math.min(...candidates.map((target) => target.inFlight));
    return roundRobin(
      candidates.filter((target) => target.inFlight === least),
      nextTurn,
      world,
    );
  },
};
