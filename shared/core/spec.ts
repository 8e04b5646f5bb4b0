/**
 * What people ask for: the definition of a service, and the request for one deployment of it.
 * Not for: what will be done about it (see `plan.ts`).
 */
import english from 'zod/v4/locales/en.js';
import * as z from 'zod/mini';
import { alarmWishSchema, areNamesDistinct } from './alarm-terms.ts';
import { DIFFERENCE_NAMES } from './clone/ledgers.ts';
import { SpecRefused } from './errors.ts';
import { routingSchema } from './routing.ts';
import { type Consent, CONSENTS } from './preflight/consent.ts';

// The small build of zod speaks no language until it is told to.
z.config(english());

/** Longest hold or bake: 30 days, well inside a Standard execution's year. */
export const HOLD_SECONDS_MAX = 30 * 24 * 3600;

/**
 * Most steps a deployment may have. Each costs some six state transitions and thirty history
 * events, so that the longest plan stays far from the 25,000 events of an execution.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const STEPS_MAX = 100;

/**
 * Most alarms one deployment may watch: one DescribeAlarms call takes 100 names.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export const ALARMS_MAX = 100;

const holdSeconds = z.int().check(z.minimum(0), z.maximum(HOLD_SECONDS_MAX));
const greenWeightPercent = z.int().check(z.minimum(1), z.maximum(100));
const partialWeightPercent = z.int().check(z.minimum(1), z.maximum(99));

const step = z.strictObject({ greenWeightPercent, holdSeconds });

function refuseUnordered({ value, issues }: z.core.ParsePayload<z.infer<typeof step>[]>): void {
  for (const [index, { greenWeightPercent: weight }] of value.entries()) {
    const before = value[index - 1]?.greenWeightPercent ?? 0;
    if (weight > before) continue;
    issues.push({
      code: 'custom',
      input: weight,
      path: [index, 'greenWeightPercent'],
      message: `must rise with every step, and ${weight} % follows ${before} %`,
    });
  }
}

/** How production traffic moves from blue to green. The hold at 100 % is `bakeTimeSeconds`. */
export const strategySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('allAtOnce') }),
  z.strictObject({
    type: z.literal('canary'),
    greenWeightPercent: partialWeightPercent,
    holdSeconds,
  }),
  z.strictObject({
    type: z.literal('linear'),
    stepPercent: partialWeightPercent,
    holdSeconds,
  }),
  z.strictObject({
    type: z.literal('steps'),
    steps: z.array(step).check(z.minLength(1), z.maxLength(STEPS_MAX), z.check(refuseUnordered)),
  }),
]);

/** `allAtOnce`, `canary`, `linear`, or an explicit list of steps. */
export type Strategy = z.infer<typeof strategySchema>;

/** Lower-case letters, digits and hyphens: it becomes part of the names of AWS resources. */
const service = z.string().check(
  z.regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/, {
    error:
      'must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen',
  }),
);

const imageId = z
  .string()
  .check(z.regex(/^ami-[0-9a-f]{8,17}$/, { error: 'must look like ami-0123456789abcdef0' }));

const text = (longest: number) => z.string().check(z.minLength(1), z.maxLength(longest));
const alarms = z
  .array(alarmWishSchema)
  .check(
    z.maxLength(ALARMS_MAX),
    z.refine(areNamesDistinct, { error: 'names an alarm more than once' }),
  );
const fixForward = z.strictObject({ reason: text(1000) });
const greenHealthyDeadlineSeconds = z.int().check(z.minimum(60), z.maximum(86_400));

const waivers = z
  .array(
    z.string().check(
      z.refine((name) => DIFFERENCE_NAMES.has(name), {
        error: 'is not the name of a difference, such as AutoScalingGroup.DefaultCooldown',
      }),
    ),
  )
  .check(z.maxLength(DIFFERENCE_NAMES.size));

/** What must hold before green gets its first traffic. */
const healthGateSchema = z.strictObject({
  consecutiveReadings: z._default(z.int().check(z.minimum(1), z.maximum(20)), 2),
  minimumRequests: z._default(z.int().check(z.minimum(0), z.maximum(1_000_000)), 0),
});

/** What to keep of blue after a success, and for how long; minutes to weeks. */
const retainSchema = z.discriminatedUnion('blue', [
  z.strictObject({ blue: z.literal('none') }),
  z.strictObject({
    blue: z.enum(['full', 'zero']),
    seconds: z.int().check(z.minimum(60), z.maximum(HOLD_SECONDS_MAX)),
  }),
]);

/** What one instance of the service costs in an hour, as its owner reckons. */
const instanceHourPriceSchema = z.strictObject({
  amount: z.number().check(z.positive()),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, { error: 'must look like USD' })),
});

