/** Room for green's vCPUs, as a plan judges it from what AWS told. */
import { describe, expect, it } from 'vitest';
import {
  checkProcessors,
  type Demand,
  needsRecount,
} from '../../shared/core/preflight/processors.ts';
import type { Question } from '../../shared/core/preflight/finding.ts';
import type {
  KnownProcessors,
  LaunchReading,
  Recount,
  Surroundings,
} from '../../shared/core/preflight/surroundings.ts';

const AT = '2026-11-21T09:05:00.000Z';
const VCPUS = { 't3.micro': 2, 'm7i.xlarge': 4, 'g5.xlarge': 4 };
type Processors = Surroundings['processors'][number];

/** Instances that were counted. */
const now = (used: number, unusedPlaces = 0): Recount => ({ type: 'counted', used, unusedPlaces });

/** The quota of standard On-Demand Instances; four vCPUs of it are used, whoever counts. */
const standard = (limit: number, more: Partial<Processors> = {}): Processors =>
  ({
    type: 'known',
    purchase: 'onDemand',
    instanceTypes: ['t3.micro'],
    quotaCode: 'L-1216C47A',
    quotaName: 'Running On-Demand Standard instances',
    limit,
    used: 4,
    usedAt: AT,
    recount: now(4),
    ...more,
  }) as Processors;

const launchOf = (over: Partial<LaunchReading>) =>
  ({
    instanceTypes: ['t3.micro'],
    onDemand: { baseCount: 0, percentAboveBase: 100 },
    warmCount: 0,
    reservation: { isRequired: false, reservationIds: [], resourceGroupArns: [] },
    ...over,
  }) as LaunchReading;

/** Findings for a green of three instances. */
function check(processors: readonly Processors[], over: Partial<LaunchReading> = {}) {
  const launch = launchOf(over);
  const instanceTypes = Object.entries(VCPUS)
    .filter(([instanceType]) => launch.instanceTypes.includes(instanceType))
    .map(([instanceType, vcpus]) => ({ instanceType, vcpus }));
  const surroundings = { launch, instanceTypes, processors } as unknown as Surroundings;
  return checkProcessors({ surroundings, greenCapacity: 3 } as Question);
}

