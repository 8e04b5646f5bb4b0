/**
 * Conditions of policy statements. An operator or key that is not known here is refused when the
 * policy is loaded, so that no condition is ever silently ignored.
 * @source IAM User Guide: IAM JSON policy elements, condition operators
 */
import { malformed } from './malformed.ts';
import { matchesArn, matchesWildcard } from './wildcard.ts';

/** Values of condition keys of one request, by key in lower case. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** Whether a request meets a condition. */
export type Condition = (context: Context) => boolean;

/** Compares one value of the request with one of the policy. */
type Compare = (actual: string, wanted: string) => boolean;

interface Operator {
  readonly compare: Compare;
  /** A negated operator holds when no value of the policy matches, and when the key is missing. */
  readonly negated: boolean;
  /** Values that the operator takes; absent means any text. */
  readonly takes?: RegExp;
}

const NUMBER = /^-?\d+(\.\d+)?$/;
const TRUTH = /^(true|false)$/i;

const equal: Compare = (actual, wanted) => actual === wanted;
const equalIgnoringCase: Compare = (actual, wanted) =>
  actual.toLowerCase() === wanted.toLowerCase();
const like: Compare = (actual, wanted) => matchesWildcard(wanted, actual);
const arnLike: Compare = (actual, wanted) => matchesArn(wanted, actual);
const positive = (compare: Compare): Operator => ({ compare, negated: false });
const negative = (compare: Compare): Operator => ({ compare, negated: true });
const numeric = (compare: (actual: number, wanted: number) => boolean): Operator => ({
  compare: (actual, wanted) => NUMBER.test(actual) && compare(Number(actual), Number(wanted)),
  negated: false,
  takes: NUMBER,
});

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: positive(equal),
  StringNotEquals: negative(equal),
  StringEqualsIgnoreCase: positive(equalIgnoringCase),
  StringNotEqualsIgnoreCase: negative(equalIgnoringCase),
  StringLike: positive(like),
  StringNotLike: negative(like),
  ArnEquals: positive(arnLike),
  ArnLike: positive(arnLike),
  ArnNotEquals: negative(arnLike),
  ArnNotLike: negative(arnLike),
  Bool: { ...positive(equalIgnoringCase), takes: TRUTH },
  NumericEquals: numeric((actual, wanted) => actual === wanted),
  NumericNotEquals: { ...numeric((actual, wanted) => actual === wanted), negated: true },
  NumericLessThan: numeric((actual, wanted) => actual < wanted),
  NumericLessThanEquals: numeric((actual, wanted) => actual <= wanted),
  NumericGreaterThan: numeric((actual, wanted) => actual > wanted),
  NumericGreaterThanEquals: numeric((actual, wanted) => actual >= wanted),
};

/**
 * Keys that requests of the region can have. The services' own keys are whatever their operations
 * name; those of services that name none are not here.
 */
const KNOWN_KEYS: readonly RegExp[] = [
  /^aws:(ResourceTag|RequestTag)\/.+$/i,
  /^aws:(TagKeys|PrincipalArn|PrincipalAccount|RequestedRegion|ResourceAccount)$/i,
  /^aws:Source(Arn|Account)$/i,
  /^(autoscaling|cloudwatch|ec2|elasticloadbalancing|events|iam|lambda|route53|sns|states):[\w/.:+=@-]+$/i,
];

const NAME = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/;

/**
 * Prepares one operator of a Condition block with one key.
 * @throws AwsError MalformedPolicyDocument
 */
export function compileCondition(name: string, key: string, values: readonly string[]): Condition {
  if (!KNOWN_KEYS.some((known) => known.test(key))) {
    throw malformed(`The condition key "${key}" is not one that requests of the region have.`);
  }
  for (const value of values) {
    if (value.includes('${'))
      throw malformed(`The policy variable in "${value}" is not supported.`);
  }
  const [, quantifier, base = '', ifExists] = NAME.exec(name) ?? [];
  if (base === 'Null' && !quantifier && !ifExists) return compileNull(key, values);
  const operator = operators[base];
  if (!operator) throw malformed(`The condition operator "${name}" is not supported.`);
  const { takes } = operator;
  const wrong = takes && values.find((value) => !takes.test(value));
  if (wrong !== undefined) throw malformed(`The operator ${name} does not take "${wrong}".`);
  const holds = quantified(operator, quantifier, values);
  return (context) => {
    const actual = context.get(key.toLowerCase());
    if (!actual || actual.length === 0) {
      return Boolean(ifExists) || whenMissing(operator, quantifier);
    }
    return holds(actual);
  };
}

function compileNull(key: string, values: readonly string[]): Condition {
  if (values.length !== 1 || !TRUTH.test(values[0] ?? '')) {
    throw malformed(`The operator Null takes true or false, not "${values.join(', ')}".`);
  }
  const wanted = values[0]?.toLowerCase() === 'true';
  return (context) => ((context.get(key.toLowerCase()) ?? []).length === 0) === wanted;
}

/** What each quantifier says of a key that the request does not have. */
function whenMissing(operator: Operator, quantifier: string | undefined): boolean {
  if (quantifier === 'ForAllValues') return true;
  return quantifier === 'ForAnyValue' ? false : operator.negated;
}

function quantified(
  operator: Operator,
  quantifier: string | undefined,
  wanted: readonly string[],
): (actual: readonly string[]) => boolean {
  const holds = (actual: string): boolean =>
    wanted.some((value) => operator.compare(actual, value)) !== operator.negated;
  if (quantifier === 'ForAnyValue') return (actual) => actual.some(holds);
  if (quantifier === 'ForAllValues' || operator.negated) return (actual) => actual.every(holds);
  // Without a quantifier a key with several values matches nothing: AWS asks for a quantifier.
  return (actual) => actual.length === 1 && actual.every(holds);
}
