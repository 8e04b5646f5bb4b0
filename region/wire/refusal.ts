/**
 * The names and HTTP statuses under which a protocol spells a refusal.
 * Services throw the code of the wire; the same error has another name in each protocol.
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { ErrorModel, ServiceModel } from './model.ts';

/** Status of an AwsError that did not choose one. */
const DEFAULT_STATUS = 400;

/** What is known about the error of a refusal; undefined for codes that no model lists. */
export function errorModel(service: ServiceModel, error: AwsError): ErrorModel | undefined {
  return service.errors.get(error.code);
}

/** Code in the Query protocols. */
export function queryCode(service: ServiceModel, error: AwsError): string {
  return errorModel(service, error)?.queryCode ?? error.code;
}

/** Name in the JSON and CBOR protocols. */
export function shapeName(service: ServiceModel, error: AwsError): string {
  return errorModel(service, error)?.name ?? error.code;
}

/** Status in the protocols where the model decides it, unless the refusal chose its own. */
export function modelledStatus(
  error: AwsError,
  modelled: number | undefined = DEFAULT_STATUS,
): number {
  return error.httpStatus === DEFAULT_STATUS ? modelled : error.httpStatus;
}

/** Whose fault it is, as the Query protocols say it. */
export function blame(status: number): 'Receiver' | 'Sender' {
  return status >= 500 ? 'Receiver' : 'Sender';
}
