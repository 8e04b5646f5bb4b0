/**
 * Roles and the policies attached to them.
 * Not for: users, groups, permissions boundaries and customer managed policies, which are refused.
 */
import type { PolicyDocument, PolicyStatement } from '../../kernel/contracts.ts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { TemplateProblem } from '../problem.ts';
import type { Reader } from '../reader.ts';
import type { Created, KnownRole, Loading, ResourceType } from '../resource-type.ts';
import { asText, isList, isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** Characters of a role's name. @source botocore iam, CreateRole */
const ROLE_NAME_LIMIT = 64;

/**
 * The managed policies that the region knows, with the statements that AWS gives them.
 * @source https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const MANAGED_POLICIES: Readonly<Record<string, PolicyStatement>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    Effect: 'Allow',
    Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: '*',
  },
  'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess': {
    Effect: 'Allow',
    Action: [
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ],
    Resource: '*',
  },
};

/**
 * The types by their names in a template.
 * @source https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
 */
export const IAM_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::IAM::Role': {
    required: ['AssumeRolePolicyDocument'],
    optional: ['RoleName', 'Path', 'Policies', 'ManagedPolicyArns'],
    inert: ['Description', 'Tags', 'MaxSessionDuration'],
    create: createRole,
    update: createRole,
  },
  'AWS::IAM::Policy': {
    required: ['PolicyName', 'PolicyDocument', 'Roles'],
    optional: [],
    inert: [],
    create: (read, loading) => {
      for (const name of read.texts('Roles')) {
        const role = loading.roles.get(name);
        if (!role) throw new TemplateProblem(`${read.label}: there is no role ${name}.`);
        const added = document(read.raw(), read.label);
        define({ ...role, policies: [...role.policies, added] }, name, loading);
      }
      return { ref: read.text('PolicyName') };
    },
  },
};

/** Defining a role again gives it other policies, at once. */
function createRole(read: Reader, loading: Loading): Created {
  const name = read.optionalText('RoleName') ?? loading.generateName(ROLE_NAME_LIMIT);
  const inline = read.objects('Policies').map((policy) => document(policy, read.label));
  const managed = read.texts('ManagedPolicyArns').map((arn) => managedPolicy(arn, read.label));
  const role = {
    arn: `arn:aws:iam::${ACCOUNT_ID}:role${read.optionalText('Path') ?? '/'}${name}`,
    trust: trustOf(read.object('AssumeRolePolicyDocument'), read.label),
    policies: [...inline, ...managed],
  };
  define(role, name, loading);
  return { ref: name, attributes: { Arn: role.arn } };
}

function define(role: KnownRole, name: string, { roles, targets }: Loading): void {
  roles.set(name, role);
  targets.addRole(role);
}

function document(policy: JsonObject, label: string): PolicyDocument {
  const { PolicyDocument: found } = policy;
  const statements = statementsOf(found, label);
  return { ...(found as JsonObject), Statement: statements } as unknown as PolicyDocument;
}

function statementsOf(found: Json | undefined, label: string): readonly JsonObject[] {
  const { Statement = [] } = isObject(found) ? found : {};
  const statements = isList(Statement) ? Statement : [Statement];
  if (statements.length === 0 || !statements.every(isObject)) {
    throw new TemplateProblem(`${label}: a policy has no statements.`);
  }
  return statements;
}

function managedPolicy(arn: string, label: string): PolicyDocument {
  const statement = MANAGED_POLICIES[arn];
  if (!statement) throw new TemplateProblem(`${label}: the region has no managed policy ${arn}.`);
  return { Statement: [statement] };
}

/** The services that may assume a role. Who else might is refused rather than forgotten. */
function trustOf(policy: JsonObject, label: string): readonly string[] {
  return statementsOf(policy, label).flatMap((statement) => {
    const { Effect, Principal, Action, Condition = {} } = statement;
    const services = isObject(Principal) ? (Principal['Service'] ?? []) : [];
    const understood =
      Effect === 'Allow' &&
      isObject(Principal) &&
      Object.keys(Principal).join() === 'Service' &&
      JSON.stringify([Action].flat()) === '["sts:AssumeRole"]' &&
      alwaysHolds(Condition);
    if (!understood) {
      throw new TemplateProblem(
        `${label}: the region's roles are assumed by services alone, not by ` +
          JSON.stringify(statement),
      );
    }
    return [services].flat().map((service) => asText(service, label));
  });
}

/** Every caller in the region is of this account, so that asking for it changes nothing. */
function alwaysHolds(condition: Json): boolean {
  const asked = JSON.stringify(condition);
  const own = JSON.stringify({ StringEquals: { 'aws:SourceAccount': ACCOUNT_ID } });
  return asked === '{}' || asked === own;
}
