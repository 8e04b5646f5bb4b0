/** How fleets that are not needed any more go, and what becomes of those that stay. */
import { describe, expect, it } from 'vitest';
import { decideOutcome } from '../../shared/core/decide-outcome.ts';
import {
  decideCleanUpGreen,
  decideRetireBlue,
  REMOVAL_SECONDS_MAX,
} from '../../shared/core/decide-removal.ts';
import type { FleetReading } from '../../shared/core/observation.ts';
import type { PlannedBlue } from '../../shared/core/plan.ts';
import { complainAboutRetention, planRetirement } from '../../shared/core/plan-retirement.ts';
import { ownerOf } from '../../shared/core/ownership.ts';
import type { Progress } from '../../shared/core/progress.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { recorded } from './records.ts';
import { fleet, NOW, plan, retained, situation } from './situations.ts';

const ago = (seconds: number) => instantAfter(NOW, -seconds);

/** Green carries everything, and blue is as given. */
function retiring(
  blue: Partial<FleetReading>,
  progress: Partial<Progress> = {},
  planned: Partial<PlannedBlue> = {},
) {
  return situation({
    plan: { blue: { ...plan.blue, ...planned } },
    progress: { stepIndex: 3, confirmedAt: ago(600), detachedAt: ago(60), ...progress },
    observation: {
      blue: fleet(blue),
      routes: [{ routeId: 'r', weights: { blue: undefined, green: 1 } }],
    },
  });
}

describe('a blue that is to be deleted', () => {
  it('leaves its target group before it is emptied, so that AWS drains it', () => {
    expect(decideRetireBlue(retiring({ attachment: 'attached' })).type).toBe('deregister');
  });

  it('keeps its instances while one of its targets still drains', () => {
    const draining = retiring(
      { attachment: 'none', drainingCount: 2 },
      { deregisteredAt: ago(20) },
    );
    expect(decideRetireBlue(draining)).toEqual({
      type: 'wait',
      seconds: 100,
      reason: 'Requests on 2 draining targets of blue were ending.',
    });
    const late = retiring({ attachment: 'leaving' }, { deregisteredAt: ago(500) });
    expect(decideRetireBlue(late)).toMatchObject({ type: 'wait', seconds: 10 });
  });

  it('is emptied when AWS has seen its last request end', () => {
    const drained = retiring({}, { deregisteredAt: ago(120) });
    expect(decideRetireBlue(drained)).toMatchObject({ type: 'empty', isForGood: true });
  });

  it('waits for clients that may still go by the weights before', () => {
    const young = retiring({ attachment: 'attached' }, { confirmedAt: ago(20) });
    expect(decideRetireBlue(young)).toMatchObject({ type: 'wait', seconds: 40 });
  });

  it('is looked at less and less often, and is left to the sweeper after an hour', () => {
    const going = { desiredCapacity: 0, instanceCount: 1 };
    const seconds = [0, 800, 3599].map((age) => {
      const directive = decideRetireBlue(retiring(going, { emptiedAt: ago(age) }));
      return 'seconds' in directive ? directive.seconds : directive.type;
    });
    expect(seconds).toEqual([10, 100, 450]);
    const late = decideRetireBlue(retiring(going, { emptiedAt: ago(REMOVAL_SECONDS_MAX) }));
    expect(late).toMatchObject({
      type: 'leave',
      reason: expect.stringContaining('1 instance on the way out') as string,
    });
  });

  it('is not deleted while a person looks at one of its instances', () => {
    const watched = { desiredCapacity: 0, instanceCount: 1, keptInstances: ['i-1 is in Standby'] };
    expect(decideRetireBlue(retiring(watched, { emptiedAt: ago(60) }))).toEqual({
      type: 'leave',
      reason:
        'Blue was left without traffic, but not deleted, because of i-1 is in Standby; it is ' +
        'tried again when nothing is left in it.',
    });
  });

  it('is asked again when somebody protected an instance after it was emptied', () => {
    const held = { desiredCapacity: 0, instanceCount: 1, protectedCount: 1 };
    expect(decideRetireBlue(retiring(held, { emptiedAt: ago(30) })).type).toBe('wait');
    expect(decideRetireBlue(retiring(held, { emptiedAt: ago(60) })).type).toBe('empty');
  });
});

describe('a blue that is kept', () => {
  const kept = { retirement: 'scaleToZero', keptBecause: 'it belongs to Terraform' } as const;
  const record = {
    ...recorded,
    progress: { ...situation().progress, retirementStartedAt: NOW },
  };

  it('at zero never leaves its target group, and the outcome says why it is there', () => {
    const attached = retiring({ attachment: 'attached' }, {}, kept);
    expect(decideRetireBlue(attached)).toMatchObject({ type: 'empty', isForGood: false });
    const empty = { attachment: 'attached', desiredCapacity: 0, instanceCount: 0 } as const;
    const directive = decideRetireBlue(retiring(empty, { emptiedAt: ago(60) }, kept));
    expect(directive.type).toBe('finish');
    expect(decideOutcome(record, { directive })).toEqual({
      type: 'succeeded',
      reason: 'Green serves v2. Blue was kept at zero instances, because it belongs to Terraform.',
    });
  });

  it('at zero keeps the instances that its owner protected, and says so', () => {
    const held = { desiredCapacity: 0, instanceCount: 1, protectedCount: 1 };
    expect(decideRetireBlue(retiring(held, { emptiedAt: ago(60) }, kept))).toMatchObject({
      type: 'finish',
      isKept: true,
      reason:
        'Blue was kept at zero instances but for 1 instance protected from scaling in, because ' +
        'it belongs to Terraform.',
    });
  });

  it('for a while at full size is left as it is, and goes its way when that is over', () => {
    const retention = { blue: 'full', seconds: 3600 } as const;
    const full = { attachment: 'attached' } as const;
    expect(decideRetireBlue(retiring(full, {}, { retention }))).toMatchObject({
      type: 'retain',
      seconds: 3600,
    });
    const until = (retainedUntil: string) =>
      decideRetireBlue(retiring(full, { retainedUntil }, { retention })).type;
    expect([until(instantAfter(NOW, 1)), until(NOW)]).toEqual(['retain', 'deregister']);
  });

  it('for a while at zero is emptied like one that comes back', () => {
    const retention = { blue: 'zero', seconds: 3600 } as const;
    expect(decideRetireBlue(retiring({}, {}, { retention }))).toMatchObject({
      type: 'empty',
      isForGood: false,
    });
    const empty = { desiredCapacity: 0, instanceCount: 0 };
    const directive = decideRetireBlue(retiring(empty, { emptiedAt: NOW }, { retention }));
    expect(directive.type).toBe('retain');
  });
});

