/**
 * The definition of a service: the one list of its keys, with what each means. The JSON Schema and
 * the reference for people are made from it.
 * Not for: what is asked of one deployment (see `spec.ts`).
 */
import * as z from 'zod/mini';
import { alarmWishSchema, areNamesDistinct } from './alarm-terms.ts';
import { approvalSchema } from './approval-terms.ts';
import { onBusySchema } from './busy-policy.ts';
import { DIFFERENCE_NAMES } from './clone/ledgers.ts';
import { imagePolicySchema } from './image-policy.ts';
import { notificationsSchema } from './notices.ts';
import { routingSchema } from './routing.ts';
import { HOLD_SECONDS_MAX, holdSecondsSchema, strategySchema } from './strategy.ts';
import { trafficLimits } from './traffic-limits.ts';

/**
 * Most alarms one deployment may watch: one DescribeAlarms call takes 100 names.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export const ALARMS_MAX = 100;

/** Lower-case letters, digits and hyphens: it becomes part of the names of AWS resources. */
export const serviceNameSchema = z.string().check(
  z.regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/, {
    error:
      'must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen',
  }),
);

/**
 * What AWS takes in names: no control characters but line ends and tabs, and no half of a pair.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
 */
const AWS_CHARACTERS = /^[\t\n\r\u0020-\uFFFD]*$/;

/** Half of a pair of code units, which no encoding can send. */
const HALF_PAIR = /\p{Cs}/u;

/** A text of one character or more, up to `longest`. */
export const textSchema = (longest: number) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(longest),
    z.regex(AWS_CHARACTERS, { error: 'has a character that AWS takes in no name and no text' }),
    z.refine((value) => !HALF_PAIR.test(value), { error: 'has half of a character' }),
  );

/** Alarms by name or with terms, each once. */
export const alarmsSchema = z
  .array(alarmWishSchema)
  .check(
    z.maxLength(ALARMS_MAX),
    z.refine(areNamesDistinct, { error: 'names an alarm more than once' }),
  );

/** Seconds that green may take to become healthy: a minute to a day. */
export const greenHealthyDeadlineSecondsSchema = z.int().check(z.minimum(60), z.maximum(86_400));

const waivers = z
  .array(
    z.enum([...DIFFERENCE_NAMES] as [string, ...string[]], {
      error: 'is not the name of a difference, such as AutoScalingGroup.DefaultCooldown',
    }),
  )
  .check(z.maxLength(DIFFERENCE_NAMES.size));

/** What must hold before green gets its first traffic. */
const healthGateSchema = z.strictObject({
  consecutiveReadings: z._default(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(20),
        z.describe('Readings in a row that must find green whole.'),
      ),
    2,
  ),
  minimumRequests: z._default(
    z
      .int()
      .check(
        z.minimum(0),
        z.maximum(1_000_000),
        z.describe(
          'Requests that green must have answered in a step before the next; 0 asks none.',
        ),
      ),
    0,
  ),
});

/** What to keep of blue after a success, and for how long; minutes to weeks. */
const retainSchema = z.discriminatedUnion('blue', [
  z.strictObject({ blue: z.literal('none') }),
  z.strictObject({
    blue: z
      .enum(['full', 'zero'])
      .check(z.describe('As large as it ran, or without instances, to be launched again.')),
    seconds: z
      .int()
      .check(
        z.minimum(60),
        z.maximum(HOLD_SECONDS_MAX),
        z.meta({ description: 'For how long: 60 to 30 days.', examples: [86_400] }),
      ),
  }),
]);

/** What one instance of the service costs in an hour, as its owner reckons. */
const instanceHourPriceSchema = z.strictObject({
  amount: z.number().check(z.positive(), z.describe('In units of the currency.')),
  currency: z
    .string()
    .check(
      z.regex(/^[A-Z]{3}$/, { error: 'must look like USD' }),
      z.describe('Three letters, as ISO 4217 has them.'),
    ),
});

