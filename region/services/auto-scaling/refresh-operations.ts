/**
 * StartInstanceRefresh, CancelInstanceRefresh, DescribeInstanceRefreshes.
 */
import type {
  CancelInstanceRefreshCommandInput,
  DescribeInstanceRefreshesCommandInput,
  RefreshPreferences,
  StartInstanceRefreshCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { notImplemented, validationError } from './errors.ts';
import { subnetIdsOf } from './group-settings.ts';
import { refreshProgress } from './instance-refresh.ts';
import { chooseSource } from './launch-template.ts';
import { pageOfGroupThings } from './paging.ts';
import { activeRefresh } from './state.ts';
import { describeOperation, findGroup, groupOperation } from './store.ts';
import { uuid } from './uuid.ts';
import type { Call } from '../../kernel/service.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, InstanceRefresh } from './state.ts';

/** Preferences that would change what a refresh does and are not built. */
const REFUSED: readonly (keyof RefreshPreferences)[] = [
  'CheckpointPercentages',
  'AutoRollback',
  'AlarmSpecification',
  'BakeTime',
];

/** The operations on instance refreshes. */
export function refreshOperations(engine: Engine) {
  const { groups } = engine;
  return {
    StartInstanceRefresh: groupOperation(
      groups,
      'StartInstanceRefresh',
      (group, input: StartInstanceRefreshCommandInput, call) => start(engine, group, input, call),
    ),
    CancelInstanceRefresh: groupOperation(
      groups,
      'CancelInstanceRefresh',
      (group, _input: CancelInstanceRefreshCommandInput) => {
        const refresh = activeRefresh(group);
        if (!refresh) {
          throw new AwsError(
            'ActiveInstanceRefreshNotFound',
            'No in progress or pending Instance Refresh found for Auto Scaling group ' + group.name,
          );
        }
        refresh.status = 'Cancelling';
        engine.wake(group);
        return { InstanceRefreshId: refresh.id };
      },
    ),
    DescribeInstanceRefreshes: describeOperation(
      'DescribeInstanceRefreshes',
      (input: DescribeInstanceRefreshesCommandInput) => {
        const group = findGroup(groups, input.AutoScalingGroupName);
        const ids = input.InstanceRefreshIds ?? [];
        const chosen = group.refreshes
          .filter((refresh) => ids.length === 0 || ids.includes(refresh.id))
          .toReversed();
        const page = pageOfGroupThings(chosen, input, { default: 50, max: 100 });
        return {
          InstanceRefreshes: page.items.map((refresh) => describe(group, refresh)),
          NextToken: page.nextToken,
        };
      },
    ),
  };
}

function start(
  engine: Engine,
  group: GroupRecord,
  input: StartInstanceRefreshCommandInput,
  call: Call,
) {
  const { kernel, ec2 } = engine;
  if (activeRefresh(group)) {
    throw new AwsError(
      'InstanceRefreshInProgress',
      'An Instance Refresh is already in progress and blocks the execution of this Instance ' +
        'Refresh.',
    );
  }
  const preferences = input.Preferences ?? {};
  const refused = REFUSED.find((member) => isAsked(preferences[member]));
  if (refused) throw notImplemented(`${refused} of instance refreshes`);
  if ((input.Strategy ?? 'Rolling') !== 'Rolling') {
    throw notImplemented(`the strategy ${input.Strategy} of instance refreshes`);
  }
  if (group.settings.MaxSize === 0 || group.settings.DesiredCapacity === 0) {
    throw validationError(
      'An instance refresh cannot be started for a group whose desired capacity is 0.',
    );
  }
  const desired = input.DesiredConfiguration;
  const subnetIds = subnetIdsOf(group.settings, ec2.network);
  const source = desired && chooseSource(ec2, desired, { subnetIds, call, current: group });
  const refresh: InstanceRefresh = {
    id: uuid(kernel),
    startedAt: kernel.clock.now(),
    preferences: { MinHealthyPercentage: 90, SkipMatching: false, ...preferences },
    ...(source && { desired: source }),
    ...(desired && { desiredConfiguration: desired }),
    status: 'Pending',
  };
  group.refreshes.push(refresh);
  engine.wake(group);
  return { InstanceRefreshId: refresh.id };
}

function isAsked(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false && value !== 0;
}

function describe(group: GroupRecord, refresh: InstanceRefresh) {
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: group.name,
    Status: refresh.status,
    StartTime: new Date(refresh.startedAt),
    ...(refresh.endedAt !== undefined && { EndTime: new Date(refresh.endedAt) }),
    ...refreshProgress(group, refresh),
    Preferences: refresh.preferences,
    ...(refresh.desiredConfiguration && { DesiredConfiguration: refresh.desiredConfiguration }),
    Strategy: 'Rolling' as const,
  };
}
