import { describe, expect, it } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import {
  createBench,
  named,
  task,
  tokenTask,
  types,
  type Handler,
} from './step-functions/bench.ts';

const end = { Type: 'Succeed' };
const retry = (...Retry: object[]) => ({ A: task('f', { End: true, Retry }) });
const broken: Handler = () => {
  throw named('Broken');
};

/** A handler that throws the given errors one after the other and then answers. */
function failing(...errors: readonly Error[]): Handler {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error) throw error;
    return 'well';
  };
}

/** Seconds at which a function was invoked. */
function times(bench: ReturnType<typeof createBench>): number[] {
  return bench.invocations.map(({ at }) => at);
}

const waits = async (seed: number) => {
  const bench = createBench({ f: broken }, seed);
  const timing = { IntervalSeconds: 100, MaxAttempts: 2, JitterStrategy: 'FULL' };
  await bench.run(retry({ ErrorEquals: ['Broken'], ...timing }));
  return times(bench);
};

describe('a failing task', () => {
  it('is retried three times after 1, 2 and 4 seconds unless told otherwise', async () => {
    const bench = createBench({ f: broken });
    const { executionArn, execution, events } = await bench.run(
      retry({ ErrorEquals: ['States.ALL'] }),
    );
    expect(times(bench)).toEqual([0, 1, 3, 7]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(types(events).filter((type) => type === 'TaskStateEntered')).toHaveLength(1);
    expect(types(events).filter((type) => type === 'TaskFailed')).toHaveLength(4);
    expect(bench.region.billedTransitions(executionArn)).toBe(4);
  });

  it('waits as the retrier says, up to its bound', async () => {
    const bench = createBench({ f: broken });
    const timing = { IntervalSeconds: 2, BackoffRate: 5, MaxAttempts: 4, MaxDelaySeconds: 30 };
    await bench.run(retry({ ErrorEquals: ['Broken'], ...timing }));
    expect(times(bench)).toEqual([0, 2, 12, 42, 72]);
  });

  it('waits a random part of the delay with full jitter, the same for the same seed', async () => {
    const [, first = 0, second = 0] = await waits(1);
    expect(first).toBeLessThan(100);
    expect(second - first).toBeLessThan(200);
    expect(await waits(1)).toEqual([0, first, second]);
    expect(await waits(2)).not.toEqual([0, first, second]);
  });

  it('counts the attempts of each retrier by itself', async () => {
    const errors = ['X', 'Y', 'X', 'Y', 'X'].map((name) => named(name));
    const bench = createBench({ f: failing(...errors) });
    const { execution } = await bench.run(
      retry(
        { ErrorEquals: ['X'], MaxAttempts: 2, BackoffRate: 1 },
        { ErrorEquals: ['States.TaskFailed'], MaxAttempts: 5, BackoffRate: 1 },
      ),
    );
    expect(times(bench)).toEqual([0, 1, 2, 3, 4]);
    expect(execution.error).toBe('X');
  });

  it('is not retried at all with MaxAttempts 0', async () => {
    const bench = createBench({ f: broken });
    await bench.run(
      retry({ ErrorEquals: ['Broken'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }),
    );
    expect(times(bench)).toEqual([0]);
  });

  it('tells its function how often it was retried', async () => {
    const bench = createBench({ f: failing(named('X'), named('X')) });
    await bench.run({
      A: task('f', {
        Arguments: { FunctionName: 'f', Payload: '{% $states.context.State.RetryCount %}' },
        Retry: [{ ErrorEquals: ['X'] }],
        End: true,
      }),
    });
    expect(bench.invocations.map(({ event }) => event)).toEqual([0, 1, 2]);
  });

  it('is caught after its retries, with the function’s own words as the cause', async () => {
    const bench = createBench({ f: broken });
    const { output, events, seconds } = await bench.run(
      {
        A: task('f', {
          Next: 'Never',
          Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }],
          Catch: [
            { ErrorEquals: ['Other'], Next: 'Never' },
            {
              ErrorEquals: ['Broken'],
              Next: 'B',
              Assign: { name: '{% $states.errorOutput.Error %}' },
              Output: {
                cause: '{% $parse($states.errorOutput.Cause) %}',
                input: '{% $states.input %}',
              },
            },
          ],
        }),
        B: { Type: 'Pass', Output: ['{% $name %}', '{% $states.input %}'], End: true },
        Never: { Type: 'Fail' },
      },
      { a: 1 },
    );
    const cause = { errorType: 'Broken', errorMessage: 'It did not work.', stackTrace: [] };
    expect(output).toEqual(['Broken', { cause, input: { a: 1 } }]);
    expect(seconds).toBe(1);
    expect(types(events).slice(2, 9)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskStateExited',
    ]);
    expect(events[4]!.taskFailedEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      error: 'Broken',
      cause: JSON.stringify(cause),
    });
  });

  it('is retried when the evaluation of its output fails', async () => {
    const answers = [null, { a: 1 }];
    const bench = createBench({ f: () => answers.shift() });
    const { output } = await bench.run({
      A: task('f', {
        Output: '{% $states.result.Payload.a %}',
        Retry: [{ ErrorEquals: ['States.QueryEvaluationError'] }],
        End: true,
      }),
    });
    expect(output).toBe(1);
    expect(times(bench)).toEqual([0, 1]);
  });

  it.each([
    ['TooManyRequestsException', 'Lambda.TooManyRequestsException'],
    ['ServiceException', 'Lambda.ServiceException'],
    ['AccessDeniedException', 'Lambda.AWSLambdaException'],
  ])('reports %s of Lambda as %s', async (code, error) => {
    const refuse: Handler = () => {
      throw new AwsError(code, 'Rate exceeded', { httpStatus: 429 });
    };
    const { execution } = await createBench({ f: refuse }).run({ A: task('f') });
    expect(execution.error).toBe(error);
    expect(execution.cause).toMatch(
      new RegExp(`^Rate exceeded \\(Service: AWSLambda; Status Code: 429; Error Code: ${code};`),
    );
  });

  it('fails with Lambda’s words when there is no such function', async () => {
    const { execution } = await createBench().run({ A: task('nobody') });
    expect(execution.error).toBe('Lambda.ResourceNotFoundException');
    expect(execution.cause).toMatch(
      /^Function not found: arn:aws:lambda:.*:function:nobody:\$LATEST/,
    );
  });
});

