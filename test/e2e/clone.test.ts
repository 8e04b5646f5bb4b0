/**
 * Deployments of a group on which everything hangs that can hang on a group, seen from the region.
 */
import {
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { greenName } from '../../shared/core/names.ts';
import type { Lab } from '../lab/lab.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { enrichBlueOf } from '../lab/rich-blue.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

async function openRichLab(waivers: readonly string[] = []): Promise<Lab> {
  const lab = await openLab({ service: { waivers: [...waivers], retireBlue: 'delete' } });
  await enrichBlueOf(lab);
  return lab;
}

const alarmNames = (lab: Lab) =>
  lab.act(async () => {
    const command = new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm'] });
    const { MetricAlarms = [] } = await lab.aws.cloudWatch().send(command);
    return MetricAlarms.flatMap(({ AlarmName }) => AlarmName ?? []).filter((name) =>
      name.includes('/'),
    );
  });

describe('a group with policies, schedules, hooks, a warm pool and suspensions', () => {
  test('is replaced by one that has them all, again and again, and leaves nothing behind', async () => {
    const lab = await openRichLab();
    const first = await lab.deploy({ version: 'v2' });
    expect(await lab.end(first)).toEqual({ status: 'SUCCEEDED' });
    const record = await lab.api.send('GET', `/deployments/${first}`);
    expect(record.body['cloneReport']).toMatchObject({ differences: [], waived: [] });
    const green = greenName('web', first);
    expect(await alarmNames(lab)).toEqual([`${green}/cpu-high`]);
    const { autoScaling } = lab.aws;
    const schedules = await lab.act(() =>
      autoScaling().send(new DescribeScheduledActionsCommand({ AutoScalingGroupName: green })),
    );
    expect(schedules.ScheduledUpdateGroupActions).toHaveLength(1);

    const broken = await lab.deploy({ version: 'v3', program: PROGRAMS.broken });
    expect(await lab.end(broken)).toMatchObject({ error: 'RolledBack' });
    expect(await alarmNames(lab)).toEqual([`${green}/cpu-high`]);

    await lab.pass(300);
    const second = await lab.deploy({ version: 'v4' });
    expect(await lab.end(second)).toEqual({ status: 'SUCCEEDED' });
    expect(await alarmNames(lab)).toEqual([`${greenName('web', second)}/cpu-high`]);
    const policies = await lab.act(() =>
      autoScaling().send(
        new DescribePoliciesCommand({ AutoScalingGroupName: greenName('web', second) }),
      ),
    );
    const enabled = policies.ScalingPolicies?.map(({ PolicyName, Enabled }) => [
      PolicyName,
      Enabled,
    ]);
    expect(enabled).toEqual([
      ['requests', true],
      ['out', false],
    ]);
  });

  const FOREIGN = 'ScalingPolicy.PolicyName';

  test.each([
    {
      waivers: [],
      ending: {
        error: 'RolledBack',
        cause: expect.stringContaining(`${FOREIGN} of policy foreign should be nothing`),
      },
    },
    { waivers: [FOREIGN], ending: { status: 'SUCCEEDED' } },
  ])('ends with $ending when green got a foreign policy and waivers are $waivers', async (one) => {
    const lab = await openRichLab(one.waivers);
    lab.spoil(({ operation }) => (operation === 'PutWarmPool' ? { type: 'throttle' } : undefined));
    const id = await lab.deploy({ version: 'v2' });
    const AutoScalingGroupName = greenName('web', id);
    const isThere = async () => AutoScalingGroupName in (await lab.belongings()).groups;
    await lab.until(isThere);
    await lab.act(() =>
      lab.aws.autoScaling().send(
        new PutScalingPolicyCommand({
          AutoScalingGroupName,
          PolicyName: 'foreign',
          AdjustmentType: 'ChangeInCapacity',
          ScalingAdjustment: 1,
        }),
      ),
    );
    lab.spoil(undefined);
    const end = await lab.end(id);
    expect(end).toMatchObject(one.ending);
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    const { differences, waived } = body['cloneReport'] as Record<string, readonly object[]>;
    const difference = { name: FOREIGN, of: 'policy foreign', expected: 'nothing' };
    expect([...(differences ?? []), ...(waived ?? [])]).toMatchObject([difference]);
    expect(await alarmNames(lab)).toHaveLength(end.cause ? 0 : 1);
  });
});
