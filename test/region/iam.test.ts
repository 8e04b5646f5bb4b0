/**
 * Who may do what: policies as AWS evaluates them, and credentials.
 */
import { describe, expect, test } from 'vitest';
import { createIdentities, sessionOf } from '../../region/iam/identities.ts';
import { matchesArn, matchesWildcard } from '../../region/iam/wildcard.ts';
import type { PolicyStatement } from '../../region/kernel/contracts.ts';
import type { Permission } from '../../region/kernel/service.ts';

const ROLE = 'arn:aws:iam::000000000000:role/teal/shift-traffic';
const LISTENER = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/web/1/2';
const ALLOW = { Effect: 'Allow', Action: 'elasticloadbalancing:ModifyListener' } as const;

function identitiesWith(...statements: readonly object[]) {
  const identities = createIdentities();
  const policy = { Version: '2012-10-17', Statement: statements as PolicyStatement[] };
  identities.addRole({ arn: ROLE, trust: ['lambda.amazonaws.com'], policies: [policy] });
  return identities;
}

function allows(statements: readonly object[], permission: Partial<Permission> = {}): boolean {
  return identitiesWith(...statements).isAllowed(ROLE, {
    action: 'elasticloadbalancing:ModifyListener',
    resources: [LISTENER],
    ...permission,
  });
}

describe('a role', () => {
  test('may do nothing that no statement allows', () => {
    expect(allows([])).toBe(false);
    expect(allows([{ ...ALLOW, Action: 'elasticloadbalancing:ModifyRule', Resource: '*' }])).toBe(
      false,
    );
  });

  test('may do what a statement allows, however the action is capitalised', () => {
    expect(allows([{ ...ALLOW, Resource: LISTENER }])).toBe(true);
    expect(allows([{ ...ALLOW, Action: 'ElasticLoadBalancing:modify*', Resource: '*' }])).toBe(
      true,
    );
    expect(allows([{ ...ALLOW, Action: '*', Resource: '*' }])).toBe(true);
  });

  test('is stopped by a deny whatever else allows', () => {
    const deny = { Effect: 'Deny', Action: 'elasticloadbalancing:Modify*', Resource: '*' };
    expect(allows([{ ...ALLOW, Resource: '*' }, deny])).toBe(false);
    expect(allows([deny, { ...ALLOW, Resource: '*' }])).toBe(false);
  });

  test('needs every resource of a call', () => {
    const resources = [LISTENER, LISTENER.replace('web', 'api')];
    expect(allows([{ ...ALLOW, Resource: LISTENER }], { resources })).toBe(false);
    expect(allows([{ ...ALLOW, Resource: resources }], { resources })).toBe(true);
  });

  test('needs Resource * for actions without resource-level permissions', () => {
    const permission = { resources: ['*'] };
    const everyArn = 'arn:aws:elasticloadbalancing:*:*:*';
    expect(allows([{ ...ALLOW, Resource: everyArn }], permission)).toBe(false);
    expect(allows([{ ...ALLOW, Resource: '*' }], permission)).toBe(true);
  });

  test('is held to NotAction and NotResource', () => {
    const other = LISTENER.replace('web', 'api');
    expect(allows([{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }])).toBe(true);
    expect(allows([{ Effect: 'Allow', NotAction: ALLOW.Action, Resource: '*' }])).toBe(false);
    expect(allows([{ ...ALLOW, NotResource: other }])).toBe(true);
    expect(allows([{ ...ALLOW, NotResource: LISTENER }])).toBe(false);
  });

  test('that nobody added may do nothing', () => {
    const permission = { action: 'sts:GetCallerIdentity', resources: ['*'] };
    expect(createIdentities().isAllowed(ROLE, permission)).toBe(false);
  });
});

