/**
 * The single conditions of an event pattern: exact values and `{"operator": …}`.
 * Not for: where in the event they apply; see `patterns.ts`.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

/** One condition on a field. `exists` asks about the field, the others about a value in it. */
export type Condition =
  | { readonly type: 'exists'; readonly wanted: boolean }
  | { readonly type: 'value'; readonly test: Test };

type Test = (value: unknown) => boolean;

/** A pattern that AWS would not accept; the message is the reason. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/**
 * Numbers in numeric conditions.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
const NUMBER_LIMIT = 5_000_000_000;

const NUMERIC: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

const OPERATORS: Readonly<Record<string, (operand: unknown) => Test>> = {
  prefix: (operand) => affix('prefix', operand, (value, part) => value.startsWith(part)),
  suffix: (operand) => affix('suffix', operand, (value, part) => value.endsWith(part)),
  'equals-ignore-case': (operand) => {
    const wanted = text('equals-ignore-case', operand).toLowerCase();
    return onText((value) => value.toLowerCase() === wanted);
  },
  wildcard: (operand) => readWildcard(text('wildcard', operand)),
  numeric: readNumeric,
  'anything-but': readAnythingBut,
  cidr: readCidr,
};

/** @throws PatternError */
export function readCondition(condition: unknown): Condition {
  if (Array.isArray(condition)) throw new PatternError('Match value must not be a nested array');
  if (typeof condition !== 'object' || condition === null) {
    return { type: 'value', test: (value) => value === condition };
  }
  const [operator, operand] = single(condition as Record<string, unknown>);
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') {
      throw new PatternError('exists match pattern must be either true or false.');
    }
    return { type: 'exists', wanted: operand };
  }
  return { type: 'value', test: readOperator(operator, operand) };
}

function readOperator(operator: string, operand: unknown): Test {
  const read = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!read) throw new PatternError(`Unrecognized match type ${operator}`);
  return read(operand);
}

function single(condition: Record<string, unknown>): readonly [string, unknown] {
  const entries = Object.entries(condition);
  const [entry] = entries;
  if (!entry || entries.length > 1) {
    throw new PatternError('Only one key allowed in match expression');
  }
  return entry;
}

function text(operator: string, operand: unknown): string {
  if (typeof operand !== 'string')
    throw new PatternError(`${operator} match pattern must be a string`);
  return operand;
}

function onText(test: (value: string) => boolean): Test {
  return (value) => typeof value === 'string' && test(value);
}

/** `prefix` and `suffix` take a text, or `{"equals-ignore-case": text}`. */
function affix(
  operator: string,
  operand: unknown,
  holds: (value: string, part: string) => boolean,
): Test {
  if (typeof operand !== 'object' || operand === null) {
    const part = text(operator, operand);
    return onText((value) => holds(value, part));
  }
  const [inner, innerOperand] = single(operand as Record<string, unknown>);
  if (inner !== 'equals-ignore-case') {
    throw new PatternError(`Unsupported ${operator} pattern: ${inner}`);
  }
  const part = text(operator, innerOperand).toLowerCase();
  return onText((value) => holds(value.toLowerCase(), part));
}

/** `*` stands for any number of characters; a backslash makes `*` and `\` ordinary. */
function readWildcard(pattern: string): Test {
  let expression = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === '*') {
      if (pattern.charAt(index + 1) === '*') {
        throw new PatternError('Consecutive wildcard characters are not allowed');
      }
      expression += '.*';
      continue;
    }
    if (character === '\\') {
      index += 1;
      if (!['*', '\\'].includes(pattern.charAt(index))) {
        throw new PatternError('Invalid escape character in wildcard pattern');
      }
    }
    expression += pattern.charAt(index).replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
  }
  const regular = new RegExp(`^${expression}$`, 's');
  return onText((value) => regular.test(value));
}

function readNumeric(operand: unknown): Test {
  if (!Array.isArray(operand) || ![2, 4].includes(operand.length)) {
    throw new PatternError('Value of numeric must be an array of operators and numbers');
  }
  const pairs = Array.from({ length: operand.length / 2 }, (_, index) => ({
    operator: operand[2 * index] as unknown,
    bound: operand[2 * index + 1] as unknown,
  }));
  const tests = pairs.map(({ operator, bound }) => readComparison(operator, bound));
  if (pairs.length === 2) checkRange(pairs);
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function readComparison(operator: unknown, bound: unknown): (value: number) => boolean {
  const compare = typeof operator === 'string' ? NUMERIC[operator] : undefined;
  if (!compare) throw new PatternError(`Unrecognized numeric range operator: ${String(operator)}`);
  if (typeof bound !== 'number' || Math.abs(bound) > NUMBER_LIMIT) {
    throw new PatternError(`Value of ${String(operator)} must be numeric`);
  }
  return (value) => compare(value, bound);
}

function checkRange(pairs: readonly { operator: unknown; bound: unknown }[]): void {
  const [low, high] = pairs;
  const isRange = String(low?.operator).startsWith('>') && String(high?.operator).startsWith('<');
  if (!isRange) throw new PatternError('Bad numeric range operator');
  if (Number(low?.bound) >= Number(high?.bound))
    throw new PatternError('Bottom must be less than top');
}

/** `anything-but` takes a value, a list of values, or one of the operators on texts. */
function readAnythingBut(operand: unknown): Test {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    return readAnythingButOperator(operand as Record<string, unknown>);
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const types = new Set(values.map((value) => typeof value));
  const [type] = types;
  if (types.size !== 1 || (type !== 'string' && type !== 'number')) {
    throw new PatternError('Inside anything-but list, either all values are number or string');
  }
  return (value) => !values.includes(value);
}

const NEGATABLE = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'];

function readAnythingButOperator(operand: Record<string, unknown>): Test {
  const [operator, inner] = single(operand);
  if (!NEGATABLE.includes(operator)) {
    throw new PatternError(`Unsupported anything-but pattern: ${operator}`);
  }
  const operands: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
  if (operands.length === 0) throw new PatternError('Empty arrays are not allowed');
  const tests = operands.map((one) => {
    if (typeof one === 'string' && one === '' && operator !== 'equals-ignore-case') {
      throw new PatternError('Null prefix/suffix/wildcard not allowed');
    }
    return readOperator(operator, text(operator, one));
  });
  return (value) => !tests.some((test) => test(value));
}

function readCidr(operand: unknown): Test {
  const [address = '', bits = ''] = text('cidr', operand).split('/');
  const limit = isIPv4(address) ? 32 : 128;
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > limit) {
    throw new PatternError(`Malformed CIDR, one '/' required`);
  }
  const list = new BlockList();
  list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  return onText((value) => isIP(value) !== 0 && list.check(value, isIPv4(value) ? 'ipv4' : 'ipv6'));
}
