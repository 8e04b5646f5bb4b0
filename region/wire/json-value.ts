/**
 * JSON texts of the protocols `awsJson1_0`, `awsJson1_1` and `restJson1`.
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { Shape } from './model.ts';
import { readValue, writeValue } from './value.ts';
import type { Leaves } from './value.ts';

/** Smithy's number of a timestamp in `date-time` format. */
const DATE_TIME = 5;
/** Smithy's number of a timestamp in `http-date` format. */
const HTTP_DATE = 6;

const leaves: Leaves = {
  readTime: (value) => {
    const usable = typeof value === 'number' || typeof value === 'string';
    const time = new Date(typeof value === 'number' ? value * 1000 : String(value));
    return usable && !Number.isNaN(time.getTime()) ? time : undefined;
  },
  writeTime: (time, shape) => {
    const format = shape.getSchema();
    if (format === DATE_TIME) return time.toISOString();
    return format === HTTP_DATE ? time.toUTCString() : time.getTime() / 1000;
  },
  readBytes: (value) => (typeof value === 'string' ? Buffer.from(value, 'base64') : undefined),
  writeBytes: (bytes) => Buffer.from(bytes).toString('base64'),
  key: (member) => member,
  writeNumber: (value) => (Number.isFinite(value) ? value : String(value)),
};

/** The same with the `jsonName` trait, which only REST services heed. */
const restLeaves: Leaves = {
  ...leaves,
  key: (member, shape) => shape.getMergedTraits().jsonName ?? member,
};

/**
 * Reads a body; an empty one counts as `{}`.
 * @throws AwsError SerializationException when it is no JSON or has values of other types
 */
export function readJson(shape: Shape, body: Uint8Array, rest = false): unknown {
  if (shape.isUnitSchema()) return {};
  return readValue(shape, parseJson(body), rest ? restLeaves : leaves);
}

/** Writes a body. */
export function writeJson(shape: Shape, value: unknown, rest = false): string {
  if (!shape.isStructSchema()) return '{}';
  return JSON.stringify(writeValue(shape, value ?? {}, rest ? restLeaves : leaves));
}

function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    throw new AwsError(
      'SerializationException',
      `The body of the request is not JSON: ${(error as Error).message}`,
    );
  }
}
