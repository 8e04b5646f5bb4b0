/**
 * JSONata with the functions that Step Functions adds, takes away, or binds to its own time.
 * Not for: which expressions a definition may contain.
 *
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { createRandom } from '../../kernel/chance.ts';
import type { Kernel } from '../../kernel/kernel.ts';

/** Most items `$range` gives. */
const RANGE_LIMIT_ITEMS = 1000;

/** Hash algorithms by their names in Step Functions, with their names in Node.js. */
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** Compiles one expression. @throws what JSONata throws for a text it cannot parse */
export function stepFunctionsJsonata(text: string, kernel: Kernel): jsonata.Expression {
  const expression = jsonata(text);
  expression.registerFunction('partition', partition);
  expression.registerFunction('range', range);
  expression.registerFunction('hash', hash);
  expression.registerFunction('parse', (json?: string): unknown =>
    json === undefined ? undefined : JSON.parse(json),
  );
  expression.registerFunction('uuid', () => uuid(kernel));
  expression.registerFunction('random', (seed?: number) =>
    seed === undefined ? kernel.random() : createRandom(seed)(),
  );
  expression.registerFunction('eval', () => {
    throw new Error('$eval is not available');
  });
  expression.registerFunction('millis', () => kernel.clock.now());
  expression.registerFunction('now', (picture?: string, timezone?: string) =>
    formatTime(kernel.clock.now(), picture, timezone),
  );
  return expression;
}

function partition(items: readonly unknown[] | undefined, size: number): unknown {
  if (items === undefined) return undefined;
  if (!Array.isArray(items) || !Number.isInteger(size) || size < 1) {
    throw new Error('$partition takes an array and a positive integer');
  }
  const count = Math.ceil(items.length / size);
  return Array.from(
    { length: count },
    (_, index) => items.slice(index * size, (index + 1) * size) as unknown[],
  );
}

function range(first: number, last: number, step: number): readonly number[] {
  if (![first, last, step].every((value) => Number.isInteger(value)) || step === 0) {
    throw new Error('$range takes three integers, the last of them not 0');
  }
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > RANGE_LIMIT_ITEMS) {
    throw new Error(`$range gives at most ${RANGE_LIMIT_ITEMS} items, not ${count}`);
  }
  return Array.from({ length: count }, (_, index) => first + index * step);
}

function hash(data: unknown, algorithm: string): string {
  const name = HASHES[algorithm];
  if (name === undefined) {
    throw new Error(`$hash knows [${Object.keys(HASHES).join(', ')}], not '${algorithm}'`);
  }
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return createHash(name).update(text).digest('hex');
}

/** A version 4 UUID from the region's seed. */
export function uuid(kernel: Kernel): string {
  const variant = (8 + Math.floor(kernel.random() * 4)).toString(16);
  return [
    kernel.hex(8),
    kernel.hex(4),
    `4${kernel.hex(3)}`,
    `${variant}${kernel.hex(3)}`,
    kernel.hex(12),
  ].join('-');
}

/** Time as `$now` writes it, by JSONata's own formatter. */
async function formatTime(
  millis: number,
  picture: string | undefined,
  timezone: string | undefined,
): Promise<unknown> {
  const names = [picture, timezone].flatMap((value, index) =>
    value === undefined ? [] : [index === 0 ? '$picture' : '$timezone'],
  );
  const text = `$fromMillis(${['$millisNow', ...names].join(', ')})`;
  return (await jsonata(text).evaluate(undefined, {
    millisNow: millis,
    picture,
    timezone,
  })) as unknown;
}
