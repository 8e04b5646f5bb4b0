/**
 * Telling people something that no deployment depends on.
 */
import type { Notifier } from '../shared/ports/signals.ts';

/** Publishes a message; answers why it could not be, and undefined when it was. */
export async function tryToTell(
  notifier: Notifier,
  message: Parameters<Notifier['publish']>[0],
): Promise<string | undefined> {
  try {
    await notifier.publish(message);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
