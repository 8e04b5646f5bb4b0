/**
 * Reads metric math: arithmetic, comparisons, FILL and IF over ids of other queries.
 * Not for: SEARCH, Metrics Insights and the many other functions; they are refused by name.
 */

/** An expression that has been read, as a tree. */
export type MathNode =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'reference'; readonly id: string }
  | { readonly type: 'negate'; readonly operand: MathNode }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: MathNode;
      readonly right: MathNode;
    }
  | { readonly type: 'fill'; readonly series: MathNode; readonly with: number | 'REPEAT' }
  | {
      readonly type: 'if';
      readonly condition: MathNode;
      readonly consequence: MathNode;
      /** Absent means that there is no data where the condition does not hold. */
      readonly otherwise?: MathNode;
    };

/** An operator between two operands. */
export type BinaryOperator = (typeof LEVELS)[number][number];

/** An expression that this region does not understand; the message says where it stopped. */
export class MathSyntaxError extends Error {
  override readonly name = 'MathSyntaxError';
}

/** Operators from the loosest to the tightest binding. */
const LEVELS = [
  ['<', '<=', '>', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
] as const;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|[-+*/<>(),]))/y;

interface Reader {
  peek(): string | undefined;
  take(): string | undefined;
  expect(token: string): void;
}

/** @throws MathSyntaxError */
export function parseMath(expression: string): MathNode {
  const reader = createReader(tokenize(expression));
  const node = readLevel(reader, 0);
  const rest = reader.peek();
  if (rest !== undefined) throw new MathSyntaxError(`unexpected '${rest}'`);
  return node;
}

/** The ids that an expression uses. */
export function referencesOf(node: MathNode): readonly string[] {
  switch (node.type) {
    case 'number':
      return [];
    case 'reference':
      return [node.id];
    case 'negate':
      return referencesOf(node.operand);
    case 'binary':
      return [...referencesOf(node.left), ...referencesOf(node.right)];
    case 'fill':
      return referencesOf(node.series);
    case 'if': {
      const parts = [node.condition, node.consequence, ...(node.otherwise ? [node.otherwise] : [])];
      return parts.flatMap((part) => referencesOf(part));
    }
  }
}

function tokenize(expression: string): string[] {
  const tokens: string[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new MathSyntaxError(`unexpected '${text.slice(at).trim().slice(0, 20)}'`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

function createReader(tokens: readonly string[]): Reader {
  let index = 0;
  const take = (): string | undefined => tokens[index++];
  return {
    peek: () => tokens[index],
    take,
    expect: (token) => {
      const found = take();
      if (found !== token) {
        throw new MathSyntaxError(`expected '${token}' but found '${found ?? 'the end'}'`);
      }
    },
  };
}

function readLevel(reader: Reader, level: number): MathNode {
  const operators: readonly BinaryOperator[] | undefined = LEVELS[level];
  if (!operators) return readOperand(reader);
  let left = readLevel(reader, level + 1);
  while (true) {
    const operator = operators.find((candidate) => candidate === reader.peek());
    if (!operator) return left;
    reader.take();
    left = { type: 'binary', operator, left, right: readLevel(reader, level + 1) };
  }
}

function readOperand(reader: Reader): MathNode {
  const token = reader.take();
  if (token === undefined) throw new MathSyntaxError('unexpected end');
  if (token === '-') return { type: 'negate', operand: readOperand(reader) };
  if (token === '(') {
    const inner = readLevel(reader, 0);
    reader.expect(')');
    return inner;
  }
  if (/^\d/.test(token)) return { type: 'number', value: Number(token) };
  if (!/^\w/.test(token)) throw new MathSyntaxError(`unexpected '${token}'`);
  // Functions are in capitals, ids begin with a small letter.
  return reader.peek() === '(' ? readCall(reader, token) : { type: 'reference', id: token };
}

function readCall(reader: Reader, name: string): MathNode {
  reader.expect('(');
  const first = readLevel(reader, 0);
  reader.expect(',');
  if (name === 'FILL') return readFill(reader, first);
  if (name === 'IF') return readIf(reader, first);
  throw new MathSyntaxError(`the function '${name}' is not known in this region`);
}

function readFill(reader: Reader, series: MathNode): MathNode {
  const filler = readLevel(reader, 0);
  reader.expect(')');
  if (filler.type === 'number') return { type: 'fill', series, with: filler.value };
  if (filler.type === 'negate' && filler.operand.type === 'number') {
    return { type: 'fill', series, with: -filler.operand.value };
  }
  if (filler.type === 'reference' && filler.id === 'REPEAT') {
    return { type: 'fill', series, with: 'REPEAT' };
  }
  throw new MathSyntaxError('FILL takes a number or REPEAT in this region');
}

function readIf(reader: Reader, condition: MathNode): MathNode {
  const consequence = readLevel(reader, 0);
  if (reader.peek() !== ',') {
    reader.expect(')');
    return { type: 'if', condition, consequence };
  }
  reader.take();
  const otherwise = readLevel(reader, 0);
  reader.expect(')');
  return { type: 'if', condition, consequence, otherwise };
}
