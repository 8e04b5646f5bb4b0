import { afterEach, describe, expect, it } from 'vitest';

import type { Lambda } from '../../region/services/lambda/lambda.ts';
import { isArnLike } from '../../region/services/lambda/resource-policy.ts';
import { FUNCTION, ROLE, RULE, bundle, createFixture } from './lambda/fixture.ts';

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

type InvokeCaller = Parameters<Lambda['functions']['invoke']>[0]['caller'];

/** A call of `plan` with this caller. */
const as = (caller: InvokeCaller) => ({ functionArn: FUNCTION, payload: '{}', caller }) as const;

describe('who may invoke', () => {
  const answering = bundle('export const handler = async () => 1');

  it('a service only through the resource policy, and only for that source', async () => {
    const { lambda } = region();
    lambda.addFunction(answering);
    await expect(lambda.functions.invoke(as(byRule))).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    lambda.addPermission(permission);
    expect(await lambda.functions.invoke(as(byRule))).toMatchObject({ payload: '1' });
    await expect(
      lambda.functions.invoke(as({ ...byRule, sourceArn: `${RULE}-2` })),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(
      lambda.functions.invoke(as({ ...byRule, principal: 'sns.amazonaws.com' })),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('a role only with lambda:InvokeFunction on that very function', async () => {
    const { lambda, identities } = region();
    lambda.addFunction(answering);
    expect(await lambda.functions.invoke(as({ type: 'role', roleArn: ROLE }))).toMatchObject({
      payload: '1',
    });
    const other = `${ROLE}-other`;
    identities.addRole({ arn: other, trust: [], policies: [] });
    await expect(
      lambda.functions.invoke(as({ type: 'role', roleArn: other })),
    ).rejects.toMatchObject({
      code: 'AccessDeniedException',
      httpStatus: 403,
      message: expect.stringContaining('lambda:InvokeFunction on resource: ' + FUNCTION),
    });
  });

  it('nobody a function that does not exist', async () => {
    const { lambda } = region();
    await expect(
      lambda.functions.invoke(as({ type: 'role', roleArn: ROLE })),
    ).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: `Function not found: ${FUNCTION}`,
    });
  });

  it('matches the source of a permission part by part', () => {
    const api = 'arn:aws:execute-api:us-east-1:000000000000:api1/$default/GET/deployments';
    expect(isArnLike(api, 'arn:aws:execute-api:us-east-1:000000000000:api1/*')).toBe(true);
    expect(isArnLike(api, 'arn:aws:execute-api:*:000000000000:api2/*')).toBe(false);
    expect(isArnLike(api, 'arn:aws:*')).toBe(false);
  });

  it('says its policy, and takes a statement back', async () => {
    const { lambda, call } = region();
    lambda.addFunction(answering);
    await expect(call('GetPolicy', { FunctionName: 'plan' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await call('AddPermission', permission);
    await expect(call('AddPermission', permission)).rejects.toMatchObject({
      code: 'ResourceConflictException',
      httpStatus: 409,
    });
    const { Policy } = (await call('GetPolicy', { FunctionName: FUNCTION })) as { Policy: string };
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [
        {
          Sid: 'alarms',
          Principal: { Service: 'events.amazonaws.com' },
          Resource: FUNCTION,
          Condition: { ArnLike: { 'AWS:SourceArn': RULE } },
        },
      ],
    });
    await call('RemovePermission', { FunctionName: 'plan', StatementId: 'alarms' });
    await expect(lambda.functions.invoke(as(byRule))).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});

describe('how many may run', () => {
  const slow = { name: 'slow', invoke: () => new Promise<never>(() => undefined) };

  it('refuses more invocations than a function has reserved', async () => {
    const { lambda, call } = region();
    lambda.addFunction({ ...slow, reservedConcurrency: 1 });
    void call('Invoke', { FunctionName: 'slow' });
    await expect(call('Invoke', { FunctionName: 'slow' })).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      httpStatus: 429,
      message: 'Rate Exceeded.',
      fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    });
  });

  it('refuses the invocation after the thousandth of the account', async () => {
    const { lambda, call } = region();
    lambda.addFunction(slow);
    for (let count = 0; count < 1000; count += 1) void call('Invoke', { FunctionName: 'slow' });
    await expect(call('Invoke', { FunctionName: 'slow' })).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      fields: { Reason: 'ConcurrentInvocationLimitExceeded' },
    });
  });

  it('refuses reservations that leave less than a hundred to the others', () => {
    const { lambda } = region();
    lambda.addFunction({ ...slow, reservedConcurrency: 900 });
    expect(() => lambda.addFunction({ ...slow, name: 'b', reservedConcurrency: 1 })).toThrow(
      /below its minimum value of \[100\]/,
    );
  });
});

describe('the Invoke operation', () => {
  it('tells the version, the function error and the end of the log', async () => {
    const { lambda, call } = region();
    lambda.addFunction(
      bundle(
        `export const handler = async () => { console.log('one line'); throw new Error('no') }`,
      ),
    );
    const answer = (await call('Invoke', { FunctionName: 'plan', LogType: 'Tail' })) as {
      readonly [member: string]: unknown;
      readonly LogResult: string;
    };
    expect(answer).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      FunctionError: 'Unhandled',
    });
    const log = Buffer.from(answer.LogResult, 'base64').toString();
    expect(log).toMatch(/^START RequestId: .*\n.*INFO\tone line\n.*Invoke Error[^]*END RequestId/);
  });

  it('answers a dry run without running anything', async () => {
    const { lambda, call } = region();
    lambda.addFunction(bundle('export const handler = async () => 1'));
    const dryRun = { FunctionName: 'plan', InvocationType: 'DryRun' };
    expect(await call('Invoke', dryRun)).toEqual({ StatusCode: 204 });
    expect(lambda.coldStarts()).toBe(0);
  });

  it.each([
    ['no JSON', { Payload: Buffer.from('{') }, 'InvalidRequestContentException'],
    [
      'more than 6 MB',
      { Payload: Buffer.from(JSON.stringify('x'.repeat(6_291_455))) },
      'RequestTooLargeException',
    ],
    [
      'an event of more than 1 MB',
      { InvocationType: 'Event', Payload: Buffer.from(JSON.stringify('x'.repeat(1_048_576))) },
      'RequestTooLargeException',
    ],
    ['an unknown version', { Qualifier: '7' }, 'ResourceNotFoundException'],
    ['a client context', { ClientContext: 'e30=' }, 'InvalidParameterValueException'],
  ])('refuses %s', async (_what, input, code) => {
    const { lambda, call } = region();
    lambda.addFunction({ name: 'plan', invoke: () => Promise.resolve(1) });
    await expect(call('Invoke', { FunctionName: 'plan', ...input })).rejects.toMatchObject({
      code,
    });
  });
});

