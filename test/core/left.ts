/** Deployments that an execution has left, and generators of all that it can have left. */
import * as fc from 'fast-check';
import type { LeaseKind, OpenLease } from '../../shared/core/leases.ts';
import type { RouteReading } from '../../shared/core/observation.ts';
import type { Phase, Progress } from '../../shared/core/progress.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import type { RecoverySituation } from '../../shared/core/recovery-situation.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { recorded } from './records.ts';
import { anyObservation, NOW, plan, routesAt, situation } from './situations.ts';

const LAST = plan.steps.length - 1;

/** A row of the deployment. */
export function lease(kind: LeaseKind, over: Partial<OpenLease> = {}): OpenLease {
  return {
    deploymentId: 'd-1',
    service: 'web',
    kind,
    owner: 'arn:first',
    expiresAt: instantAfter(NOW, -60),
    undo: 'Undo it.',
    ...over,
  };
}

/** The deployment, at 100 % on green. */
export function record(progress: Partial<Progress> = {}): DeploymentRecord {
  return {
    ...recorded,
    executionArn: 'arn:first',
    progress: { ...situation({ progress: { stepIndex: LAST } }).progress, ...progress },
    fence: 1,
  };
}

/** An execution that was stopped a minute ago, at 100 % on green and after its bake. */
export function left(over: Partial<RecoverySituation> = {}): RecoverySituation {
  return {
    record: record({ holdUntil: instantAfter(NOW, -90) }),
    leases: [lease('lock'), lease('bluePin')],
    driver: { isRunning: false, status: 'ABORTED', stoppedAt: instantAfter(NOW, -60) },
    servingGroupName: 'web-blue',
    observation: situation({ progress: { stepIndex: LAST } }).observation,
    now: NOW,
    ...over,
  };
}

const PHASES: readonly Phase[] = [
  'planned',
  'preparingGreen',
  'awaitingGreen',
  'shifting',
  'holding',
  'retiringBlue',
  'rollingBack',
  'cleaningUpGreen',
  'refused',
  'succeeded',
  'rolledBack',
  'failed',
];

/** What would keep any later rule from being met. */
const RARELY = fc.constantFrom(false, false, false, false, true);

const isOutcome = (phase: Phase) => ['succeeded', 'rolledBack', 'failed'].includes(phase);

const maybe = (seconds: number) =>
  fc.option(fc.constant(instantAfter(NOW, seconds)), { nil: undefined });

const KINDS: readonly LeaseKind[] = [
  'lock',
  'bluePin',
  'greenFreeze',
  'leftover',
  'retainedBlue',
  'mirroredAlarms',
  'pointers',
  'notice',
];

/** Rows of some kinds, each due for a while, due now, or due later. */
const anyLeases = fc
  .oneof(
    fc.subarray([...KINDS]),
    fc.subarray(KINDS.filter((kind) => kind !== 'lock' && kind !== 'notice')),
  )
  .chain((kinds) =>
    fc.tuple(
      ...kinds.map((kind) =>
        fc
          .constantFrom(-3600, -60, 0, 60, 3600)
          .map((seconds) => lease(kind, { expiresAt: instantAfter(NOW, seconds) })),
      ),
    ),
  );

/** What the routes say: both of them one weight, both gone, one gone, or a third fleet has one. */
const anyRoutes = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(0, 50, 100).map(routesAt) },
  fc.constantFrom([0, 1], [0], [1]).map((gone) => withGone(routesAt(100), gone)),
  fc.constantFrom([0, 1], [0], [1]).map((gone) => withGone(routesAt(0), gone)),
  fc.constant(routesAt(0).map((route) => ({ ...route, weights: { blue: 0, green: 0 } }))),
);

/** The same routes, some of which are gone. */
export function withGone(routes: readonly RouteReading[], gone: readonly number[]): RouteReading[] {
  return routes.map((route, index) =>
    gone.includes(index) ? { ...route, weights: undefined } : route,
  );
}

/** Whatever was left, wherever the deployment was. */
export const anyLeft: fc.Arbitrary<RecoverySituation> = fc
  .record({
    // Of a deployment that has ended there is as much to decide as of one that has not.
    phase: fc.oneof(fc.constantFrom(...PHASES), fc.constantFrom(...PHASES.filter(isOutcome))),
    stepIndex: fc.integer({ min: -1, max: LAST }),
    confirmed: fc.constantFrom(0, 25, 100),
    holdUntil: maybe(-90),
    bakedLate: fc.boolean(),
    retirementStartedAt: maybe(-30),
    rollbackStartedAt: maybe(-20),
    rollbackConfirmedAt: maybe(-10),
    observation: fc.option(anyObservation, { nil: undefined }),
    routes: fc.option(anyRoutes, { nil: undefined }),
    isForeign: RARELY,
    leases: anyLeases,
    isRunning: RARELY,
    stoppedAgo: fc.option(fc.nat(120), { nil: undefined }),
    rival: RARELY.map((isThere) => (isThere ? 'd-2' : undefined)),
    serving: fc.constantFrom(undefined, 'web-blue', 'web-g', 'web-other'),
    abort: fc.boolean(),
  })
  .map(({ phase, stepIndex, confirmed, observation, routes, leases, ...rest }) => {
    const { isRunning, stoppedAgo, rival, serving, abort, bakedLate, holdUntil } = rest;
    const times = {
      ...(holdUntil && { holdUntil: bakedLate ? NOW : holdUntil }),
      ...(rest.isForeign && {
        foreignChange: { routeId: 'arn:rule', since: NOW, lookedAt: NOW },
      }),
      ...(rest.retirementStartedAt && { retirementStartedAt: rest.retirementStartedAt }),
      ...(rest.rollbackStartedAt && { rollbackStartedAt: rest.rollbackStartedAt }),
      ...(rest.rollbackConfirmedAt && { rollbackConfirmedAt: rest.rollbackConfirmedAt }),
    };
    const { holdUntil: _hold, ...progress } = record().progress;
    const seen = observation && {
      ...observation,
      ...(routes && { routes }),
      ...(abort && { abort: { by: 'ann', reason: 'wrong', at: NOW } }),
    };
    return {
      record: {
        ...record(),
        progress: {
          ...progress,
          ...times,
          phase,
          stepIndex,
          confirmedGreenWeightPercent: confirmed,
        },
      },
      leases,
      driver: {
        isRunning,
        status: isRunning ? 'RUNNING' : 'ABORTED',
        ...(stoppedAgo !== undefined && { stoppedAt: instantAfter(NOW, -stoppedAgo) }),
      },
      now: NOW,
      ...(rival && { rival }),
      ...(serving && { servingGroupName: serving }),
      ...(seen && { observation: seen }),
    };
  });
