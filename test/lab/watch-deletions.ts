/**
 * Law 7, seen from the region: every deletion by one of Teal's functions is of something that one of
 * them made, or that the service's definition gave it.
 * Not for: what AWS deletes by itself with a group, and what is left behind (see `leftovers.ts`).
 */
import type { DescribeLaunchTemplateVersionsResult } from '@aws-sdk/client-ec2';
import type { Lab } from './lab.ts';
import { askPastWire } from './past-wire.ts';
import type { Possessions } from './possessions.ts';
import { nameOf } from './sight.ts';
import {
  isEstateWrite,
  memberOf,
  tookEffect,
  type WatchedCall,
  type Watcher,
} from './watched-call.ts';

/** Operations after which something is less than before. */
const DELETIONS = /^(?:Delete|Deregister|Detach|Disassociate|Remove|Terminate)/;

/** The name of what an operation makes. */
const MAKERS: Readonly<Record<string, string>> = {
  CreateAutoScalingGroup: 'AutoScalingGroupName',
  CreateTargetGroup: 'Name',
  PutMetricAlarm: 'AlarmName',
};

/** What an operation deletes, or takes something away from. */
const SUBJECTS: Readonly<Record<string, (call: WatchedCall) => readonly string[]>> = {
  DeleteAutoScalingGroup: (call) => [
    String(memberOf(call, 'AutoScalingGroupName')),
    ...(memberOf(call, 'ForceDelete') === true ? ['anything by force'] : []),
  ],
  DeleteWarmPool: (call) => [String(memberOf(call, 'AutoScalingGroupName'))],
  DetachTrafficSources: (call) => [String(memberOf(call, 'AutoScalingGroupName'))],
  DeleteTargetGroup: (call) => [nameOf(String(memberOf(call, 'TargetGroupArn')))],
  DeleteAlarms: (call) => (memberOf(call, 'AlarmNames') ?? []) as readonly string[],
  DeleteLaunchTemplateVersions: (call) =>
    ((memberOf(call, 'Versions') ?? []) as readonly string[]).map(versionName),
};

/** Starts to watch. `given` names groups and target groups that the service lets be deleted. */
export function watchDeletions(
  lab: Pick<Lab, 'region' | 'estate'>,
  given: readonly string[],
): Watcher {
  const allowed = new Set(given);
  let versions = readVersions(lab);
  return (call) => {
    if (call.operation === 'CreateLaunchTemplateVersion' && tookEffect(call)) {
      const before = new Set(versions);
      versions = readVersions(lab);
      const isOurs = call.roleArn !== undefined;
      for (const name of versions) if (isOurs && !before.has(name)) allowed.add(name);
    }
    if (!isEstateWrite(call)) return [];
    const maker = MAKERS[call.operation];
    if (maker !== undefined) allowed.add(String(memberOf(call, maker)));
    if (!DELETIONS.test(call.operation)) return [];
    const subjects = SUBJECTS[call.operation]?.(call) ?? [`something by ${call.operation}`];
    return subjects
      .filter((name) => !allowed.has(name))
      .map((name) => `law 7: ${call.callerLabel} deleted ${name}, which Teal was not given`);
  };
}

/**
 * What was in the region before and is not there now, other than what was given or made meanwhile,
 * in words; empty when everything is still there.
 */
export function missing(
  before: Possessions,
  after: Possessions,
  given: readonly string[] = [],
): readonly string[] {
  const listed = new Set(listNames(after));
  return listNames(before)
    .filter((name) => !listed.has(name) && !given.some((one) => name.split(' ').includes(one)))
    .map((name) => `law 7: ${name} is gone, and was not given`);
}

function listNames(possessions: Possessions): readonly string[] {
  const { groups, targetGroups, routes, launchTemplate, alarms, hangings } = possessions;
  return [
    ...Object.keys(groups).map((name) => `group ${name}`),
    ...targetGroups.map((name) => `target group ${name}`),
    ...Object.keys(routes).map((arn) => `route ${arn}`),
    ...launchTemplate.versions.map((version) => versionName(String(version))),
    ...alarms.map((name) => `alarm ${name}`),
    ...hangings.map((name) => `of group ${name}`),
  ];
}

function readVersions({ region, estate }: Pick<Lab, 'region' | 'estate'>): readonly string[] {
  const { LaunchTemplateVersions = [] } = askPastWire(
    region.ec2.service,
    'DescribeLaunchTemplateVersions',
    { LaunchTemplateId: estate.launchTemplateId },
  ) as DescribeLaunchTemplateVersionsResult;
  return LaunchTemplateVersions.map(({ VersionNumber }) => versionName(String(VersionNumber)));
}

function versionName(version: string): string {
  return `version ${version}`;
}
