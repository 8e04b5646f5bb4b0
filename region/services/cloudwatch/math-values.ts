/**
 * Computes metric math over rows of values that share their times.
 * Not for: reading expressions; see `math-parser.ts`.
 */
import type { BinaryOperator, MathNode } from './math-parser.ts';

/** One value for each period; undefined where there is no data. */
export type Row = readonly (number | undefined)[];

const OPERATORS: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
};

/**
 * The row that an expression makes of other rows.
 * A value is missing where an operand is missing, and where a number cannot be told (x / 0).
 */
export function computeRow(
  node: MathNode,
  rows: { readonly length: number; readonly of: (id: string) => Row },
): Row {
  const compute = (part: MathNode): Row => computeRow(part, rows);
  const each = (value: (index: number) => number | undefined): Row =>
    Array.from({ length: rows.length }, (_, index) => finite(value(index)));

  switch (node.type) {
    case 'number':
      return each(() => node.value);
    case 'reference':
      return rows.of(node.id);
    case 'negate': {
      const operand = compute(node.operand);
      return each((index) => map(operand[index], (value) => -value));
    }
    case 'binary': {
      const left = compute(node.left);
      const right = compute(node.right);
      return each((index) =>
        map(left[index], (a) => map(right[index], (b) => OPERATORS[node.operator](a, b))),
      );
    }
    case 'fill':
      return fill(compute(node.series), node.with);
    case 'if': {
      const condition = compute(node.condition);
      const consequence = compute(node.consequence);
      const otherwise = node.otherwise ? compute(node.otherwise) : [];
      return each((index) =>
        map(condition[index], (holds) => (holds === 0 ? otherwise[index] : consequence[index])),
      );
    }
  }
}

function fill(row: Row, filler: number | 'REPEAT'): Row {
  let last: number | undefined;
  return row.map((value) => {
    if (value !== undefined) last = value;
    return value ?? (filler === 'REPEAT' ? last : filler);
  });
}

function map<T>(value: number | undefined, then: (value: number) => T | undefined): T | undefined {
  return value === undefined ? undefined : then(value);
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
