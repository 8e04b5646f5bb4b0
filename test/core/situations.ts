/** Plain situations to decide from, and generators of all that can be. */
import * as fc from 'fast-check';
import type { Orders } from '../../shared/core/orders.ts';
import type { FleetReading, Observation, RouteReading } from '../../shared/core/observation.ts';
import { type Plan, planSteps, type Step } from '../../shared/core/plan.ts';
import { initialProgress, type Progress } from '../../shared/core/progress.ts';
import type { RetainedFleet } from '../../shared/core/retained-fleet.ts';
import type { Situation } from '../../shared/core/situation.ts';
import { instantAfter } from '../../shared/core/units.ts';

export const NOW = '2026-03-01T12:00:00.000Z';

export const plan: Plan = {
  formatVersion: 1,
  deploymentId: 'd-1',
  service: 'web',
  version: 'v2',
  imageId: 'ami-00000000000000002',
  createdAt: NOW,
  blue: {
    autoScalingGroupName: 'web-blue',
    targetGroupArn: 'arn:blue',
    minSize: 2,
    maxSize: 6,
    desiredCapacity: 4,
    launchTemplateId: 'lt-1',
    launchTemplateVersion: 3,
    configuredVersion: '3',
    suspendedProcesses: [],
    retirement: 'delete',
  },
  green: {
    autoScalingGroupName: 'web-g',
    targetGroupName: 'web-g',
    desiredCapacity: 4,
    maxSize: 6,
    zones: ['us-east-1a', 'us-east-1b'],
  },
  routes: [
    { id: 'arn:listener', type: 'listenerDefault', loadBalancerArn: 'arn:lb' },
    { id: 'arn:rule', type: 'rule', loadBalancerArn: 'arn:lb' },
  ],
  steps: planSteps({ type: 'linear', stepPercent: 25, holdSeconds: 300 }, 600),
  alarms: ['web-5xx'],
  waivers: [],
  takesOrders: true,
  greenHealthyDeadlineSeconds: 1800,
  consecutiveReadings: 2,
  minimumRequests: 0,
  onForeignChange: 'rollBack',
  drainSeconds: 120,
};

export function fleet(over: Partial<FleetReading> = {}): FleetReading {
  return {
    exists: true,
    desiredCapacity: 4,
    inServiceCount: 4,
    instanceCount: 4,
    healthyCount: 4,
    healthyZones: ['us-east-1a', 'us-east-1b'],
    drainingCount: 0,
    attachment: 'none',
    protectedCount: 0,
    keptInstances: [],
    complaints: [],
    failures: [],
    ...over,
  };
}

export function routesAt(greenWeightPercent: number): RouteReading[] {
  return plan.routes.map(({ id }) => ({
    routeId: id,
    weights: { blue: 100 - greenWeightPercent, green: greenWeightPercent },
  }));
}

/** A deployment that holds step `stepIndex`, with its hold over. */
export function situation(
  over: {
    plan?: Partial<Plan>;
    progress?: Partial<Progress>;
    observation?: Partial<Observation>;
    now?: string;
  } = {},
): Situation {
  const thePlan = { ...plan, ...over.plan };
  const stepIndex = over.progress?.stepIndex ?? 0;
  const weight = thePlan.steps[stepIndex]?.greenWeightPercent ?? 0;
  return {
    plan: thePlan,
    now: over.now ?? NOW,
    progress: {
      ...initialProgress('The deployment was planned.'),
      phase: 'holding',
      stepIndex,
      writtenGreenWeightPercent: weight,
      confirmedGreenWeightPercent: weight,
      holdUntil: NOW,
      greenTargetGroupArn: 'arn:green',
      greenRequestedAt: instantAfter(NOW, -60),
      healthyReadings: thePlan.consecutiveReadings,
      ...over.progress,
    },
    observation: {
      at: NOW,
      alarms: { type: 'read', alarms: [{ alarmName: 'web-5xx', state: 'OK' }] },
      blue: fleet(),
      green: fleet(),
      routes: routesAt(over.progress?.confirmedGreenWeightPercent ?? weight),
      ...over.observation,
    },
  };
}

export const anyFleet: fc.Arbitrary<FleetReading> = fc
  .record({
    exists: fc.boolean(),
    desiredCapacity: fc.nat(8),
    inServiceCount: fc.nat(8),
    instanceCount: fc.nat(8),
    healthyCount: fc.nat(8),
    healthyZones: fc.subarray(['us-east-1a', 'us-east-1b']),
    drainingCount: fc.nat(8),
    attachment: fc.constantFrom('none', 'none', 'attached', 'leaving' as const),
    protectedCount: fc.nat(2),
    keptInstances: fc.array(fc.constant('i-2 is in Standby'), { maxLength: 1 }),
    complaints: fc.array(fc.constant('i-1 was unhealthy (Target.Timeout)'), { maxLength: 2 }),
    failures: fc.array(fc.constant('launch failed'), { maxLength: 4 }),
  })
  .map((reading) => ({
    ...reading,
    healthyCount: Math.min(reading.healthyCount, reading.inServiceCount),
  }));

