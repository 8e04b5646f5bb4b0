/**
 * The protocol restXml: method and path name the operation, and bodies are XML.
 * Not for: members that are the whole body, which no operation of Route 53 has.
 */
import type { AwsError } from '../kernel/aws-error.ts';
import type { DecodedCall, WireAnswer, WireRequest } from './message.ts';
import type { OperationModel, ServiceModel, Shape } from './model.ts';
import { blame, errorModel, modelledStatus, shapeName } from './refusal.ts';
import { findRoute, isPlaced, readPlaced, restRoutes, writePlaced } from './rest.ts';
import type { Members } from './rest.ts';
import { parseXml, readXml } from './xml-tree.ts';
import { element, escapeXml, writeMembers } from './xml.ts';

const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n';

const routes = restRoutes('restXml');

/** Reads a call, or answers undefined when no path of a served operation matches. */
export function decodeRestXml(request: WireRequest, requestId: string): DecodedCall | undefined {
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
    reply: (output) => writeOutput(service, operation, (output ?? {}) as Members, requestId),
    fail: (error) => writeError(service, error, requestId),
  };
}

function readBody(shape: Shape, body: Uint8Array): Members {
  if (body.length === 0 || !shape.isStructSchema()) return {};
  return readXml(shape, parseXml(Buffer.from(body).toString('utf8'))) as Members;
}

function writeOutput(
  service: ServiceModel,
  operation: OperationModel,
  output: Members,
  requestId: string,
): WireAnswer {
  const { status, headers } = writePlaced(operation, output);
  const inside = writeMembers(operation.output, withoutPlaced(operation.output, output));
  const text = root(service, `${operation.name}Response`, inside);
  return answer(status, requestId, headers, text);
}

function withoutPlaced(shape: Shape, output: Members): Members {
  if (!shape.isStructSchema()) return output;
  const rest: Members = { ...output };
  for (const [name, member] of shape.structIterator()) if (isPlaced(member)) delete rest[name];
  return rest;
}

function writeError(service: ServiceModel, error: AwsError, requestId: string): WireAnswer {
  const model = errorModel(service, error);
  const status = modelledStatus(error, model?.httpStatus);
  const detail =
    element('Type', blame(status)) +
    element('Code', escapeXml(shapeName(service, error))) +
    element('Message', escapeXml(error.message)) +
    (model ? writeMembers(model.shape, error.fields) : '');
  const inside = element('Error', detail) + element('RequestId', requestId);
  return answer(status, requestId, {}, root(service, 'ErrorResponse', inside));
}

function root(service: ServiceModel, tag: string, inside: string): string {
  return `<${tag} xmlns="${service.xmlNamespace ?? ''}">${inside}</${tag}>`;
}

function answer(
  status: number,
  requestId: string,
  headers: Readonly<Record<string, string>>,
  text: string,
): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId, ...headers },
    body: PROLOGUE + text,
  };
}
