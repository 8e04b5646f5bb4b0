import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { createIdentities } from '../../region/iam/identities.ts';
import { createRealClock } from '../../region/kernel/real-clock.ts';
import { createLambda } from '../../region/services/lambda/lambda.ts';
import { limitOn, patienceOn } from '../../region/services/lambda/deadline.ts';
import { readZip } from '../../region/services/lambda/zip.ts';
import {
  FUNCTION,
  ROLE,
  RULE,
  START,
  bundle,
  createFixture,
  createKernel,
} from './lambda/fixture.ts';
import { zip } from './lambda/zip-writer.ts';

const fixtures: ReturnType<typeof createFixture>[] = [];

function region() {
  const fixture = createFixture();
  fixtures.push(fixture);
  return fixture;
}

afterEach(async () => {
  await Promise.all(fixtures.splice(0).map(({ lambda }) => lambda.stop()));
});

const byRule = { type: 'service', principal: 'events.amazonaws.com', sourceArn: RULE } as const;
const permission = {
  FunctionName: 'plan',
  StatementId: 'alarms',
  Action: 'lambda:InvokeFunction',
  Principal: 'events.amazonaws.com',
  SourceArn: RULE,
};

describe('a packaged function', () => {
  it('answers with its result under a real context', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(
      bundle(`export const handler = async (event, context) => ({
        got: event.service, name: context.functionName, arn: context.invokedFunctionArn,
        memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis(),
        group: context.logGroupName, id: context.awsRequestId })`),
    );
    expect(await invoke({ service: 'web' })).toEqual({
      functionError: undefined,
      result: {
        got: 'web',
        name: 'plan',
        arn: FUNCTION,
        memory: '128',
        left: 3000,
        group: '/aws/lambda/plan',
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      },
    });
  });

  it('sees its own environment, what Lambda adds, and nothing of the host', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(
      bundle('export const handler = async () => ({ ...process.env })', {
        environment: { TABLE: 'deployments' },
        memoryMegabytes: 256,
      }),
    );
    process.env['REGION_TEST_SECRET'] = 'host';
    const { result } = await invoke();
    delete process.env['REGION_TEST_SECRET'];
    expect(result).toMatchObject({
      TABLE: 'deployments',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_LAMBDA_FUNCTION_NAME: 'plan',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SESSION_TOKEN: expect.any(String),
      _HANDLER: 'dist/plan.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/),
    });
    expect(Object.keys(result as object)).not.toContain('REGION_TEST_SECRET');
    expect(Object.keys(result as object)).not.toContain('HOME');
  });

  it('acts under its role', async () => {
    const { lambda, invoke, identities } = region();
    lambda.addFunction(
      bundle(`export const handler = async () => [process.env.AWS_ACCESS_KEY_ID,
        process.env.AWS_SESSION_TOKEN]`),
    );
    const [key = '', token] = (await invoke()).result as string[];
    expect(identities.find(key, token)?.caller.roleArn).toBe(ROLE);
  });

  it('keeps its environment warm, and starts another only for an overlapping call', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(bundle('let calls = 0; export const handler = async () => (calls += 1)'));
    expect((await invoke()).result).toBe(1);
    expect((await invoke()).result).toBe(2);
    expect(lambda.coldStarts('plan')).toBe(1);
    await Promise.all([invoke(), invoke()]);
    expect(lambda.coldStarts()).toBe(2);
  });

  it('starts cold again after ten idle minutes', async () => {
    const { lambda, invoke, clock } = region();
    lambda.addFunction(bundle('let calls = 0; export const handler = async () => (calls += 1)'));
    await invoke();
    await clock.runUntil(clock.sleep(9 * 60_000));
    expect((await invoke()).result).toBe(2);
    await clock.runUntil(clock.sleep(11 * 60_000));
    expect((await invoke()).result).toBe(1);
  });

  it('answers null when it returns nothing', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(bundle('export const handler = async () => {}'));
    expect((await invoke()).result).toBeNull();
  });

  it('can be a directory that is used in place', async () => {
    const { lambda, invoke } = region();
    const codeDirectory = mkdtempSync(path.join(tmpdir(), 'region-test-'));
    writeFileSync(path.join(codeDirectory, 'plan.mjs'), 'export const handler = async () => 5');
    const { codeZip: _none, ...options } = bundle('', { handler: 'plan.handler', codeDirectory });
    lambda.addFunction(options);
    expect((await invoke()).result).toBe(5);
    await lambda.stop();
    expect(existsSync(codeDirectory)).toBe(true);
    rmSync(codeDirectory, { recursive: true });
  });

  it('leaves nothing of its code behind when the region stops', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(bundle('export const handler = async () => process.env.LAMBDA_TASK_ROOT'));
    const root = (await invoke()).result as string;
    expect(existsSync(root)).toBe(true);
    await lambda.stop();
    expect(existsSync(root)).toBe(false);
  });

  it('has its output kept in order, console lines as Lambda writes them', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(
      bundle(`export const handler = async (_, { awsRequestId }) => {
        process.stdout.write('{"level":"INFO"}\\n'); console.warn('slow', 3);
        return awsRequestId }`),
    );
    const heard: string[] = [];
    lambda.onLog((line) => heard.push(line.text));
    const { result } = await invoke();
    expect(lambda.logs('plan').map((line) => line.text)).toEqual([
      '{"level":"INFO"}',
      `2026-03-01T12:00:00.000Z\t${result as string}\tWARN\tslow 3`,
    ]);
    expect(heard).toHaveLength(2);
  });
});

