/** Where others look for what serves: written where it differs, moved where nobody else has. */
import { describe, expect, it } from 'vitest';
import { createDefaultVersions } from '../../shared/aws/default-versions.ts';
import { LeaseLost } from '../../shared/core/errors.ts';
import { createPointers } from '../../shared/aws/ssm-pointers.ts';
import { awsError, inputsOf, operations, scriptedClient } from './scripted-client.ts';

/** A fence that lets everything through. */
const held = async () => {};

describe('pointers', () => {
  it('are written below their prefix, and only those that say something else', async () => {
    const { client, asked } = scriptedClient({
      GetParametersByPath: () => ({
        Parameters: [
          { Name: '/teal/web/active-group', Value: 'web-1' },
          { Name: '/teal/web/version', Value: 'v2' },
        ],
      }),
      PutParameter: () => ({}),
    });
    const values = { 'active-group': 'web-2', version: 'v2', 'image-id': 'ami-2' };
    await createPointers(client, '/teal').publish('web', values, held);
    const String = { Type: 'String', Overwrite: true };
    expect(inputsOf(asked, 'PutParameter')).toEqual([
      { ...String, Name: '/teal/web/active-group', Value: 'web-2' },
      { ...String, Name: '/teal/web/image-id', Value: 'ami-2' },
    ]);
  });

  it('that AWS refuses are a failure that names the parameter', async () => {
    const { client } = scriptedClient({
      GetParametersByPath: () => ({ Parameters: [] }),
      PutParameter: () => {
        throw awsError('HierarchyTypeMismatchException', 'The type cannot be changed.');
      },
    });
    const publishing = createPointers(client, '/teal').publish('web', { version: 'v2' }, held);
    await expect(publishing).rejects.toThrow(/\/teal\/web\/version/);
  });

  it('are left as they are once another execution records the outcome', async () => {
    const { client, asked } = scriptedClient({
      GetParametersByPath: () => ({ Parameters: [] }),
      PutParameter: () => ({}),
    });
    const answers = [undefined, new LeaseLost('It was taken over.')];
    const fence = async () => {
      const lost = answers.shift();
      if (lost) throw lost;
    };
    const values = { 'active-group': 'web-2', version: 'v2' };
    const publishing = createPointers(client, '/teal').publish('web', values, fence);
    await expect(publishing).rejects.toThrow('It was taken over.');
    expect(inputsOf(asked, 'PutParameter')).toHaveLength(1);
  });
});

const defaultIs = (VersionNumber: number) =>
  scriptedClient({
    DescribeLaunchTemplateVersions: () => ({ LaunchTemplateVersions: [{ VersionNumber }] }),
    ModifyLaunchTemplate: () => ({}),
  });

describe("a launch template's default", () => {
  const move = { launchTemplateId: 'lt-1', from: 3, to: 4 };

  it('follows what serves', async () => {
    const { client, asked } = defaultIs(3);
    await createDefaultVersions(client).move(move);
    expect(inputsOf(asked, 'ModifyLaunchTemplate')).toEqual([
      { LaunchTemplateId: 'lt-1', DefaultVersion: '4' },
    ]);
  });

  it('stays where somebody else has put it', async () => {
    const { client, asked } = defaultIs(9);
    await createDefaultVersions(client).move(move);
    expect(operations(asked)).toEqual(['DescribeLaunchTemplateVersions']);
  });
});
