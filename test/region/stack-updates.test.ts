/** A stack that is deployed again: what changes, what stays, and what is refused. */
import { describe, expect, it } from 'vitest';
import { createHex, createRandom } from '../../region/kernel/chance.ts';
import { loadTemplate } from '../../region/template/load-template.ts';
import { createFixture, bundle } from './lambda/fixture.ts';
import { createRecorder } from './template/recorder.ts';

const ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ],
    },
  },
};
const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'memory',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  },
};

function functionOf(properties: object) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'plan',
      Code: { S3Bucket: 'bucket', S3Key: 'one/a.zip' },
      Handler: 'plan.handler',
      Runtime: 'nodejs24.x',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      ...properties,
    },
  };
}

const VERSION = {
  Type: 'AWS::Lambda::Version',
  DeletionPolicy: 'Retain',
  Properties: { FunctionName: { Ref: 'Function' } },
};

const artifacts = () => Buffer.from('zip');

/** Loads resources, and others after them; answers what the second load asked for. */
async function deployTwice(before: object, after: object) {
  const { targets, calls } = createRecorder();
  const hex = createHex(createRandom(1));
  const first = await loadTemplate({ template: { Resources: before }, targets, hex, artifacts });
  calls.length = 0;
  const second = await loadTemplate({
    template: { Resources: after },
    targets,
    hex,
    artifacts,
    before: first.deployed,
  });
  return { calls: calls.map(([name]) => name), first, second };
}

describe('a stack that is deployed again', () => {
  const before = { Role: ROLE, Table: TABLE, Function: functionOf({}), VersionA: VERSION };

  it('asks for nothing when nothing changed, and keeps the names it made up', async () => {
    const { calls, first, second } = await deployTwice(before, before);
    expect(calls).toEqual([]);
    expect(second.physicalIds).toEqual(first.physicalIds);
  });

  it('changes a function in place and makes the version that is new', async () => {
    const { VersionA: _old, ...others } = before;
    const after = { ...others, Function: functionOf({ Timeout: 9 }), VersionB: VERSION };
    expect((await deployTwice(before, after)).calls).toEqual(['updateFunction', 'publishVersion']);
  });

  it('refuses to change what the region cannot change', async () => {
    const after = {
      ...before,
      Table: { ...TABLE, Properties: { ...TABLE.Properties, TableName: 'other' } },
    };
    await expect(deployTwice(before, after)).rejects.toThrow(
      /Resource Table .* cannot change its \[TableName\]/,
    );
  });

  it('refuses to delete, but lets go of what is retained', async () => {
    const { Table: _table, ...withoutTable } = before;
    await expect(deployTwice(before, withoutTable)).rejects.toThrow(/Resource Table .* deletes/);
    const { VersionA: _version, ...withoutVersion } = before;
    expect((await deployTwice(before, withoutVersion)).calls).toEqual([]);
  });
});

const source = (text: string) =>
  `export const handler = async (_, c) => ['${text}', process.env.MODE, c.functionVersion]`;

describe('a version of a function', () => {
  it('keeps its code and settings when the function gets others', async () => {
    const { lambda, clock, identities } = createFixture();
    lambda.addFunction(bundle(source('old'), { environment: { MODE: 'calm' } }));
    const { arn } = lambda.publishVersion({ functionName: 'plan' });
    lambda.updateFunction(bundle(source('new'), { environment: { MODE: 'eager' } }));
    identities.addRole({
      arn: 'arn:aws:iam::000000000000:role/caller',
      trust: [],
      policies: [
        {
          Statement: [
            { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `${arn.slice(0, -1)}*` },
          ],
        },
      ],
    });
    const invoke = async (functionArn: string) => {
      const caller = { type: 'role', roleArn: 'arn:aws:iam::000000000000:role/caller' } as const;
      const running = lambda.functions.invoke({ functionArn, payload: '{}', caller });
      return JSON.parse((await clock.runUntil(running)).payload) as unknown;
    };
    expect(await invoke(arn)).toEqual(['old', 'calm', '1']);
    const next = lambda.publishVersion({ functionName: 'plan' });
    expect(next).toMatchObject({ version: '2', isNew: true });
    expect(await invoke(next.arn)).toEqual(['new', 'eager', '2']);
    expect(await invoke(arn)).toEqual(['old', 'calm', '1']);
    // What may call every version may not call the function without one.
    await expect(invoke(arn.slice(0, -2))).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await lambda.stop();
  });

  it('is not made twice of the same code and settings', () => {
    const { lambda } = createFixture();
    lambda.addFunction(bundle('export const handler = async () => 1'));
    expect(lambda.publishVersion({ functionName: 'plan' }).isNew).toBe(true);
    expect(lambda.publishVersion({ functionName: 'plan' })).toMatchObject({
      version: '1',
      isNew: false,
    });
  });
});
