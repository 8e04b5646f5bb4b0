/**
 * What may stand in `teal.yml`: definitions of services by their names.
 * Not for: YAML itself, and where in a file something stands (see `cli/teal-file.ts`).
 */
import * as z from 'zod/mini';
import { parseStrictly } from './parse-strictly.ts';
import {
  definitionBodySchema,
  type ServiceDefinition,
  serviceNameSchema,
} from './service-definition.ts';

/** The file as a whole. One form for one service and for many, so that adding one changes no line. */
export const tealFileSchema = z.strictObject({
  services: z
    .record(
      serviceNameSchema,
      definitionBodySchema.check(z.describe('A service; its group is all that must be said.')),
    )
    .check(
      z.describe('Definitions by the names of their services: 1 to 40 of a-z, 0-9 and hyphens.'),
    ),
});

/**
 * Reads the definitions of a file, in its order.
 * @throws SpecRefused naming every key that is unknown or out of range
 */
export function parseTealFile(value: unknown): readonly ServiceDefinition[] {
  const { services } = parseStrictly(tealFileSchema, value, 'file');
  return Object.entries(services).map(([service, body]) => ({ service, ...body }));
}