describe('region time inside a function', () => {
  it('stands still while the function works and moves while it waits', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(
      bundle(
        `import { setTimeout as sleep } from 'node:timers/promises';
        export const handler = async (_, context) => {
          const times = [Date.now()];
          await new Promise((done) => setTimeout(done, 5)); times.push(Date.now());
          await sleep(240_000); times.push(Date.now(), +new Date());
          return [...times, context.getRemainingTimeInMillis(), new Date(5).getTime(),
            new Date() instanceof Date] }`,
        { timeoutSeconds: 300 },
      ),
    );
    const later = START + 240_000;
    expect((await invoke()).result).toEqual([START, START, later, later, 60_000, 5, true]);
  });

  it('lets two waits of one function overlap and wakes them in order', async () => {
    const { lambda, invoke, clock } = region();
    lambda.addFunction(
      bundle(
        `import { setTimeout as sleep } from 'node:timers/promises';
        export const handler = async () => {
          const seen = []; const wait = async (ms) => { await sleep(ms); seen.push(Date.now()) };
          await Promise.all([wait(20_000), wait(5_000), wait(60_000)]); return seen }`,
        { timeoutSeconds: 120 },
      ),
    );
    expect((await invoke()).result).toEqual([START + 5_000, START + 20_000, START + 60_000]);
    expect(clock.now()).toBe(START + 60_000);
  });

  it('ends a wait that its signal aborts', async () => {
    const { lambda, invoke, clock } = region();
    lambda.addFunction(
      bundle(`import { setTimeout as sleep } from 'node:timers/promises';
        export const handler = async () => { const control = new AbortController();
          const waiting = sleep(1000, 'x', { signal: control.signal }).catch((error) => error.name);
          control.abort(); return waiting }`),
    );
    expect((await invoke()).result).toBe('AbortError');
    expect(clock.now()).toBe(START);
  });

  it('follows a fast clock', async () => {
    const clock = createRealClock({ speed: 100, onFailure: () => undefined });
    const identities = createIdentities();
    identities.addRole({ arn: ROLE, trust: ['lambda.amazonaws.com'], policies: [] });
    const kernel = createKernel(clock);
    const lambda = createLambda({ kernel, identities, endpointUrl: () => '' });
    lambda.addFunction(
      bundle(`import { setTimeout as sleep } from 'node:timers/promises';
        export const handler = async () => { const start = Date.now(); await sleep(2000);
          return Date.now() - start }`),
    );
    lambda.addPermission(permission);
    const before = clock.now();
    const answer = await lambda.functions.invoke({
      functionArn: FUNCTION,
      payload: '{}',
      caller: byRule,
    });
    await lambda.stop();
    const waited = Number(answer.payload);
    expect(waited).toBeGreaterThan(1500);
    expect(waited).toBeLessThanOrEqual(clock.now() - before);
    clock.stop();
  });

  it('gives a function fifteen real seconds at the very least when the region runs fast', () => {
    const clock = { ...createFixture().clock, speed: 60 };
    expect(limitOn(clock, 30_000)).toBe(900_000);
    expect(limitOn(clock, 1_000_000)).toBe(1_000_000);
    expect(limitOn({ ...clock, speed: 1 }, 1000)).toBe(1000);
    expect(limitOn({ ...clock, speed: 'virtual' }, 1000)).toBe(1000);
  });

  it('lets a caller wait longer for a function than the function has, however fast', () => {
    for (const speed of [1, 30, 60, 1000]) {
      const clock = { ...createFixture().clock, speed };
      expect(patienceOn(clock, 60_000)).toBeGreaterThan(limitOn(clock, 30_000));
    }
    expect(patienceOn({ ...createFixture().clock, speed: 'virtual' }, 1000)).toBe(1000);
  });
});

