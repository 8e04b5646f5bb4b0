/**
 * Drafts the definition of a service from an Auto Scaling group as it is live, for a person to read
 * and keep. What Teal would do by itself is left out; what a person should know stands in the notes.
 * Not for: whether a deployment would be possible, which only a plan can say.
 */
import { secondsToSee } from './alarm-sight.ts';
import type { FoundRoute, GroupReading, TargetGroupReading } from './estate.ts';
import { alarmNamePrefix } from './names.ts';
import type { AlarmReading } from './observation.ts';
import type { WrittenDefinition } from './service-definition.ts';
import { count } from './situation.ts';
import type { Seconds } from './units.ts';

/** A target group that the group is attached to, and what leads to it. */
export interface LiveTargetGroup {
  readonly targetGroup: TargetGroupReading;
  readonly routes: readonly FoundRoute[];
}

/** A metric alarm that says something about the group, its target groups or their load balancer. */
export interface LiveAlarm extends Pick<AlarmReading, 'alarmName' | 'state'> {
  /** `fleet`: names this group or target group, and goes blind when green takes over. */
  readonly watches: 'fleet' | 'loadBalancer';
  /** True when a scaling policy is among its actions. */
  readonly isForScaling: boolean;
  /** Seconds of data that it needs before it can go off; absent where CloudWatch does not say. */
  readonly windowSeconds?: Seconds;
}

/** A group with all that a definition can be drafted from. */
export interface LiveGroup {
  readonly group: GroupReading;
  readonly targetGroups: readonly LiveTargetGroup[];
  readonly alarms: readonly LiveAlarm[];
}

/** A definition without what is the default, and what to know about it. */
export interface DefinitionDraft {
  readonly definition: WrittenDefinition;
  /** The service that has the group already; absent where none has. */
  readonly owner?: string;
  /** Sentences for people, the most important first. */
  readonly notes: readonly string[];
}

/** Length of hold and bake where nothing is said; alarms that need longer make both longer. */
const USUAL_HOLD_SECONDS = 600;

/** Longest name of a service. */
const SERVICE_LENGTH_MAX = 40;

/** Most alarms that are taken into a draft; a definition may have as many. */
const ALARMS_DRAFTED_MAX = 100;

/**
 * Drafts a definition.
 * @param asked.service what it is to be called; absent, its owner's name, or one made of the group's
 * @param asked.owner the service that has the group already; absent where none has
 */
export function draftDefinition(
  live: LiveGroup,
  asked: { readonly service?: string | undefined; readonly owner?: string | undefined } = {},
): DefinitionDraft {
  const { group, alarms } = live;
  const { owner } = asked;
  const service = asked.service ?? owner ?? nameService(group.autoScalingGroupName);
  const serving = live.targetGroups.filter(({ routes }) => routes.length > 0);
  const [only] = serving;
  const isSeveral = group.targetGroupArns.length > 1;
  const watched = alarms.filter((alarm) => isOfUse(group, alarm)).slice(0, ALARMS_DRAFTED_MAX);
  const slowest = Math.max(0, ...watched.map((alarm) => secondsToSee(alarm) ?? 0));
  const holdSeconds = Math.ceil(slowest / 60) * 60;
  const definition: WrittenDefinition = {
    service,
    autoScalingGroupName: group.autoScalingGroupName,
    ...(isSeveral && only && { targetGroupArn: only.targetGroup.targetGroupArn }),
    ...(watched.length > 0 && {
      alarms: watched.map(({ alarmName, watches }) =>
        watches === 'fleet' ? { name: alarmName, mirror: true } : alarmName,
      ),
    }),
    ...(holdSeconds > USUAL_HOLD_SECONDS && {
      strategy: { type: 'canary', greenWeightPercent: 10, holdSeconds },
      bakeTimeSeconds: holdSeconds,
    }),
  };
  const notes = [
    ...noteOwner(group, { service, owner }),
    ...noteObstacles(live, serving),
    ...noteAlarms(live, watched),
    ...(holdSeconds > USUAL_HOLD_SECONDS
      ? [
          `Hold and bake take ${holdSeconds} s, because an alarm takes up to ${slowest} s to see anything.`,
        ]
      : []),
    ...noteFleet(live),
  ];
  return { definition, ...(owner !== undefined && { owner }), notes };
}

/** A group has one service, so that the draft is no second one. */
function noteOwner(
  { autoScalingGroupName: name }: GroupReading,
  { service, owner }: { readonly service: string; readonly owner: string | undefined },
): readonly string[] {
  if (owner === undefined) return [];
  const has = `Group ${name} is what serves ${owner} already`;
  return service === owner
    ? [`${has}; applied, the draft replaces the definition of ${owner}.`]
    : [
        `${has}, and a group has one service: as ${service} the draft is refused when it is applied. Call it ${owner}, or delete ${owner} first.`,
      ];
}

