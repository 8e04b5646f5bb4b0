/** What the account may have: DescribeAccountLimits. */
import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type ControlPlane, operation, type Operations, page } from './operations.ts';
import { toDescribe } from './permissions.ts';

/** DescribeAccountLimits. */
export function accountLimitOperations({ store }: ControlPlane): Operations {
  return {
    DescribeAccountLimits: operation<DescribeAccountLimitsInput, DescribeAccountLimitsOutput>(
      toDescribe('DescribeAccountLimits'),
      (input) => {
        const limits = Object.entries(store.limits).map(([Name, Max]) => ({
          Name,
          Max: String(Max),
        }));
        const { items, next } = page(limits, input);
        return { Limits: items, ...next };
      },
    ),
  };
}
