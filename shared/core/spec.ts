/**
 * What people ask for: one deployment of a service, or that one be taken back; and that laid over the
 * service's definition.
 * Not for: the definition's own keys (see `service-definition.ts`), nor what will be done (see `plan.ts`).
 */
import * as z from 'zod/mini';
import { onBusySchema } from './busy-policy.ts';
import { parseStrictly } from './parse-strictly.ts';
import { type Consent, CONSENTS } from './preflight/consent.ts';
import {
  alarmsSchema,
  greenHealthyDeadlineSecondsSchema,
  type ServiceDefinition,
  serviceDefinitionSchema,
  serviceNameSchema as service,
  textSchema as text,
} from './service-definition.ts';
import { holdSecondsSchema, strategySchema } from './strategy.ts';

export type { ServiceDefinition } from './service-definition.ts';
export type { Strategy } from './strategy.ts';

const imageId = z
  .string()
  .check(z.regex(/^ami-[0-9a-f]{8,17}$/, { error: 'must look like ami-0123456789abcdef0' }));

const fixForward = z.strictObject({ reason: text(1000) });

/**
 * A request for one deployment, as typed into the Step Functions console or sent to the API.
 * Everything but `service` and `imageId` may be left out; what is given wins over the definition.
 * `fixForward` lets a version through that is the cure for an alarm that is red already, and says why;
 * it takes `requestedBy`, which the API fills in by itself. `onlyNewer` refuses an image that is not
 * newer than what runs, or is being deployed, when its turn has come.
 */
export const deploymentRequestSchema = z
  .strictObject({
    service,
    imageId,
    version: z.optional(text(100)),
    requestedBy: z.optional(text(255)),
    reason: z.optional(text(1000)),
    fixForward: z.optional(fixForward),
    strategy: z.optional(strategySchema),
    bakeTimeSeconds: z.optional(holdSecondsSchema),
    alarms: z.optional(alarmsSchema),
    greenHealthyDeadlineSeconds: z.optional(greenHealthyDeadlineSecondsSchema),
    consent: z.optional(z.array(z.enum(CONSENTS)).check(z.maxLength(CONSENTS.length))),
    onBusy: z.optional(onBusySchema),
    onlyNewer: z.optional(z.boolean()),
  })
  .check(
    z.refine(({ fixForward: asked, requestedBy }) => !asked || requestedBy !== undefined, {
      error: 'must be given with fixForward, so that it is known who wanted it',
      path: ['requestedBy'],
    }),
  );
export type DeploymentRequest = z.infer<typeof deploymentRequestSchema>;

/**
 * A request to take back a deployment that has succeeded, while its blue is kept. `rollbackOf` is
 * that deployment's id; traffic moves at once unless a strategy is asked for.
 */
export const rollbackRequestSchema = z.strictObject({
  service,
  rollbackOf: text(80),
  requestedBy: z.optional(text(255)),
  reason: z.optional(text(1000)),
  strategy: z.optional(strategySchema),
  bakeTimeSeconds: z.optional(holdSecondsSchema),
  onBusy: z.optional(onBusySchema),
});
export type RollbackRequest = z.infer<typeof rollbackRequestSchema>;

/** Everything that was asked for: the definition with the request laid over it. */
export interface DeploymentSpec extends ServiceDefinition {
  readonly imageId: string;
  /** What people call the new version; the image id where nothing was given. */
  readonly version: string;
  readonly requestedBy?: string;
  readonly reason?: string;
  /** Why alarms that are red already stop nothing; absent means that they do. */
  readonly fixForward?: { readonly reason: string };
  /** Changes since the last release that the request agrees to; absent means none. */
  readonly consent?: readonly Consent[];
}

/**
 * Reads a service definition.
 * @throws SpecRefused naming every key that is unknown or out of range
 */
export function parseServiceDefinition(value: unknown): ServiceDefinition {
  return parseStrictly(serviceDefinitionSchema, value, 'service definition');
}

/**
 * Reads a request for a deployment.
 * @throws SpecRefused naming every key that is unknown or out of range
 */
export function parseDeploymentRequest(value: unknown): DeploymentRequest {
  return parseStrictly(deploymentRequestSchema, value, 'deployment request');
}

/** Says whether an input, whatever it is, is meant to take a deployment back. */
export function isRollbackRequest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'rollbackOf' in value;
}

/**
 * Reads a request to take a deployment back.
 * @throws SpecRefused naming every key that is unknown or out of range
 */
export function parseRollbackRequest(value: unknown): RollbackRequest {
  return parseStrictly(rollbackRequestSchema, value, 'rollback request');
}

/** Lays a request over the definition of its service. */
export function toSpec(definition: ServiceDefinition, request: DeploymentRequest): DeploymentSpec {
  const given = Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== undefined),
  ) as DeploymentRequest;
  return { ...definition, ...given, version: request.version ?? request.imageId };
}
