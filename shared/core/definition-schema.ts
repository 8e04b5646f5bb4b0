/**
 * The JSON Schema of `teal.yml`, for editors: made from the schema that reads it, so that the two
 * cannot differ. Rules that compare values (steps that rise, names that differ) cannot be said in it,
 * and the reader alone refuses those.
 */
import * as z from 'zod/mini';
import { tealFileSchema } from './teal-file.ts';

/** A schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Draft 7, which every editor's YAML support reads whole; later drafts only in part.
 * @source https://github.com/redhat-developer/yaml-language-server#language-server-settings
 */
const DRAFT = 'draft-07';

/** Bounds that zod adds where the reader has none of its own. */
const UNBOUNDED: ReadonlySet<unknown> = new Set([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

/** Makes the schema. */
export function makeTealFileSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(tealFileSchema, {
    target: DRAFT,
    io: 'input',
    override: ({ jsonSchema }) => {
      for (const bound of ['minimum', 'maximum'] as const) {
        if (UNBOUNDED.has(jsonSchema[bound])) delete jsonSchema[bound];
      }
    },
  });
  return {
    $schema,
    title: 'teal.yml',
    description: 'Services that Teal deploys. `teal diff` shows what `teal apply` would change.',
    ...schema,
  };
}