describe('a function that goes wrong', () => {
  it.each([
    [
      'throws',
      `export const handler = async () => { throw new RangeError('no such step') }`,
      { errorType: 'RangeError', errorMessage: 'no such step', trace: expect.any(Array) },
    ],
    [
      'throws something that is no error',
      `export const handler = async () => { throw 'text' }`,
      { errorType: 'string', errorMessage: 'text', trace: [] },
    ],
    [
      'fails while it loads',
      `throw new TypeError('bad start'); export const handler = 1`,
      { errorType: 'TypeError', errorMessage: 'bad start', trace: expect.any(Array) },
    ],
    [
      'does not parse',
      `export const handler = async () => {`,
      { errorType: 'Runtime.UserCodeSyntaxError', errorMessage: expect.any(String) },
    ],
    [
      'misses a module',
      `import 'no-such-module'; export const handler = async () => 1`,
      {
        errorType: 'Runtime.ImportModuleError',
        errorMessage: expect.stringContaining('no-such-module'),
      },
    ],
    [
      'does not export its handler',
      `export const other = 1`,
      {
        errorType: 'Runtime.HandlerNotFound',
        errorMessage: 'dist/plan.handler is undefined or not exported',
      },
    ],
    [
      'takes a callback',
      `export const handler = (event, context, done) => done(null, 1)`,
      { errorType: 'Runtime.CallbackHandlerDeprecated' },
    ],
    [
      'leaves a rejection unhandled',
      `export const handler = async () => { Promise.reject(new Error('lost'));
        await new Promise(() => {}) }`,
      {
        errorType: 'Runtime.UnhandledPromiseRejection',
        errorMessage: expect.stringMatching('lost'),
      },
    ],
    [
      'returns what JSON cannot say',
      `export const handler = async () => 1n`,
      { errorType: 'Error', errorMessage: 'Unable to stringify response body' },
    ],
    [
      'returns too much',
      `export const handler = async () => 'x'.repeat(6_291_560)`,
      { errorType: 'Function.ResponseSizeTooLarge' },
    ],
    [
      'exits',
      `export const handler = async () => process.exit(3)`,
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(
          /^RequestId: [0-9a-f-]+ Error: Runtime exited with error: exit status 3$/,
        ),
      },
    ],
  ])('answers as AWS does when it %s', async (_what, source, failure) => {
    const { lambda, invoke } = region();
    lambda.addFunction(bundle(source));
    const { result, functionError } = await invoke();
    expect(functionError).toBe('Unhandled');
    expect(result).toMatchObject(failure);
  });

  it('is ended when its time is over, and the next invocation starts cold', async () => {
    const { lambda, invoke, clock } = region();
    lambda.addFunction(
      bundle(`import { setTimeout as sleep } from 'node:timers/promises';
        export const handler = async ({ wait }) => { await sleep(wait); return 'done' }`),
    );
    const { result } = await invoke({ wait: 10_000 });
    expect(result).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(
        /^RequestId: [0-9a-f-]+ Error: Task timed out after 3\.00 seconds$/,
      ),
    });
    expect(clock.now()).toBe(START + 3000);
    expect((await invoke({ wait: 1 })).result).toBe('done');
    expect(lambda.coldStarts()).toBe(2);
  });

  it('can be killed in the middle, as if its machine were gone', async () => {
    const { lambda, invoke } = region();
    lambda.addFunction(
      bundle(
        `export const handler = async () => { console.log('up'); await new Promise(() => {}) }`,
      ),
    );
    let killed = 0;
    lambda.onLog((line) => {
      if (line.text.endsWith('up')) killed = lambda.kill('plan');
    });
    const { result, functionError } = await invoke();
    expect(functionError).toBe('Unhandled');
    expect(result).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('Runtime exited with error: signal: killed'),
    });
    expect(killed).toBe(1);
    expect(lambda.running()).toEqual([]);
    expect(lambda.kill('plan')).toBe(0);
  });
});

