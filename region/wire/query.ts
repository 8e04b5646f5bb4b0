/**
 * The protocols awsQuery and ec2Query: forms in, XML out.
 */
import { AwsError } from '../kernel/aws-error.ts';
import { readForm } from './form.ts';
import type { DecodedCall, WireAnswer, WireRequest } from './message.ts';
import { serviceModels } from './model.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import { blame, errorModel, modelledStatus, queryCode } from './refusal.ts';
import { element, escapeXml, writeMembers } from './xml.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Reads a call, or answers undefined when the request is not in one of these protocols. */
export function decodeQuery(request: WireRequest, requestId: string): DecodedCall | undefined {
  const form = formOf(request);
  const action = form?.get('Action');
  const version = form?.get('Version');
  if (!form || !action) return undefined;
  const service = serviceModels.find(
    (model) => model.version === version && model.protocols.some(isQuery),
  );
  if (!service) return undefined;
  const envelope = service.protocols.includes('ec2Query') ? ec2Envelope : queryEnvelope;
  const operation = service.operations.get(action);
  return {
    service: service.name,
    operation: action,
    readInput: () => {
      if (!operation) throw invalidAction(action, service);
      return readForm(operation.input, form, envelope.flavour);
    },
    reply: (output) =>
      xmlAnswer(200, requestId, envelope.success(service, operation, output, requestId)),
    fail: (error) => {
      const status = modelledStatus(error, errorModel(service, error)?.queryStatus);
      return xmlAnswer(status, requestId, envelope.failure(service, error, status, requestId));
    },
  };
}

const isQuery = (protocol: string): boolean => protocol === 'awsQuery' || protocol === 'ec2Query';

/** Query requests may also be links; AWS takes both. */
function formOf(request: WireRequest): URLSearchParams | undefined {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith(FORM_TYPE)) {
    return new URLSearchParams(Buffer.from(request.body).toString('utf8'));
  }
  const at = request.url.indexOf('?');
  if (request.method !== 'GET' || at < 0) return undefined;
  return new URLSearchParams(request.url.slice(at + 1));
}

function invalidAction(action: string, service: ServiceModel): AwsError {
  const message = service.protocols.includes('ec2Query')
    ? `The action ${action} is not valid for this web service.`
    : `Could not find operation ${action} for version ${service.version}`;
  return new AwsError('InvalidAction', message);
}

function xmlAnswer(status: number, requestId: string, text: string): WireAnswer {
  const headers = { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId };
  return { status, headers, body: PROLOGUE + text };
}

type Success = (
  service: ServiceModel,
  operation: OperationModel | undefined,
  output: unknown,
  requestId: string,
) => string;

type Failure = (
  service: ServiceModel,
  error: AwsError,
  status: number,
  requestId: string,
) => string;

interface Envelope {
  readonly flavour: 'query' | 'ec2';
  readonly success: Success;
  readonly failure: Failure;
}

function root(service: ServiceModel, tag: string, inside: string): string {
  return `<${tag} xmlns="${service.xmlNamespace ?? ''}">${inside}</${tag}>`;
}

const queryEnvelope: Envelope = {
  flavour: 'query',
  success: (service, operation, output, requestId) => {
    const name = operation?.name ?? '';
    const result = operation?.output.isStructSchema()
      ? element(`${name}Result`, writeMembers(operation.output, output))
      : '';
    const metadata = element('ResponseMetadata', element('RequestId', requestId));
    return root(service, `${name}Response`, result + metadata);
  },
  failure: (service, error, status, requestId) => {
    const model = errorModel(service, error);
    const detail =
      element('Type', blame(status)) +
      element('Code', escapeXml(queryCode(service, error))) +
      element('Message', escapeXml(error.message)) +
      (model ? writeMembers(model.shape, error.fields) : '');
    return root(
      service,
      'ErrorResponse',
      element('Error', detail) + element('RequestId', requestId),
    );
  },
};

const ec2Envelope: Envelope = {
  flavour: 'ec2',
  success: (service, operation, output, requestId) => {
    const members = operation ? writeMembers(operation.output, output) : '';
    const result = operation?.output.isStructSchema() ? members : element('return', 'true');
    return root(
      service,
      `${operation?.name ?? ''}Response`,
      element('requestId', requestId) + result,
    );
  },
  failure: (service, error, _status, requestId) => {
    const detail =
      element('Code', escapeXml(queryCode(service, error))) +
      element('Message', escapeXml(error.message));
    const errors = element('Errors', element('Error', detail));
    return element('Response', errors + element('RequestID', requestId));
  },
};
