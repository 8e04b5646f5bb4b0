/**
 * The actions of a rule as a whole: which may stand together, in which order, and in the form in
 * which AWS answers them.
 * Not for: one action's own members; see `forward-actions.ts` and `answer-actions.ts`.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { inRange, isOneOf } from '../constraints.ts';
import { completeFixedResponse, completeRedirect } from './answer-actions.ts';
import { completeForward, refuseAssociations } from './forward-actions.ts';
import type { LoadBalancer, Protocol } from './model.ts';
import { isNetwork } from './model.ts';
import { invalidAction, refuseViolations, validationError } from './refusals.ts';
import type { Store } from './store.ts';

const ROUTING_TYPES = ['forward', 'redirect', 'fixed-response'];
const GATE_TYPES = ['authenticate-oidc', 'authenticate-cognito', 'jwt-validation'];
const TYPES = [...ROUTING_TYPES, ...GATE_TYPES];

/** Actions that a rule may have besides the one that routes. */
const ORDER_BOUNDS = { min: 1, max: 50_000 };

/** Where a rule's actions are going to stand. */
export interface ActionSite {
  readonly store: Store;
  readonly loadBalancer: LoadBalancer;
  readonly protocol: Protocol;
  /** The actions that are replaced; empty when a rule is created. */
  readonly before: readonly Action[];
}

/**
 * Checks the actions of a request and completes them as AWS does.
 * @returns the actions in the order in which they are performed
 * @throws AwsError ValidationError, InvalidLoadBalancerAction, TargetGroupNotFound,
 * TargetGroupAssociationLimit, TooManyUniqueTargetGroupsPerLoadBalancer, TooManyTargets,
 * InvalidConfigurationRequest
 */
export function completeActions(
  actions: readonly Action[] | undefined,
  site: ActionSite,
): readonly Action[] {
  if (!actions?.length) throw validationError('At least one action must be specified');
  refuseViolations(
    ...actions.flatMap((action, index) => [
      isOneOf(action.Type ?? 'null', `actions.${index + 1}.member.type`, TYPES),
      inRange(action.Order, `actions.${index + 1}.member.order`, ORDER_BOUNDS),
    ]),
  );
  refuseTypes(actions, site);
  const ordered = inOrder(actions);
  refuseCombination(ordered);
  const completed = ordered.map((action) => completeAction(action, site));
  refuseAssociations(completed, site);
  return completed;
}

/** Actions as AWS describes them: a client secret is never given out. */
export function describeActions(actions: readonly Action[]): Action[] {
  return actions.map((action) => {
    if (!action.AuthenticateOidcConfig) return action;
    const { ClientSecret: _secret, ...shown } = action.AuthenticateOidcConfig;
    return { ...action, AuthenticateOidcConfig: shown };
  });
}

/** A network load balancer does nothing with a connection but pass it on. */
function refuseTypes(actions: readonly Action[], { protocol }: ActionSite): void {
  const other = actions.find(({ Type }) => Type !== 'forward');
  if (!other || !isNetwork(protocol)) return;
  throw validationError(`Action type '${String(other.Type)}' must be one of 'forward'`);
}

function inOrder(actions: readonly Action[]): readonly Action[] {
  if (actions.length === 1) return actions;
  const orders = actions.map((action) => action.Order);
  if (orders.includes(undefined)) {
    throw invalidAction('An action order must be specified when there are multiple actions');
  }
  if (new Set(orders).size < orders.length) {
    throw invalidAction('Action orders must be unique within a rule');
  }
  return [...actions].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
}

function refuseCombination(ordered: readonly Action[]): void {
  const routing = ordered.filter((action) => ROUTING_TYPES.includes(action.Type ?? ''));
  if (routing.length !== 1) {
    throw invalidAction(
      'A rule must have exactly one action of type forward, redirect or fixed-response',
    );
  }
  if (ordered.at(-1) !== routing[0]) {
    throw invalidAction(`The action of type '${String(routing[0]?.Type)}' must be the last action`);
  }
  if (ordered.length > 2) {
    throw invalidAction('A rule cannot have more than one authentication action');
  }
}

function completeAction(action: Action, site: ActionSite): Action {
  const order = action.Order === undefined ? {} : { Order: action.Order };
  if (action.Type === 'forward') return { ...completeForward(action, site.store), ...order };
  if (action.Type === 'redirect' && !isNetwork(site.protocol)) {
    return { ...completeRedirect(action, site.protocol), ...order };
  }
  if (action.Type === 'fixed-response') return { ...completeFixedResponse(action), ...order };
  return completeGate(action, site);
}

const GATE_CONFIGS = {
  'authenticate-oidc': 'AuthenticateOidcConfig',
  'authenticate-cognito': 'AuthenticateCognitoConfig',
  'jwt-validation': 'JwtValidationConfig',
} as const;

function completeGate(action: Action, site: ActionSite): Action {
  const type = action.Type as keyof typeof GATE_CONFIGS;
  if (site.protocol !== 'HTTPS') {
    throw invalidAction(`Actions of type '${type}' are supported only on HTTPS listeners`);
  }
  if (!action[GATE_CONFIGS[type]]) {
    throw validationError(`A ${GATE_CONFIGS[type]} must be specified for the action '${type}'`);
  }
  return type === 'authenticate-oidc' ? withSecret(action, site.before) : action;
}

/**
 * Puts the stored secret into an action that says to keep it. An action with neither a secret nor
 * that wish would leave nobody able to log in, which AWS refuses.
 */
function withSecret(action: Action, before: readonly Action[]): Action {
  const given = action.AuthenticateOidcConfig;
  if (!given) return action;
  const { UseExistingClientSecret: keep, ...config } = given;
  const stored = before.find((old) => old.AuthenticateOidcConfig?.ClientId === config.ClientId)
    ?.AuthenticateOidcConfig?.ClientSecret;
  const secret = config.ClientSecret ?? (keep ? stored : undefined);
  if (secret === undefined) {
    throw invalidAction(
      keep
        ? 'There is no existing client secret to use for this action'
        : 'A client secret must be specified',
    );
  }
  return {
    ...action,
    AuthenticateOidcConfig: { ...OIDC_DEFAULTS, ...config, ClientSecret: secret },
  };
}

/** What AWS fills in; the session lasts seven days, in seconds. */
const OIDC_DEFAULTS = {
  SessionCookieName: 'AWSELBAuthSessionCookie',
  Scope: 'openid',
  SessionTimeout: 604_800,
  OnUnauthenticatedRequest: 'authenticate',
} as const;
