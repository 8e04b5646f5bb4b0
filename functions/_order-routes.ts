/** What operators ask of deployments over the HTTP API, verb by verb. */
import { type Verb, VERBS } from '../shared/core/orders.ts';
import { hasEnded } from '../shared/core/progress.ts';
import type { Requests } from '../shared/ports/ledger.ts';
import { refuseAbsent } from './_deployment-view.ts';
import type { Call, Run } from './_http.ts';
import { accepted, problem } from './_problem.ts';
import { type StartRoutePorts, takeBack } from './_start-routes.ts';
import { giveOrder, type VerbPorts } from './_verbs.ts';

/** What orders change, and what a rollback of its own needs. */
export type OrderRoutePorts = VerbPorts &
  StartRoutePorts & { readonly requests: Pick<Requests, 'load'> };

/** What answers each verb. */
export function orderRoutes(ports: OrderRoutePorts): Readonly<Record<Verb, Run>> {
  const routes = VERBS.map((verb): [Verb, Run] => [verb, (call) => order(ports, verb, call)]);
  const orders = Object.fromEntries(routes) as Record<Verb, Run>;
  return { ...orders, rollback: (call) => rollBack(ports, call) };
}

async function order(ports: OrderRoutePorts, verb: Verb, call: Call): Promise<Response> {
  const deploymentId = call.param('deploymentId');
  const given = await giveOrder(ports, {
    deploymentId,
    verb,
    by: call.callerArn,
    body: call.body(),
    key: call.key(),
    now: ports.timepiece.now(),
  });
  switch (given.type) {
    case 'granted': {
      const { reason } = given;
      return accepted(`/deployments/${deploymentId}`, { deploymentId, verb, reason });
    }
    case 'refused': {
      const { reason, possible } = given;
      return problem(409, 'NotPossibleNow', reason, { members: { possible } });
    }
    case 'unknown':
      return refuseAbsent(ports.requests, deploymentId);
  }
}

/** One that has ended is taken back by a deployment of its own; one that runs is aborted. */
async function rollBack(ports: OrderRoutePorts, call: Call): Promise<Response> {
  const record = await ports.deployments.load(call.param('deploymentId'));
  return record && hasEnded(record.progress)
    ? takeBack(ports, record, call)
    : order(ports, 'rollback', call);
}
