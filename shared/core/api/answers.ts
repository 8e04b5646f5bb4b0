/**
 * What the HTTP API answers, operation by operation: the source of the document that describes it,
 * and what a running API is held against. No function carries these schemas.
 * Not for: what is asked (see `requests.ts` and `spec.ts`).
 */
import * as z from 'zod/mini';
import { VERBS } from '../orders.ts';
import { serviceDefinitionSchema } from '../service-definition.ts';
import type { OperationId } from './operations.ts';
import { PHASE_NAMES } from './statuses.ts';

const instant = z
  .string()
  .check(z.meta({ format: 'date-time', description: 'An instant in UTC.' }));
const percent = z.int().check(z.minimum(0), z.maximum(100));
const seconds = z.number().check(z.minimum(0));
const sentence = z.string().check(z.minLength(1), z.describe('One sentence in the past tense.'));
const status = z.enum(PHASE_NAMES).check(z.describe('Where the deployment is, or how it ended.'));
const nextCursor = z
  .optional(z.string())
  .check(z.describe('Where the next page begins; absent on the last one.'));

const possible = z
  .array(z.strictObject({ verb: z.enum(VERBS), sentence: z.string() }))
  .check(z.describe('What can be asked now, and what it would do.'));

const pause = z
  .strictObject({
    by: z.string().check(z.describe("Who paused it, or that somebody else's change did.")),
    since: instant,
    until: z.optional(instant),
    onTimeout: z.optional(z.enum(['resume', 'rollBack'])),
    isOrdered: z.boolean().check(z.describe('False where nobody asked for it.')),
  })
  .check(z.describe('What it waits for while its status is `paused`, and what happens otherwise.'));

/** A service as it is answered: with every default filled in. */
const definition = serviceDefinitionSchema;

const summary = z.strictObject({
  deploymentId: z.string(),
  service: z.string(),
  version: z.string(),
  imageId: z.optional(z.string()),
  status,
  reason: sentence,
  error: z
    .optional(z.string())
    .check(
      z.describe(
        'Name of the error that it ended with, such as `ServiceBusy`; absent where there was none.',
      ),
    ),
  startedAt: instant,
  greenWeightPercent: percent,
});

const step = z.strictObject({
  greenWeightPercent: percent,
  holdSeconds: seconds,
  approval: z.optional(z.boolean()),
});

const readiness = z.strictObject({
  percent,
  missingTargets: z.int(),
  secondsUntilReady: seconds,
  sentence: z.string(),
});

const order = z.looseObject({ by: z.string(), reason: z.string(), at: instant });

/** Plan and progress grow from version to version; what is told here stays. */
const record = z.looseObject({
  deploymentId: z.string(),
  service: z.string(),
  startedAt: instant,
  executionArn: z.string(),
  request: z.record(z.string(), z.unknown()),
  plan: z.optional(
    z.looseObject({
      version: z.string(),
      imageId: z.string(),
      createdAt: instant,
      blue: z.looseObject({ autoScalingGroupName: z.string() }),
      green: z.looseObject({ autoScalingGroupName: z.string() }),
      steps: z.array(z.looseObject({ greenWeightPercent: percent, holdSeconds: seconds })),
      alarms: z.array(z.string()),
    }),
  ),
  progress: z.looseObject({
    phase: status,
    reason: sentence,
    stepIndex: z.int(),
    writtenGreenWeightPercent: percent,
    confirmedGreenWeightPercent: percent,
    holdUntil: z.optional(instant),
    revertReadiness: z.optional(readiness),
  }),
  abort: z.optional(order),
  orders: z.optional(z.looseObject({})),
  errand: z.optional(
    z.looseObject({ type: z.string(), begunAt: instant, endedAt: z.optional(instant) }),
  ),
  status,
  reason: sentence,
  pause: z.optional(pause),
  place: z.optional(
    z.int().check(z.minimum(1), z.describe('In the queue of the service, while it waits there.')),
  ),
  possible,
});

const entry = z.looseObject({
  at: instant,
  order: z.int(),
  state: z.string(),
  event: z.string(),
  reason: sentence,
  greenWeightPercent: z.optional(percent),
});

const fleet = z.strictObject({
  autoScalingGroupName: z.string(),
  exists: z.boolean(),
  desiredCapacity: z.int(),
  instanceCount: z.int(),
  inServiceCount: z.int(),
  healthyCount: z.int(),
  healthyZones: z.array(z.string()),
  drainingCount: z.int(),
  complaints: z.array(z.string()),
  failures: z.array(z.string()),
});

