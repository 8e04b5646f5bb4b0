import { describe, expect, it } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import { createBench, named, START, task, types } from './step-functions/bench.ts';

const end = { Type: 'Succeed' };

describe('the states of an execution', () => {
  it('hand their output on as input, through Pass, Choice, Wait, Task and Succeed', async () => {
    const bench = createBench({ double: ({ n }: { n: number }) => n * 2 });
    const result = await bench.run(
      {
        Init: { Type: 'Pass', Output: { n: '{% $states.input.n + 1 %}' }, Next: 'Pick' },
        Pick: {
          Type: 'Choice',
          Choices: [
            { Condition: '{% $states.input.n > 100 %}', Next: 'Far' },
            { Condition: '{% $states.input.n > 1 %}', Next: 'Rest', Output: { n: 5 } },
          ],
          Default: 'Far',
        },
        Rest: { Type: 'Wait', Seconds: '{% $states.input.n %}', Next: 'Work' },
        Work: task('double', { Output: '{% $states.result.Payload %}', Next: 'Far' }),
        Far: { Type: 'Succeed', Output: { answer: '{% $states.input %}' } },
      },
      { n: 1 },
    );
    expect(result.output).toEqual({ answer: 10 });
    expect(result.seconds).toBe(5);
    expect(types(result.events)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ChoiceStateEntered',
      'ChoiceStateExited',
      'WaitStateEntered',
      'WaitStateExited',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
    expect(result.events.map(({ id, previousEventId }) => [id, previousEventId])).toEqual(
      result.events.map((_, index) => [index + 1, index < 2 ? 0 : index]),
    );
    expect(bench.region.billedTransitions(result.executionArn)).toBe(5);
  });

  it('get a function’s answer in the envelope of lambda:invoke', async () => {
    const bench = createBench({ f: () => ({ ok: true }) });
    const { output, events } = await bench.run({ A: task('f') }, { a: 1 });
    expect(output).toMatchObject({
      ExecutedVersion: '$LATEST',
      StatusCode: 200,
      Payload: { ok: true },
      SdkHttpMetadata: { HttpStatusCode: 200, HttpHeaders: { 'Content-Length': '11' } },
    });
    expect(bench.invocations[0]).toMatchObject({ name: 'f', event: { a: 1 } });
    expect(events[2]).toEqual({
      id: 3,
      previousEventId: 2,
      type: 'TaskScheduled',
      timestamp: new Date(START),
      taskScheduledEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke',
        region: 'us-east-1',
        parameters: '{"FunctionName":"f","Payload":{"a":1}}',
      },
    });
  });

  it('see the context of the execution and of themselves', async () => {
    const bench = createBench({ f: (event: object) => event });
    const { output } = await bench.run({
      A: { Type: 'Pass', Assign: { early: '{% $states.context %}' }, Next: 'B' },
      B: task('f', {
        Arguments: { FunctionName: 'f', Payload: '{% $states.context %}' },
        Output: ['{% $early %}', '{% $states.result.Payload %}'],
        End: true,
      }),
    });
    const execution = {
      Id: 'arn:aws:states:us-east-1:000000000000:execution:deploy:first',
      Input: {},
      Name: 'first',
      RoleArn: 'arn:aws:iam::000000000000:role/states',
      StartTime: '2026-01-05T10:00:00.000Z',
      RedriveCount: 0,
    };
    const StateMachine = {
      Id: 'arn:aws:states:us-east-1:000000000000:stateMachine:deploy',
      Name: 'deploy',
    };
    const EnteredTime = '2026-01-05T10:00:00.000Z';
    expect(output).toEqual([
      { Execution: execution, StateMachine, State: { Name: 'A', EnteredTime } },
      { Execution: execution, StateMachine, State: { Name: 'B', EnteredTime, RetryCount: 0 } },
    ]);
  });

  it('see assigned variables from the next state on', async () => {
    const bench = createBench();
    const { output, events } = await bench.run({
      A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $x + 1 %}' }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}'], End: true },
    });
    expect(output).toEqual([1, 2]);
    expect(events[2]!.stateExitedEventDetails).toEqual({
      name: 'A',
      output: '{}',
      outputDetails: { truncated: false },
      assignedVariables: { x: '1' },
      assignedVariablesDetails: { truncated: false },
    });
  });

  it('fail with the error and cause that a Fail state computes', async () => {
    const bench = createBench();
    const { execution, events } = await bench.run(
      { A: { Type: 'Fail', Error: 'Broken', Cause: "{% 'because ' & $states.input.why %}" } },
      { why: 'so' },
    );
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'because so' });
    expect(types(events)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  it('wait until a timestamp, and not at all for one that is past', async () => {
    const bench = createBench();
    const { seconds } = await bench.run({
      A: { Type: 'Wait', Timestamp: '2026-01-05T11:00:30+01:00', Next: 'B' },
      B: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', Next: 'C' },
      C: end,
    });
    expect(seconds).toBe(30);
  });

  it('take the default of a Choice with its Output and Assign', async () => {
    const bench = createBench();
    const choice = { Type: 'Choice', Choices: [{ Condition: false, Next: 'B' }], Default: 'B' };
    const { output } = await bench.run({
      A: { ...choice, Output: 'fallen', Assign: { y: 2 } },
      B: { Type: 'Pass', Output: "{% $states.input & ' ' & $y %}", End: true },
    });
    expect(output).toBe('fallen 2');
  });

  it('offer the functions of Step Functions, with the region’s time and chance', async () => {
    const states = {
      A: {
        Type: 'Pass',
        Output: {
          partition: '{% $partition([1,2,3,4,5], 2) %}',
          range: '{% $range(0, 10, 5) %}',
          hash: "{% $hash('abc', 'SHA-1') %}",
          parse: '{% $parse(\'{"a":[1]}\').a[0] %}',
          now: '{% $now() %}',
          year: "{% $now('[Y0001]') %}",
          millis: '{% $millis() %}',
          seeded: '{% $random(7) = $random(7) %}',
          uuid: '{% $uuid() %}',
          random: '{% $random() %}',
        },
        End: true,
      },
    };
    const first = await createBench({}, 5).run(states);
    const again = await createBench({}, 5).run(states);
    const other = await createBench({}, 6).run(states);
    expect(first.output).toMatchObject({
      partition: [[1, 2], [3, 4], [5]],
      range: [0, 5, 10],
      hash: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      parse: 1,
      now: '2026-01-05T10:00:00.000Z',
      year: '2026',
      millis: START,
      seeded: true,
      uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/) as string,
    });
    expect(again.output).toEqual(first.output);
    expect((other.output as { uuid: string }).uuid).not.toBe(
      (first.output as { uuid: string }).uuid,
    );
  });
});