describe('room for the vCPUs of green', () => {
  it('is said nothing about where all of it is there, to the last one', () => {
    expect(check([standard(10)])).toEqual([]);
  });

  it('is refused where one is missing, with the number, that it is of now, and how to go on', () => {
    expect(check([standard(9)])).toEqual([
      {
        type: 'complaint',
        sentence:
          'The quota of vCPUs “Running On-Demand Standard instances” (L-1216C47A) is 9, of which 4 ' +
          'are used, counted now, and green needs 6 more while blue runs; raise it or free some, ' +
          'and start again.',
      },
    ]);
  });

  it('is what the instances say, where the older number of AWS still has a fleet that ended', () => {
    expect(check([standard(10, { used: 8 })])).toEqual([]);
    expect(check([standard(9, { used: 8, recount: now(5) })])).toMatchObject([
      { type: 'complaint', sentence: expect.stringContaining('of which 5 are used, counted now') },
    ]);
  });

  it('is not known where only the older number says that there is none', () => {
    const reason = 'AWS answered UnauthorizedOperation to DescribeInstances on all instances';
    const sentence =
      'Whether the quota of running vCPUs has room for green (up to 6 vCPUs more) is not known: ' +
      `4 of 9 were used at ${AT}, and `;
    expect(check([standard(9, { recount: { type: 'uncounted', reason } })])).toEqual([
      { type: 'unknown', sentence: `${sentence}${reason}.` },
    ]);
    expect(check([standard(9, { recount: undefined })])).toEqual([
      { type: 'unknown', sentence: `${sentence}nobody has counted since.` },
    ]);
  });

  it('is as large as CPU options leave it to be', () => {
    expect(check([standard(7)], { vcpus: 1 })).toEqual([]);
    expect(check([standard(6)], { vcpus: 1 })).toMatchObject([
      { type: 'complaint', sentence: expect.stringContaining('green needs 3 more') },
    ]);
  });

  it('is refused where not even the smallest of several types fits', () => {
    const instanceTypes = ['m7i.xlarge', 't3.micro'];
    const [found, ...more] = check([standard(9, { instanceTypes })], { instanceTypes });
    expect(found).toMatchObject({
      type: 'complaint',
      sentence: expect.stringContaining('green needs at least 6 more'),
    });
    expect(more).toEqual([]);
  });

  it('is a warning where it depends on the type that AWS chooses', () => {
    const instanceTypes = ['m7i.xlarge', 't3.micro'];
    const found = check([standard(15, { instanceTypes, recount: undefined })], { instanceTypes });
    expect(found).toMatchObject([
      {
        type: 'warning',
        sentence: expect.stringContaining(`4 were used at ${AT}: green needs from 6 to 12 more`),
      },
    ]);
  });

  it('is a warning where AWS may choose a type of another quota', () => {
    const instanceTypes = ['g5.xlarge', 't3.micro'];
    const found = check([standard(9)], { instanceTypes });
    expect(found).toMatchObject([
      { type: 'warning', sentence: expect.stringContaining('green needs from 0 to 6 more') },
    ]);
    expect(check([standard(3)], { instanceTypes })).toMatchObject([{ type: 'warning' }]);
  });

  it('is worth a count only where the smallest type does not fit by the older number', () => {
    const instanceTypes = [
      { instanceType: 'm7i.xlarge', vcpus: 4 },
      { instanceType: 't3.micro', vcpus: 2 },
    ];
    const types = instanceTypes.map(({ instanceType }) => instanceType);
    const launch = launchOf({ instanceTypes: types });
    const demand: Demand = { launch, instanceTypes, greenCapacity: 3 };
    const reading = (limit: number) => standard(limit, { instanceTypes: types }) as KnownProcessors;
    expect(needsRecount(demand, reading(9))).toBe(true);
    expect(needsRecount(demand, reading(10))).toBe(false);
    expect(needsRecount({ ...demand, greenCapacity: 0 }, reading(3))).toBe(false);
  });

  it('is a warning where a warm pool or a reservation decides it', () => {
    expect(check([standard(11)], { warmCount: 2 })).toMatchObject([{ type: 'warning' }]);
    const named = { isRequired: false, reservationIds: ['cr-1'], resourceGroupArns: [] };
    expect(check([standard(9)], { reservation: named })).toMatchObject([{ type: 'warning' }]);
  });

  it('is doubtful where AWS counts places of reservations that nobody uses', () => {
    expect(check([standard(10, { used: 8, recount: now(4, 2) })])).toEqual([
      {
        type: 'warning',
        sentence:
          'The quota of vCPUs “Running On-Demand Standard instances” (L-1216C47A) is 10, of which 4 ' +
          'are used, counted now, without 2 places of Capacity Reservations that nobody uses: AWS ' +
          `counts those too (8 in all at ${AT}), and may refuse what of green is not launched into ` +
          'them; raise it or free some to be sure.',
      },
    ]);
    expect(check([standard(9, { used: 8, recount: now(4, 2) })])).toMatchObject([
      { type: 'complaint' },
    ]);
  });

  it('is not needed where instances are launched into reservations alone', () => {
    const reservation = { isRequired: true, reservationIds: [], resourceGroupArns: [] };
    expect(check([standard(4)], { reservation })).toEqual([]);
  });

  it('is judged for On-Demand and Spot Instances apart', () => {
    const spot = standard(5, { purchase: 'spot', quotaCode: 'L-34B43A08' });
    const onDemand = { baseCount: 2, percentAboveBase: 0 };
    const found = check([standard(8), spot], { onDemand });
    expect(found).toMatchObject([
      { type: 'complaint', sentence: expect.stringContaining('(L-34B43A08) is 5') },
      { type: 'unknown', sentence: expect.stringContaining('Spot capacity') },
    ]);
    expect(check([standard(7), { ...spot, limit: 6 } as Processors], { onDemand })).toMatchObject([
      { type: 'complaint', sentence: expect.stringContaining('(L-1216C47A) is 7') },
      { type: 'unknown' },
    ]);
  });

  it('leaves open how AWS rounds a share of an instance', () => {
    const spot = standard(6, { purchase: 'spot', quotaCode: 'L-34B43A08' });
    const found = check([standard(6), spot], { onDemand: { baseCount: 0, percentAboveBase: 50 } });
    expect(found.map(({ type }) => type)).toEqual(['warning', 'warning', 'unknown']);
  });

  it('is not asked of Spot where the base is the whole fleet', () => {
    const spot = standard(4, { purchase: 'spot' });
    const onDemand = { baseCount: 3, percentAboveBase: 0 };
    expect(check([standard(10), spot], { onDemand })).toEqual([]);
  });

  it('is said to be unknown, and why, where nobody could read it', () => {
    const reason = 'AWS answered AccessDeniedException to GetServiceQuota on L-1216C47A';
    const unread = { type: 'unknown', purchase: 'onDemand', reason } as const;
    expect(check([{ ...unread, instanceTypes: ['t3.micro'] }])).toEqual([
      {
        type: 'unknown',
        sentence: `Whether the quota of running vCPUs has room for green (up to 6 vCPUs more) is not known: ${reason}.`,
      },
    ]);
    expect(check([{ ...unread, instanceTypes: [] }], { instanceTypes: [] })).toEqual([
      {
        type: 'unknown',
        sentence: `Whether the quota of running vCPUs has room for green is not known: ${reason}.`,
      },
    ]);
  });
});
