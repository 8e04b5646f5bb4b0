import { describe, expect, it } from 'vitest';
import { readRecurrence } from '../../region/services/auto-scaling/recurrence.ts';
import { activities, running, START } from './compute-region.ts';
import type { ComputeRegion } from './compute-region.ts';
import type { ScheduledUpdateGroupAction } from '@aws-sdk/client-auto-scaling';

const named = { AutoScalingGroupName: 'blue' };
const MINUTE = 60_000;

const put = (region: ComputeRegion, input: object) =>
  region.onGroups('PutScheduledUpdateGroupAction', {
    ...named,
    ScheduledActionName: 'night',
    DesiredCapacity: 1,
    ...input,
  });

async function actions(region: ComputeRegion): Promise<ScheduledUpdateGroupAction[]> {
  const { ScheduledUpdateGroupActions } = await region.onGroups<{
    ScheduledUpdateGroupActions: ScheduledUpdateGroupAction[];
  }>('DescribeScheduledActions', named);
  return ScheduledUpdateGroupActions;
}

const sizes = async (region: ComputeRegion) => {
  const group = await region.group('blue');
  return [group?.MinSize, group?.DesiredCapacity, group?.MaxSize];
};

const action = (ScheduledActionName: string, minutes: number) => ({
  ScheduledActionName,
  StartTime: new Date(START + minutes * MINUTE),
  DesiredCapacity: 1,
});

describe('a scheduled action', () => {
  it('changes the sizes once when its time comes, and is gone then', async () => {
    const region = await running();
    await put(region, {
      StartTime: new Date(START + 5 * MINUTE),
      MinSize: 3,
      MaxSize: 4,
      DesiredCapacity: 3,
    });
    await region.pass(200);
    expect(await sizes(region)).toEqual([0, 2, 6]);
    await region.pass(120);
    expect(await sizes(region)).toEqual([3, 3, 4]);
    expect(await actions(region)).toEqual([]);
    const [latest] = await activities(region);
    expect(latest?.Cause).toMatch(
      /a scheduled action update of AutoScalingGroup constraints to min: 3, max: 4, desired: 3 changing the desired capacity from 2 to 3\./,
    );
  });

  it('recurs, and tells its next time, until its end', async () => {
    const region = await running();
    await put(region, { Recurrence: '*/10 * * * *', EndTime: new Date(START + 25 * MINUTE) });
    expect((await actions(region))[0]?.StartTime).toEqual(new Date(START + 10 * MINUTE));
    await region.pass(11 * 60);
    expect(await sizes(region)).toEqual([0, 1, 6]);
    expect((await actions(region))[0]?.StartTime).toEqual(new Date(START + 20 * MINUTE));
    await region.pass(10 * 60);
    expect(await actions(region)).toEqual([]);
  });

  it('is lost when its time comes while ScheduledActions is suspended', async () => {
    const region = await running();
    await put(region, { StartTime: new Date(START + 5 * MINUTE) });
    const process = { ...named, ScalingProcesses: ['ScheduledActions'] };
    await region.onGroups('SuspendProcesses', process);
    await region.pass(600);
    await region.onGroups('ResumeProcesses', process);
    await region.pass(600);
    expect(await sizes(region)).toEqual([0, 2, 6]);
    expect(await actions(region)).toEqual([]);
  });

  it.each<[string, object, string, RegExp]>([
    [
      'a recurrence of six fields',
      { Recurrence: '0 8 ? * MON *' },
      'ValidationError',
      /is invalid/,
    ],
    [
      'a zone that is nowhere',
      { Recurrence: '0 8 * * *', TimeZone: 'Mars/Olympus' },
      'ValidationError',
      /time zone/,
    ],
    [
      'an end before its start',
      { StartTime: new Date(START + MINUTE), EndTime: new Date(START) },
      'ValidationError',
      /end time/,
    ],
    ['no time at all', {}, 'ValidationError', /start time or a recurrence/],
    [
      'the time of another one',
      { StartTime: new Date(START + 60 * MINUTE) },
      'AlreadyExists',
      /already exists: other/,
    ],
  ])('is refused with %s', async (_, input, code, message) => {
    const region = await running();
    await put(region, { ScheduledActionName: 'other', StartTime: new Date(START + 60 * MINUTE) });
    await expect(put(region, input)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('is put and deleted in batches that say what they refused', async () => {
    const region = await running();
    expect(
      await region.onGroups('BatchPutScheduledUpdateGroupAction', {
        ...named,
        ScheduledUpdateGroupActions: [action('late', -5), action('night', 60)],
      }),
    ).toEqual({
      FailedScheduledUpdateGroupActions: [
        {
          ScheduledActionName: 'late',
          ErrorCode: 'ValidationError',
          ErrorMessage: 'Given start time is in the past',
        },
      ],
    });
    expect(
      await region.onGroups('BatchDeleteScheduledAction', {
        ...named,
        ScheduledActionNames: ['night', 'late'],
      }),
    ).toMatchObject({ FailedScheduledActions: [{ ScheduledActionName: 'late' }] });
    expect(await actions(region)).toEqual([]);
  });
});

const next = (text: string, zone: string | undefined, after: string) => {
  const at = readRecurrence(text, zone)?.(Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('a recurrence', () => {
  it('follows the clocks of its zone through the change to summer time', () => {
    expect(next('0 8 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z')).toBe(
      '2026-03-28T07:00:00.000Z',
    );
    expect(next('0 8 * * *', 'Europe/Berlin', '2026-03-28T08:00:00Z')).toBe(
      '2026-03-29T06:00:00.000Z',
    );
  });

  it('means either day where both are restricted', () => {
    expect(next('0 0 1 * FRI', undefined, '2026-01-01T12:00:00Z')).toBe('2026-01-02T00:00:00.000Z');
    expect(next('0 0 1 * FRI', undefined, '2026-01-30T12:00:00Z')).toBe('2026-02-01T00:00:00.000Z');
  });

  it('finds the leap day and gives up on a day that never comes', () => {
    expect(next('0 0 29 2 *', undefined, '2026-01-01T00:00:00Z')).toBe('2028-02-29T00:00:00.000Z');
    expect(next('0 0 31 2 *', undefined, '2026-01-01T00:00:00Z')).toBeUndefined();
  });
});