const settings = {
  strategy: z._default(
    strategySchema.check(
      z.describe('How traffic moves to green: `allAtOnce`, `canary`, `linear` or `steps`.'),
    ),
    { type: 'canary', greenWeightPercent: 10, holdSeconds: 600 },
  ),
  bakeTimeSeconds: z._default(
    holdSecondsSchema.check(
      z.meta({
        description: 'Both fleets are up for so long after 100 % on green: 0 to 30 days.',
        examples: [1800],
      }),
    ),
    600,
  ),
  alarms: z._default(
    alarmsSchema.check(
      z.meta({
        description:
          'CloudWatch alarms, metric, composite or log, by name or with terms of their own; one that ' +
          'goes into ALARM rolls the deployment back.',
        examples: [['web-5xx', 'web-latency']],
      }),
    ),
    [],
  ),
  greenHealthyDeadlineSeconds: z._default(
    greenHealthyDeadlineSecondsSchema.check(
      z.describe('Time for green to become healthy: 60 to 86,400 seconds.'),
    ),
    1800,
  ),
  onForeignChange: z._default(
    z
      .enum(['pause', 'rollBack', 'reassert'])
      .check(
        z.describe(
          'When somebody else changes a weight: `pause` until it is put back, for a day at the most, ' +
            '`reassert` ours up to three times, or `rollBack`.',
        ),
      ),
    'rollBack',
  ),
  stickySessions: z._default(
    z
      .enum(['waitOut', 'end'])
      .check(
        z.describe(
          'Where a rule keeps clients on one target group by cookie: `waitOut` keeps blue until the ' +
            'longest session is over, `end` takes it out after the bake all the same.',
        ),
      ),
    'waitOut',
  ),
  healthGate: z._default(
    healthGateSchema.check(z.describe('What must hold before green gets its first traffic.')),
    { consecutiveReadings: 2, minimumRequests: 0 },
  ),
  waivers: z._default(
    waivers.check(
      z.meta({
        description: 'Differences between blue and its clone that stop nothing.',
        examples: [['ScalingPolicy.Cooldown']],
      }),
    ),
    [],
  ),
  retireBlue: z._default(
    z
      .enum(['delete', 'scaleToZero', 'automatic'])
      .check(
        z.describe(
          "`delete` removes blue's group and target group, `scaleToZero` keeps both empty, `automatic` " +
            'deletes what Teal created and scales down what it did not. What belongs to ' +
            'CloudFormation, Terraform or another controller is never deleted.',
        ),
      ),
    'automatic',
  ),
  retain: z.optional(
    retainSchema.check(
      z.describe(
        'Keeps blue after a success, before it is retired; until then the deployment can be taken ' +
          'back. Absent means `{ blue: none }`.',
      ),
    ),
  ),
  instanceHourPrice: z.optional(
    instanceHourPriceSchema.check(
      z.meta({
        description: 'What an instance costs in an hour; plans then say the price of two fleets.',
        examples: [{ amount: 0.0416, currency: 'USD' }],
      }),
    ),
  ),
  onBusy: z.optional(onBusySchema),
  images: z.optional(imagePolicySchema),
  notifications: z.optional(notificationsSchema),
  approval: z.optional(
    approvalSchema.check(
      z.describe(
        'Where a deployment waits for a person, who may answer, and what counts if nobody does.',
      ),
    ),
  ),
};

/** Everything that a definition says besides the service's name; what each key means stands with it. */
export const definitionBodySchema = z.strictObject({
  autoScalingGroupName: textSchema(255).check(
    z.meta({
      description:
        'The group that serves when Teal first hears of the service; after a success Teal follows ' +
        'green by itself, and giving the same name again leaves it so.',
      examples: ['web-blue'],
    }),
  ),
  ...trafficLimits,
  routing: z.optional(
    routingSchema.check(
      z.describe(
        'Records of a name that split the traffic between two load balancers. Absent means that one ' +
          'load balancer splits it.',
      ),
    ),
  ),
  ...settings,
});

/** A service that Teal may deploy. */
export const serviceDefinitionSchema = z.strictObject({
  service: serviceNameSchema,
  ...definitionBodySchema.shape,
});
export type ServiceDefinition = z.infer<typeof serviceDefinitionSchema>;

/** The same as people write it, without what is the default. */
export type WrittenDefinition = z.input<typeof serviceDefinitionSchema>;
