/**
 * The protocol restJson1: method and path name the operation, and members of the input stand in
 * path, query, headers and body.
 * Not for: streams of events, prefix headers and free query maps, which no served operation has.
 */
import { errorJson } from './aws-json.ts';
import { readJson, writeJson } from './json-value.ts';
import type { DecodedCall, WireAnswer, WireRequest } from './message.ts';
import type { OperationModel, Shape } from './model.ts';
import { errorModel, modelledStatus, shapeName } from './refusal.ts';
import { findRoute, isPlaced, readPlaced, restRoutes, writePlaced } from './rest.ts';
import type { Members } from './rest.ts';
import { toBytes } from './value.ts';

const routes = restRoutes('restJson1');

/** Reads a call, or answers undefined when no path of a served operation matches. */
export function decodeRestJson(request: WireRequest, requestId: string): DecodedCall | undefined {
  const found = findRoute(routes, request);
  if (!found) return undefined;
  const { service, operation } = found.route;
  return {
    service: service.name,
    operation: operation.name,
    readInput: () => ({
      ...readBody(operation.input, request.body),
      ...readPlaced(found.route, found.url, request),
    }),
    reply: (output) => writeOutput(operation, (output ?? {}) as Members, requestId),
    fail: (error) => ({
      status: modelledStatus(error, errorModel(service, error)?.httpStatus),
      headers: {
        'content-type': 'application/json',
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': shapeName(service, error),
      },
      body: errorJson(service, error),
    }),
  };
}

/** Members of the body: all of them in one structure, or a single one that is the whole body. */
function readBody(shape: Shape, body: Uint8Array): Members {
  if (!shape.isStructSchema()) return {};
  const payload = payloadOf(shape);
  if (payload) {
    return body.length > 0 ? { [payload.name]: readPayload(payload.member, body) } : {};
  }
  const members = readJson(shape, body, true) as Members;
  for (const [name, member] of shape.structIterator()) if (isPlaced(member)) delete members[name];
  return members;
}

function payloadOf(shape: Shape): { readonly name: string; readonly member: Shape } | undefined {
  for (const [name, member] of shape.structIterator()) {
    if (member.getMergedTraits().httpPayload) return { name, member };
  }
  return undefined;
}

function readPayload(member: Shape, body: Uint8Array): unknown {
  if (member.isBlobSchema()) return new Uint8Array(body);
  return readJson(member, body, true);
}

function writeOutput(operation: OperationModel, output: Members, requestId: string): WireAnswer {
  const placed = writePlaced(operation, output);
  const { status } = placed;
  const headers = {
    'x-amzn-requestid': requestId,
    ...placed.headers,
    'content-type': 'application/json',
  };
  if (status === 204) return { status, headers, body: '' };
  return { status, headers, body: writeBody(operation.output, output) };
}

function writeBody(shape: Shape, output: Members): string | Uint8Array {
  if (!shape.isStructSchema()) return writeJson(shape, output, true);
  const payload = payloadOf(shape);
  if (payload) {
    const value = output[payload.name];
    return value === undefined ? '' : writePayload(payload.member, value);
  }
  const rest: Members = { ...output };
  for (const [name, member] of shape.structIterator()) if (isPlaced(member)) delete rest[name];
  return writeJson(shape, rest, true);
}

function writePayload(member: Shape, value: unknown): string | Uint8Array {
  return member.isBlobSchema() ? toBytes(value) : writeJson(member, value, true);
}
