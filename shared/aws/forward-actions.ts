/**
 * What weights mean in a load balancer's actions: how they are read, and how they are changed
 * while everything else about the actions stays.
 * Not for: calling the load balancer.
 */
import type {
  Action,
  ForwardActionConfig,
  TargetGroupStickinessConfig,
  TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { FoundRoute, Route } from '../core/estate.ts';
import type { RouteReading } from '../core/observation.ts';
import type { Percent } from '../core/units.ts';
import type { Pair } from '../ports/traffic-router.ts';

/** A target group in an action, both of its parts known. */
interface Share {
  readonly targetGroupArn: string;
  /** 0 to 999; the part of the traffic is this over the sum of all. */
  readonly weight: number;
}

/** New shares for the ones there are; undefined where nothing is to be written. */
type Reshare = (shares: readonly Share[]) => readonly Share[] | undefined;

/**
 * Weight of a target group that stands alone and names none.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
 */
const LONE_WEIGHT = 1;

/**
 * Largest weight, and most target groups in an action.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
const WEIGHT_MAX = 999;
const TARGET_GROUPS_MAX = 5;

/**
 * AWS wants an action with several target groups to be sticky where one of them is. A second is the
 * shortest there is: clients follow the weights, and their sessions stay on one target meanwhile.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupStickinessConfig.html
 */
const BRIEFLY_STICKY: TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 1 };

/** How an action was before it had to be sticky. */
const NOT_STICKY: TargetGroupStickinessConfig = { Enabled: false };

/** Decimals of a percentage: enough to tell any two splits apart that weights to 999 can make. */
const PERCENT_DECIMALS = 4;

/** What a route does with a target group; undefined when its actions do not forward to it. */
export function findRoute(
  route: Route,
  actions: readonly Action[],
  targetGroupArn: string,
): FoundRoute | undefined {
  const shares = sharesOf(actions);
  const weight = weightOf(shares, targetGroupArn);
  if (weight === undefined) return undefined;
  const others = shares.filter((share) => share.targetGroupArn !== targetGroupArn);
  const sticky = actions.find(isForward)?.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    ...route,
    otherTargetGroupArns: others.map((share) => share.targetGroupArn),
    ...(!isDivisible(weight, others) && { isIndivisible: true }),
    ...(sticky?.Enabled && { stickySeconds: sticky.DurationSeconds ?? 0 }),
  };
}

/** The weights of two fleets in percents of what both get; both 0 when neither gets anything. */
export function readWeights(
  actions: readonly Action[],
  pair: { blueTargetGroupArn: string; greenTargetGroupArn?: string },
): NonNullable<RouteReading['weights']> {
  const shares = sharesOf(actions);
  const blue = weightOf(shares, pair.blueTargetGroupArn);
  const green = weightOf(shares, pair.greenTargetGroupArn);
  const sum = (blue ?? 0) + (green ?? 0);
  const toPercent = (weight: number | undefined) =>
    weight === undefined || sum === 0
      ? weight
      : Number(((100 * weight) / sum).toFixed(PERCENT_DECIMALS));
  return { blue: toPercent(blue), green: toPercent(green) };
}

/**
 * The actions with green at a weight and blue at the rest; undefined where they say so already.
 * An action with neither of the two belongs to somebody else by now and is left alone.
 */
export function shiftActions(
  actions: readonly Action[],
  pair: Pair,
  greenWeightPercent: Percent,
  route: Pick<Route, 'needsStickiness'> = {},
): Action[] | undefined {
  const { blueTargetGroupArn, greenTargetGroupArn } = pair;
  const sticky = route.needsStickiness ? BRIEFLY_STICKY : undefined;
  return patchActions(actions, sticky, (shares) => {
    const blue = weightOf(shares, blueTargetGroupArn);
    const green = weightOf(shares, greenTargetGroupArn);
    if (blue === undefined && green === undefined) return undefined;
    if (blue !== undefined && green !== undefined && blue + green > 0) {
      if (green * 100 === greenWeightPercent * (blue + green)) return undefined;
    }
    const others = shares.filter(
      ({ targetGroupArn }) =>
        targetGroupArn !== blueTargetGroupArn && targetGroupArn !== greenTargetGroupArn,
    );
    const { unit, factor } = divide((blue ?? 0) + (green ?? 0), others);
    return [
      { targetGroupArn: blueTargetGroupArn, weight: unit * (100 - greenWeightPercent) },
      { targetGroupArn: greenTargetGroupArn, weight: unit * greenWeightPercent },
      ...others.map((share) => ({ ...share, weight: share.weight * factor })),
    ];
  });
}