const fails = async (state: object, input: unknown = {}) => {
  const { execution, events } = await createBench().run({ A: state }, input);
  return { ...execution, events };
};

describe('an evaluation', () => {
  const where = "An error occurred while executing the state 'A' (entered at the event id #2). ";

  it('that gives nothing fails the execution, and the history says in which field', async () => {
    const { error, cause, events } = await fails({
      Type: 'Pass',
      End: true,
      Output: { result: '{% $doesNotExist %}' },
    });
    const expected =
      `${where}The JSONata expression '$doesNotExist' specified for the field 'Output/result' ` +
      'returned nothing (undefined).';
    expect([error, cause]).toEqual(['States.QueryEvaluationError', expected]);
    expect(events[2]).toMatchObject({
      type: 'EvaluationFailed',
      id: 3,
      previousEventId: 0,
      evaluationFailedEventDetails: {
        error: 'States.QueryEvaluationError',
        cause: expected,
        location: 'Output/result',
        state: 'A',
      },
    });
    expect(events[3]).toMatchObject({ type: 'ExecutionFailed', previousEventId: 3 });
  });

  it.each([
    [
      'throws',
      { Type: 'Pass', End: true, Output: '{% $nope(1) %}' },
      /threw an error during evaluation\. T1006/,
    ],
    [
      'gives a function',
      { Type: 'Pass', End: true, Output: '{% function($x) { $x } %}' },
      /unsupported result type/,
    ],
    [
      'gives no boolean for a Choice',
      { Type: 'Choice', Choices: [{ Condition: "{% 'yes' %}", Next: 'B' }] },
      /Expected 'boolean', but was 'string' for value: "yes"/,
    ],
    [
      'gives no number of seconds',
      { Type: 'Wait', End: true, Seconds: '{% null %}' },
      /Expected 'number', but was 'null'/,
    ],
    [
      'gives a negative number of seconds',
      { Type: 'Wait', End: true, Seconds: '{% -1 %}' },
      /Seconds field/,
    ],
    ['gives half seconds', { Type: 'Wait', End: true, Seconds: '{% 0.5 %}' }, /Seconds field/],
    [
      'gives no timestamp',
      { Type: 'Wait', End: true, Timestamp: "{% '2016-12-05 21:29:29Z' %}" },
      /cannot be parsed as an ISO-8601 .* string: 2016-12-05 21:29:29Z$/,
    ],
    ['gives no arguments', task('f', { End: true, Arguments: '{% 1 %}' }), /Expected 'object'/],
    [
      'gives no function name',
      task('f', { End: true, Arguments: { FunctionName: '{% 1 %}' } }),
      /FunctionName/,
    ],
    [
      'gives a timeout of 0',
      task('f', { End: true, TimeoutSeconds: '{% 0 %}' }),
      /TimeoutSeconds field/,
    ],
  ])('that %s fails the execution', async (_, state, message) => {
    const isChoice = 'Choices' in state;
    const bench = createBench();
    const { execution } = await bench.run(isChoice ? { A: state, B: end } : { A: state });
    expect(execution.error).toBe('States.QueryEvaluationError');
    expect(execution.cause).toMatch(message);
  });

  it('of arguments can be caught', async () => {
    const bench = createBench();
    const { output } = await bench.run({
      A: task('f', {
        Arguments: { FunctionName: '{% $nobody %}' },
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }],
        End: true,
      }),
      B: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    });
    expect(output).toBe('States.QueryEvaluationError');
    expect(bench.invocations).toEqual([]);
  });

  it('in a Catch is not caught by it', async () => {
    const bench = createBench({
      f: () => {
        throw named('Oops');
      },
    });
    const { execution } = await bench.run({
      A: task('f', {
        End: true,
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B', Output: '{% $nobody %}' }],
      }),
      B: end,
    });
    expect(execution.cause).toMatch(/'Catch\[0\]\/Output' returned nothing/);
  });
});