describe('settings that Lambda refuses', () => {
  const good = bundle('export const handler = async () => 1');

  it.each([
    ['a name with a space', { name: 'a plan' }, /functionName/],
    ['a timeout of 901 seconds', { timeoutSeconds: 901 }, /'timeout'/],
    ['64 MB of memory', { memoryMegabytes: 64 }, /'memorySize'/],
    ['a runtime of the past', { runtime: 'nodejs16.x' }, /'runtime'/],
    ['two architectures', { architectures: ['arm64', 'x86_64'] }, /'architectures'/],
    ['layers', { layers: ['arn:aws:lambda:us-east-1:000000000000:layer:x:1'] }, /no layers/],
    ['a reserved variable', { environment: { AWS_REGION: 'x' } }, /reserved keys.*AWS_REGION/],
    ['a huge environment', { environment: { BIG: 'x'.repeat(4096) } }, /exceeded the 4KB limit/],
    ['a role Lambda may not assume', { roleArn: `${ROLE}-none` }, /cannot be assumed by Lambda/],
    ['tracing without permission', { tracing: 'Active' as const }, /PutTraceSegments on XRAY/],
    ['an archive that is none', { codeZip: Buffer.from('nothing') }, /Could not unzip/],
  ])('%s', (_what, changes, message) => {
    const { lambda } = region();
    expect(() => lambda.addFunction({ ...good, ...changes })).toThrow(message);
  });

  it('the same name twice', () => {
    const { lambda } = region();
    lambda.addFunction(good);
    expect(() => lambda.addFunction(good)).toThrow('Function already exist: plan');
  });

  it('changes of an older revision', async () => {
    const { lambda, call } = region();
    lambda.addFunction(good);
    await expect(
      call('UpdateFunctionConfiguration', { FunctionName: 'plan', RevisionId: 'old' }),
    ).rejects.toMatchObject({ code: 'PreconditionFailedException', httpStatus: 412 });
  });
});

describe('what callers can ask about functions', () => {
  it('describes a function and lists all', async () => {
    const { lambda, call } = region();
    lambda.addFunction(bundle('export const handler = async () => 1', { timeoutSeconds: 60 }));
    const expected = {
      FunctionName: 'plan',
      FunctionArn: FUNCTION,
      Runtime: 'nodejs24.x',
      Timeout: 60,
      State: 'Active',
      LastModified: '2026-03-01T12:00:00.000+0000',
    };
    expect(await call('GetFunctionConfiguration', { FunctionName: 'plan' })).toMatchObject(
      expected,
    );
    expect(await call('GetFunction', { FunctionName: FUNCTION })).toMatchObject({
      Configuration: expected,
    });
    expect(await call('ListFunctions', {})).toMatchObject({ Functions: [expected] });
  });

  it('gives the next invocation the settings that were changed', async () => {
    const { lambda, call, invoke } = region();
    lambda.addFunction(bundle('export const handler = async () => process.env.MODE ?? "none"'));
    expect((await invoke()).result).toBe('none');
    await call('UpdateFunctionConfiguration', {
      FunctionName: 'plan',
      Environment: { Variables: { MODE: 'canary' } },
    });
    expect((await invoke()).result).toBe('canary');
  });

  it('publishes the code under a number once its digest is right', async () => {
    const { lambda, call } = region();
    lambda.addFunction(bundle('export const handler = async (_, c) => c.functionVersion'));
    expect(() => lambda.publishVersion({ functionName: 'plan', codeSha256: 'other' })).toThrow(
      /is different from current CodeSHA256/,
    );
    expect(lambda.publishVersion({ functionName: 'plan' }).arn).toBe(`${FUNCTION}:1`);
    const answer = await call('Invoke', { FunctionName: `${FUNCTION}:1` });
    expect(answer).toMatchObject({ ExecutedVersion: '1', Payload: Buffer.from('"1"') });
  });
});
