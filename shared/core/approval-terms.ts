/**
 * What a service says about approvals: where it wants to be asked, by whom it may be answered, and
 * what counts when nobody does.
 * Not for: how a request stands (see `approvals.ts`).
 */
import * as z from 'zod/mini';
import { APPROVAL_SECONDS_USUAL } from './approvals.ts';
import { HOLD_SECONDS_MAX } from './strategy.ts';

/** Most patterns of who may approve: a team, its lead and its robots. */
const APPROVERS_MAX = 20;

/**
 * Longest pattern; the ARN of a role with its path and session name fits.
 * @source https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const APPROVER_LENGTH_MAX = 700;

const approver = z.string().check(
  z.maxLength(APPROVER_LENGTH_MAX),
  z.regex(/^(?:arn:[!-~]+|\*)$/, {
    error: 'must be an ARN, in which * stands for anything, such as arn:aws:iam::*:user/ada',
  }),
);

/** Where a deployment waits for a person, besides steps that say so themselves. */
export const approvalSchema = z.strictObject({
  before: z._default(
    z
      .array(z.enum(['traffic', 'retirement']))
      .check(
        z.maxLength(2),
        z.describe(
          '`traffic`: once green is healthy, before its first traffic. `retirement`: after the bake, ' +
            'before blue goes. A step of an explicit list asks with `approval: true`.',
        ),
      ),
    [],
  ),
  timeoutSeconds: z._default(
    z
      .int()
      .check(
        z.minimum(60),
        z.maximum(HOLD_SECONDS_MAX),
        z.describe('Seconds for which a request stays open: 60 to 30 days.'),
      ),
    APPROVAL_SECONDS_USUAL,
  ),
  onTimeout: z._default(
    z
      .enum(['approve', 'reject'])
      .check(z.describe('What counts when nobody answered; `reject` rolls back.')),
    'reject',
  ),
  approvers: z.optional(
    z.array(approver).check(
      z.minLength(1),
      z.maxLength(APPROVERS_MAX),
      z.meta({
        description:
          'ARNs of who may answer, in which * stands for anything; absent means everybody who may ' +
          'call the API.',
        examples: [['arn:aws:sts::111122223333:assumed-role/Deployers/*']],
      }),
    ),
  ),
});

/** What a service says about approvals. */
export type ApprovalTerms = z.infer<typeof approvalSchema>;
