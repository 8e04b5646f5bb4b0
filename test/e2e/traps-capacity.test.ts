/**
 * Traps of fleets that change their size while traffic moves: what an operator sees when one is
 * stepped on. The list of all of them is docs/traps.md.
 */
import {
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  SetDesiredCapacityCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, test } from 'vitest';
import { present } from '../lab/estate.ts';
import type { Lab } from '../lab/lab.ts';
import {
  BRIEF,
  describeGroup,
  greenOf,
  greenWeight,
  raiseAlarm,
  untilGreenHas,
} from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Seconds in which a group without traffic scales in: fifteen quiet minutes, and some more. */
const QUIET_SECONDS = 1800;

/** An estate whose three instances are what its five requests a second need. */
const BUSY = { desiredCapacity: 3, minSize: 1, maxSize: 4 };

/** Lets blue follow its requests: three instances at full traffic, fewer with less. */
function followRequests({ act, aws, estate }: Lab): Promise<unknown> {
  const balancer = estate.loadBalancerArn.split(':loadbalancer/')[1];
  const targetGroup = estate.blueTargetGroupArn.split(':').at(-1);
  const command = new PutScalingPolicyCommand({
    AutoScalingGroupName: estate.autoScalingGroupName,
    PolicyName: 'requests',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ALBRequestCountPerTarget',
        ResourceLabel: `${balancer}/${targetGroup}`,
      },
      TargetValue: 104,
    },
  });
  return act(() => aws.autoScaling().send(command));
}

/** Ends one of blue's instances by hand; Auto Scaling launches another in its place. */
async function endOneOfBlue(lab: Lab): Promise<void> {
  const { Instances = [] } = await describeGroup(lab, 'web-blue');
  const command = new TerminateInstanceInAutoScalingGroupCommand({
    InstanceId: present(Instances[0]?.InstanceId),
    ShouldDecrementDesiredCapacity: false,
  });
  await lab.act(() => lab.aws.autoScaling().send(command));
}

describe('groups that scale by their requests', () => {
  test('blue does not scale in when its traffic leaves, and can take it back at any time', async () => {
    const service = {
      strategy: { type: 'allAtOnce' },
      bakeTimeSeconds: 2 * QUIET_SECONDS,
    } as const;
    const lab = await openLab({ estate: BUSY, service });
    await followRequests(lab);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 100);
    await lab.pass(QUIET_SECONDS);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ instances: 3 });
    await raiseAlarm(lab);
    await lab.until(async () => (await greenWeight(lab, id)) !== 100, 3);
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    expect(lab.traffic.count().lost).toBe(0);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ minSize: 1, instances: 3 });
  });

  test('green does not scale in while it has little traffic', async () => {
    const strategy = { type: 'canary', greenWeightPercent: 5, holdSeconds: QUIET_SECONDS } as const;
    const lab = await openLab({ estate: BUSY, service: { strategy, bakeTimeSeconds: 240 } });
    await followRequests(lab);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 5);
    await lab.pass(QUIET_SECONDS - 10);
    expect(await lab.act(() => lab.group(greenOf(lab, id)))).toMatchObject({ instances: 3 });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    // Only the winner may scale in again.
    expect(await lab.act(() => lab.group(greenOf(lab, id)))).toMatchObject({ minSize: 1 });
  });
});