const timed = (fields: object) => ({
  A: task('f', { TimeoutSeconds: 10, End: true, ...fields }),
  B: { Type: 'Pass', End: true },
});

const slow: Handler = (_, seconds) => seconds(60);

const catching = (name: string) => timed({ Catch: [{ ErrorEquals: [name], Next: 'B' }] });

describe('a task with a timeout', () => {
  it('is given up when the time is over, and the function’s late answer is ignored', async () => {
    const bench = createBench({ f: slow });
    const { output, events, executionArn, seconds } = await bench.run(catching('States.Timeout'));
    expect([output, seconds]).toEqual([{ Error: 'States.Timeout', Cause: '' }, 10]);
    expect(events[2]!.taskScheduledEventDetails).toMatchObject({ timeoutInSeconds: 10 });
    expect(events[4]).toMatchObject({
      type: 'TaskTimedOut',
      taskTimedOutEventDetails: { error: 'States.Timeout' },
    });
    await bench.pass(120);
    expect(await bench.history(executionArn)).toEqual(events);
  });

  it('is caught by States.ALL but not by States.TaskFailed', async () => {
    const all = await createBench({ f: slow }).run(catching('States.ALL'));
    expect(all.execution.status).toBe('SUCCEEDED');
    const failed = await createBench({ f: slow }).run(catching('States.TaskFailed'));
    expect(failed.execution.error).toBe('States.Timeout');
  });

  it('has a fresh timeout for each attempt', async () => {
    const bench = createBench({ f: slow });
    const { seconds } = await bench.run(
      {
        A: task('f', {
          TimeoutSeconds: '{% $states.input.limit %}',
          Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }],
          End: true,
        }),
      },
      { limit: 10 },
    );
    expect([times(bench), seconds]).toEqual([[0, 11], 21]);
  });
});

const keep = () => {
  const tokens: string[] = [];
  const handler: Handler = ({ token }: { token: string }) => void tokens.push(token);
  return { tokens, bench: createBench({ f: handler }) };
};

const started = async (fields: object, states: object = {}) => {
  const { tokens, bench } = keep();
  const A = tokenTask('f', { End: true, ...fields });
  const executionArn = await bench.start(bench.define({ A, ...states }));
  await bench.pass(1);
  const send = (name: string, extra: object = {}) =>
    bench.call(`SendTask${name}`, { taskToken: tokens.at(-1), ...extra });
  return { tokens, bench, executionArn, send };
};

