/** The readers of the template are shown templates that are wrong. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSpecification, specificationBreaches } from './specification.ts';
import { findCircle, referencesIn, statementsOf } from './template.ts';
import type { Resource, Template } from './template.ts';

const having = (resource: Resource): Template => ({ Resources: { Thing: resource } });

describe('the CloudFormation specification', () => {
  let specification: Awaited<ReturnType<typeof loadSpecification>>;
  beforeAll(async () => {
    specification = await loadSpecification();
  });

  const Code = { S3Bucket: 'bucket', S3Key: 'key' };
  const wrong: readonly (readonly [says: string, Resource])[] = [
    ['Thing has the unknown type AWS::Lambda::Funktion', { Type: 'AWS::Lambda::Funktion' }],
    ['Thing lacks Role', { Type: 'AWS::Lambda::Function', Properties: { Code } }],
    [
      'Thing has the unknown property Memory',
      { Type: 'AWS::Lambda::Function', Properties: { Code, Role: 'role', Memory: 1 } },
    ],
    [
      'Thing.TracingConfig has the unknown property Mod',
      {
        Type: 'AWS::Lambda::Function',
        Properties: { Code, Role: 'role', TracingConfig: { Mod: 'Active' } },
      },
    ],
    [
      'Thing.KeySchema[0] lacks KeyType',
      { Type: 'AWS::DynamoDB::Table', Properties: { KeySchema: [{ AttributeName: 'pk' }] } },
    ],
    [
      'Thing.Runtime is not a string',
      { Type: 'AWS::Lambda::Function', Properties: { Code, Role: 'role', Runtime: ['x'] } },
    ],
  ];
  it.each(wrong)('complains: %s', (says, resource) => {
    expect(specificationBreaches(specification, having(resource))).toEqual([says]);
  });
});

describe('references', () => {
  it('are found in Ref, Fn::GetAtt and Fn::Sub', () => {
    const value = {
      a: { Ref: 'A' },
      b: [{ 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }],
      c: { 'Fn::Sub': '${D.Arn}/${!E}/${AWS::Region}' },
      d: { 'Fn::Sub': ['${f}', { f: { Ref: 'F' } }] },
    };
    expect(referencesIn(value)).toEqual(['A', 'B', 'C', 'D', 'AWS::Region', 'F']);
  });

  it('that go round in a circle are found, through DependsOn too', () => {
    const Resources = {
      A: { Type: 'T', Properties: { b: { Ref: 'B' } } },
      B: { Type: 'T', DependsOn: 'C' },
      C: { Type: 'T', Properties: { a: { 'Fn::GetAtt': ['A', 'Arn'] } } },
    };
    expect(findCircle({ Resources })).toEqual(['A', 'B', 'C', 'A']);
    expect(findCircle({ Resources: { ...Resources, C: { Type: 'T' } } })).toBeUndefined();
  });
});

describe('statements', () => {
  it('are read from every policy of a role, single actions and lists alike', () => {
    const Statement = [
      { Effect: 'Allow', Action: 'a:One', Resource: '*' },
      { Effect: 'Allow', Action: ['a:Two', 'a:Three'], Resource: ['x', 'y'] },
    ];
    const role = {
      Type: 'AWS::IAM::Role',
      Properties: { Policies: [{ PolicyDocument: { Statement } }] },
    };
    expect(statementsOf(having(role))).toEqual([
      { roleId: 'Thing', actions: ['a:One'], resources: ['*'] },
      { roleId: 'Thing', actions: ['a:Two', 'a:Three'], resources: ['x', 'y'] },
    ]);
  });
});
