/**
 * Instance refreshes: replacing a group's instances a few at a time.
 * Not for: checkpoints, alarms, baking and rollback of refreshes, which are refused; nor the
 * operations, see `refresh-operations.ts`.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { causeTime } from './activities.ts';
import { validationError } from './errors.ts';
import { activeMembers, activeRefresh, isSuspended } from './state.ts';
import { beginTermination } from './terminating.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, InstanceRefresh, LaunchSource, Member } from './state.ts';

/** Percent of the desired capacity that stays in service. */
const MIN_HEALTHY_PERCENT = 90;

/** Takes a refresh one step further. */
export function advanceRefresh(engine: Engine, group: GroupRecord): void {
  const refresh = activeRefresh(group);
  if (!refresh) return;
  if (refresh.status === 'Cancelling') {
    endRefresh(engine, group, refresh, 'Cancelled');
    return;
  }
  if (isSuspended(group, 'InstanceRefresh')) return;
  if (!refresh.toReplace) begin(engine, group, refresh);
  if (activeMembers(group).length < group.settings.DesiredCapacity) return;
  if (activeMembers(group).some((member) => !isReady(engine, group, refresh, member))) return;
  const left = membersLeft(group, refresh);
  if (left.length === 0) {
    if (refresh.desired) useSource(group, refresh.desired);
    endRefresh(engine, group, refresh, 'Successful');
    return;
  }
  replaceSome(engine, group, refresh, left);
}

/** Percent of the instances that were replaced so far. */
export function refreshProgress(group: GroupRecord, refresh: InstanceRefresh) {
  const total = refresh.toReplace?.size ?? group.members.size;
  const left = refresh.toReplace ? membersLeft(group, refresh).length : total;
  return {
    PercentageComplete: total === 0 ? 100 : Math.floor(((total - left) / total) * 100),
    InstancesToUpdate: refresh.endedAt === undefined ? left : 0,
  };
}

/** Makes a group launch from something else from now on. */
export function useSource(group: GroupRecord, source: LaunchSource): void {
  group.launchTemplate = source.launchTemplate;
  if (source.mixed) group.mixed = source.mixed;
  else delete group.mixed;
}

/** @throws AwsError InstanceRefreshInProgress */
export function refuseRefresh(group: GroupRecord, operation: string): void {
  const refresh = activeRefresh(group);
  if (!refresh) return;
  throw new AwsError(
    'InstanceRefreshInProgress',
    `An Instance Refresh is already in progress (${refresh.id}) and blocks ${operation}.`,
  );
}

/** @throws AwsError ValidationError while a refresh brings a configuration of its own */
export function refuseDuringRefresh(group: GroupRecord): void {
  if (!activeRefresh(group)?.desired) return;
  throw validationError(
    'An active instance refresh with a desired configuration exists. All configuration options ' +
      'derived from the desired configuration are not available for update while the instance ' +
      'refresh is active.',
  );
}

function begin(engine: Engine, group: GroupRecord, refresh: InstanceRefresh): void {
  const source = refresh.desired ?? group;
  const skips = refresh.preferences.SkipMatching ?? false;
  const old = activeMembers(group).filter((member) => !skips || !matches(engine, member, source));
  refresh.toReplace = new Set(old.map((member) => member.instanceId));
  refresh.status = 'InProgress';
  report(engine, group, refresh, 'Started');
}

function matches({ ec2 }: Engine, member: Member, { launchTemplate }: LaunchSource): boolean {
  const { template, version } = ec2.resolveTemplate(
    { LaunchTemplateId: launchTemplate.LaunchTemplateId },
    launchTemplate.Version,
  );
  return (
    member.launchTemplate.LaunchTemplateId === template.id &&
    member.launchTemplate.Version === String(version.number)
  );
}

function membersLeft(group: GroupRecord, { toReplace }: InstanceRefresh): Member[] {
  return activeMembers(group).filter((member) => toReplace?.has(member.instanceId) ?? true);
}

/** In service for as long as it takes to warm up; instances from before are warm. */
function isReady(
  { kernel }: Engine,
  { settings }: GroupRecord,
  refresh: InstanceRefresh,
  member: Member,
): boolean {
  if (member.phase !== 'inService' || member.inServiceAt === undefined) return false;
  if (refresh.toReplace?.has(member.instanceId)) return true;
  const warmupSeconds =
    refresh.preferences.InstanceWarmup ??
    settings.DefaultInstanceWarmup ??
    settings.HealthCheckGracePeriod;
  return kernel.clock.now() >= member.inServiceAt + warmupSeconds * 1000;
}

function replaceSome(
  engine: Engine,
  group: GroupRecord,
  refresh: InstanceRefresh,
  left: readonly Member[],
): void {
  const percent = refresh.preferences.MinHealthyPercentage ?? MIN_HEALTHY_PERCENT;
  const spare = Math.floor((group.settings.DesiredCapacity * (100 - percent)) / 100);
  const now = causeTime(engine.kernel.clock.now());
  const cause = `At ${now} an instance was taken out of service in response to an instance refresh.`;
  for (const member of left.slice(0, Math.max(1, spare))) {
    group.replacementsDue += 1;
    beginTermination(engine, group, member, { cause, replaced: true });
  }
}

function endRefresh(
  engine: Engine,
  group: GroupRecord,
  refresh: InstanceRefresh,
  status: 'Cancelled' | 'Successful',
): void {
  refresh.status = status;
  refresh.endedAt = engine.kernel.clock.now();
  report(engine, group, refresh, status === 'Successful' ? 'Succeeded' : 'Cancelled');
}

function report(
  { kernel }: Engine,
  group: GroupRecord,
  refresh: InstanceRefresh,
  what: 'Started' | 'Succeeded' | 'Cancelled',
): void {
  kernel.emit({
    source: 'aws.autoscaling',
    detailType: `EC2 Auto Scaling Instance Refresh ${what}`,
    resources: [group.arn],
    detail: { InstanceRefreshId: refresh.id, AutoScalingGroupName: group.name },
  });
}
