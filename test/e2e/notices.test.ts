/**
 * That people hear how a deployment ended, whoever dies between its record and their message, and
 * whatever the topic refuses. Watched from the region: the messages, the rows, and every write.
 * Not for: what people chose to hear (see `definitions.test.ts`).
 */
import { ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test, vi } from 'vitest';
import type { Fault } from '../../region/endpoint/faults.ts';
import { interruptAt } from '../lab/interrupt.ts';
import { currentInvocation } from '../lab/invocations.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, greenOf, untilGreenHas } from '../lab/moments.ts';
import { give } from '../lab/orders.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';
import { isEstateWrite } from '../lab/watched-call.ts';

/** Real milliseconds: the first test plays as many deployments as RecordOutcome makes calls. */
vi.setConfig({ testTimeout: 180_000 });

const openLab = useLabs();

/** Where RecordOutcome is when its execution is stopped and its function gone. */
interface Cut {
  readonly at: number | 'Publish';
  readonly isEventLost: boolean;
  /** Executions that are cut there, the first and then its recoveries; absent means one. */
  readonly times?: number;
}

/** A lab in which executions are cut at that call, as soon as they come to it. */
async function openCut({ at, isEventLost, times = 1 }: Cut, options: LabOptions = {}) {
  const { around, wire, arm, hasHappened, calls } = interruptAt({
    task: 'record-outcome',
    at,
    when: 'before',
    isKilled: true,
  });
  const lab = await openLab({
    service: BRIEF,
    requestsPerSecond: 1,
    around,
    wire,
    deliveryFaults: ({ source }) => (isEventLost && source === 'aws.states' ? 'drop' : 'deliver'),
    ...options,
  });
  const armFor = (left: number): void =>
    arm(async () => {
      if (left > 1) armFor(left - 1);
      const { executionArn } = currentInvocation() ?? {};
      await lab.aws.stepFunctions().send(new StopExecutionCommand({ executionArn }));
    });
  armFor(times);
  return { lab, calls, isCut: hasHappened };
}

const ID = 'web-v2';

/** Region seconds in which a sweeper finds what an event did not tell, and the rest is done. */
const FOUND_SECONDS = 900;

const refused: Fault = {
  type: 'refuse',
  code: 'AccessDenied',
  message: 'A policy denied it.',
  httpStatus: 403,
};

/** A deployment whose rollback AWS refuses, until its first RecordOutcome is at work. */
async function fail(lab: Lab): Promise<void> {
  await lab.deploy({ version: 'v2', name: ID });
  await untilGreenHas(lab, ID, 10);
  lab.spoil(({ operation, callerLabel }) =>
    operation === 'ModifyListener' && callerLabel.includes('roll-back') ? refused : undefined,
  );
  await give(lab, ID, 'abort');
}

/** What people were told of how it ended. */
function told(lab: Lab): readonly (string | undefined)[] {
  const subjects = lab.region.sns.messages(lab.stack.topicArn).map(({ subject }) => subject);
  return subjects.filter((subject) =>
    /: (?:succeeded|rolledBack|refused|failed)$/.test(subject ?? ''),
  );
}

/** What Teal's functions write to the estate from now on. */
function watchWrites(lab: Lab): readonly string[] {
  const writes: string[] = [];
  lab.region.endpoint.onCall((record, input) => {
    if (isEstateWrite({ ...record, input }))
      writes.push(`${record.callerLabel} ${record.operation}`);
  });
  return writes;
}

const kinds = async (lab: Lab) => (await lab.act(() => lab.leases())).map(({ kind }) => kind);