describe('a function in process', () => {
  it('is subject to the same timeout', async () => {
    const { lambda, clock, invoke } = region();
    let aborted = false;
    lambda.addFunction({
      name: 'plan',
      invoke: (_event, { signal }) =>
        clock.idle(
          () =>
            new Promise(() => {
              signal.addEventListener('abort', () => (aborted = true));
            }),
        ),
    });
    expect((await invoke()).result).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(clock.now()).toBe(START + 3000);
    expect(aborted).toBe(true);
  });
});

describe('an event that nobody waits for', () => {
  it('is tried again after one and after two minutes, then given up', async () => {
    const { lambda, call, clock, kernel } = region();
    const attempts: number[] = [];
    lambda.addFunction({
      name: 'plan',
      invoke: () => {
        attempts.push(clock.now() - START);
        return Promise.reject(new Error('still broken'));
      },
    });
    expect(await call('Invoke', { FunctionName: 'plan', InvocationType: 'Event' })).toMatchObject({
      StatusCode: 202,
    });
    await clock.runUntil(clock.sleep(3_600_000));
    expect(attempts).toEqual([20, 60_020, 180_020]);
    expect(kernel.lines).toEqual([
      'lambda: gave up an event for plan: the function failed 3 times.',
    ]);
  });

  it('is retried as often as the function says', async () => {
    const { lambda, clock } = region();
    let attempts = 0;
    lambda.addFunction({
      name: 'plan',
      invoke: () => {
        attempts += 1;
        return Promise.reject(new Error('still broken'));
      },
    });
    lambda.addPermission(permission);
    lambda.setEventRetries('plan', { maximumRetryAttempts: 0 });
    const event = { functionArn: 'plan', payload: '{}', caller: byRule } as const;
    expect(await lambda.functions.invoke({ ...event, invocationType: 'Event' })).toEqual({
      payload: '',
    });
    await clock.runUntil(clock.sleep(3_600_000));
    expect(attempts).toBe(1);
  });

  it('waits while the function is throttled', async () => {
    const { lambda, call, clock } = region();
    const started: number[] = [];
    lambda.addFunction({
      name: 'plan',
      reservedConcurrency: 1,
      timeoutSeconds: 10,
      invoke: async () => {
        started.push(clock.now() - START);
        await clock.idle(() => clock.sleep(4000));
      },
    });
    const event = { FunctionName: 'plan', InvocationType: 'Event' };
    await call('Invoke', event);
    await call('Invoke', event);
    await clock.runUntil(clock.sleep(60_000));
    expect(started).toEqual([20, 7020]);
  });
});

describe('a zip archive', () => {
  it('is read whether its entries are stored or deflated', () => {
    for (const method of [0, 8] as const) {
      const entries = readZip(zip({ 'a.txt': 'hello hello hello', 'b/c.txt': '' }, method));
      expect(entries.map(({ path: name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual(
        [
          ['a.txt', 'hello hello hello'],
          ['b/c.txt', ''],
        ],
      );
    }
  });

  it('is refused when an entry would land outside of it', () => {
    expect(() => readZip(zip({ '../evil.txt': 'x' }))).toThrow(/outside of it/);
  });

  it('is refused when a byte has changed', () => {
    const archive = Buffer.from(zip({ 'a.txt': 'hello' }, 0));
    archive[archive.indexOf('hello')] = 0;
    expect(() => readZip(archive)).toThrow(/cannot be unpacked/);
  });
});