describe('a task that waits for its token', () => {
  it('goes on with what SendTaskSuccess says', async () => {
    const { bench, executionArn, send } = await started({});
    await bench.pass(99);
    await send('Success', { output: '{"a":1}' });
    const execution = await bench.ended(executionArn);
    expect(execution.output).toBe('{"a":1}');
    const events = await bench.history(executionArn);
    expect(types(events).slice(2)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events[4]!.taskSubmittedEventDetails).toMatchObject({
      resource: 'invoke.waitForTaskToken',
      resourceType: 'lambda',
      output: expect.stringContaining('"StatusCode":200') as string,
    });
    expect(events[5]!.taskSucceededEventDetails!.output).toBe('{"a":1}');
  });

  it('fails with what SendTaskFailure says', async () => {
    const { bench, executionArn, send } = await started({});
    await send('Failure', { error: 'Alarm', cause: 'too many errors' });
    expect(await bench.ended(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Alarm',
      cause: 'too many errors',
    });
  });

  it('times out to the second, and whoever comes too late is told so', async () => {
    const { bench, executionArn, send } = await started(
      { TimeoutSeconds: 600, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }] },
      { B: { Type: 'Wait', Seconds: 60, End: true } },
    );
    await bench.pass(598.999);
    expect(types(await bench.history(executionArn)).at(-1)).toBe('TaskSubmitted');
    await bench.pass(0.001);
    await expect(send('Success', { output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
    expect((await bench.ended(executionArn)).output).toMatch(/States\.Timeout/);
  });

  it('takes a signal one millisecond before its timeout, and then no other', async () => {
    const { bench, executionArn, send } = await started({ TimeoutSeconds: 600 });
    await bench.pass(598.999);
    await send('Success', { output: '"in time"' });
    await expect(send('Failure')).rejects.toMatchObject({ code: 'TaskTimedOut' });
    await expect(send('Heartbeat')).rejects.toMatchObject({ code: 'TaskTimedOut' });
    await bench.pass(5);
    expect((await bench.describe(executionArn)).output).toBe('"in time"');
    expect(types(await bench.history(executionArn))).not.toContain('TaskTimedOut');
  });

  it('lives from heartbeat to heartbeat', async () => {
    const { bench, executionArn, send } = await started(
      {
        HeartbeatSeconds: 10,
        TimeoutSeconds: 600,
        Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'B' }],
      },
      { B: end },
    );
    await bench.pass(8);
    await send('Heartbeat');
    await bench.pass(9);
    await send('Heartbeat');
    const execution = await bench.ended(executionArn);
    expect(execution.output).toBe('{"Error":"States.HeartbeatTimeout","Cause":""}');
    expect(execution.stopDate!.getTime() - execution.startDate!.getTime()).toBe(28_000);
  });

  it('reports a missing heartbeat as States.Timeout to whoever does not name it', async () => {
    const { bench, executionArn } = await started({ HeartbeatSeconds: 10 });
    expect((await bench.ended(executionArn)).error).toBe('States.Timeout');
  });

  it('gets a new token for each attempt', async () => {
    const { bench, tokens, executionArn, send } = await started({
      Retry: [{ ErrorEquals: ['Again'] }],
    });
    await send('Failure', { error: 'Again' });
    await bench.pass(2);
    expect(new Set(tokens).size).toBe(2);
    await send('Success', { output: '2' });
    expect((await bench.ended(executionArn)).output).toBe('2');
  });

  it('takes a word that comes before its function has answered', async () => {
    const bench: ReturnType<typeof createBench> = createBench({
      f: async ({ token: taskToken }: { token: string }, seconds) => {
        await bench.call('SendTaskSuccess', { taskToken, output: '"early"' });
        await seconds(30);
        throw named('Late');
      },
    });
    const { output, seconds } = await bench.run({ A: tokenTask('f') });
    expect([output, seconds]).toEqual(['early', 0]);
  });

  it('fails when its function fails', async () => {
    const { execution } = await createBench({ f: broken }).run({ A: tokenTask('f') });
    expect(execution.error).toBe('Broken');
  });

  it('has a token only where it waits for one', async () => {
    const { execution } = await createBench().run({
      A: { Type: 'Pass', Output: '{% $states.context.Task.Token %}', End: true },
    });
    expect(execution.error).toBe('States.QueryEvaluationError');
  });

  it('refuses what is no token, no JSON, or too much', async () => {
    const { bench, tokens, send } = await started({});
    const unknown = (tokens[0] ?? '').replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    const refusals: readonly (readonly [object, string])[] = [
      [{ taskToken: 'nonsense' }, 'InvalidToken'],
      [{ taskToken: unknown }, 'TaskDoesNotExist'],
      [{ taskToken: '' }, 'ValidationException'],
      [{ output: 'nonsense' }, 'InvalidOutput'],
      [{ output: 'x'.repeat(262_145) }, 'ValidationException'],
      [{ output: JSON.stringify('ü'.repeat(140_000)) }, 'InvalidOutput'],
    ];
    for (const [change, code] of refusals) {
      const request = send('Success', { output: '1', ...change });
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      await expect(request).rejects.toMatchObject({ code });
    }
    expect(bench.operation('SendTaskSuccess').permissions({} as never)).toEqual([
      { action: 'states:SendTaskSuccess', resources: ['*'] },
    ]);
  });
});
