/**
 * On what terms an alarm is watched: what being red beforehand means, and what having no data means.
 * Not for: what a reading means under these terms (see `judge-alarms.ts`).
 */
import * as z from 'zod/mini';
import type { AlarmReading } from './observation.ts';

/**
 * Longest name of an alarm.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const ALARM_NAME_LENGTH_MAX = 255;

const alarmName = z.string().check(z.minLength(1), z.maxLength(ALARM_NAME_LENGTH_MAX));

/**
 * An alarm as people ask for it: its name, or an object with terms of its own.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const alarmWishSchema = z.union(
  [
    alarmName,
    z.strictObject({
      name: alarmName.check(z.describe('An alarm that CloudWatch knows.')),
      whenRed: z._default(
        z
          .enum(['block', 'armWhenRecovered', 'ignore'])
          .check(
            z.describe(
              'If it is in ALARM, or its evaluation is broken, before anything began: `block` refuses ' +
                'the deployment, `armWhenRecovered` lets it count from the moment it was seen OK, ' +
                '`ignore` leaves it out of this deployment.',
            ),
          ),
        'block',
      ),
      missingData: z._default(
        z
          .enum(['breaching', 'notBreaching', 'ignore', 'missing'])
          .check(
            z.describe(
              "What INSUFFICIENT_DATA means, in CloudWatch's words. `missing`: it says nothing for or " +
                'against green, and every step taken meanwhile says so. `breaching`: it rolls back once ' +
                'green has had traffic for as long as the alarm takes to see. `notBreaching`: it is as ' +
                'good as OK. `ignore`: whatever the alarm said before still stands.',
            ),
          ),
        'missing',
      ),
      mirror: z.optional(
        z
          .boolean()
          .check(
            z.describe(
              'Copies a metric alarm that names blue for green until the deployment is over.',
            ),
          ),
      ),
    }),
  ],
  {
    error:
      'must be the name of an alarm, or an object of name, whenRed (block, armWhenRecovered, ignore), ' +
      'missingData (breaching, notBreaching, ignore, missing) and mirror',
  },
);

/** A name, or a name with terms. */
export type AlarmWish = z.infer<typeof alarmWishSchema>;

/** An alarm with all its terms. */
export type AlarmTerms = Exclude<AlarmWish, string>;

/** Fills in what a bare name leaves open. */
export function toAlarmTerms(wish: AlarmWish): AlarmTerms {
  return typeof wish === 'string' ? { name: wish, whenRed: 'block', missingData: 'missing' } : wish;
}

/** Says whether CloudWatch can evaluate an alarm as it should. */
export function isTrusted({ evaluationState }: Pick<AlarmReading, 'evaluationState'>): boolean {
  return evaluationState === undefined;
}

/** Says whether an alarm that stood so when a deployment began has no say in it. */
export function isLeftOut(
  terms: Pick<AlarmTerms, 'whenRed'> | undefined,
  atStart: AlarmReading | undefined,
): boolean {
  if (terms?.whenRed !== 'ignore' || !atStart) return false;
  return atStart.state === 'ALARM' || !isTrusted(atStart);
}

/** Says whether no alarm is named twice. */
export function areNamesDistinct(wishes: readonly AlarmWish[]): boolean {
  return new Set(wishes.map((wish) => toAlarmTerms(wish).name)).size === wishes.length;
}
