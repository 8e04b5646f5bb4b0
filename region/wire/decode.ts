/**
 * The server's side of the AWS protocols: which service and operation a request means, its input,
 * and how answers are spelt.
 * Not for: who calls and whether they may (`region/iam`, `region/endpoint`).
 */
import { decodeAwsJson } from './aws-json.ts';
import { decodeCbor } from './cbor.ts';
import type { DecodedCall, WireRequest } from './message.ts';
import { decodeQuery } from './query.ts';
import { decodeRestJson } from './rest-json.ts';
import { decodeRestXml } from './rest-xml.ts';

/** Protocols by how surely a request shows that it speaks them. */
const decoders = [decodeAwsJson, decodeCbor, decodeQuery, decodeRestJson, decodeRestXml];

/**
 * Reads a request. Undefined when it is for no service that the region speaks. An operation that
 * the service does not have is a call all the same, and refuses when its input is read.
 */
export function decode(request: WireRequest, requestId: string): DecodedCall | undefined {
  for (const decoder of decoders) {
    const call = decoder(request, requestId);
    if (call) return call;
  }
  return undefined;
}
