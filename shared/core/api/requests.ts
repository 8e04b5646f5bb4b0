/**
 * What requests may say besides their bodies: queries of lists, and idempotency keys.
 * Not for: bodies, which are definitions, requests and orders (see `spec.ts`).
 */
import * as z from 'zod/mini';
import { parseStrictly } from '../parse-strictly.ts';
import { serviceNameSchema } from '../service-definition.ts';
import { rollbackRequestSchema } from '../spec.ts';
import type { OperationId } from './operations.ts';
import { STATUS_FILTERS } from './statuses.ts';

/** Most entries on one page. */
export const PAGE_LIMIT_MAX = 100;

/** Entries on one page where nothing is asked for. */
export const PAGE_LIMIT_DEFAULT = 20;

/** Most lines of a timeline on one page; one deployment seldom has more. */
export const TIMELINE_LIMIT_MAX = 1000;

/** Longest idempotency key: that of a UUID, a build's address, or a commit with a name. */
const KEY_LENGTH_MAX = 255;

const cursor = z.optional(z.string().check(z.minLength(1), z.maxLength(2000)));
const limit = (most: number) =>
  z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(most)));

/**
 * Query of a definition: `as=given` shows it as it was put, with the group that was named then;
 * absent, it names the group that serves.
 */
export const showServiceQuerySchema = z.strictObject({ as: z.optional(z.enum(['given'])) });

/** Query of a draft: what the service is to be called. */
export const draftQuerySchema = z.strictObject({ service: z.optional(serviceNameSchema) });

/** Query of a list that has pages. */
export const pageQuerySchema = z.strictObject({ limit: limit(PAGE_LIMIT_MAX), cursor });

/** Query of a timeline. */
export const timelineQuerySchema = z.strictObject({ limit: limit(TIMELINE_LIMIT_MAX), cursor });

/** Query of the list of deployments: of one service, in one status; `running` has not ended. */
export const deploymentsQuerySchema = z.strictObject({
  service: z.optional(z.string().check(z.minLength(1), z.maxLength(40))),
  status: z.optional(z.enum(STATUS_FILTERS)),
  limit: limit(PAGE_LIMIT_MAX),
  cursor,
});

/** The query of each operation that has one; all others take none. */
export const QUERY_SCHEMAS = {
  listServices: pageQuerySchema,
  listDeployments: deploymentsQuerySchema,
  readTimeline: timelineQuerySchema,
  showService: showServiceQuerySchema,
  draftDefinition: draftQuerySchema,
} satisfies Partial<Record<OperationId, z.ZodMiniType>>;

const noQuerySchema = z.strictObject({});

/**
 * Refuses a query where none is taken: a word that was passed over would be taken for heard.
 * Operations that take one read it themselves.
 * @throws SpecRefused
 */
export function refuseNeedlessQuery(
  operationId: OperationId,
  query: Readonly<Record<string, string>>,
): void {
  if (!(operationId in QUERY_SCHEMAS)) parseStrictly(noQuerySchema, query, 'query');
}

/** Body of a rollback of its own: what is asked is in the path, and who asks in the signature. */
export const rollbackBodySchema = z.omit(rollbackRequestSchema, {
  service: true,
  rollbackOf: true,
  requestedBy: true,
});

/** An idempotency key: printable ASCII, so that it survives every client and every log. */
export const keySchema = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(KEY_LENGTH_MAX),
    z.regex(/^[ -~]*$/, { error: 'must be printable ASCII' }),
  );
