/** What the account may have of groups: DescribeAccountLimits. */
import { GROUP_LIMIT } from './new-group.ts';
import { describeOperation } from './store.ts';
import type { Engine } from './engine.ts';

/** Launch configurations that an account may have; the region lets it have none. */
const LAUNCH_CONFIGURATION_LIMIT = 200;

/** DescribeAccountLimits. */
export function accountOperations({ groups }: Pick<Engine, 'groups'>) {
  return {
    DescribeAccountLimits: describeOperation('DescribeAccountLimits', () => ({
      MaxNumberOfAutoScalingGroups: GROUP_LIMIT,
      NumberOfAutoScalingGroups: groups.size,
      MaxNumberOfLaunchConfigurations: LAUNCH_CONFIGURATION_LIMIT,
      NumberOfLaunchConfigurations: 0,
    })),
  };
}
