/**
 * Changes what the listeners do on the two sides of a name whose records split the traffic.
 *
 * Each write is compared with what stands there: a listener that somebody else changed meanwhile is
 * left as it is, and one that was deleted needs nothing.
 */
import {
  type Action,
  DescribeListenersCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDeepStrictEqual } from 'node:util';
import { ListenerChanged } from '../core/errors.ts';
import type { ListenerAction } from '../core/standby.ts';
import type { StandbyListeners } from '../ports/standby.ts';
import type { Fence } from '../ports/traffic-router.ts';
import { call, unlessRefused } from './call.ts';

/** How ELB says that a listener is not there. */
const NO_SUCH_LISTENER = ['ListenerNotFound'];

/** What a side that stands by answers where nobody said anything else. */
const NOBODY_SERVES: Action = {
  Type: 'fixed-response',
  FixedResponseConfig: {
    StatusCode: '503',
    ContentType: 'text/plain',
    MessageBody: 'This side stands by.',
  },
};

/** Makes the listeners of both sides. */
export function createStandbyListeners(client: ElasticLoadBalancingV2Client): StandbyListeners {
  return {
    async lead({ standby }, greenTargetGroupArn, fence) {
      if (!standby) return;
      const { listenerArn, defaultActions } = standby;
      const actions = await readDefaultActions(client, listenerArn);
      if (leadsTo(actions, greenTargetGroupArn)) return;
      if (!actions || !isDeepStrictEqual(asKept(actions), defaultActions)) {
        throw new ListenerChanged(
          `Tried to let listener ${listenerArn} lead to green; somebody else has ` +
            `${actions ? 'changed what it does' : 'deleted it'} since the plan was made; ` +
            'find out who, and start again.',
          { facts: { on: listenerArn } },
        );
      }
      const forward: Action = { Type: 'forward', TargetGroupArn: greenTargetGroupArn };
      await write(client, listenerArn, [forward], fence);
    },
    async restore({ standby }, greenTargetGroupArn, fence) {
      if (!standby) return;
      const { listenerArn, defaultActions } = standby;
      const actions = await readDefaultActions(client, listenerArn);
      if (!leadsTo(actions, greenTargetGroupArn)) return;
      await write(client, listenerArn, fromPlan(defaultActions), fence);
    },
    async park({ blue, standby }, fence) {
      if (!standby) return;
      const { blueListenerArn, defaultActions } = standby;
      const actions = await readDefaultActions(client, blueListenerArn);
      if (!leadsTo(actions, blue.targetGroupArn)) return;
      await write(client, blueListenerArn, toParked(fromPlan(defaultActions)), fence);
    },
  };
}

/**
 * What the other side said while it stood by, unless that leads to a target group: one cannot be
 * behind two load balancers.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
function toParked(actions: readonly Action[]): readonly Action[] {
  return actions.some(({ Type }) => Type === 'forward') ? [NOBODY_SERVES] : actions;
}

/** Undefined when there is no such listener. */
async function readDefaultActions(
  client: ElasticLoadBalancingV2Client,
  listenerArn: string,
): Promise<readonly Action[] | undefined> {
  const command = new DescribeListenersCommand({ ListenerArns: [listenerArn] });
  const calling = call('DescribeListeners', listenerArn, () => client.send(command));
  const output = await unlessRefused(NO_SUCH_LISTENER, calling);
  return output?.Listeners?.[0]?.DefaultActions;
}

async function write(
  client: ElasticLoadBalancingV2Client,
  listenerArn: string,
  actions: readonly Action[],
  fence: Fence,
): Promise<void> {
  await fence();
  const command = new ModifyListenerCommand({
    ListenerArn: listenerArn,
    DefaultActions: [...actions],
  });
  const calling = call('ModifyListener', listenerArn, () => client.send(command));
  await unlessRefused(NO_SUCH_LISTENER, calling);
}

/** Says whether some action forwards to a target group, whatever its weight. */
function leadsTo(actions: readonly Action[] | undefined, targetGroupArn: string): boolean {
  return (actions ?? []).some(
    ({ TargetGroupArn, ForwardConfig }) =>
      TargetGroupArn === targetGroupArn ||
      ForwardConfig?.TargetGroups?.some((tuple) => tuple.TargetGroupArn === targetGroupArn),
  );
}

/** Actions as a plan keeps them: as JSON has them. */
function asKept(actions: readonly Action[]): unknown {
  return JSON.parse(JSON.stringify(actions));
}

/** The plan keeps actions as they were described. */
function fromPlan(actions: readonly ListenerAction[]): Action[] {
  return actions.map((action) => action as unknown as Action);
}