/** What stands in the way of any deployment, and is said by every plan as well. */
function noteObstacles(
  { group, targetGroups }: LiveGroup,
  serving: readonly LiveTargetGroup[],
): readonly string[] {
  const { autoScalingGroupName: name } = group;
  const notes: string[] = [];
  if (targetGroups.length === 0) {
    notes.push(`Group ${name} is attached to no target group; attach it before it is deployed.`);
  } else if (serving.length === 0) {
    notes.push('No listener or rule forwards to the group; attach its target group to a listener.');
  }
  if (serving.length > 1) {
    const names = serving.map(({ targetGroup }) => targetGroup.targetGroupName).join(' and ');
    notes.push(
      `Traffic reaches group ${name} by ${names}, and Teal moves that of one target group; give each a group of its own.`,
    );
  }
  if (!group.launchTemplate) notes.push(`Group ${name} has no launch template; give it one.`);
  if (group.unsupported.length > 0) {
    notes.push(
      `Group ${name} has ${group.unsupported.join(', ')}, which Teal cannot carry over to green.`,
    );
  }
  const controllers = serving.flatMap(({ routes }) =>
    routes.flatMap(({ id, controller }) => (controller ? [`${id} is ${controller}'s`] : [])),
  );
  return [...notes, ...controllers.map((one) => `${one}, which would write over its weights.`)];
}

function noteAlarms(
  { group, alarms }: LiveGroup,
  watched: readonly LiveAlarm[],
): readonly string[] {
  const notes: string[] = [];
  if (watched.length === 0) {
    notes.push(
      'No alarm on the load balancer, the target group or the group was found; make one on errors and name it in alarms, because without alarms only failing health checks roll back.',
    );
  }
  const wide = watched.filter(({ watches }) => watches === 'loadBalancer');
  if (wide.length > 0) {
    notes.push(
      `${namesOf(wide)} watch the whole load balancer; take out what also counts the traffic of other services.`,
    );
  }
  const mirrored = watched.filter(({ watches }) => watches === 'fleet');
  if (mirrored.length > 0) {
    notes.push(`${namesOf(mirrored)} name blue alone, and are copied for green (mirror).`);
  }
  const red = watched.filter(({ state }) => state === 'ALARM');
  if (red.length > 0) {
    notes.push(`${namesOf(red)} are in ALARM now, and no deployment starts until they are OK.`);
  }
  const scaling = alarms.filter((alarm) => alarm.isForScaling && !isOwn(group, alarm));
  if (scaling.length > 0) {
    notes.push(`${namesOf(scaling)} drive scaling and were left out; load is no fault of green.`);
  }
  return notes;
}

function noteFleet({ group, targetGroups }: LiveGroup): readonly string[] {
  const { minSize, maxSize, desiredCapacity, inServiceCount } = group;
  const sticky = Math.max(
    0,
    ...targetGroups.flatMap(({ routes }) => routes.map(({ stickySeconds = 0 }) => stickySeconds)),
  );
  const notes = [
    `The group runs ${count(inServiceCount, 'instance')} (minimum ${minSize}, desired ${desiredCapacity}, maximum ${maxSize}), and as many more while green is up.`,
  ];
  if (sticky > 0) {
    notes.push(
      `Clients keep to one target group for up to ${sticky} s, and the bake lasts as long; stickySessions: end ends their sessions instead.`,
    );
  }
  const owner =
    group.owner ?? targetGroups.find(({ targetGroup }) => targetGroup.owner)?.targetGroup.owner;
  if (owner !== undefined) {
    notes.push(`The group belongs to ${owner}, so that it is kept at zero after a success.`);
  }
  return notes;
}

/** Alarms that drive scaling say nothing about a version, and Teal's own are made for each green. */
function isOfUse(group: GroupReading, alarm: LiveAlarm): boolean {
  return !alarm.isForScaling && !isOwn(group, alarm);
}

function isOwn({ autoScalingGroupName }: GroupReading, { alarmName }: LiveAlarm): boolean {
  return alarmName.startsWith(alarmNamePrefix(autoScalingGroupName));
}

function namesOf(alarms: readonly LiveAlarm[]): string {
  return `Alarms ${alarms.map(({ alarmName }) => alarmName).join(', ')}`;
}

/**
 * A service's name made of its group's: what tells the colour goes, and what a name may not have.
 * @example nameService('Web_API-blue') // 'web-api'
 */
function nameService(autoScalingGroupName: string): string {
  const name = autoScalingGroupName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-(?:blue|green|asg)$/, '')
    .slice(0, SERVICE_LENGTH_MAX)
    .replace(/-+$/, '');
  return name || 'service';
}