describe('a condition', () => {
  const TAG = 'aws:ResourceTag/teal:service';
  const cases: readonly [string, object, Permission['context'], boolean][] = [
    [
      'StringEquals meets the same value',
      { StringEquals: { [TAG]: 'web' } },
      { [TAG]: 'web' },
      true,
    ],
    [
      'StringEquals takes any of several values',
      { StringEquals: { [TAG]: ['api', 'web'] } },
      { [TAG]: 'web' },
      true,
    ],
    ['StringEquals minds capitals', { StringEquals: { [TAG]: 'Web' } }, { [TAG]: 'web' }, false],
    ['StringEquals fails without the key', { StringEquals: { [TAG]: 'web' } }, {}, false],
    [
      'StringEqualsIfExists passes without the key',
      { StringEqualsIfExists: { [TAG]: 'web' } },
      {},
      true,
    ],
    [
      'StringEqualsIfExists still compares',
      { StringEqualsIfExists: { [TAG]: 'web' } },
      { [TAG]: 'api' },
      false,
    ],
    ['StringNotEquals passes without the key', { StringNotEquals: { [TAG]: 'web' } }, {}, true],
    [
      'StringNotEquals fails on any of its values',
      { StringNotEquals: { [TAG]: ['a', 'web'] } },
      { [TAG]: 'web' },
      false,
    ],
    ['StringLike knows wildcards', { StringLike: { [TAG]: 'w?b*' } }, { [TAG]: 'web-eu' }, true],
    ['StringEquals knows none', { StringEquals: { [TAG]: 'w*' } }, { [TAG]: 'web' }, false],
    ['StringNotLike is its opposite', { StringNotLike: { [TAG]: 'w*' } }, { [TAG]: 'web' }, false],
    [
      'the key may be capitalised otherwise',
      { StringEquals: { 'AWS:resourcetag/teal:service': 'web' } },
      { [TAG]: 'web' },
      true,
    ],
    [
      'ArnLike keeps * within a part',
      { ArnLike: { 'aws:PrincipalArn': 'arn:aws:*:role/teal/*' } },
      {},
      false,
    ],
    [
      'ArnLike compares part by part',
      { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/teal/*' } },
      {},
      true,
    ],
    [
      'Bool ignores capitals',
      { Bool: { 'ec2:IsLaunchTemplateResource': true } },
      { 'ec2:IsLaunchTemplateResource': 'True' },
      true,
    ],
    ['Null true wants the key to be missing', { Null: { [TAG]: 'true' } }, { [TAG]: 'web' }, false],
    ['Null false wants it to be there', { Null: { [TAG]: 'false' } }, { [TAG]: 'web' }, true],
    [
      'numbers are compared as numbers',
      { NumericLessThanEquals: { 'autoscaling:MaxSize': '10' } },
      { 'autoscaling:MaxSize': '9' },
      true,
    ],
    [
      'a number that is none matches nothing',
      { NumericLessThan: { 'autoscaling:MaxSize': '10' } },
      { 'autoscaling:MaxSize': 'few' },
      false,
    ],
    [
      'every operator must hold',
      { StringEquals: { [TAG]: 'web' }, Null: { 'aws:TagKeys': 'false' } },
      { [TAG]: 'web' },
      false,
    ],
    [
      'ForAllValues wants all of the request',
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } },
      { 'aws:TagKeys': ['a', 'c'] },
      false,
    ],
    [
      'ForAllValues passes a request without values',
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } },
      {},
      true,
    ],
    [
      'ForAnyValue wants one of the request',
      { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a'] } },
      { 'aws:TagKeys': ['c', 'a'] },
      true,
    ],
    [
      'ForAnyValue fails a request without values',
      { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } },
      {},
      false,
    ],
    [
      'a key with several values needs a quantifier',
      { StringEquals: { 'aws:TagKeys': 'a' } },
      { 'aws:TagKeys': ['a', 'b'] },
      false,
    ],
  ];
  test.each(cases)('%s', (_sentence, Condition, context = {}, expected) => {
    expect(allows([{ ...ALLOW, Resource: '*', Condition }], { context })).toBe(expected);
  });
});

describe('a policy is refused when it is loaded, and never half understood, if', () => {
  const base = { ...ALLOW, Resource: '*' };
  const condition = (operator: string, key: string, value: unknown = 'x') => ({
    ...base,
    Condition: { [operator]: { [key]: value } },
  });
  const cases: readonly [string, object][] = [
    ['it has an unknown operator', condition('DateGreaterThan', 'aws:RequestedRegion')],
    ['it quantifies Null', condition('ForAnyValue:Null', 'aws:TagKeys', 'true')],
    ['it asks for a key that requests do not have', condition('StringEquals', 'aws:SourceIp')],
    ['it asks for a key without a service', condition('StringEquals', 'TagKeys')],
    ['it uses a policy variable in a value', condition('StringEquals', 'aws:TagKeys', '${aws:x}')],
    ['it uses a policy variable in a resource', { ...ALLOW, Resource: 'arn:aws:sns:::${aws:x}' }],
    ['a number is no number', condition('NumericEquals', 'autoscaling:MaxSize', 'ten')],
    ['a resource is no ARN', { ...ALLOW, Resource: 'web' }],
    ['a resource leaves its service open', { ...ALLOW, Resource: 'arn:aws:*:::x' }],
    ['an action has no service', { ...base, Action: 'ModifyListener' }],
    ['it has both Action and NotAction', { ...base, NotAction: 'iam:*' }],
    ['it has neither Resource nor NotResource', ALLOW],
    ['it has an empty list', { ...ALLOW, Resource: [] }],
    ['it names a Principal', { ...base, Principal: '*' }],
    ['its effect is misspelt', { ...base, Effect: 'allow' }],
  ];
  test.each(cases)('%s', (_sentence, statement) => {
    expect(() => identitiesWith(statement)).toThrow(
      expect.objectContaining({ code: 'MalformedPolicyDocument' }),
    );
  });
});

describe('credentials', () => {
  test('are given to principals that the role trusts, and to no others', () => {
    const identities = identitiesWith();
    const ask = { roleArn: ROLE, sessionName: 'run-1' };
    const given = identities.assume({ ...ask, principal: 'lambda.amazonaws.com' });
    expect(identities.find(given.accessKeyId, given.sessionToken)?.caller).toEqual({
      arn: 'arn:aws:sts::000000000000:assumed-role/shift-traffic/run-1',
      roleArn: ROLE,
      label: 'run-1',
    });
    expect(() => identities.assume({ ...ask, principal: 'states.amazonaws.com' })).toThrow(
      'User: states.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ' +
        ROLE,
    );
  });

  test('are worth nothing without their session token', () => {
    const identities = identitiesWith();
    const { accessKeyId } = identities.issue(sessionOf(ROLE, 'run-1'));
    expect(identities.find(accessKeyId, undefined)).toBeUndefined();
    expect(identities.find(accessKeyId, 'another')).toBeUndefined();
  });

  test('of the administrator open everything', () => {
    const identities = createIdentities();
    const { accessKeyId } = identities.administrator;
    const caller = identities.find(accessKeyId, undefined)!.caller;
    const permission = { action: 'dynamodb:DeleteTable', resources: ['*'] };
    expect(identities.denial(caller, permission)).toBeUndefined();
  });

  test('follow the policies of the role as they are now, not as they were', () => {
    const identities = identitiesWith({ ...ALLOW, Resource: '*' });
    identities.addRole({ arn: ROLE, trust: [], policies: [] });
    const permission = { action: ALLOW.Action, resources: [LISTENER] };
    expect(identities.denial(sessionOf(ROLE, 'run-1'), permission)).toEqual({
      resource: LISTENER,
      explicit: false,
    });
  });
});

test('wildcards match as a whole, and fast even where they fail', () => {
  expect(matchesWildcard('a*c?', 'abbbcd')).toBe(true);
  expect(matchesWildcard('a*c?', 'abbbc')).toBe(false);
  expect(matchesWildcard('', '')).toBe(true);
  expect(matchesWildcard('**', '')).toBe(true);
  expect(matchesWildcard('*a'.repeat(50), 'a'.repeat(2_000) + 'b')).toBe(false);
});

test('a wildcard in an ARN stays in its part, but for the resource', () => {
  expect(matchesArn('arn:aws:sns:*:*:*', 'arn:aws:sns:us-east-1:0:a:b')).toBe(true);
  expect(matchesArn('arn:aws:sns:*:b', 'arn:aws:sns:us-east-1:0:a:b')).toBe(false);
});
