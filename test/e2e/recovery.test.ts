/**
 * Executions that end where no Catch sees it, and clean-up that fails: what is in the region once
 * somebody has found out. `bench/stop.ts` stops every state; here is one of each kind.
 */
import { SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplatesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import { hasEnded } from '../../shared/core/progress.ts';
import { present } from '../lab/estate.ts';
import { awaitAftermath } from '../lab/aftermath.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { usualLaws, watchLaws } from '../lab/law-watch.ts';
import { type Expiry, playExpired } from '../lab/expire.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, describeGroup, greenOf, untilGreenHas } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { judgeStopped, playStopped, playWhole, type Stop, type Whole } from '../lab/stop.ts';
import { useLabs } from '../lab/use-labs.ts';

/** Real milliseconds: a test plays one or two whole deployments. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const openLab = useLabs();

const stopExecution = (lab: Lab, id: string) => {
  const command = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
  return lab.act(() => lab.aws.stepFunctions().send(command));
};

/** Region seconds between two looks, and for how long there are any: a few sweeps. */
const LOOK_SECONDS = 15;
const PATIENCE_SECONDS = 3600;

/** Lets time pass until a deployment has an outcome and nothing of it is frozen. */
async function untilRecovered(lab: Lab, id: string): Promise<string | undefined> {
  for (let passed = 0; passed < PATIENCE_SECONDS; passed += LOOK_SECONDS) {
    await lab.pass(LOOK_SECONDS);
    const progress = await lab.act(() => lab.progress(id));
    const open = await lab.act(() => lab.leases());
    if (progress && hasEnded(progress) && open.length === 0) return progress.phase;
  }
  return undefined;
}

const wholes: Whole[] = [];
beforeAll(async () => {
  wholes.push(await playWhole('success'), await playWhole('rollback'));
});

/** Ends every instance of blue, as a zone does that goes down. */
async function endBlue(lab: Lab): Promise<void> {
  const { Instances = [] } = await describeGroup(lab, 'web-blue');
  const InstanceIds = Instances.map(({ InstanceId }) => present(InstanceId));
  const command = new TerminateInstancesCommand({ InstanceIds });
  await lab.act(() => lab.aws.ec2().send(command));
}

/** Gives the group at zero an instance, as its owner may. */
async function growBlue(lab: Lab): Promise<void> {
  const AutoScalingGroupName = 'web-blue';
  const command = new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1 });
  await lab.act(() => lab.aws.autoScaling().send(command));
}

async function readPointer(lab: Lab, name: string): Promise<string | undefined> {
  const command = new GetParameterCommand({ Name: `/teal/web/${name}` });
  return (await lab.act(() => lab.aws.ssm().send(command))).Parameter?.Value;
}

/** The version that others launch by as `$Default`. */
async function readDefaultVersion(lab: Lab): Promise<number | undefined> {
  const command = new DescribeLaunchTemplatesCommand({});
  const { LaunchTemplates = [] } = await lab.act(() => lab.aws.ec2().send(command));
  return LaunchTemplates[0]?.DefaultVersionNumber;
}

describe('an execution that ends by itself, where no Catch sees it,', () => {
  test.each<[string, Expiry, string]>([
    [
      'at its timeout during the bake',
      { story: 'success', by: 'timeout', state: 'Hold', number: 2, isEventLost: false },
      'rolledBack',
    ],
    [
      'at its timeout while blue is being taken down, and nobody is told',
      { story: 'success', by: 'timeout', state: 'AwaitBlueGone', number: 1, isEventLost: true },
      'succeeded',
    ],
    [
      'with a full history during a hold, and nobody is told',
      { story: 'success', by: 'history', state: 'Hold', number: 1, isEventLost: true },
      'rolledBack',
    ],
    [
      'with a full history while blue is being taken down',
      { story: 'success', by: 'history', state: 'RetireBlue', number: 2, isEventLost: false },
      'succeeded',
    ],
    [
      'with a full history while it is rolled back, and nobody is told',
      { story: 'rollback', by: 'history', state: 'RollBack', number: 1, isEventLost: true },
      'rolledBack',
    ],
  ])('%s, is recovered under the laws', async (_how, expiry, outcome) => {
    const expired = await playExpired(expiry, wholes);
    const isFull = expiry.by === 'history';
    expect(expired.ended).toBe(isFull ? 'FAILED States.Runtime' : 'TIMED_OUT States.Timeout');
    expect(expired.states.at(-1)).toBe(expiry.state);
    expect(judgeStopped(expired, wholes)).toEqual([]);
    expect(expired.outcome).toBe(outcome);
    // A history that is full can never be redriven.
    expect(expired.redriven.ended === 'ExecutionNotRedrivable').toBe(isFull);
    expect(expired.seconds).toBeLessThan(expiry.isEventLost ? 600 : 300);
  });
});