const anyWeights = fc.record({
  blue: fc.option(fc.nat(100), { nil: undefined }),
  green: fc.option(fc.nat(100), { nil: undefined }),
});

export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  at: fc.constant(NOW),
  alarms: fc.oneof(
    fc.record({
      type: fc.constant('read' as const),
      alarms: fc.array(
        fc.record({
          alarmName: fc.constant('web-5xx'),
          state: fc.constantFrom('OK', 'ALARM', 'INSUFFICIENT_DATA', 'absent' as const),
        }),
        { maxLength: 3 },
      ),
    }),
    fc.record({ type: fc.constant('unreadable' as const), because: fc.constant('throttled') }),
  ),
  blue: anyFleet,
  green: anyFleet,
  routes: fc
    .array(fc.oneof(fc.constant(undefined), anyWeights), { minLength: 2, maxLength: 2 })
    .map((weights) =>
      plan.routes.map(({ id }, index) => ({ routeId: id, weights: weights[index] })),
    ),
});

export const anySteps: fc.Arbitrary<readonly Step[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 12 })
  .chain((weights) =>
    fc
      .array(fc.nat(3600), { minLength: weights.length + 1, maxLength: weights.length + 1 })
      .map((holds) =>
        [...weights.toSorted((a, b) => a - b), 100].map((greenWeightPercent, index) => ({
          greenWeightPercent,
          holdSeconds: holds[index] ?? 0,
        })),
      ),
  );

/** An instant up to an hour before or after now. */
const anyInstant = fc.integer({ min: -3600, max: 3600 }).map((age) => instantAfter(NOW, age));

const signed = { by: 'arn:ada', reason: 'it looked odd' };

/** Whatever operators may have asked of a deployment at a step, and of another one before. */
export const anyOrdersAt = (stepIndex: number): fc.Arbitrary<Orders> => {
  const anyStep = fc.constantFrom(stepIndex, stepIndex, stepIndex - 1);
  return fc.record(
    {
      paused: fc
        .record({
          at: anyInstant,
          until: fc.option(anyInstant, { nil: undefined }),
          onTimeout: fc.constantFrom('resume', 'rollBack' as const),
        })
        .map(({ at, until, onTimeout }) => ({ ...signed, at, onTimeout, ...(until && { until }) })),
      skipped: fc
        .record({ at: anyInstant, stepIndex: anyStep })
        .map((it) => ({ ...signed, ...it })),
      promotedAll: anyInstant.map((at) => ({ ...signed, at })),
      extended: fc
        .record({ at: anyInstant, until: anyInstant, stepIndex: anyStep })
        .map((it) => ({ ...signed, ...it })),
      approvals: fc
        .record({ at: anyInstant, decision: fc.constantFrom('approve', 'reject' as const) })
        .map((answer) => ({ [stepIndex]: { ...signed, ...answer } })),
    },
    { requiredKeys: [] },
  );
};

/** The fleet that a rollback after completion goes back to. */
export const retained: RetainedFleet = {
  rollbackOf: 'd-0',
  targetGroupArn: 'arn:green',
  launchTemplateVersion: 2,
  minSize: 2,
  maxSize: 6,
  kept: { minSize: 4, maxSize: 6, desiredCapacity: 4 },
  suspendedProcesses: [],
  retention: { blue: 'full', seconds: 3600 },
  retainedUntil: instantAfter(NOW, 3600),
};

/** A group without instances. */
const EMPTY = fleet({
  desiredCapacity: 0,
  inServiceCount: 0,
  instanceCount: 0,
  healthyCount: 0,
  healthyZones: [],
});

/** A fleet that began to go at an instant. */
function toEnding(at: string): Partial<Progress> {
  return {
    confirmedAt: at,
    detachedAt: at,
    deregisteredAt: at,
    emptiedAt: at,
    rollbackConfirmedAt: at,
  };
}