describe('a blue that changes its size', () => {
  test('before the deployment has a green as large as it runs, not as it was configured', async () => {
    const lab = await openLab({ estate: { minSize: 1, desiredCapacity: 3 }, service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    expect(await lab.act(() => lab.group(greenOf(lab, id)))).toMatchObject({ instances: 3 });
  });

  test('and had to grow has green grown before its next step', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(5);
    const grown = { AutoScalingGroupName: 'web-blue', DesiredCapacity: 3 };
    await lab.act(() => lab.aws.autoScaling().send(new SetDesiredCapacityCommand(grown)));
    await untilGreenHas(lab, id, 100);
    const arns = await lab.act(() => lab.targetGroupArns());
    expect(await lab.act(() => lab.healthy(present(arns[greenOf(lab, id)])))).toBe(3);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test('and lost an instance keeps the next step waiting until it has replaced it', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(50);
    await endOneOfBlue(lab);
    await untilGreenHas(lab, id, 100);
    expect(await lab.act(() => lab.healthy(lab.estate.blueTargetGroupArn))).toBe(2);
    const timeline = await lab.api.send('GET', `/deployments/${id}/timeline`);
    expect(JSON.stringify(timeline.body)).toContain('needs to take everything back');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });
});

test('a schedule does not resize a fleet in the middle of a deployment', async () => {
  const strategy = { type: 'canary', greenWeightPercent: 10, holdSeconds: 2100 } as const;
  const lab = await openLab({ service: { strategy, bakeTimeSeconds: 240 } });
  const schedule = new PutScheduledUpdateGroupActionCommand({
    AutoScalingGroupName: 'web-blue',
    ScheduledActionName: 'half-past',
    Recurrence: '30 * * * *',
    MinSize: 0,
    DesiredCapacity: 1,
    MaxSize: 1,
  });
  await lab.act(() => lab.aws.autoScaling().send(schedule));
  const id = await lab.deploy({ version: 'v2' });
  await untilGreenHas(lab, id, 10);
  await lab.until(() => new Date(lab.clock.now()).getUTCMinutes() === 35);
  const { groups } = await lab.act(() => lab.belongings());
  const sizes = Object.values(groups).map(({ desiredCapacity }) => desiredCapacity);
  expect(sizes).toEqual([2, 2]);
  expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  // The winner keeps the schedule, and follows it again.
  await lab.until(() => new Date(lab.clock.now()).getUTCMinutes() === 31);
  expect(await lab.act(() => lab.group(greenOf(lab, id)))).toMatchObject({ desiredCapacity: 1 });
});

test("a launch template's $Latest never reaches blue, not even when it must launch", async () => {
  const lab = await openLab({ service: BRIEF });
  const id = await lab.deploy({ version: 'v2', program: PROGRAMS.sick });
  await lab.untilState(id, 'AwaitGreen');
  const before = await describeGroup(lab, 'web-blue');
  await endOneOfBlue(lab);
  await lab.pass(60);
  const { Instances = [] } = await describeGroup(lab, 'web-blue');
  expect(Instances).not.toEqual(before.Instances);
  expect(Instances.map(({ LaunchTemplate }) => LaunchTemplate?.Version)).toEqual(['1', '1']);
  await lab.api.send('POST', `/deployments/${id}/abort`, { body: {} });
  await lab.end(id);
  expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({
    launchTemplateVersion: '$Latest',
  });
});

const startRefresh = ({ aws }: Lab) =>
  aws.autoScaling().send(new StartInstanceRefreshCommand({ AutoScalingGroupName: 'web-blue' }));

const suspendRegistration = ({ aws }: Lab) =>
  aws.autoScaling().send(
    new SuspendProcessesCommand({
      AutoScalingGroupName: 'web-blue',
      ScalingProcesses: ['AddToLoadBalancer'],
    }),
  );

describe('processes of blue', () => {
  test('that its owner had suspended are all that is suspended after a rollback', async () => {
    const lab = await openLab();
    const own = {
      AutoScalingGroupName: 'web-blue',
      ScalingProcesses: ['AZRebalance', 'AlarmNotification'],
    };
    await lab.act(() => lab.aws.autoScaling().send(new SuspendProcessesCommand(own)));
    await lab.end(await lab.deploy({ version: 'v2', program: PROGRAMS.broken }));
    const { SuspendedProcesses = [] } = await describeGroup(lab, 'web-blue');
    const names = SuspendedProcesses.map(({ ProcessName }) => ProcessName);
    expect(new Set(names)).toEqual(new Set(own.ScalingProcesses));
  });

  test.each([
    ['an instance refresh is under way', startRefresh, /busy: instance refresh/],
    [
      'its instances would never become targets',
      suspendRegistration,
      /AddToLoadBalancer suspended/,
    ],
  ] as const)('are left alone where %s', async (_when, arrange, cause) => {
    const lab = await openLab({ service: BRIEF });
    await lab.act<unknown>(() => arrange(lab));
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringMatching(cause),
    });
  });
});
