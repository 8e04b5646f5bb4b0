/** What the account may have of groups: DescribeAccountLimits. */
import { groupLimit } from './new-group.ts';
import { describeOperation } from './store.ts';
import type { Engine } from './engine.ts';

/** Launch configurations that an account may have; the region lets it have none. */
const LAUNCH_CONFIGURATION_LIMIT = 200;

/** DescribeAccountLimits. */
export function accountOperations({ kernel, groups }: Pick<Engine, 'kernel' | 'groups'>) {
  return {
    DescribeAccountLimits: describeOperation('DescribeAccountLimits', () => ({
      MaxNumberOfAutoScalingGroups: groupLimit({ kernel }),
      NumberOfAutoScalingGroups: groups.size,
      MaxNumberOfLaunchConfigurations: LAUNCH_CONFIGURATION_LIMIT,
      NumberOfLaunchConfigurations: 0,
    })),
  };
}
