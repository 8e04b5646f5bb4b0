/**
 * The protocols awsJson1_0 and awsJson1_1: the header names the operation, the body is JSON.
 */
import { AwsError } from '../kernel/aws-error.ts';
import { readJson, writeJson } from './json-value.ts';
import type { DecodedCall, WireAnswer, WireRequest } from './message.ts';
import { serviceModels } from './model.ts';
import type { ServiceModel } from './model.ts';
import { blame, errorModel, queryCode, shapeName } from './refusal.ts';

/** Reads a call, or answers undefined when the request is not in one of these protocols. */
export function decodeAwsJson(request: WireRequest, requestId: string): DecodedCall | undefined {
  const [target, name = ''] = (request.headers['x-amz-target'] ?? '').split('.');
  const service = serviceModels.find(
    (model) => model.target === target && model.protocols.includes('awsJson'),
  );
  if (!service) return undefined;
  const contentType = request.headers['content-type'] ?? 'application/x-amz-json-1.0';
  const answer = (status: number, body: string, headers = {}): WireAnswer => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...headers },
    body,
  });
  const operation = service.operations.get(name);
  return {
    service: service.name,
    operation: name,
    readInput: () => {
      if (!operation) throw unknownOperation(name, service);
      return readJson(operation.input, request.body);
    },
    reply: (output) => answer(200, operation ? writeJson(operation.output, output) : '{}'),
    fail: (error) =>
      answer(
        error.httpStatus,
        errorJson(service, error),
        'x-amzn-query-mode' in request.headers ? queryHeaders(service, error) : {},
      ),
  };
}

/** What the JSON and REST protocols carry as the body of a refusal. */
export function errorJson(service: ServiceModel, error: AwsError): string {
  const shape = errorModel(service, error)?.shape;
  const members = shape ? [...shape.structIterator()].map(([name]) => name) : [];
  const messageKey = members.includes('Message') ? 'Message' : 'message';
  const fields = shape ? (JSON.parse(writeJson(shape, error.fields)) as object) : error.fields;
  return JSON.stringify({
    __type: shapeName(service, error),
    ...fields,
    [messageKey]: error.message,
  });
}

/**
 * Clients that once spoke Query still get its codes.
 * @source https://smithy.io/2.0/aws/protocols/aws-query-protocol.html (awsQueryCompatible)
 */
function queryHeaders(service: ServiceModel, error: AwsError): Readonly<Record<string, string>> {
  return { 'x-amzn-query-error': `${queryCode(service, error)};${blame(error.httpStatus)}` };
}

function unknownOperation(name: string, service: ServiceModel): AwsError {
  return new AwsError(
    'UnknownOperationException',
    `The service ${service.target} has no operation ${name || '(none given)'}.`,
  );
}
