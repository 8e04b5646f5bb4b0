/**
 * Inputs that break one constraint of a service's public model each, and fit it otherwise.
 * Not for: required members that are missing.
 */
import type { ServiceName } from '../../region/kernel/service.ts';
import { constraintTable } from '../../region/wire/constraint-table.ts';
import type { ShapeConstraints } from '../../region/wire/constraint-table.ts';
import { serviceModel } from '../../region/wire/model.ts';
import type { Shape } from '../../region/wire/model.ts';

/** Texts of which one fits whatever a model asks for. */
const TEXTS = [
  'a-text',
  'arn:aws:lambda:us-east-1:000000000000:function:web',
  'arn:aws:iam::000000000000:role/web',
  'arn:aws:lambda:us-east-1:000000000000:layer:web:1',
  'arn:aws:lambda:us-east-1:000000000000:capacity-provider:web',
  'arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0',
  'abc.def',
  '/mnt/data',
  'lambda:InvokeFunction',
  'o-0123456789',
  '000000000000',
  'ami-0123456789abcdef0',
  '200',
  'HTTP',
  'ALL',
  '$LATEST',
  'ipv4pool-coip-1',
  'ipam-pool-1',
  'arn:aws:secretsmanager:us-east-1:000000000000:secret',
];

/** Texts of which one breaks whatever pattern a model has. */
const NONSENSE = ['no such thing!', '\u0001', '', ' ', ':', '§', '%'];

/** An input that breaks one constraint. */
export interface Broken {
  readonly at: string;
  readonly input: object;
}

const whole = (pattern: string): RegExp => {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return new RegExp(`^(?:${pattern})$`);
  }
};

const fits = (shape: ShapeConstraints, text: string): boolean =>
  text.length >= (shape.min ?? 0) &&
  text.length <= (shape.max ?? Infinity) &&
  (shape.pattern === undefined || whole(shape.pattern).test(text)) &&
  (!shape.values || shape.values.includes(text));

/** A text that fits; made longer where it must be. */
function fittingText(shape: ShapeConstraints): string {
  const [value] = shape.values ?? [];
  if (value !== undefined) return value;
  const candidates = [...TEXTS, 'a'.repeat(shape.min ?? 1), 'a'.repeat(shape.max ?? 1), '1'];
  return candidates.find((text) => fits(shape, text)) ?? 'a-text';
}

/**
 * Makes inputs that break the constraints of a service's operations: its constraints, walked along
 * with the SDK's schemas, which know the types.
 */
export function createBreaker(service: ServiceName, now: number) {
  const { shapes } = constraintTable[service];
  const of = (name: string | undefined): ShapeConstraints => shapes[name ?? ''] ?? {};

  /** A value that fits. Of structures only what is required. */
  const fitting = (shape: Shape, name: string | undefined, depth = 0): unknown => {
    const own = of(name);
    if (shape.isStructSchema()) return structure(shape, name, depth);
    if (shape.isListSchema()) {
      const size = Math.max(1, own.min ?? 0);
      return Array.from({ length: size }, () =>
        fitting(shape.getValueSchema(), own.items, depth + 1),
      );
    }
    if (shape.isMapSchema()) {
      const value = fitting(shape.getValueSchema(), own.mapped, depth + 1);
      return { [fittingText(of(own.keys))]: value };
    }
    if (shape.isTimestampSchema()) return new Date(now);
    if (shape.isBlobSchema()) return new Uint8Array([123, 125]);
    if (shape.isBooleanSchema()) return true;
    if (shape.isNumericSchema()) return own.min ?? 1;
    return fittingText(own);
  };

  const structure = (shape: Shape, name: string | undefined, depth: number): object => {
    const required = Number((shape.getSchema() as unknown as unknown[])[6] ?? 0);
    const members = [...shape.structIterator()].slice(0, depth > 6 ? 0 : required);
    // A structure without members does not exist in a form: it gets one that nothing constrains.
    const free = depth > 0 && members.length === 0 ? freeMember(shape, name) : {};
    return {
      ...free,
      ...Object.fromEntries(
        members.map(([key, member]) => [key, fitting(member, of(name).members?.[key], depth + 1)]),
      ),
    };
  };

  const freeMember = (shape: Shape, name: string | undefined): object => {
    const [found] = [...shape.structIterator()].find(
      ([key, member]) => member.isStringSchema() && of(name).members?.[key] === undefined,
    ) ?? [''];
    return found === '' ? {} : { [found]: 'a-text' };
  };

  /** Values that break the constraint of a shape itself, each with what is broken. */
  const broken = (shape: Shape, name: string): [string, unknown][] => {
    const { min, max, pattern, values } = of(name);
    if (shape.isNumericSchema()) {
      return [
        ...(min === undefined ? [] : [['min', min - 1] as [string, unknown]]),
        ...(max === undefined ? [] : [['max', max + 1] as [string, unknown]]),
      ];
    }
    if (shape.isListSchema() || shape.isMapSchema()) return brokenSizes(shape, name);
    if (!shape.isStringSchema()) return [];
    const nonsense =
      pattern === undefined ? undefined : NONSENSE.find((text) => !whole(pattern).test(text));
    return [
      ...(min ? [['min', fittingText(of(name)).slice(0, min - 1)] as [string, unknown]] : []),
      ...(max === undefined ? [] : [['max', 'a'.repeat(max + 1)] as [string, unknown]]),
      ...(nonsense === undefined ? [] : [['pattern', nonsense] as [string, unknown]]),
      ...(values ? [['values', 'no-such-value'] as [string, unknown]] : []),
    ];
  };

  const brokenSizes = (shape: Shape, name: string): [string, unknown][] => {
    const { max, items } = of(name);
    if (max === undefined || max > 1000 || !shape.isListSchema()) return [];
    const item = fitting(shape.getValueSchema(), items, 1);
    return [['max', Array.from({ length: max + 1 }, () => item)]];
  };

  /** Inputs that break one constraint each, anywhere below a shape. */
  function* inputs(
    shape: Shape,
    name: string,
    seen: readonly string[] = [],
  ): Iterable<{ at: string; value: unknown }> {
    if (seen.includes(name)) return;
    const deeper = [...seen, name];
    for (const [what, value] of broken(shape, name)) yield { at: what, value };
    if (shape.isStructSchema()) {
      const base = structure(shape, name, seen.length);
      for (const [key, member] of shape.structIterator()) {
        const inner = of(name).members?.[key];
        if (inner === undefined) continue;
        for (const { at, value } of inputs(member, inner, deeper)) {
          yield { at: `${key} ${at}`, value: { ...base, [key]: value } };
        }
      }
    }
    const { items } = of(name);
    if (shape.isListSchema() && items !== undefined) {
      for (const { at, value } of inputs(shape.getValueSchema(), items, deeper)) {
        yield { at, value: [value] };
      }
    }
  }

  return (operation: string): readonly Broken[] => {
    const name = constraintTable[service].operations[operation];
    const shape = serviceModel(service).operations.get(operation)?.input;
    if (!name || !shape) return [];
    return [...inputs(shape, name)].map(({ at, value }) => ({ at, input: value as object }));
  };
}
