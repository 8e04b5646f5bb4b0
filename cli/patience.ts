/**
 * Sends a request once more where its answer was lost. It has a key, so that it is done once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiRefused, ApiUnreachable } from './api-client.ts';

/** Real milliseconds before each further attempt. */
const PAUSES_MILLISECONDS = [500, 2000];

/** Says whether the same request may be answered a moment later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiUnreachable) return true;
  return error instanceof ApiRefused && (error.status === 429 || error.status >= 500);
}

/**
 * Posts a body under a key, three times at the most.
 * @throws ApiRefused, ApiUnreachable as the last attempt does
 */
export async function sendPatiently(
  api: ApiClient,
  path: string,
  body: unknown,
  idempotencyKey: string,
): Promise<unknown> {
  for (const pause of PAUSES_MILLISECONDS) {
    try {
      return await api.send('POST', path, body, { idempotencyKey });
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleep(pause);
    }
  }
  return api.send('POST', path, body, { idempotencyKey });
}
