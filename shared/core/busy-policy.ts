/**
 * What a deployment does while another one of its service is under way or waits before it.
 * Not for: deciding whose turn it is (see `decide-turn.ts`).
 */
import * as z from 'zod/mini';

/** All there are. */
export const ON_BUSY = ['refuse', 'queue', 'supersede'] as const;

/** The setting of a service, and of a request that wants it otherwise. */
export const onBusySchema = z
  .enum(ON_BUSY)
  .check(
    z.describe(
      'While another deployment of the service is under way: `refuse` to start, `queue` until its ' +
        'end, or `supersede` it: it is aborted where it still can be, and whatever waited is refused. ' +
        'Absent means `refuse`.',
    ),
  );

/** `refuse` to start, `queue` for a turn, or `supersede` what is under way and what waits. */
export type OnBusy = z.infer<typeof onBusySchema>;

/**
 * What one deployment does: the request's wish, else the service's, else `refuse`.
 * `request` is an execution's input as it came; what is no policy in it counts as absent.
 */
export function onBusyOf(
  definition: { readonly onBusy?: OnBusy | undefined } | undefined,
  request: unknown,
): OnBusy {
  const asked = onBusySchema.safeParse((request as { onBusy?: unknown } | null)?.onBusy);
  return asked.success ? asked.data : (definition?.onBusy ?? 'refuse');
}