describe('a green that lost', () => {
  const routes = [{ routeId: 'r', weights: { blue: 1, green: undefined } }];

  it('and never had a request is not waited for', () => {
    const young = situation({
      observation: { routes },
      progress: { stepIndex: -1, detachedAt: NOW },
    });
    expect(decideCleanUpGreen(young).type).toBe('empty');
  });

  it('and was there before is kept as it was kept, never deleted', () => {
    const full = situation({
      plan: { green: { ...plan.green, retained } },
      observation: { routes },
      progress: { stepIndex: 1, detachedAt: ago(180), rollbackConfirmedAt: ago(180) },
    });
    expect(decideCleanUpGreen(full)).toMatchObject({ type: 'finish', isKept: true });
  });

  it('stays whole until those who scale blue have seen that it carries everything', () => {
    const fresh = situation({
      observation: { routes },
      progress: { stepIndex: 1, detachedAt: ago(60), rollbackConfirmedAt: ago(60) },
    });
    expect(decideCleanUpGreen(fresh)).toMatchObject({ type: 'wait', seconds: 120 });
  });
});

describe('what becomes of blue', () => {
  const group = { isCreatedByTeal: true } as Parameters<typeof planRetirement>[1];
  const targetGroup = {} as Parameters<typeof planRetirement>[2];
  const spec = { retireBlue: 'automatic' } as const;

  it('is never a deletion where CloudFormation or Terraform believes that it is theirs', () => {
    for (const owned of [
      planRetirement({ retireBlue: 'delete' }, { ...group, owner: 'Terraform' }, targetGroup),
      planRetirement({ retireBlue: 'delete' }, group, { ...targetGroup, owner: 'Terraform' }),
    ]) {
      expect(owned).toEqual({ retirement: 'scaleToZero', keptBecause: 'it belongs to Terraform' });
    }
  });

  it('lifts a protection from deletion only where the service asked for the deletion by name', () => {
    const isProtected = { ...group, isProtectedFromDeletion: true };
    expect(planRetirement({ retireBlue: 'delete' }, isProtected, targetGroup)).toEqual({
      retirement: 'delete',
      liftsProtection: true,
    });
    expect(planRetirement(spec, isProtected, targetGroup).retirement).toBe('scaleToZero');
    expect(planRetirement(spec, group, targetGroup)).toEqual({ retirement: 'delete' });
  });

  it('cannot be put off where its listener has to stand by for the next deployment', () => {
    const routing = {} as Parameters<typeof complainAboutRetention>[0]['routing'];
    const retain = { blue: 'full', seconds: 60 } as const;
    expect(complainAboutRetention({ retain, routing })).toHaveLength(1);
    expect(complainAboutRetention({ retain })).toEqual([]);
    expect(complainAboutRetention({ routing, retain: { blue: 'none' } })).toEqual([]);
  });

  it('waits where the service retains it', () => {
    const retain = { blue: 'zero', seconds: 86_400 } as const;
    expect(planRetirement({ ...spec, retain }, group, targetGroup).retention).toEqual(retain);
    const none = { ...spec, retain: { blue: 'none' } } as const;
    expect(planRetirement(none, group, targetGroup).retention).toBeUndefined();
  });
});

const owner = (key: string, value: string, isCreatedByTeal = false) =>
  ownerOf([{ key, value }], { isCreatedByTeal });

describe('an owner', () => {
  it.each([
    ['aws:cloudformation:stack-name', 'web-prod', 'CloudFormation stack web-prod'],
    ['ManagedBy', 'Terraform', 'Terraform'],
    ['managed-by', 'terraform-cloud', 'Terraform'],
    ['terraform', 'true', 'Terraform'],
    ['eks:nodegroup-name', 'blue', 'EKS node group blue'],
    ['AmazonECSManaged', '', 'an ECS capacity provider'],
    ['elbv2.k8s.aws/cluster', 'prod', 'the AWS Load Balancer Controller'],
  ])('is read from the tag %s=%s', (key, value, words) => {
    expect(owner(key, value)).toBe(words);
  });

  it.each([
    ['Name', 'terraform-web'],
    ['ManagedBy', 'the platform team'],
    ['terraform', 'false'],
    ['teal:service', 'web'],
  ])('is not read from the tag %s=%s', (key, value) => {
    expect(owner(key, value)).toBeUndefined();
  });

  it('of what Teal made is only whom AWS itself names, because all other tags are copies', () => {
    expect(owner('ManagedBy', 'terraform', true)).toBeUndefined();
    expect(owner('aws:cloudformation:stack-name', 'web', true)).toBe('CloudFormation stack web');
  });
});