const alarms = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('read'),
    alarms: z.array(
      z.looseObject({
        alarmName: z.string(),
        state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA', 'absent']),
        stateReason: z.optional(z.string()),
        since: z.optional(instant),
      }),
    ),
  }),
  z.strictObject({ type: z.literal('unreadable'), because: z.string() }),
]);

const route = z.strictObject({
  routeId: z.string(),
  greenWeightPercent: z.optional(percent),
  weights: z.optional(
    z.strictObject({ blue: z.optional(z.number()), green: z.optional(z.number()) }),
  ),
});

const observation = z.strictObject({
  deploymentId: z.string(),
  service: z.string(),
  version: z.string(),
  status,
  reason: sentence,
  at: instant,
  startedAt: instant,
  steps: z.array(step),
  stepIndex: z.int().check(z.minimum(-1)),
  greenWeightPercent: percent,
  holdUntil: z.optional(instant),
  pause: z.optional(pause),
  blue: z.optional(fleet),
  green: z.optional(fleet),
  alarms: z.optional(alarms),
  routes: z.optional(z.array(route)),
  revertReadiness: z.optional(readiness),
  possible,
});

const leftover = z.strictObject({
  service: z.string(),
  deploymentId: z.string(),
  kind: z.string(),
  resource: z.optional(z.string()),
  expiresAt: instant,
  attempts: z.int(),
  undo: z.string(),
});

const report = z.looseObject({
  deploymentId: z.string(),
  service: z.string(),
  version: z.string(),
  imageId: z.string(),
  creates: z.array(z.string()),
  changes: z.array(z.string()),
  deletes: z.array(z.string()),
  steps: z.array(
    z.looseObject({
      beginsAfterSeconds: seconds,
      greenWeightPercent: percent,
      holdSeconds: seconds,
    }),
  ),
  leastTotalSeconds: seconds,
  overlap: z.looseObject({ instances: z.int(), leastSeconds: seconds, instanceHours: z.number() }),
  warnings: z.array(z.string()),
  unknowns: z.array(z.string()),
  consented: z.array(z.looseObject({ consent: z.string(), was: z.string(), is: z.string() })),
});

const started = z.strictObject({
  deploymentId: z.string(),
  executionArn: z.string(),
  queuedBehind: z
    .optional(z.string())
    .check(
      z.describe(
        'The deployment that was under way when this one was asked for, which waits for its turn; ' +
          'absent where none was, and where the request was sent before.',
      ),
    ),
});

const granted = z.strictObject({
  deploymentId: z.string(),
  verb: z.enum(VERBS),
  reason: sentence,
});

/** An entry for each verb. */
const GRANTED = Object.fromEntries(VERBS.map((verb) => [verb, granted]));

/** What each operation answers when it is granted. */
export const ANSWERS = {
  listServices: z.strictObject({ services: z.array(definition), nextCursor }),
  putService: definition,
  showService: definition,
  deleteService: z.strictObject({ service: z.string() }),
  showPlan: report,
  draftDefinition: z.strictObject({
    definition: z.looseObject({ autoScalingGroupName: z.string() }),
    owner: z
      .optional(z.string())
      .check(z.describe('The service that has the group already; absent where none has.')),
    notes: z.array(z.string()),
  }),
  startDeployment: started,
  listDeployments: z.strictObject({ deployments: z.array(summary), nextCursor }),
  describeDeployment: record,
  readTimeline: z.strictObject({
    deploymentId: z.string(),
    entries: z.array(entry),
    nextCursor,
  }),
  showDeployment: observation,
  listLeftovers: z.strictObject({ leftovers: z.array(leftover) }),
  ...GRANTED,
  // One that has succeeded is taken back by a deployment of its own.
  rollback: z.union([granted, started]),
} as unknown as Readonly<Record<OperationId, z.ZodMiniType>>;

/**
 * A refusal: `title` is for programs, `detail` for people.
 * @source https://www.rfc-editor.org/rfc/rfc9457.html
 */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: sentence,
  issues: z
    .optional(
      z.array(z.strictObject({ path: z.string(), pointer: z.string(), message: z.string() })),
    )
    .check(z.describe('What is wrong with the request, place by place.')),
  heldBy: z
    .optional(z.string())
    .check(
      z.describe('The deployment that is under way, where a plan or a start is refused for it.'),
    ),
  possible: z.optional(z.union([z.array(z.enum(VERBS)), possible])),
});
