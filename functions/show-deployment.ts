/**
 * GET /deployments/{deploymentId}/observation: a deployment as it is live at this moment.
 * A function of its own, because its role may read fleets, routes and alarms, and change nothing.
 */
import { possibleVerbs } from '../shared/core/decide-verb.ts';
import type { FleetReading, RouteReading } from '../shared/core/observation.ts';
import { holdEndsAt } from '../shared/core/orders.ts';
import type { Plan } from '../shared/core/plan.ts';
import { hasEnded } from '../shared/core/progress.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import { judgeRevertReadiness } from '../shared/core/revert-readiness.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { Deployments, Requests } from '../shared/ports/ledger.ts';
import type { Timepiece } from '../shared/ports/signals.ts';
import { refuseAbsent, showPause, summarizeDeployment } from './_deployment-view.ts';
import { withStack } from './_handler.ts';
import { answerWith, type Call } from './_http.ts';
import * as world from './_ports.ts';
import { answer } from './_problem.ts';

/** The record, and sight of everything that it speaks of. */
export interface ShowDeploymentPorts {
  readonly deployments: Pick<Deployments, 'load'>;
  readonly requests: Pick<Requests, 'load'>;
  readonly observer: Observer;
  readonly timepiece: Pick<Timepiece, 'now'>;
}

const SCOPE = { alarms: true, blue: true, green: true, routes: true };

/** Makes the function: 200 with what is live; of one that has no plan, what is known. */
export const showDeployment = (ports: ShowDeploymentPorts) =>
  answerWith('showDeployment', (call) => show(ports, call));

async function show(ports: ShowDeploymentPorts, call: Call): Promise<Response> {
  const deploymentId = call.param('deploymentId');
  const record = await ports.deployments.load(deploymentId);
  if (!record) return refuseAbsent(ports.requests, deploymentId);
  const now = ports.timepiece.now();
  const { service, startedAt, plan, orders, progress } = record;
  const { version, status, reason, greenWeightPercent } = summarizeDeployment(record);
  const holdUntil = plan && !hasEnded(progress) && holdEndsAt({ plan, progress, orders });
  return answer(200, {
    deploymentId,
    service,
    version,
    status,
    reason,
    at: now,
    startedAt,
    steps: plan?.steps ?? [],
    stepIndex: progress.stepIndex,
    greenWeightPercent,
    ...(holdUntil && { holdUntil }),
    ...showPause(record, now),
    ...(plan && (await observe(ports, { record, plan, now }))),
    possible: possibleVerbs(record, now),
  });
}

/** Whether blue could take everything back is asked only while that may be needed. */
async function observe(
  { observer }: ShowDeploymentPorts,
  { record, plan, now }: { record: DeploymentRecord; plan: Plan; now: IsoInstant },
) {
  const { progress } = record;
  const readings = await observer.observe(plan, progress, SCOPE);
  const { blue, green, alarms, routes } = readings;
  const isReversible = !hasEnded(progress) && progress.retirementStartedAt === undefined;
  const situation = { plan, progress, observation: { ...readings, at: now }, now };
  return {
    blue: toFleet(plan.blue, blue),
    green: toFleet(plan.green, green),
    alarms,
    routes: routes.map(toRoute),
    ...(isReversible && { revertReadiness: judgeRevertReadiness(situation) }),
  };
}

function toFleet(
  { autoScalingGroupName }: Pick<Plan['blue'], 'autoScalingGroupName'>,
  reading: FleetReading,
) {
  const { exists, desiredCapacity, instanceCount, inServiceCount, healthyCount } = reading;
  const { healthyZones, drainingCount, complaints, failures } = reading;
  return {
    autoScalingGroupName,
    exists,
    desiredCapacity,
    instanceCount,
    inServiceCount,
    healthyCount,
    healthyZones,
    drainingCount,
    complaints,
    failures,
  };
}

/** Green's share as people think of it, where the route names any of the two. */
function toRoute({ routeId, weights }: RouteReading) {
  const { blue = 0, green = 0 } = weights ?? {};
  const sum = blue + green;
  return {
    routeId,
    ...(weights && { weights }),
    ...(sum > 0 && { greenWeightPercent: Math.round((100 * green) / sum) }),
  };
}

export const handler = withStack(
  showDeployment({
    deployments: world.deployments(),
    requests: world.requests(),
    observer: world.observer(),
    timepiece: world.timepiece(),
  }),
);
