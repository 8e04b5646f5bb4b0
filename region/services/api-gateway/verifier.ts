/**
 * Who signed a request to an HTTP API.
 */
import type { IdentityStore } from '../../iam/identities.ts';
import { authenticate } from '../../iam/signature.ts';
import type { createHttpApi } from './http-api.ts';

/** Makes what an API asks for the caller behind a request; undefined when nobody signed it. */
export function verifierOf(
  identities: IdentityStore,
): Parameters<typeof createHttpApi>[0]['verify'] {
  return (request) => {
    const result = authenticate(request, {
      signingName: 'execute-api',
      find: (id, token) => identities.find(id, token),
    });
    return result.type === 'caller' ? result.caller : undefined;
  };
}