const settings = {
  strategy: z._default(strategySchema, {
    type: 'canary',
    greenWeightPercent: 10,
    holdSeconds: 600,
  }),
  bakeTimeSeconds: z._default(holdSeconds, 600),
  alarms: z._default(alarms, []),
  greenHealthyDeadlineSeconds: z._default(greenHealthyDeadlineSeconds, 1800),
  onForeignChange: z._default(z.enum(['pause', 'rollBack', 'reassert']), 'rollBack'),
  stickySessions: z._default(z.enum(['waitOut', 'end']), 'waitOut'),
  healthGate: z._default(healthGateSchema, {
    consecutiveReadings: 2,
    minimumRequests: 0,
  }),
  waivers: z._default(waivers, []),
  retireBlue: z._default(z.enum(['delete', 'scaleToZero', 'automatic']), 'automatic'),
  retain: z.optional(retainSchema),
  instanceHourPrice: z.optional(instanceHourPriceSchema),
};

/**
 * A service that Teal may deploy.
 *
 * - `autoScalingGroupName`: the group that serves now; after a deployment Teal follows green.
 * - `bakeTimeSeconds`: both fleets up after 100 % on green. Default 600.
 * - `alarms`: CloudWatch alarms by name, or with terms of their own (see `alarm-terms.ts`); one that
 *   goes into ALARM rolls the deployment back. Default none.
 * - `greenHealthyDeadlineSeconds`: time for green to become healthy. Default 1800.
 * - `onForeignChange`: what to do when somebody else changes a weight: `pause` until it is put back,
 *   for a day at the most, `reassert` ours up to three times, or `rollBack` (the default).
 * - `healthGate.consecutiveReadings`: readings in a row that must find green whole. Default 2.
 *   `healthGate.minimumRequests`: requests that green must have answered in a step before the next,
 *   because a version without traffic proves nothing. Default 0, which asks for none.
 * - `waivers`: differences between blue and its clone that may stay, such as
 *   `ScalingPolicy.Cooldown`. Default none.
 * - `stickySessions`: where a rule keeps clients on one target group by cookie, `waitOut` (the default)
 *   keeps blue until the longest session is over, `end` takes it out after the bake all the same.
 * - `routing`: records of a name that split the traffic between two load balancers. Absent means
 *   that one load balancer splits it.
 * - `retireBlue`: `delete` removes blue's group and target group, `scaleToZero` keeps both empty,
 *   `automatic` (the default) deletes what Teal created and scales down what it did not. What belongs
 *   to CloudFormation, Terraform or another controller is never deleted.
 * - `retain`: keeps blue for so many seconds after a success, `full` or at `zero`, before it is retired;
 *   until then the deployment can be rolled back. Default `{ blue: 'none' }`.
 * - `instanceHourPrice`: what an instance costs in an hour, as `amount` and `currency`; a plan says the
 *   price of running two fleets only where this is given.
 */
export const serviceDefinitionSchema = z.strictObject({
  service,
  autoScalingGroupName: text(255),
  routing: z.optional(routingSchema),
  ...settings,
});
export type ServiceDefinition = z.infer<typeof serviceDefinitionSchema>;

/**
 * A request for one deployment, as typed into the Step Functions console or sent to the API.
 * Everything but `service` and `imageId` may be left out; what is given wins over the definition.
 * `fixForward` lets a version through that is the cure for an alarm that is red already, and says why;
 * it takes `requestedBy`, which the API fills in by itself.
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
    bakeTimeSeconds: z.optional(holdSeconds),
    alarms: z.optional(alarms),
    greenHealthyDeadlineSeconds: z.optional(greenHealthyDeadlineSeconds),
    consent: z.optional(z.array(z.enum(CONSENTS)).check(z.maxLength(CONSENTS.length))),
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
const rollbackRequestSchema = z.strictObject({
  service,
  rollbackOf: text(80),
  requestedBy: z.optional(text(255)),
  reason: z.optional(text(1000)),
  strategy: z.optional(strategySchema),
  bakeTimeSeconds: z.optional(holdSeconds),
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
  return parse(serviceDefinitionSchema, value, 'service definition');
}

/**
 * Reads a request for a deployment.
 * @throws SpecRefused naming every key that is unknown or out of range
 */
export function parseDeploymentRequest(value: unknown): DeploymentRequest {
  return parse(deploymentRequestSchema, value, 'deployment request');
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
  return parse(rollbackRequestSchema, value, 'rollback request');
}

/** Lays a request over the definition of its service. */
export function toSpec(definition: ServiceDefinition, request: DeploymentRequest): DeploymentSpec {
  const given = Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== undefined),
  ) as DeploymentRequest;
  return { ...definition, ...given, version: request.version ?? request.imageId };
}

function parse<Output>(schema: z.ZodMiniType<Output>, value: unknown, what: string): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const complaints = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new SpecRefused(
    `The ${what} was refused: ${complaints.join('; ')}. Correct it and start again; nothing was changed.`,
    { facts: { issues: result.error.issues } },
  );
}
