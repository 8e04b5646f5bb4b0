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
const USUAL_NOTICES: readonly Notice[] = [
  'approvalRequested',
  'succeeded',
  'rolledBack',
  'refused',
  'failed',
];

/** Told to everybody, because a person has to come. */
const ALWAYS_TOLD: Notice = 'failed';

/** What a service wants to be told; `on` replaces the usual list. */
export const notificationsSchema = z
  .strictObject({
    on: z._default(
      z.array(z.enum(NOTICES)).check(
        z.maxLength(NOTICES.length),
        z.meta({
          description: 'Events that are told; `failed` is told even where the list leaves it out.',
          examples: [['paused', 'rolledBack', 'failed']],
        }),
      ),
      [...USUAL_NOTICES],
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

/**
 * Says whether people want to hear of an event.
 * @param from a service's definition, or the plan of a deployment, which keeps what was wanted when
 *   it was made; undefined, or one without `notifications`, wants the usual: approvals and outcomes
 * @example wantsNotice({ notifications: { on: ['paused'] } }, 'succeeded') // false
 */
export function wantsNotice(
  from: { readonly notifications?: Readonly<Notifications> | undefined } | undefined,
  event: Notice,
): boolean {
  if (event === ALWAYS_TOLD) return true;
  return (from?.notifications?.on ?? USUAL_NOTICES).includes(event);
}
