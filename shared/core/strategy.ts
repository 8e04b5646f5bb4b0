/**
 * How production traffic may move from blue to green, as people ask for it.
 * Not for: the steps that a plan makes of it (see `plan.ts`).
 */
import * as z from 'zod/mini';

/** Longest hold or bake: 30 days, well inside a Standard execution's year. */
export const HOLD_SECONDS_MAX = 30 * 24 * 3600;

/**
 * Most steps a deployment may have. Each costs some six state transitions and thirty history
 * events, so that the longest plan stays far from the 25,000 events of an execution.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const STEPS_MAX = 100;

/** Length of a hold or a bake in seconds; 0 means none. */
export const holdSecondsSchema = z.int().check(z.minimum(0), z.maximum(HOLD_SECONDS_MAX));

const holdSeconds = holdSecondsSchema.check(
  z.meta({
    description: 'Seconds for which the weight stays before the next step: 0 to 30 days.',
    examples: [600],
  }),
);
const greenWeightPercent = z.int().check(
  z.minimum(1),
  z.maximum(100),
  z.meta({
    description: "Green's part of the traffic in percent; it must rise with every step.",
    examples: [10],
  }),
);
const partialWeightPercent = z.int().check(z.minimum(1), z.maximum(99));

const approval = z.optional(
  z
    .boolean()
    .check(z.describe('Wait for an approval after the hold; the terms are those of `approval`.')),
);

const step = z.strictObject({ greenWeightPercent, holdSeconds, approval });

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
  z.strictObject({ type: z.literal('allAtOnce') }).check(z.describe('100 % at once.')),
  z
    .strictObject({
      type: z.literal('canary'),
      greenWeightPercent: partialWeightPercent.check(
        z.meta({ description: "Green's part of the traffic in percent.", examples: [10] }),
      ),
      holdSeconds,
    })
    .check(z.describe('One weight, and then 100 %.')),
  z
    .strictObject({
      type: z.literal('linear'),
      stepPercent: partialWeightPercent.check(
        z.meta({ description: 'Percent that every step adds.', examples: [20] }),
      ),
      holdSeconds,
    })
    .check(z.describe('Every multiple of `stepPercent` below 100, and then 100 %.')),
  z
    .strictObject({
      type: z.literal('steps'),
      steps: z
        .array(step)
        .check(
          z.minLength(1),
          z.maxLength(STEPS_MAX),
          z.check(refuseUnordered),
          z.describe(
            'Weights and holds in order; 100 % follows unless the list ends there itself.',
          ),
        ),
    })
    .check(z.describe('An explicit list of weights.')),
]);

/** `allAtOnce`, `canary`, `linear`, or an explicit list of steps. */
export type Strategy = z.infer<typeof strategySchema>;