describe('an execution that is stopped in the console', () => {
  test.each<[string, Stop, string]>([
    [
      'during the bake, and nobody is told',
      { story: 'success', state: 'Hold', number: 2, when: 'entered', isEventLost: true },
      'rolledBack',
    ],
    [
      'while blue is being taken down',
      { story: 'success', state: 'RetireBlue', number: 2, when: 'answered', isEventLost: false },
      'succeeded',
    ],
    [
      'while green is being cleaned up, and nobody is told',
      { story: 'rollback', state: 'CleanUpGreen', number: 1, when: 'entered', isEventLost: true },
      'rolledBack',
    ],
  ])(
    '%s leaves nothing frozen, loses no request, and is not resumed by a redrive',
    async (_when, stop, outcome) => {
      const stopped = await playStopped(stop);
      expect(judgeStopped(stopped, wholes)).toEqual([]);
      expect(stopped.outcome).toBe(outcome);
      // The sweeper comes every five minutes; what follows are clients that finish.
      expect(stopped.seconds).toBeLessThan(stop.isEventLost ? 600 : 300);
    },
  );

  test.each<[string, Stop, string]>([
    [
      'at once goes on to its end',
      {
        story: 'success',
        state: 'Hold',
        number: 1,
        when: 'entered',
        isEventLost: true,
        redrive: 'atOnce',
      },
      'succeeded',
    ],
    [
      'while it is being recovered is refused every write',
      {
        story: 'success',
        state: 'ShiftTraffic',
        number: 2,
        when: 'answered',
        isEventLost: false,
        redrive: 'duringRecovery',
      },
      'rolledBack',
    ],
  ])('and redriven %s', async (_when, stop, outcome) => {
    const stopped = await playStopped(stop);
    expect(judgeStopped(stopped, wholes, stop.redrive)).toEqual([]);
    expect(stopped.outcome).toBe(outcome);
    expect(stopped.redriven.writes.length > 0).toBe(stop.redrive === 'atOnce');
  });

  test('or has rolled back by itself, and is redriven, fails once more and changes nothing', async () => {
    const lab = await openLab({ seed: 1, estate: { hasRule: true } });
    const laws = watchLaws(lab, usualLaws(lab));
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    const aftermath = await awaitAftermath(lab, id, { laws });
    expect(judgeStopped(aftermath, wholes)).toEqual([]);
    expect(aftermath.redriven).toEqual({ ended: 'FAILED RolledBack', writes: [] });
  });

  test('is recovered twice to no further effect, whoever asks', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    const request = { directive: { type: 'recover' }, deploymentId: id };
    // Too early: the deployment is at work.
    await lab.start('by-hand-1', request);
    expect(await lab.end('by-hand-1')).toEqual({ status: 'SUCCEEDED' });
    expect(lab.isRunning(id)).toBe(true);
    await stopExecution(lab, id);
    expect(await untilRecovered(lab, id)).toBe('rolledBack');
    expect(await leftovers(lab)).toEqual([]);
    const before = await lab.act(() => lab.belongings());
    await lab.start('by-hand-2', request);
    expect(await lab.end('by-hand-2')).toEqual({ status: 'SUCCEEDED' });
    expect(await lab.act(() => lab.states('by-hand-2'))).toContain('NothingToRecover');
    expect(await lab.act(() => lab.belongings())).toEqual(before);
  });

  test('keeps its service from the next deployment until it is recovered, however late', async () => {
    const lab = await openLab({
      service: BRIEF,
      deliveryFaults: () => 'drop',
      requestsPerSecond: 0,
    });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    await stopExecution(lab, id);
    // Without events and schedules nobody finds out, and the lock runs out.
    await lab.pass(2 * 3600);
    const next = await lab.deploy({ version: 'v3' });
    const { error, cause } = await lab.end(next);
    expect(error).toBe('ServiceBusy');
    expect(cause).toMatch(/Deployment web-v2 of web did not end .* is being recovered/);
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    expect(await lab.end('by-hand')).toMatchObject({ error: 'RolledBack' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('while blue is half gone gives blue everything back, should green fall ill by then', async () => {
    let isIll = false;
    const healthStatus = () => (isIll ? 500 : 200);
    const lab = await openLab({ service: BRIEF, deliveryFaults: () => 'drop' });
    const id = await lab.deploy({ version: 'v2', program: { ...PROGRAMS.sound, healthStatus } });
    // Blue is out of the routes, out of its target group, and is about to end its instances.
    await lab.until(async () => (await lab.group('web-blue'))?.desiredCapacity === 0);
    await stopExecution(lab, id);
    isIll = true;
    const green = (await lab.act(() => lab.targetGroupArns()))[greenOf(lab, id)] ?? '';
    await lab.until(async () => (await lab.healthy(green)) === 0);
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    expect(await lab.end('by-hand')).toMatchObject({ error: 'RolledBack' });
    expect(await leftovers(lab)).toEqual([]);
    expect(await lab.act(() => lab.weights())).toEqual({
      'web-blue': expect.any(Number) as number,
    });
    expect(await lab.act(() => lab.healthy(lab.estate.blueTargetGroupArn))).toBe(2);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ minSize: 1, maxSize: 4 });
  });
});

/** A deployment at half its traffic that is aborted after blue has lost all instances for good. */
async function abortOntoNothing(service: LabOptions['service'] = {}) {
  const full = new AwsError('InsufficientInstanceCapacity', 'The zone is full.', {
    httpStatus: 500,
  });
  let isFull = false;
  const steps = [{ greenWeightPercent: 50, holdSeconds: 3600 }];
  const lab = await openLab({
    service: { strategy: { type: 'steps', steps }, bakeTimeSeconds: 240, ...service },
    launchFault: () => (isFull ? full : undefined),
  });
  const id = await lab.deploy({ version: 'v2' });
  await untilGreenHas(lab, id, 50);
  isFull = true;
  await endBlue(lab);
  const { blueTargetGroupArn } = lab.estate;
  await lab.until(async () => (await lab.healthy(blueTargetGroupArn)) === 0, 120);
  await lab.api.send('POST', `/deployments/${id}/abort`, { body: {} });
  const makeRoom = (): void => {
    isFull = false;
  };
  return { lab, id, makeRoom };
}

describe('a rollback onto a blue that cannot come back', () => {
  test('is finished for green where a person decides for it, and leaves nothing frozen', async () => {
    const { lab, id } = await abortOntoNothing();
    expect(await lab.end(id)).toMatchObject({ error: 'DeploymentFailed' });
    const green = greenOf(lab, id);
    const body = { autoScalingGroupName: green, alarms: [] };
    expect((await lab.api.send('PUT', '/services/web', { body })).status).toBe(200);
    const rows = async () => {
      const { body: answer } = await lab.api.send('GET', '/leftovers');
      const list = answer['leftovers'] as readonly { kind: string; undo: string }[];
      return list.filter(({ undo }) => undo !== '').map(({ kind }) => kind);
    };
    expect(new Set(await rows())).toEqual(new Set(['bluePin', 'greenFreeze', 'mirroredAlarms']));
    expect((await describeGroup(lab, green)).SuspendedProcesses).not.toEqual([]);
    lab.traffic.sinceLast();
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    await lab.end('by-hand');
    expect(await rows()).toEqual([]);
    expect(await lab.act(() => lab.leases())).toEqual([]);
    expect(await lab.act(() => lab.weights())).toEqual({ [green]: 100 });
    expect((await describeGroup(lab, green)).SuspendedProcesses).toEqual([]);
    expect(await describeGroup(lab, 'web-blue')).toMatchObject({ DesiredCapacity: 0 });
    // Whoever looks for what serves finds green, as after a success.
    expect(await readPointer(lab, 'active-group')).toBe(green);
    expect(await readPointer(lab, 'deployment-id')).toBe(id);
    expect(await readDefaultVersion(lab)).toBe(2);
    expect(lab.traffic.sinceLast()).toMatchObject({ lost: 0, byVersion: { v2: { errors: 0 } } });
    expect((await lab.act(() => lab.progress(id)))?.phase).toBe('failed');
  });

  test('is finished for green although what points to it cannot be written, which is made up for', async () => {
    const { lab, id } = await abortOntoNothing({ retireBlue: 'scaleToZero' });
    await lab.end(id);
    const body = { autoScalingGroupName: greenOf(lab, id), alarms: [] };
    await lab.api.send('PUT', '/services/web', { body });
    lab.spoil(({ operation }) =>
      operation === 'PutParameter'
        ? { type: 'refuse', code: 'AccessDeniedException', message: 'Not here.', httpStatus: 400 }
        : undefined,
    );
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    await lab.end('by-hand');
    const listed = await lab.api.send('GET', '/leftovers');
    expect(listed.body).toMatchObject({
      leftovers: [{ kind: 'pointers', undo: expect.stringContaining('Not here') as string }],
    });
    // By now the group at zero is its owner's.
    await growBlue(lab);
    // A person need not wait for its time.
    await lab.start('again', { directive: { type: 'recover' }, deploymentId: id });
    await lab.end('again');
    expect(await lab.act(() => lab.leases())).toMatchObject([{ kind: 'pointers', attempts: 2 }]);
    lab.spoil(undefined);
    expect(await untilRecovered(lab, id)).toBe('failed');
    expect(await readPointer(lab, 'active-group')).toBe(greenOf(lab, id));
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ desiredCapacity: 1 });
  });

  test('lends its traffic to green, calls a person after a quarter of an hour, and goes on when told', async () => {
    const { lab, id, makeRoom } = await abortOntoNothing();
    // Blue has a quarter of an hour to come back; until then nobody is sent to a fleet without instances.
    await untilGreenHas(lab, id, 100);
    lab.traffic.sinceLast();
    await lab.pass(840);
    expect(lab.traffic.sinceLast()).toMatchObject({ lost: 0, byVersion: { v2: { errors: 0 } } });
    expect(await lab.end(id)).toMatchObject({
      error: 'DeploymentFailed',
      cause: expect.stringContaining('so green kept everything') as string,
    });
    expect(await lab.act(() => lab.weights())).toEqual({ 'web-blue': 0, [greenOf(lab, id)]: 100 });
    lab.traffic.sinceLast();
    await lab.pass(60);
    expect(lab.traffic.sinceLast()).toMatchObject({ lost: 0, byVersion: { v2: { errors: 0 } } });
    expect(Object.keys(lab.traffic.count().byVersion)).toEqual(['v1', 'v2']);
    const told = lab.region.sns.messages(lab.stack.topicArn);
    expect(told.map(({ subject }) => subject)).toContain('web: failed');

    makeRoom();
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    await lab.end('by-hand');
    expect(await leftovers(lab)).toEqual([]);
    lab.traffic.sinceLast();
    await lab.pass(60);
    expect(lab.traffic.sinceLast()).toMatchObject({ lost: 0, byVersion: { v1: { errors: 0 } } });
    expect((await lab.act(() => lab.progress(id)))?.phase).toBe('failed');
  });
});