const answersTooMuch = (name: string) =>
  createBench({ f: () => 'x'.repeat(262_145) }).run({
    A: task('f', { End: true, Catch: [{ ErrorEquals: [name], Next: 'B' }] }),
    B: end,
  });

describe('a limit of Step Functions', () => {
  const large = "{% $join($map($range(1, 600, 1), function($v) { $pad('', 500, 'x') })) %}";

  it('stops a Choice without a match with a runtime error, as AWS words it', async () => {
    const { execution } = await createBench().run({
      A: { Type: 'Choice', Choices: [{ Condition: false, Next: 'B' }] },
      B: end,
    });
    expect(execution.error).toBe('States.Runtime');
    expect(execution.cause).toMatch(/The state does not point to a next state\.$/);
  });

  it('stops an output or a variable above 256 KiB', async () => {
    for (const field of [{ Output: large }, { Assign: { x: large } }]) {
      // oxlint-disable-next-line no-await-in-loop -- two small regions, one after the other
      const { execution } = await createBench().run({ A: { Type: 'Pass', End: true, ...field } });
      expect(execution.error).toBe('States.DataLimitExceeded');
      expect(execution.cause).toMatch(/^The state\/task 'A' returned a result with a size/);
    }
  });

  it('fails a task above 256 KiB, which only the name of that error catches', async () => {
    const caught = await answersTooMuch('States.DataLimitExceeded');
    expect(caught.execution.status).toBe('SUCCEEDED');
    expect(caught.events[4]!.taskFailedEventDetails).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause: expect.stringMatching(/^The state\/task 'lambda' returned/) as string,
    });
    expect((await answersTooMuch('States.ALL')).execution.error).toBe('States.DataLimitExceeded');
    expect((await answersTooMuch('States.TaskFailed')).execution.error).toBe(
      'States.DataLimitExceeded',
    );
  });

  it('ends an execution that goes in circles at 25,000 events', async () => {
    const bench = createBench();
    const executionArn = await bench.start(
      bench.define({
        A: { Type: 'Pass', Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'C' }], Default: 'A' },
        C: end,
      }),
    );
    const execution = await bench.ended(executionArn);
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution history event limit exceeded',
    });
    const request = { executionArn, reverseOrder: true, maxResults: 2 };
    expect(await bench.call('GetExecutionHistory', request)).toMatchObject({
      events: [
        {
          id: 25_000,
          previousEventId: 24_999,
          type: 'ExecutionFailed',
          executionFailedEventDetails: { error: 'States.Runtime' },
        },
        { id: 24_999 },
      ],
    });
    await expect(bench.call('RedriveExecution', { executionArn })).rejects.toThrow(
      /Execution history event limit exceeded/,
    );
  });

  it('lets nothing catch the end of a history, whatever a task retries and catches', async () => {
    const bench = createBench({ f: () => 'done' }, 1, { 'execution-history-events': 40 });
    const everything = { ErrorEquals: ['States.ALL'] };
    const executionArn = await bench.start(
      bench.define({
        A: task('f', {
          Next: 'A',
          Retry: [{ ...everything, MaxAttempts: 9 }],
          Catch: [{ ...everything, Next: 'C' }],
        }),
        C: end,
      }),
    );
    expect(await bench.ended(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (40).',
    });
  });

  it('ends an execution at the timeout of its state machine, which nothing catches', async () => {
    const bench = createBench({ f: (_, seconds) => seconds(50) });
    const { execution, events, seconds } = await bench.run(
      { A: task('f', { End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }), B: end },
      {},
      { TimeoutSeconds: 20 },
    );
    expect([execution.status, seconds]).toEqual(['TIMED_OUT', 20]);
    expect(types(events).at(-1)).toBe('ExecutionTimedOut');
  });

  it('ends an execution after a year', async () => {
    const bench = createBench();
    const { execution, seconds } = await bench.run({
      A: { Type: 'Wait', Seconds: 99_999_999, End: true },
    });
    expect([execution.status, seconds]).toEqual(['TIMED_OUT', 365 * 86_400]);
  });

  it('refuses a function that the role may not invoke', async () => {
    const bench = createBench({
      f: () => {
        throw new AwsError('AccessDeniedException', 'User: r is not authorized', {
          httpStatus: 403,
        });
      },
    });
    const { execution } = await bench.run({ A: task('f') });
    expect(execution.error).toBe('Lambda.AWSLambdaException');
    expect(execution.cause).toMatch(/^User: r is not .*Error Code: AccessDeniedException; Request/);
  });
});