/** Says whether blue's part can be split between blue and green in whole percents. */
function isDivisible(weight: number, others: readonly Share[]): boolean {
  if (others.length === 0) return true;
  const hasRoom = others.length + 2 <= TARGET_GROUPS_MAX;
  return hasRoom && weight > 0 && findFactor(weight, others) !== undefined;
}

/**
 * The weight that one percent of a pair's traffic is, and what everybody else's weight has to be
 * multiplied with, so that all of them keep their part of the whole.
 */
function divide(pairWeight: number, others: readonly Share[]): { unit: number; factor: number } {
  const factor = others.length > 0 && pairWeight > 0 ? findFactor(pairWeight, others) : undefined;
  return factor === undefined
    ? { unit: 1, factor: 1 }
    : { unit: (pairWeight * factor) / 100, factor };
}

/** The smallest factor that makes hundredths of a weight whole; undefined when AWS takes none. */
function findFactor(pairWeight: number, others: readonly Share[]): number | undefined {
  const largest = Math.max(pairWeight, ...others.map(({ weight }) => weight));
  for (let factor = 1; factor * largest <= WEIGHT_MAX; factor += 1) {
    if ((pairWeight * factor) % 100 === 0) return factor;
  }
  return undefined;
}

/**
 * The actions with one target group in place of two; undefined where they say so already, or name
 * neither. What both got together goes to the one that stays.
 */
export function settleActions(
  actions: readonly Action[],
  fleets: { keepTargetGroupArn: string; removeTargetGroupArn: string },
  route: Pick<Route, 'needsStickiness'> = {},
): Action[] | undefined {
  const { keepTargetGroupArn, removeTargetGroupArn } = fleets;
  const sticky = route.needsStickiness ? NOT_STICKY : undefined;
  return patchActions(actions, sticky, (shares) => {
    const kept = weightOf(shares, keepTargetGroupArn);
    const removed = weightOf(shares, removeTargetGroupArn);
    if (kept === undefined && removed === undefined) return undefined;
    if (kept !== undefined && kept > 0 && removed === undefined) return undefined;
    const others = shares.filter(
      ({ targetGroupArn }) =>
        targetGroupArn !== keepTargetGroupArn && targetGroupArn !== removeTargetGroupArn,
    );
    const weight = (kept ?? 0) + (removed ?? 0) || LONE_WEIGHT;
    return [{ targetGroupArn: keepTargetGroupArn, weight }, ...others];
  });
}

/**
 * Changes the shares of the forward action and keeps the rest: the other actions, their order,
 * and how the action keeps clients on one target group.
 * The target group at the top level of a forward action goes: AWS takes it with one share only.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
 */
function patchActions(
  actions: readonly Action[],
  sticky: TargetGroupStickinessConfig | undefined,
  reshare: Reshare,
): Action[] | undefined {
  const shares = reshare(sharesOf(actions));
  return shares && actions.map((action) => patchAction(action, shares, sticky));
}

function patchAction(
  action: Action,
  shares: readonly Share[],
  sticky: TargetGroupStickinessConfig | undefined,
): Action {
  if (isForward(action)) {
    const { TargetGroupArn: _arn, ForwardConfig, ...rest } = action;
    const config = sticky
      ? { ...ForwardConfig, TargetGroupStickinessConfig: sticky }
      : ForwardConfig;
    return { ...rest, ForwardConfig: patchForward(config, shares) };
  }
  const oidc = action.AuthenticateOidcConfig;
  if (!oidc) return action;
  // The secret is never handed out, so AWS is told to go on using the one it has.
  const { ClientSecret: _secret, ...config } = oidc;
  return { ...action, AuthenticateOidcConfig: { ...config, UseExistingClientSecret: true } };
}

function patchForward(
  config: ForwardActionConfig | undefined,
  shares: readonly Share[],
): ForwardActionConfig {
  const tuples = shares.map(({ targetGroupArn, weight }): TargetGroupTuple => ({
    TargetGroupArn: targetGroupArn,
    Weight: weight,
  }));
  return { ...config, TargetGroups: tuples };
}

/** A rule or default action has one forward action at most. */
function sharesOf(actions: readonly Action[]): readonly Share[] {
  const forward = actions.find(isForward);
  if (!forward) return [];
  const tuples = forward.ForwardConfig?.TargetGroups ?? [];
  const named = tuples.length > 0 ? tuples : [{ TargetGroupArn: forward.TargetGroupArn }];
  return named.flatMap(({ TargetGroupArn, Weight }: TargetGroupTuple) =>
    TargetGroupArn ? [{ targetGroupArn: TargetGroupArn, weight: Weight ?? LONE_WEIGHT }] : [],
  );
}

function isForward(action: Action): boolean {
  return action.Type === 'forward';
}

function weightOf(shares: readonly Share[], targetGroupArn: string | undefined) {
  return shares.find((share) => share.targetGroupArn === targetGroupArn)?.weight;
}
