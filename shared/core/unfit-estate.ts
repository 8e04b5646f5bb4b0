/**
 * Why a deployment cannot be planned onto what is live. Everything that stands in the way is said
 * at once, each with what to do about it.
 */
import { SpecRefused } from './errors.ts';
import type { Estate, FoundRoute, GroupReading, TargetGroupReading } from './estate.ts';
import { complainAboutAbsence } from './qualify-image.ts';
import type { DeploymentSpec } from './spec.ts';
import { complainAboutLimits, complainAboutTargetGroups } from './traffic-limits.ts';
import { complainAboutCounting, complainAboutSides } from './unfit-sides.ts';

/**
 * Narrows an estate to what a plan can be made from. `found` are complaints of the preflight and about alarms.
 * @throws SpecRefused with everything that stands in the way, in one message
 */
export function refuseUnfitEstate(
  spec: DeploymentSpec,
  estate: Estate,
  found: readonly string[] = [],
): {
  group: GroupReading;
  targetGroup: TargetGroupReading;
  template: NonNullable<GroupReading['launchTemplate']>;
} {
  const complaints = [
    ...complainAboutImage(spec, estate),
    ...found,
    ...complainAboutGroup(spec, estate),
    ...complainAboutTraffic(spec, estate),
  ];
  const { group, targetGroup } = estate;
  const template = group?.launchTemplate;
  if (complaints.length > 0 || !group || !targetGroup || !template) {
    throw new SpecRefused(
      `${spec.version} of ${spec.service} cannot be deployed: ${complaints.join(' ')} ` +
        'Nothing was changed.',
    );
  }
  return { group, targetGroup, template };
}

function complainAboutImage(spec: DeploymentSpec, { image }: Estate): string[] {
  const complaint = complainAboutAbsence(spec.imageId, image);
  return complaint ? [complaint] : [];
}

function complainAboutGroup(spec: DeploymentSpec, { group, lastServing }: Estate): string[] {
  const name = spec.autoScalingGroupName;
  if (!group) {
    const cure = lastServing
      ? `the last success, ${lastServing.deploymentId}, made ${lastServing.autoScalingGroupName} serve, which is there: name it in autoScalingGroupName.`
      : 'correct the service definition.';
    return [`Auto Scaling knows no group ${name}; ${cure}`];
  }
  const complaints: string[] = [];
  if (group.busyWith)
    complaints.push(`Group ${name} is busy: ${group.busyWith}; wait for its end.`);
  if (!group.launchTemplate) {
    complaints.push(`Group ${name} has no launch template of its own; give it one.`);
  }
  if (group.inServiceCount === 0) {
    complaints.push(`Group ${name} has no instance in service, so there is nothing to replace.`);
  }
  if (group.unsupported.length > 0) {
    complaints.push(
      `Group ${name} has ${group.unsupported.join(', ')}, which Teal cannot carry over to green.`,
    );
  }
  return complaints;
}

function complainAboutTraffic(spec: DeploymentSpec, estate: Estate): string[] {
  const { group, targetGroup, routes } = estate;
  if (!group) return [];
  const choice = complainAboutTargetGroups(spec, estate);
  if (choice.length > 0) return [...choice];
  if (!targetGroup) {
    return [
      `The target group of ${spec.autoScalingGroupName} is gone; attach the group to another.`,
    ];
  }
  const name = targetGroup.targetGroupName;
  if (targetGroup.targetType !== 'instance') {
    return [`Target group ${name} has targets of type ${targetGroup.targetType}, not instance.`];
  }
  if (routes.length === 0 && !spec.routing) {
    return [
      `No listener or rule forwards to target group ${name}, so there is no traffic to shift; attach it to a listener first.`,
    ];
  }
  const complaints = [
    ...complainAboutSides(spec.routing, estate),
    ...complainAboutCounting(spec, estate),
    ...complainAboutLimits(spec, routes, name),
    ...routes.flatMap((route) => complainAboutRoute(route, name)),
  ];
  if (targetGroup.stickiness === 'app_cookie' && !spec.routing) {
    complaints.push(
      `Target group ${name} keeps sessions by the application's cookie, which AWS cannot combine with weights; use the load balancer's cookie.`,
    );
  }
  if (targetGroup.healthyCount === 0) {
    complaints.push(
      `Target group ${name} has no healthy target, so nothing could be rolled back to.`,
    );
  }
  return complaints;
}

function complainAboutRoute(
  { id, otherTargetGroupArns, isIndivisible, controller }: FoundRoute,
  targetGroupName: string,
): string[] {
  const complaints: string[] = [];
  if (isIndivisible) {
    const others = otherTargetGroupArns.join(', ');
    complaints.push(
      `${id} splits its traffic between ${targetGroupName} and ${others} in a way that leaves no room for whole percents of it; give it weights such as 50 and 50, or leave ${targetGroupName} alone in it.`,
    );
  }
  if (controller !== undefined) {
    complaints.push(
      `${id} is ${controller}'s, which would write over its weights; release the service with that, or give it a rule of its own.`,
    );
  }
  return complaints;
}