/** Plays a failure, cuts it, and lets whoever finds out finish it. */
async function cutFailure(cut: Cut) {
  const { lab, calls, isCut } = await openCut(cut);
  await fail(lab);
  await lab.until(() => isCut() || !lab.isRunning(ID));
  const phase = (await lab.act(() => lab.progress(ID)))?.phase;
  const before = await lab.act(() => lab.belongings());
  // From here on nothing refuses anything: what is not written now is not meant to be.
  lab.spoil(undefined);
  const writes = watchWrites(lab);
  await lab.pass(FOUND_SECONDS);
  const after = await lab.act(() => lab.belongings());
  return { lab, calls: calls(), isCut: isCut(), phase, writes, before, after };
}

describe('a deployment that failed', () => {
  test('is told to people although its execution was stopped at any call after its record', async () => {
    const found: Record<string, unknown> = {};
    for (let [at, isOver] = [1, false]; !isOver; at += 1) {
      const isEventLost = at % 2 === 0;
      const { lab, isCut, calls, phase, writes, before, after } = await cutFailure({
        at,
        isEventLost,
      });
      isOver = !isCut;
      const call = isCut ? `call ${at}, ${calls.at(-1)}` : 'at no call';
      const rows = await kinds(lab);
      expect([call, rows.includes('lock')]).toEqual([call, false]);
      // Before its record it has not failed yet, and is rolled back like any other.
      if (phase === 'failed') {
        const isStill = (await lab.act(() => lab.progress(ID)))?.phase === phase;
        const isTold = told(lab).length > 0 && told(lab).every((text) => text === 'web: failed');
        const isMoved = JSON.stringify(after) !== JSON.stringify(before);
        found[call] = { isStill, isTold, isMoved, rows, writes };
      }
      await lab.stop();
    }
    const rows = ['bluePin', 'greenFreeze', 'mirroredAlarms'];
    const right = { isStill: true, isTold: true, isMoved: false, rows, writes: [] };
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((call) => [call, right])));
    expect(Object.keys(found).length).toBeGreaterThan(5);
  });

  test('is told although two recoveries of it are stopped as well', async () => {
    const { lab } = await cutFailure({ at: 'Publish', isEventLost: false, times: 3 });
    expect(told(lab)).toEqual(['web: failed']);
    expect(await kinds(lab)).toEqual(['bluePin', 'greenFreeze', 'mirroredAlarms']);
    const { executions = [] } = await lab.act(() =>
      lab.aws.stepFunctions().send(new ListExecutionsCommand({ ...lab.stack })),
    );
    expect(executions.length).toBe(4);
  });

  test('and was told late is gone on with by hand, as any other', async () => {
    const { lab } = await cutFailure({ at: 'Publish', isEventLost: true });
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: ID });
    await lab.end('by-hand');
    expect(await leftovers(lab)).toEqual([]);
    expect(await lab.act(() => lab.weights())).not.toHaveProperty(greenOf(lab, ID));
    expect(await kinds(lab)).toEqual([]);
    expect(told(lab)).toEqual(['web: failed']);
  });
});

describe('a deployment that ended otherwise', () => {
  test.each([
    ['succeeded', PROGRAMS.sound, true],
    ['succeeded', PROGRAMS.sound, false],
    ['rolledBack', PROGRAMS.broken, true],
  ] as const)(
    'as %s is told to people although its execution was stopped before',
    async (outcome, program, isEventLost) => {
      const cut = { at: 'Publish', isEventLost } as const;
      const { lab, isCut } = await openCut(cut, { requestsPerSecond: 5 });
      await lab.deploy({ version: 'v2', name: ID, program });
      await lab.until(isCut);
      const writes = watchWrites(lab);
      expect(told(lab)).toEqual([]);
      await lab.pass(FOUND_SECONDS);
      expect(told(lab)).toEqual([`web: ${outcome}`]);
      expect(await kinds(lab)).toEqual([]);
      expect(await leftovers(lab)).toEqual([]);
      expect(writes).toEqual([]);
    },
  );

  test('as refused is told to people although its execution was stopped before', async () => {
    const { lab, isCut } = await openCut({ at: 'Publish', isEventLost: true });
    await lab.start(ID, { service: 'web', imageId: 'ami-00000000000000000' });
    await lab.until(isCut);
    await lab.pass(FOUND_SECONDS);
    expect(told(lab)).toEqual(['web: refused']);
    expect(await kinds(lab)).toEqual([]);
  });
});

