/**
 * Of what people want to hear. A service says it, its plan keeps it, and whoever publishes asks here.
 * Not for: the message itself (see the functions that publish one).
 */
import * as z from 'zod/mini';

/**
 * What may be told while a deployment runs and when it ends. `planned`: it is known what will be
 * done. `approvalRequested`, `paused`: it waits for a person. The others are outcomes.
 */
const NOTICES = [
  'planned',
  'approvalRequested',
  'paused',
  'succeeded',
  'rolledBack',
  'refused',
  'failed',
] as const;

/** One of them. */
export type Notice = (typeof NOTICES)[number];

/** What is told where nobody chose: whatever waits for a person, and every outcome. */
const USUAL_NOTICES: readonly Notice[] = NOTICES.filter((notice) => notice !== 'planned');

/** Told to everybody, because a person has to come. */
const ALWAYS_TOLD: Notice = 'failed';

/** What a service wants to be told; `on` replaces the usual list. */
export const notificationsSchema = z
  .strictObject({
    on: z.optional(
      z.array(z.enum(NOTICES)).check(
        z.maxLength(NOTICES.length),
        z.meta({
          description:
            'Events that are told; `failed` is told even where the list leaves it out. Absent, that ' +
            'is whatever waits for a person and every outcome, but not what was answered to who ' +
            'asked for it: their pause, and the refusal of their start while the service is busy.',
          examples: [['paused', 'rolledBack', 'failed']],
        }),
      ),
    ),
  })
  .check(
    z.describe(
      "What is published to Teal's topic, with `service` and `event` as message attributes that " +
        'subscriptions can filter by.',
    ),
  );

/** What a service wants to be told. */
export type Notifications = z.infer<typeof notificationsSchema>;

/** How the API names who asks, in `requestedBy`; events and the console have no such name. */
const CALLER = /^arn:/;

/**
 * Says whether a refusal is news to nobody but whoever asked, who follows what became of it: the
 * service was busy, and the start came over the API. Every other refusal is told to all, because
 * somebody has to mend something.
 * @param request as it came in; what the console or an event starts has nobody who listens
 * @param error name of the error that it was refused with; absent where nobody knows it any more
 */
export function isAnsweredTo(
  request: { readonly requestedBy?: unknown },
  error: string | undefined,
): boolean {
  return error === 'ServiceBusy' && CALLER.test(String(request.requestedBy));
}

/**
 * Says whether people want to hear of an event.
 * @param from a service's definition, or the plan of a deployment, which keeps what was wanted when
 *   it was made; undefined, or one without `notifications`, wants the usual: whatever waits for a
 *   person, and outcomes
 * @param isAnswered true where whoever asked for it knows by the answer, so that it is told only to
 *   those who want it by name
 * @example wantsNotice({ notifications: { on: ['paused'] } }, 'succeeded') // false
 */
export function wantsNotice(
  from: { readonly notifications?: Readonly<Notifications> | undefined } | undefined,
  event: Notice,
  { isAnswered = false }: { readonly isAnswered?: boolean } = {},
): boolean {
  if (event === ALWAYS_TOLD) return true;
  const chosen = from?.notifications?.on;
  return chosen ? chosen.includes(event) : USUAL_NOTICES.includes(event) && !isAnswered;
}
