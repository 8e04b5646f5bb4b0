/**
 * The protocol rpcv2Cbor: the path names the operation, the body is CBOR.
 * @source https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { cbor, tag } from '@smithy/core/cbor';
import { AwsError } from '../kernel/aws-error.ts';
import type { DecodedCall, WireAnswer, WireRequest } from './message.ts';
import { serviceModels } from './model.ts';
import type { Shape } from './model.ts';
import { blame, errorModel, queryCode, shapeName } from './refusal.ts';
import { readValue, writeValue } from './value.ts';
import type { Leaves } from './value.ts';

/** CBOR's tag of seconds since 1970. */
const EPOCH_TAG = 1;

const PATH = /\/service\/([^/]+)\/operation\/([^/?]+)$/;

const leaves: Leaves = {
  readTime: (value) => {
    const seconds = value instanceof Date ? value.getTime() / 1000 : taggedNumber(value);
    return seconds === undefined ? undefined : new Date(seconds * 1000);
  },
  writeTime: (time) => tag({ tag: EPOCH_TAG, value: time.getTime() / 1000 }),
  readBytes: (value) => (value instanceof Uint8Array ? value : undefined),
  writeBytes: (bytes) => bytes,
  key: (member) => member,
  writeNumber: (value) => value,
};

/** Reads a call, or answers undefined when the request is not in this protocol. */
export function decodeCbor(request: WireRequest, requestId: string): DecodedCall | undefined {
  const [, target, name = ''] = PATH.exec(request.url) ?? [];
  const service = serviceModels.find(
    (model) => model.target === target && model.protocols.includes('rpcv2Cbor'),
  );
  if (!service || request.headers['smithy-protocol'] !== 'rpc-v2-cbor') return undefined;
  const operation = service.operations.get(name);
  return {
    service: service.name,
    operation: name,
    readInput: () => {
      if (!operation) {
        throw new AwsError('UnknownOperationException', `There is no operation ${name}.`, {
          httpStatus: 404,
        });
      }
      return readCbor(operation.input, request.body);
    },
    reply: (output) =>
      answer(200, requestId, operation ? writeValue(operation.output, output ?? {}, leaves) : {}),
    fail: (error) => {
      const shape = errorModel(service, error)?.shape;
      const fields = shape ? writeValue(shape, error.fields, leaves) : error.fields;
      const named = { __type: shapeName(service, error), message: error.message };
      const queryError = `${queryCode(service, error)};${blame(error.httpStatus)}`;
      return answer(error.httpStatus, requestId, { ...(fields as object), ...named }, queryError);
    },
  };
}

function readCbor(shape: Shape, body: Uint8Array): unknown {
  if (shape.isUnitSchema() || body.length === 0) return {};
  let tree: unknown;
  try {
    tree = cbor.deserialize(new Uint8Array(body));
  } catch (error) {
    throw new AwsError(
      'SerializationException',
      `The body of the request is not CBOR: ${(error as Error).message}`,
    );
  }
  return readValue(shape, tree, leaves);
}

function answer(status: number, requestId: string, tree: unknown, queryError?: string): WireAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': requestId,
      ...(queryError && { 'x-amzn-query-error': queryError }),
    },
    // The encoder answers a view of a buffer that it uses again.
    body: Uint8Array.from(cbor.serialize(tree)),
  };
}

function taggedNumber(value: unknown): number | undefined {
  const tagged = value as { tag?: number | bigint; value?: unknown } | number | undefined;
  if (typeof tagged === 'number') return tagged;
  if (typeof tagged !== 'object' || Number(tagged.tag) !== EPOCH_TAG) return undefined;
  return Number(tagged.value);
}
