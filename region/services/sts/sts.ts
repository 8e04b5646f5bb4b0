/**
 * Security Token Service, as far as asking who one is.
 * Not for: giving out credentials; services assume roles through `region/iam`.
 */
import { createHash } from 'node:crypto';
import type { GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import type { Call, Caller, Service } from '../../kernel/service.ts';

/** Builds the service. */
export function createSts(): Service {
  return {
    name: 'sts',
    operations: {
      /**
       * Needs no permission, and cannot even be denied.
       * @source https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
       */
      GetCallerIdentity: {
        permissions: () => [],
        run: (
          _input: unknown,
          { caller }: Call,
        ): Omit<GetCallerIdentityCommandOutput, '$metadata'> => ({
          UserId: userId(caller),
          Account: ACCOUNT_ID,
          Arn: caller.arn,
        }),
      },
    },
  };
}

/** A role's id with the name of the session; the same for the same role in every run. */
function userId(caller: Caller): string {
  const digest = createHash('sha256').update(caller.roleArn ?? caller.arn);
  const id = digest.digest('hex').slice(0, 17).toUpperCase();
  return caller.roleArn === undefined ? `AIDA${id}` : `AROA${id}:${caller.label}`;
}
