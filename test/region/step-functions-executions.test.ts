import { describe, expect, it } from 'vitest';
import { createBench, named, ROLE, START, task, tokenTask, types } from './step-functions/bench.ts';

const wait = { A: { Type: 'Wait', Seconds: 60, End: true } };
const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:deploy:${name}`;

describe('starting an execution', () => {
  it('twice under one name with one input is one execution while it runs', async () => {
    const bench = createBench();
    const machine = bench.define(wait);
    const first = await bench.start(machine, { a: 1 });
    expect(first).toBe(arnOf('first'));
    expect(await bench.start(machine, { a: 1 })).toBe(first);
    const exists = {
      code: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first}'`,
    };
    await expect(bench.start(machine, { a: 2 })).rejects.toMatchObject(exists);
    await bench.ended(first);
    await expect(bench.start(machine, { a: 1 })).rejects.toMatchObject(exists);
    expect(bench.emitted).toHaveLength(2);
  });

  it('may use a name again when the old execution was forgotten after 90 days', async () => {
    const bench = createBench();
    const machine = bench.define(wait);
    await bench.ended(await bench.start(machine, { a: 1 }));
    await bench.pass(90 * 86_400 + 1);
    await expect(bench.describe(arnOf('first'))).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
    });
    expect(await bench.start(machine, { a: 2 })).toBe(arnOf('first'));
  });

  it.each([
    [{ name: 'a b' }, 'InvalidName'],
    [{ name: 'a:b' }, 'InvalidName'],
    [{ name: '' }, 'ValidationException'],
    [{ name: 'x'.repeat(81) }, 'ValidationException'],
    [{ input: 'not JSON' }, 'InvalidExecutionInput'],
    [{ input: '' }, 'InvalidExecutionInput'],
    // One character more than fits: two bytes each, and two quotes.
    [{ input: JSON.stringify('ü'.repeat(131_072)) }, 'InvalidExecutionInput'],
    [{ input: JSON.stringify('x'.repeat(262_144)) }, 'ValidationException'],
    [{ stateMachineArn: 'deploy' }, 'InvalidArn'],
    [{ stateMachineArn: arnOf('x') }, 'InvalidArn'],
    [
      { stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:other' },
      'StateMachineDoesNotExist',
    ],
    [{ stateMachineArn: undefined }, 'ValidationException'],
  ])('with %o is refused as %s', async (change, code) => {
    const bench = createBench();
    const request = { stateMachineArn: bench.define(wait), name: 'a', input: '{}', ...change };
    await expect(bench.call('StartExecution', request)).rejects.toMatchObject({ code });
  });

  it('takes an input of exactly 256 KiB', async () => {
    const bench = createBench();
    const stateMachineArn = bench.define(wait);
    const input = JSON.stringify('ü'.repeat(131_071));
    await expect(
      bench.call('StartExecution', { stateMachineArn, name: 'a', input }),
    ).resolves.toBeDefined();
  });

  it('needs neither a name nor an input', async () => {
    const bench = createBench();
    const stateMachineArn = bench.define({ A: { Type: 'Pass', End: true } });
    const { executionArn } = await bench.call<{ executionArn: string }>('StartExecution', {
      stateMachineArn,
    });
    expect(executionArn).toMatch(/:execution:deploy:[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect((await bench.ended(executionArn)).output).toBe('{}');
  });

  it('for another service needs that service’s role to be allowed', () => {
    const bench = createBench();
    const request = { stateMachineArn: bench.define(wait), name: 'x', input: '{}' };
    const { executions } = bench.region;
    expect(executions.start({ ...request, roleArn: ROLE })).toEqual({ executionArn: arnOf('x') });
    expect(() => executions.start({ ...request, roleArn: 'arn:aws:iam::0:role/x' })).toThrowError(
      expect.objectContaining({ code: 'AccessDeniedException' }),
    );
  });

  it('asks for the right of the state machine, everything after that for the execution’s', () => {
    const bench = createBench();
    const stateMachineArn = bench.define(wait);
    const executionArn = arnOf('first');
    const asked = (name: string) =>
      bench.operation(name).permissions({ stateMachineArn, executionArn } as never);
    for (const name of ['StartExecution', 'ListExecutions', 'DescribeStateMachine']) {
      expect(asked(name)).toEqual([{ action: `states:${name}`, resources: [stateMachineArn] }]);
    }
    for (const name of [
      'StopExecution',
      'DescribeExecution',
      'GetExecutionHistory',
      'RedriveExecution',
      'DescribeStateMachineForExecution',
    ]) {
      expect(asked(name)).toEqual([{ action: `states:${name}`, resources: [executionArn] }]);
    }
    const create = bench.operation('CreateStateMachine');
    expect(create.permissions({ name: 'deploy', roleArn: ROLE } as never)).toEqual([
      { action: 'states:CreateStateMachine', resources: [stateMachineArn] },
      {
        action: 'iam:PassRole',
        resources: [ROLE],
        context: { 'iam:PassedToService': 'states.amazonaws.com' },
      },
    ]);
  });
});

describe('stopping an execution', () => {
  it('ends it at once as ABORTED, whatever it catches', async () => {
    const bench = createBench({ f: (_, seconds) => seconds(30) });
    const A = task('f', { End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] });
    const executionArn = await bench.start(bench.define({ A, B: { Type: 'Succeed' } }));
    await bench.pass(10);
    const stop = { executionArn, error: 'Stopped', cause: 'by hand' };
    const stopDate = new Date(START + 10_000);
    expect(await bench.call('StopExecution', stop)).toEqual({ stopDate });
    expect(await bench.describe(executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Stopped',
      cause: 'by hand',
      stopDate,
      redriveStatus: 'REDRIVABLE',
    });
    const events = await bench.history(executionArn);
    expect(events.at(-1)).toMatchObject({ type: 'ExecutionAborted', previousEventId: 0 });
    await bench.pass(60);
    expect(await bench.history(executionArn)).toEqual(events);
    expect(await bench.call('StopExecution', { executionArn })).toEqual({ stopDate });
  });

  it('ends a wait and a token', async () => {
    let taskToken = '';
    const bench = createBench({ f: ({ token }: { token: string }) => void (taskToken = token) });
    const executionArn = await bench.start(bench.define({ A: tokenTask('f') }));
    await bench.pass(1);
    await bench.call('StopExecution', { executionArn });
    await bench.pass(1);
    await expect(bench.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
  });
});

const failTwice = () => {
  let left = 3;
  return createBench({
    f: () => {
      left -= 1;
      if (left > 0) throw named('Broken');
      return 'well';
    },
  });
};

describe('redriving an execution', () => {
  const states = {
    Init: { Type: 'Pass', Assign: { x: 7 }, Output: 'in', Next: 'Work' },
    Work: task('f', {
      Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }],
      Output: ['{% $x %}', '{% $states.input %}', '{% $states.context.Execution.RedriveCount %}'],
      End: true,
    }),
  };

  it('goes on in the failed state, with its input, its variables and fresh retries', async () => {
    const bench = failTwice();
    const { executionArn, execution } = await bench.run(states);
    expect(execution).toMatchObject({ status: 'FAILED', redriveStatus: 'REDRIVABLE' });
    await bench.pass(3600);
    const request = { executionArn, clientToken: 'once' };
    const first = await bench.call('RedriveExecution', request);
    expect(await bench.call('RedriveExecution', request)).toEqual(first);
    const again = await bench.ended(executionArn);
    expect(again).toMatchObject({
      status: 'SUCCEEDED',
      output: '[7,"in",1]',
      redriveCount: 1,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
    expect(again).not.toHaveProperty('error');
    expect(types(await bench.history(executionArn)).slice(-7)).toEqual([
      'ExecutionFailed',
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(bench.region.billedTransitions(executionArn)).toBe(4);
  });

  it('enters a Fail state again, which fails again', async () => {
    const bench = createBench();
    const { executionArn } = await bench.run({ A: { Type: 'Fail', Error: 'No' } });
    await bench.call('RedriveExecution', { executionArn });
    expect(await bench.ended(executionArn)).toMatchObject({ error: 'No', redriveCount: 1 });
    expect(types(await bench.history(executionArn)).slice(-2)).toEqual([
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('is refused while it runs, after it succeeded, and after 14 days', async () => {
    const bench = createBench();
    const stateMachineArn = bench.define({
      A: { Type: 'Wait', Seconds: 60, Next: 'B' },
      B: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.fail %}', Next: 'C' }],
        Default: 'D',
      },
      C: { Type: 'Fail' },
      D: { Type: 'Succeed' },
    });
    const refused = (executionArn: string, why: string) =>
      expect(bench.call('RedriveExecution', { executionArn })).rejects.toMatchObject({
        code: 'ExecutionNotRedrivable',
        message: `Execution Not Redrivable: '${why}'`,
      });
    const good = await bench.start(stateMachineArn, { fail: false }, 'good');
    const bad = await bench.start(stateMachineArn, { fail: true }, 'bad');
    await refused(good, 'Execution is RUNNING and cannot be redriven');
    await bench.ended(good);
    await bench.ended(bad);
    await refused(good, 'Execution is SUCCEEDED and cannot be redriven');
    await bench.pass(14 * 86_400 + 1);
    await refused(bad, 'Execution redrivable period exceeded');
  });
});

describe('looking at executions', () => {
  it('lists them from the latest on, page by page and by status', async () => {
    const bench = createBench();
    const stateMachineArn = bench.define(wait);
    for (const name of ['a', 'b', 'c']) {
      // oxlint-disable-next-line no-await-in-loop -- their order matters
      await bench.start(stateMachineArn, {}, name);
    }
    await bench.call('StopExecution', { executionArn: arnOf('b') });
    interface List {
      executions: { name: string; status: string }[];
      nextToken?: string;
    }
    const list = (request: object) =>
      bench.call<List>('ListExecutions', { stateMachineArn, ...request });
    const names = ({ executions }: List) => executions.map(({ name }) => name);
    const first = await list({ maxResults: 2 });
    expect(names(first)).toEqual(['c', 'b']);
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect([names(second), second.nextToken]).toEqual([['a'], undefined]);
    expect(names(await list({ statusFilter: 'ABORTED' }))).toEqual(['b']);
    expect(names(await list({ redriveFilter: 'REDRIVEN' }))).toEqual([]);
    await expect(
      list({ statusFilter: 'RUNNING', nextToken: first.nextToken }),
    ).rejects.toMatchObject({ code: 'InvalidToken' });
    await expect(list({ nextToken: 'nonsense' })).rejects.toMatchObject({ code: 'InvalidToken' });
    await expect(list({ statusFilter: 'running' })).rejects.toMatchObject({
      message:
        "1 validation error detected: Value 'running' at 'statusFilter' failed to satisfy " +
        'constraint: Member must satisfy enum value set: ' +
        '[SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]',
    });
    await expect(list({ maxResults: 1001 })).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('shows a history forwards, backwards, in pages and without its data', async () => {
    const bench = createBench();
    const { executionArn, events } = await bench.run({
      A: { Type: 'Pass', Assign: { x: 1 }, End: true },
    });
    const get = (request: object) =>
      bench.call<{ events: object[]; nextToken?: string }>('GetExecutionHistory', {
        executionArn,
        ...request,
      });
    expect((await get({ reverseOrder: true })).events).toEqual(events.toReversed());
    const { nextToken } = await get({ maxResults: 3 });
    expect((await get({ maxResults: 3, nextToken })).events).toEqual(events.slice(3));
    const bare = JSON.stringify((await get({ includeExecutionData: false })).events);
    expect(bare).not.toMatch(/"(input|output|assignedVariables)":/);
    expect(bare).toMatch(/"name":"A"/);
    await expect(
      bench.call('GetExecutionHistory', { executionArn: arnOf('nobody') }),
    ).rejects.toMatchObject({ code: 'ExecutionDoesNotExist' });
  });

  it('tells EventBridge of every change of status', async () => {
    const bench = createBench();
    await bench.run({ A: { Type: 'Wait', Seconds: 5, End: true } }, { a: 1 });
    const [started, ended] = bench.emitted;
    expect(started).toEqual({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [arnOf('first')],
      detail: {
        executionArn: arnOf('first'),
        stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:deploy',
        name: 'first',
        status: 'RUNNING',
        startDate: START,
        stopDate: null,
        input: '{"a":1}',
        inputDetails: { included: true },
        output: null,
        outputDetails: null,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
        error: null,
        cause: null,
      },
    });
    expect(ended!.detail).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: START + 5000,
      output: '{"a":1}',
      outputDetails: { included: true },
    });
    expect(bench.emitted).toHaveLength(2);
  });

  it('leaves data above 248 KiB out of the event', async () => {
    const bench = createBench();
    await bench.run({ A: { Type: 'Pass', End: true } }, 'x'.repeat(130_000));
    expect(bench.emitted[1]!.detail).toMatchObject({
      input: null,
      inputDetails: { included: false },
      output: null,
      outputDetails: { included: false },
    });
  });
});