export const anySituation: fc.Arbitrary<Situation> = fc
  .record({
    steps: anySteps,
    position: fc.double({ min: 0, max: 1, noNaN: true }),
    observation: anyObservation,
    holdLeft: fc.integer({ min: -600, max: 600 }),
    unreadableAlarms: fc.nat(8),
    confirmAttempts: fc.nat(5),
    retirementStarted: fc.boolean(),
    retention: fc.option(fc.constantFrom('full', 'zero' as const), { nil: undefined, freq: 2 }),
    isEnding: fc.boolean(),
    isEmpty: fc.boolean(),
    endingAge: fc.nat(8000),
    rollbackAge: fc.option(fc.nat(2000), { nil: undefined }),
    written: fc.nat(100),
    healthyReadings: fc.nat(3),
    gateAge: fc.option(fc.nat(1000), { nil: undefined }),
    isShiftLeft: fc.boolean(),
    onForeignChange: fc.constantFrom('pause', 'rollBack', 'reassert' as const),
    areFleetsWhole: fc.boolean(),
    isBlueDead: fc.constantFrom(true, false, false, false),
    areRoutesOurs: fc.boolean(),
    isCalm: fc.boolean(),
    isApprovalAsked: fc.boolean(),
    approvalLeft: fc.option(fc.integer({ min: -600, max: 600 }), { nil: undefined }),
    onTimeout: fc.constantFrom('approve', 'reject' as const),
    orders: fc.option(fc.constant(true), { nil: undefined }),
  })
  .chain((parts) => {
    const last = parts.steps.length - 1;
    const stepIndex = Math.min(last, Math.floor(parts.position * (last + 2)) - 1);
    const orders = parts.orders ? anyOrdersAt(stepIndex) : fc.constant(undefined);
    return orders.map((given) => ({ ...parts, stepIndex, given }));
  })
  .map((parts) => {
    const { steps, stepIndex, onForeignChange, onTimeout } = parts;
    const approval = { afterSteps: [stepIndex], timeoutSeconds: 600, onTimeout };
    const retention = parts.retention && { blue: parts.retention, seconds: 3600 };
    const base = situation({
      plan: {
        steps,
        onForeignChange,
        ...(parts.isApprovalAsked && { approval }),
        blue: { ...plan.blue, ...(retention && { retention }) },
        green: { ...plan.green, ...(retention && { retained: { ...retained, retention } }) },
      },
      progress: { stepIndex },
    });
    const ours = routesAt(base.progress.confirmedGreenWeightPercent);
    return {
      ...base,
      observation: {
        ...parts.observation,
        ...(parts.areRoutesOurs && { routes: ours }),
        ...(parts.isEnding && { routes: [] }),
        ...(parts.isEnding && parts.isEmpty && { blue: EMPTY, green: EMPTY }),
        ...(parts.isCalm && { alarms: base.observation.alarms }),
        ...(parts.areFleetsWhole && {
          blue: parts.isBlueDead ? fleet({ healthyCount: 0 }) : fleet(),
          green: fleet(),
        }),
        ...(parts.given && { orders: parts.given }),
      },
      progress: {
        ...base.progress,
        writtenGreenWeightPercent: parts.areRoutesOurs
          ? base.progress.confirmedGreenWeightPercent
          : Math.max(parts.written, base.progress.confirmedGreenWeightPercent),
        holdUntil: instantAfter(NOW, parts.holdLeft),
        unreadableAlarms: parts.unreadableAlarms,
        confirmAttempts: parts.confirmAttempts,
        healthyReadings: parts.healthyReadings,
        isShiftLeft: parts.isShiftLeft && parts.isCalm,
        ...(parts.gateAge !== undefined && {
          gateClosedSince: instantAfter(NOW, -parts.gateAge),
        }),
        ...(parts.approvalLeft !== undefined && {
          approval: {
            stepIndex,
            requestedAt: instantAfter(NOW, parts.approvalLeft - 600),
            until: instantAfter(NOW, parts.approvalLeft),
          },
        }),
        ...(parts.retirementStarted && { retirementStartedAt: NOW }),
        ...(parts.isEnding && toEnding(instantAfter(NOW, -parts.endingAge))),
        ...(parts.rollbackAge !== undefined && {
          rollbackStartedAt: instantAfter(NOW, -parts.rollbackAge),
        }),
      },
    };
  });

/** A step that was written, confirmed or not, by us or over us, with whatever is left of the fleets. */
export const anyWritten: fc.Arbitrary<Situation> = fc
  .record({
    stepIndex: fc.nat(plan.steps.length - 1),
    isConfirmed: fc.boolean(),
    greenIsAt: fc.constantFrom(undefined, 1, 99),
    onForeignChange: fc.constantFrom('pause', 'rollBack', 'reassert' as const),
    healthy: fc.nat(4),
    isBlueDead: fc.boolean(),
    gateAge: fc.option(fc.nat(1000), { nil: undefined }),
  })
  .map((parts) => {
    const { stepIndex, greenIsAt, healthy, gateAge } = parts;
    const written = plan.steps[stepIndex]?.greenWeightPercent ?? 0;
    const before = plan.steps[stepIndex - 1]?.greenWeightPercent ?? 0;
    const green = greenIsAt ?? written;
    return situation({
      plan: { onForeignChange: parts.onForeignChange },
      progress: {
        stepIndex,
        writtenGreenWeightPercent: written,
        confirmedGreenWeightPercent: parts.isConfirmed ? written : before,
        ...(gateAge !== undefined && { gateClosedSince: instantAfter(NOW, -gateAge) }),
      },
      observation: {
        green: fleet({ healthyCount: healthy }),
        blue: fleet({ healthyCount: parts.isBlueDead ? 0 : 4 }),
        routes: plan.routes.map(({ id }) => ({
          routeId: id,
          weights: { blue: 100 - green, green },
        })),
      },
    });
  });
