/**
 * Identity-based policies: checked and prepared once, then asked about each call.
 * Not for: resource-based policies, permission boundaries and policy variables.
 */
import type { PolicyDocument, PolicyStatement } from '../kernel/contracts.ts';
import { compileCondition } from './condition.ts';
import type { Condition, Context } from './condition.ts';
import { malformed } from './malformed.ts';
import { ARN_PARTS, arnParts, matchesArn, matchesWildcard } from './wildcard.ts';

/** One action on one resource; `*` for actions without resource-level permissions. */
export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

/** A statement that is ready to be asked. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** Whether the statement speaks of the question. */
  covers(question: Question): boolean;
}

/** What all the statements of a role say together. */
export type Ruling = 'allowed' | 'deniedByDefault' | 'deniedExplicitly';

const VERSIONS: readonly (string | undefined)[] = ['2012-10-17', '2008-10-17', undefined];

const STATEMENT_KEYS: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** A service and the name of an action, or `*` for all. */
const ACTION = /^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/i;

/**
 * Prepares the statements of a policy.
 * @throws AwsError MalformedPolicyDocument for everything that the evaluator does not know
 */
export function compilePolicy(policy: PolicyDocument): readonly Statement[] {
  if (!VERSIONS.includes(policy.Version)) {
    throw malformed(`The policy version "${policy.Version}" does not exist.`);
  }
  return [policy.Statement].flat().map(compileStatement);
}

/** Explicit deny wins over allow, and what nobody allows is denied. */
export function rule(statements: readonly Statement[], question: Question): Ruling {
  let ruling: Ruling = 'deniedByDefault';
  for (const statement of statements) {
    if (!statement.covers(question)) continue;
    if (statement.effect === 'Deny') return 'deniedExplicitly';
    ruling = 'allowed';
  }
  return ruling;
}

function compileStatement(statement: PolicyStatement): Statement {
  const unknown = Object.keys(statement).find((key) => !STATEMENT_KEYS.has(key));
  if (unknown) throw malformed(`A statement of a role's policy cannot have "${unknown}".`);
  const { Effect: effect } = statement;
  // A policy comes from a template, where nothing has checked the word yet.
  if (!['Allow', 'Deny'].includes(effect)) throw malformed(`"${effect}" is no effect.`);
  const coversAction = compileActions(statement);
  const coversResource = compileResources(statement);
  const conditions = compileConditions(statement);
  return {
    effect,
    covers: ({ action, resource, context }) =>
      coversAction(action) &&
      coversResource(resource) &&
      conditions.every((condition) => condition(context)),
  };
}

function compileActions(statement: PolicyStatement): (action: string) => boolean {
  const { patterns, negated } = oneOf(statement, 'Action', 'NotAction');
  for (const pattern of patterns) {
    if (!ACTION.test(pattern)) {
      throw malformed(
        `Actions/Conditions must be prefaced by a vendor, which "${pattern}" is not.`,
      );
    }
  }
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  return (action) =>
    lower.some((pattern) => matchesWildcard(pattern, action.toLowerCase())) !== negated;
}

function compileResources(statement: PolicyStatement): (resource: string) => boolean {
  const { patterns, negated } = oneOf(statement, 'Resource', 'NotResource');
  for (const pattern of patterns) checkResource(pattern);
  return (resource) => patterns.some((pattern) => coversArn(pattern, resource)) !== negated;
}

/** An action without resource-level permissions is covered by `*` only, not by any ARN. */
function coversArn(pattern: string, resource: string): boolean {
  return pattern === '*' || (resource !== '*' && matchesArn(pattern, resource));
}

function checkResource(pattern: string): void {
  if (pattern.includes('${')) {
    throw malformed(`The policy variable in the resource "${pattern}" is not supported.`);
  }
  if (pattern === '*') return;
  const parts = arnParts(pattern);
  if (parts.length !== ARN_PARTS || parts[0] !== 'arn') {
    throw malformed(`Resource ${pattern} must be in ARN format or "*".`);
  }
  if (!/^[a-z0-9-]+$/.test(parts[2] ?? '')) {
    throw malformed(`Resource vendor of ${pattern} must be fully qualified, without wildcards.`);
  }
}

function compileConditions(statement: PolicyStatement): readonly Condition[] {
  return Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => compileCondition(operator, key, textList(values))),
  );
}

function oneOf(
  statement: PolicyStatement,
  plain: keyof PolicyStatement,
  negated: keyof PolicyStatement,
): { patterns: readonly string[]; negated: boolean } {
  const present = [plain, negated].filter((key) => statement[key] !== undefined);
  const [key] = present;
  if (present.length !== 1 || !key) {
    throw malformed(`A statement needs either ${plain} or ${negated}.`);
  }
  const patterns = textList(statement[key]);
  if (patterns.length === 0) throw malformed(`The ${key} of a statement must not be empty.`);
  return { patterns, negated: key === negated };
}

function textList(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => {
    if (['string', 'boolean', 'number'].includes(typeof item)) return String(item);
    throw malformed(`"${JSON.stringify(item)}" stands where a policy has text.`);
  });
}
