import type {
  GetParameterCommandOutput,
  GetParametersByPathCommandOutput,
  PutParameterCommandOutput,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { createSsm } from '../../region/services/ssm/ssm.ts';
import { createTestRegion, permissionsOf, refusal, run } from './monitoring-region.ts';

const NAME = '/teal/web/active-group';

function createStore() {
  const { service } = createSsm(createTestRegion().kernel);
  const put = (input: object) =>
    run<PutParameterCommandOutput>(service, 'PutParameter', {
      Type: 'String',
      Name: NAME,
      Value: 'web-1',
      ...input,
    });
  return { service, put };
}

describe('a parameter', () => {
  it('is overwritten only by who says so, and counts its versions', async () => {
    const { service, put } = createStore();
    expect(await put({})).toEqual({ Version: 1, Tier: 'Standard' });
    const again = { Type: 'String', Name: NAME, Value: 'web-2' };
    expect(await refusal(service, 'PutParameter', again)).toMatchObject({
      code: 'ParameterAlreadyExists',
    });
    expect(await put({ Value: 'web-2', Overwrite: true })).toMatchObject({ Version: 2 });
    const { Parameter } = await run<GetParameterCommandOutput>(service, 'GetParameter', {
      Name: NAME,
    });
    expect(Parameter).toMatchObject({ Value: 'web-2', Version: 2, Type: 'String' });
  });

  it('keeps its type', async () => {
    const { service, put } = createStore();
    await put({});
    const changed = { Name: NAME, Value: 'a,b', Type: 'StringList', Overwrite: true };
    expect(await refusal(service, 'PutParameter', changed)).toMatchObject({
      code: 'HierarchyTypeMismatchException',
    });
  });

  it.each([
    ['a path without its first slash', { Name: 'teal/web' }, 'ValidationException'],
    ['a name that belongs to AWS', { Name: '/aws/web' }, 'AccessDeniedException'],
    ['a name that begins with ssm', { Name: 'ssm-web' }, 'ValidationException'],
    ['a name with a space', { Name: '/teal/my web' }, 'ValidationException'],
    ['sixteen levels', { Name: '/a'.repeat(16) }, 'HierarchyLevelLimitExceededException'],
    ['no type at its creation', { Type: undefined }, 'ValidationException'],
    ['an empty value', { Value: '' }, 'ValidationException'],
    ['a value of more than 4 KB', { Value: 'x'.repeat(4097) }, 'ValidationException'],
    ['a value that names another one', { Value: '{{ssm:other}}' }, 'ValidationException'],
    ['tags while it is overwritten', { Overwrite: true, Tags: [{}] }, 'ValidationException'],
    ['a secret, which would need a key', { Type: 'SecureString' }, 'NotImplemented'],
  ])('is refused with %s', async (_what, over, code) => {
    const { service } = createStore();
    const input = { Type: 'String', Name: NAME, Value: 'web-1', ...over };
    expect((await refusal(service, 'PutParameter', input)).code).toBe(code);
  });

  it('that is gone, or was never there, is not found', async () => {
    const { service, put } = createStore();
    await put({});
    await run(service, 'DeleteParameter', { Name: NAME });
    for (const operation of ['GetParameter', 'DeleteParameter']) {
      expect((await refusal(service, operation, { Name: NAME })).code).toBe('ParameterNotFound');
    }
    expect(await run(service, 'GetParameters', { Names: [NAME] })).toEqual({
      Parameters: [],
      InvalidParameters: [NAME],
    });
  });
});

describe('parameters below a path', () => {
  it('are listed a page at a time, and deeper ones only where they are asked for', async () => {
    const { service, put } = createStore();
    for (let index = 0; index < 11; index += 1) await put({ Name: `/teal/web/p${index}` });
    await put({ Name: '/teal/web/deep/er' });
    await put({ Name: '/teal/webshop/other' });
    const ask = (input: object) =>
      run<GetParametersByPathCommandOutput>(service, 'GetParametersByPath', {
        Path: '/teal/web',
        ...input,
      });
    const first = await ask({});
    const second = await ask({ NextToken: first.NextToken });
    expect([first.Parameters?.length, second.Parameters?.length]).toEqual([10, 1]);
    const all = await ask({ Recursive: true, NextToken: first.NextToken });
    expect(all.Parameters).toHaveLength(2);
  });

  it('need permission on the path, a writer on the parameter and for overwriting', () => {
    const { service } = createStore();
    const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter/teal/web';
    expect(permissionsOf(service, 'GetParametersByPath', { Path: '/teal/web' })).toMatchObject([
      { action: 'ssm:GetParametersByPath', resources: [arn] },
    ]);
    expect(permissionsOf(service, 'PutParameter', { Name: NAME, Overwrite: true })).toEqual([
      {
        action: 'ssm:PutParameter',
        resources: [`${arn}/active-group`],
        context: { 'ssm:Overwrite': 'true' },
      },
    ]);
  });
});