describe('clean-up that fails for good', () => {
  test('leaves a good deployment good, is listed, and is done by itself when it can be', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    lab.spoil(({ operation }) =>
      operation === 'DeleteAutoScalingGroup'
        ? { type: 'refuse', code: 'AccessDenied', message: 'A policy denied it.', httpStatus: 403 }
        : undefined,
    );
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect((await lab.act(() => lab.progress(id)))?.reason).toContain('A policy denied it');
    const listed = await lab.api.send('GET', '/leftovers');
    expect(listed.body).toMatchObject({
      leftovers: [{ service: 'web', deploymentId: id, kind: 'leftover', resource: 'web-blue' }],
    });
    expect(JSON.stringify(listed.body)).toContain('A policy denied it');
    lab.spoil(undefined);
    expect(await untilRecovered(lab, id)).toBe('succeeded');
    expect(await leftovers(lab)).toEqual([]);
    expect(await lab.act(() => lab.group('web-blue'))).toBeUndefined();
    expect((await lab.api.send('GET', '/leftovers')).body).toEqual({ leftovers: [] });
  });

  test('owes what points to green, lists it, and touches no fleet when it can write again', async () => {
    const lab = await openLab({ service: { ...BRIEF, retireBlue: 'scaleToZero' } });
    const id = await lab.deploy({ version: 'v2' });
    lab.spoil(({ operation }) =>
      operation === 'PutParameter'
        ? { type: 'refuse', code: 'AccessDeniedException', message: 'Not here.', httpStatus: 400 }
        : undefined,
    );
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect((await lab.act(() => lab.progress(id)))?.reason).toMatch(
      /could not all be written, and is tried again: .*Not here/,
    );
    const listed = await lab.api.send('GET', '/leftovers');
    expect(listed.body).toMatchObject({
      leftovers: [{ service: 'web', deploymentId: id, kind: 'pointers', attempts: 1 }],
    });
    // It is tried again, and ever more rarely.
    await lab.pass(1800);
    const [owed] = await lab.act(() => lab.leases());
    expect(owed).toMatchObject({ kind: 'pointers', attempts: 3 });
    lab.spoil(undefined);
    // By now the group at zero is its owner's.
    await growBlue(lab);
    expect(await untilRecovered(lab, id)).toBe('succeeded');
    expect(await readPointer(lab, 'deployment-id')).toBe(id);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ desiredCapacity: 1 });
    expect((await lab.api.send('GET', '/leftovers')).body).toEqual({ leftovers: [] });
    expect(await leftovers(lab)).toEqual([]);
  });
});
