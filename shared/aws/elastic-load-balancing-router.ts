/**
 * Traffic by the weights of an Application Load Balancer's forward actions.
 *
 * A listener's default action is written by ModifyListener, a rule by ModifyRule. AWS has neither
 * versions nor transactions here: each route is read, compared, and written on its own, and a
 * route that somebody deleted meanwhile is passed over, because it carries no traffic.
 */
import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { FoundRoute, Route } from '../core/estate.ts';
import type { Fence, TrafficRouter } from '../ports/traffic-router.ts';
import { call, unlessRefused } from './call.ts';
import { findRoute, readWeights, settleActions, shiftActions } from './forward-actions.ts';
import { chunksOf, readPages } from './pages.ts';

/**
 * Rules or listeners asked for by ARN in one call, well below any page's size.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html
 */
const ARNS_PER_CALL_MAX = 20;

const NO_SUCH_ROUTE = ['RuleNotFound', 'ListenerNotFound'];

/** A route that exists, and what it does now. */
interface LiveRoute {
  readonly id: Route['id'];
  readonly type: Route['type'];
  readonly actions: readonly Action[];
}

/** Makes the router of the account's Application Load Balancers. */
export function createElasticLoadBalancingRouter(
  client: ElasticLoadBalancingV2Client,
): TrafficRouter {
  return {
    find: (targetGroupArn) => findRoutes(client, targetGroupArn),
    async read(routes, pair) {
      const found = await readActions(client, routes);
      return found.map(({ route, actions }) => ({
        routeId: route.id,
        weights: actions && readWeights(actions, pair),
      }));
    },
    shift: (routes, pair, greenWeightPercent, fence) =>
      rewrite(client, routes, fence, (actions, route) =>
        shiftActions(actions, pair, greenWeightPercent, route),
      ),
    settle: (routes, fleets, fence) =>
      rewrite(client, routes, fence, (actions, route) => settleActions(actions, fleets, route)),
  };
}

/** Every route that says something else is written, in the order given. */
async function rewrite(
  client: ElasticLoadBalancingV2Client,
  routes: readonly Route[],
  fence: Fence,
  patch: (actions: readonly Action[], route: Route) => Action[] | undefined,
): Promise<void> {
  for (const { route, actions } of await readActions(client, routes)) {
    const patched = actions && patch(actions, route);
    if (!patched) continue;
    await fence();
    await unlessRefused(NO_SUCH_ROUTE, write(client, route, patched));
  }
}

/** Only the actions are sent: what a request leaves out stays as it is. */
async function write(
  client: ElasticLoadBalancingV2Client,
  { id, type }: Route,
  actions: Action[],
): Promise<void> {
  if (type === 'rule') {
    const command = new ModifyRuleCommand({ RuleArn: id, Actions: actions });
    await call('ModifyRule', id, () => client.send(command));
  } else {
    const command = new ModifyListenerCommand({ ListenerArn: id, DefaultActions: actions });
    await call('ModifyListener', id, () => client.send(command));
  }
}

async function findRoutes(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
): Promise<readonly FoundRoute[]> {
  const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] });
  const output = await call('DescribeTargetGroups', targetGroupArn, () => client.send(command));
  const routes: FoundRoute[] = [];
  for (const loadBalancerArn of output.TargetGroups?.[0]?.LoadBalancerArns ?? []) {
    for (const listener of await readListeners(client, loadBalancerArn)) {
      const rules = await readRules(client, listener);
      const found = [...rules.map(readRule), readDefault(listener)].map(({ id, type, actions }) =>
        findRoute({ id, type, loadBalancerArn }, actions, targetGroupArn),
      );
      routes.push(...found.filter((route) => route !== undefined));
    }
  }
  // AWS promises no order, and writes must come in the same one every time.
  return routes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function readListeners(
  client: ElasticLoadBalancingV2Client,
  loadBalancerArn: string,
): Promise<readonly Listener[]> {
  return readPages(async (Marker) => {
    const command = new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn, Marker });
    const output = await call('DescribeListeners', loadBalancerArn, () => client.send(command));
    return { items: output.Listeners, next: output.NextMarker };
  });
}

/** A listener's rules without the default one, which is the listener's own to change. */
async function readRules(
  client: ElasticLoadBalancingV2Client,
  { ListenerArn = '' }: Listener,
): Promise<readonly Rule[]> {
  const rules = await readPages(async (Marker) => {
    const command = new DescribeRulesCommand({ ListenerArn, Marker });
    const output = await call('DescribeRules', ListenerArn, () => client.send(command));
    return { items: output.Rules, next: output.NextMarker };
  });
  return rules.filter(({ IsDefault }) => !IsDefault);
}

/** What routes do now, in the order asked for. */
async function readActions(
  client: ElasticLoadBalancingV2Client,
  routes: readonly Route[],
): Promise<readonly { route: Route; actions: readonly Action[] | undefined }[]> {
  const found = new Map<string, readonly Action[]>();
  for (const type of ['rule', 'listenerDefault'] as const) {
    const ids = routes.filter((route) => route.type === type).map(({ id }) => id);
    for (const chunk of chunksOf(ids, ARNS_PER_CALL_MAX)) {
      for (const { id, actions } of await readChunk(client, type, chunk)) found.set(id, actions);
    }
  }
  return routes.map((route) => ({ route, actions: found.get(route.id) }));
}

/** One ARN that is gone makes AWS refuse them all; then each is asked for by itself. */
async function readChunk(
  client: ElasticLoadBalancingV2Client,
  type: Route['type'],
  ids: readonly string[],
): Promise<readonly LiveRoute[]> {
  const found = await unlessRefused(NO_SUCH_ROUTE, describe(client, type, ids));
  if (found || ids.length === 1) return found ?? [];
  const singles: LiveRoute[] = [];
  for (const id of ids) singles.push(...(await readChunk(client, type, [id])));
  return singles;
}

async function describe(
  client: ElasticLoadBalancingV2Client,
  type: Route['type'],
  ids: readonly string[],
): Promise<readonly LiveRoute[]> {
  if (type === 'rule') {
    const command = new DescribeRulesCommand({ RuleArns: [...ids] });
    const output = await call('DescribeRules', ids.join(', '), () => client.send(command));
    return (output.Rules ?? []).map(readRule);
  }
  const command = new DescribeListenersCommand({ ListenerArns: [...ids] });
  const output = await call('DescribeListeners', ids.join(', '), () => client.send(command));
  return (output.Listeners ?? []).map(readDefault);
}

function readRule({ RuleArn = '', Actions = [] }: Rule): LiveRoute {
  return { id: RuleArn, type: 'rule', actions: Actions };
}

function readDefault({ ListenerArn = '', DefaultActions = [] }: Listener): LiveRoute {
  return { id: ListenerArn, type: 'listenerDefault', actions: DefaultActions };
}