describe('a start that was refused because the service was busy', () => {
  test('is news to nobody but who asked, although its execution was stopped at any call', async () => {
    const found: Record<string, unknown> = {};
    for (let [at, isOver] = [1, false]; !isOver; at += 1) {
      const { lab, isCut, calls } = await openCut(
        { at, isEventLost: false },
        { service: { ...BRIEF, bakeTimeSeconds: 7200 } },
      );
      await lab.deploy({ version: 'v2' });
      await lab.untilState(ID, 'Hold');
      const requestedBy = 'arn:aws:iam::123456789012:user/ada';
      await lab.deploy({ version: 'v3', requestedBy });
      await lab.until(() => isCut() || !lab.isRunning('web-v3'));
      await lab.pass(FOUND_SECONDS);
      isOver = !isCut();
      const { phase, reason } = (await lab.act(() => lab.progress('web-v3'))) ?? {};
      expect(phase).toBe('refused');
      // One that was stopped before its record was refused for that, and not for being busy.
      if (!reason?.startsWith('The execution was gone'))
        found[`call ${at}, ${calls().at(-1)}`] = told(lab);
      await lab.stop();
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((call) => [call, []])));
    expect(Object.keys(found).length).toBeGreaterThan(3);
  });
});

describe('a topic that refuses', () => {
  test('changes no outcome, is listed with its reason, and gets the message once it takes it', async () => {
    const lab = await openLab({ service: BRIEF, requestsPerSecond: 1 });
    await fail(lab);
    lab.spoil(({ operation, callerLabel }) => {
      const isBack = operation === 'ModifyListener' && callerLabel.includes('roll-back');
      return isBack || operation === 'Publish' ? refused : undefined;
    });
    const { error, cause } = await lab.end(ID);
    expect(error).toBe('DeploymentFailed');
    expect(cause).toMatch(/People could not be told, which is tried again: .*A policy denied it/);
    expect((await lab.act(() => lab.progress(ID)))?.phase).toBe('failed');
    const listed = async () => {
      const { body } = await lab.api.send('GET', '/leftovers');
      const all = body['leftovers'] as readonly { readonly kind: string }[];
      return all.filter(({ kind }) => kind === 'notice');
    };
    expect(await listed()).toMatchObject([
      { attempts: 1, undo: expect.stringContaining('A policy denied it') as string },
    ]);
    // It is tried again, and ever more rarely.
    const writes = watchWrites(lab);
    await lab.pass(1800);
    expect(await listed()).toMatchObject([{ attempts: 3 }]);
    expect(told(lab)).toEqual([]);
    lab.spoil(undefined);
    await lab.pass(3600);
    expect(told(lab)).toEqual(['web: failed']);
    expect(await kinds(lab)).toEqual(['bluePin', 'greenFreeze', 'mirroredAlarms']);
    expect(writes).toEqual([]);
  });

  test('is tried once more at once where a person asks for it', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    lab.spoil(({ operation }) => (operation === 'Publish' ? refused : undefined));
    await lab.end(id);
    lab.spoil(undefined);
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    await lab.end('by-hand');
    expect(told(lab)).toEqual(['web: succeeded']);
    expect(await kinds(lab)).toEqual([]);
  });

  test('leaves a good deployment good', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    lab.spoil(({ operation }) => (operation === 'Publish' ? refused : undefined));
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const writes = watchWrites(lab);
    lab.spoil(undefined);
    await lab.pass(FOUND_SECONDS);
    expect(told(lab)).toEqual(['web: succeeded']);
    expect(await leftovers(lab)).toEqual([]);
    expect(await kinds(lab)).toEqual([]);
    expect(writes).toEqual([]);
  });
});
