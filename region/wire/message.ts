/**
 * What goes over the wire, before and after the AWS protocols: plain requests and answers, and one
 * call read out of a request.
 * Not for: sockets (see `region/endpoint`).
 */
import type { AwsError } from '../kernel/aws-error.ts';
import type { ServiceName } from '../kernel/service.ts';

/** One HTTP request, however it arrived. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, such as `/2015-03-31/functions?MaxItems=1`, encoded as the client sent it. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty when there is none. */
  readonly body: Uint8Array;
}

/** One HTTP answer. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A call as a request spells it. Whoever holds it answers exactly once. */
export interface DecodedCall {
  readonly service: ServiceName;
  /** As the client spelt it: the service perhaps has no such operation. */
  readonly operation: string;
  /**
   * The input, in the shape that the SDK gives it.
   * @throws AwsError the service's own refusal of an unknown operation, a value of a wrong type or
   * a missing required member
   */
  readInput(): unknown;
  /** Spells a result; undefined for operations that answer nothing. */
  reply(output: unknown): WireAnswer;
  /** Spells a refusal. */
  fail(error: AwsError): WireAnswer;
}
