/** Fleets that are kept after a success: until when, and what a rollback to one needs. */
import { describe, expect, it } from 'vitest';
import type { Estate, GroupReading } from '../../shared/core/estate.ts';
import type { OpenLease } from '../../shared/core/leases.ts';
import type { Plan } from '../../shared/core/plan.ts';
import {
  makeRollbackPlan,
  refuseRollback,
  toRollbackSpec,
} from '../../shared/core/plan-rollback.ts';
import { pointersOf } from '../../shared/core/pointers.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import { retainedBlueLease, supersedeRetained } from '../../shared/core/retained-fleet.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { NOW, plan, situation } from './situations.ts';

const LATER = instantAfter(NOW, 3600);

const kept: Plan = {
  ...plan,
  deploymentId: 'd-0',
  blue: {
    ...plan.blue,
    imageId: 'ami-00000000000000001',
    version: 'v1',
    retention: { blue: 'full', seconds: 3600 },
  },
};

const record: DeploymentRecord = {
  deploymentId: 'd-0',
  service: 'web',
  startedAt: NOW,
  executionArn: 'arn:execution',
  request: {},
  plan: kept,
  progress: { ...situation().progress, phase: 'succeeded', retainedUntil: LATER },
  revision: 1,
};

const definition = parseServiceDefinition({
  service: 'web',
  autoScalingGroupName: 'web-g',
  alarms: ['web-5xx'],
});

const group: GroupReading = {
  autoScalingGroupName: 'web-g',
  minSize: 2,
  maxSize: 6,
  desiredCapacity: 5,
  inServiceCount: 5,
  zones: ['us-east-1a'],
  suspendedProcesses: [],
  targetGroupArns: ['arn:green'],
  launchTemplate: { launchTemplateId: 'lt-1', configuredVersion: '4', version: 4 },
  unsupported: [],
  isCreatedByTeal: true,
};

const estate: Estate = {
  image: undefined,
  group,
  targetGroup: {
    targetGroupArn: 'arn:green',
    targetGroupName: 'web-g',
    targetType: 'instance',
    deregistrationDelaySeconds: 30,
    healthyCount: 5,
    stickiness: 'none',
    isCreatedByTeal: true,
  },
  routes: [
    {
      id: 'arn:listener',
      type: 'listenerDefault',
      loadBalancerArn: 'arn:lb',
      otherTargetGroupArns: [],
    },
  ],
  alarms: [{ alarmName: 'web-5xx', type: 'metric', state: 'ALARM' }],
};

const keptGroup: GroupReading = {
  ...group,
  autoScalingGroupName: 'web-blue',
  minSize: 4,
  desiredCapacity: 4,
  inServiceCount: 4,
  targetGroupArns: ['arn:blue'],
};

const ask = (over: Partial<DeploymentRecord> = {}, now = NOW) =>
  refuseRollback({
    record: { ...record, ...over },
    definition,
    request: { rollbackOf: 'd-0' },
    now,
  });

function draft(retained: GroupReading | undefined, spec = {}) {
  const origin = ask();
  const asked = { service: 'web', rollbackOf: 'd-0', ...spec };
  return makeRollbackPlan({
    spec: toRollbackSpec(definition, asked, origin),
    estate,
    origin,
    group: retained,
    deploymentId: 'd-2',
    now: NOW,
  });
}

describe('a rollback after completion', () => {
  it('goes back at once to the fleet that was kept, made as large as what serves', () => {
    const back = draft(keptGroup);
    expect(back.steps.map((step) => step.greenWeightPercent)).toEqual([100]);
    expect(back).toMatchObject({ version: 'v1', imageId: 'ami-00000000000000001' });
    expect(back.green).toMatchObject({
      autoScalingGroupName: 'web-blue',
      desiredCapacity: 5,
      retained: { rollbackOf: 'd-0', minSize: 2, kept: { minSize: 4, desiredCapacity: 4 } },
    });
    expect(back.blue).toMatchObject({ autoScalingGroupName: 'web-g', retirement: 'delete' });
  });

  it('goes back in steps where that is asked for', () => {
    const strategy = { type: 'linear', stepPercent: 50, holdSeconds: 60 } as const;
    const weights = draft(keptGroup, { strategy }).steps.map((step) => step.greenWeightPercent);
    expect(weights).toEqual([50, 100]);
  });

  it('is not kept from it by the alarm that is red already, and by nothing else', () => {
    expect(draft(keptGroup).watchedAlarms).toMatchObject([{ whenRed: 'armWhenRecovered' }]);
    const gone = { ...keptGroup, targetGroupArns: [] };
    expect(() => draft(gone)).toThrow(/not attached to arn:blue any more/);
    expect(() => draft(undefined)).toThrow(/Deploy ami-00000000000000001 again instead/);
  });

  it.each([
    ['that is under way', { progress: { ...record.progress, phase: 'holding' } }, /is aborted/],
    [
      'that was refused before it had a plan',
      { plan: undefined, progress: { ...record.progress, phase: 'refused' } },
      /it is refused; .* one that ended otherwise left blue serving/,
    ],
    ['of another service', { service: 'shop' }, /no deployment of that id/],
    ['that does not serve any more', { plan: { ...kept, green: keptGroup } }, /web-g serves/],
    [
      'whose blue was not kept',
      { plan: { ...kept, blue: { ...kept.blue, retention: undefined } } },
      /was not kept; deploy ami-00000000000000001 \(v1\) again instead/,
    ],
    [
      'whose blue is being retired',
      { errand: { type: 'retireBlue', begunAt: NOW } },
      /an errand for it \(retireBlue\) has been under way since .*; wait for its end and ask again, or deploy/,
    ],
  ])('of a deployment %s says what is possible instead', (_what, over, words) => {
    expect(() => ask(over as unknown as Partial<DeploymentRecord>)).toThrow(words);
  });

  it.each(['tell', 'publish'] as const)(
    'is possible while an errand to %s is under way, which touches no fleet',
    (type) => {
      expect(() => ask({ errand: { type, begunAt: NOW } })).not.toThrow();
    },
  );

  it('is refused from the moment on at which blue is kept no longer', () => {
    expect(() => ask({}, instantAfter(LATER, -1))).not.toThrow();
    expect(() => ask({}, LATER)).toThrow(/was kept until/);
  });
});

describe('a success', () => {
  const lease = (deploymentId: string, over: Partial<OpenLease> = {}): OpenLease => ({
    ...retainedBlueLease(record, kept),
    deploymentId,
    ...over,
  });
  const own = { record: { ...record, deploymentId: 'd-2' }, plan, now: NOW };

  it('ends the wait for fleets that earlier deployments of the service kept, and no others', () => {
    const leases = [lease('d-2'), lease('d-0'), lease('s-1', { service: 'shop' })];
    const { due, done } = supersedeRetained(leases, own);
    expect(due).toEqual([lease('d-0', { expiresAt: NOW })]);
    expect(done).toEqual([]);
  });

  it('keeps the fleet no longer that took its traffic back', () => {
    const { due, done } = supersedeRetained([lease('d-0')], { ...own, plan: draft(keptGroup) });
    expect([due, done]).toEqual([[], [lease('d-0')]]);
  });

  it('is what the pointers say', () => {
    const progress = { ...record.progress, greenLaunchTemplateVersion: 4 };
    expect(pointersOf(plan, progress)).toEqual({
      'active-group': 'web-g',
      'active-target-group': 'arn:green',
      'launch-template-id': 'lt-1',
      'launch-template-version': '4',
      'image-id': 'ami-00000000000000002',
      version: 'v2',
      'deployment-id': 'd-1',
    });
  });
});
