/**
 * CreateAutoScalingGroup: everything that has to hold before a group exists.
 */
import type { CreateAutoScalingGroupCommandInput } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';
import { causeTime } from './activities.ts';
import { constraintViolated, validationError } from './errors.ts';
import { newSettings, refuseUnimplemented, subnetIdsOf } from './group-settings.ts';
import { readTags } from './group-tags.ts';
import { chooseSource } from './launch-template.ts';
import { passRolePermissions, readHook, testTarget } from './lifecycle-hooks.ts';
import { newSizes } from './sizes.ts';
import { groupPermission, groupResource, requestTagContext } from './store.ts';
import { readTargetGroups, readTrafficSources, requireUsable } from './traffic-sources.ts';
import { uuid } from './uuid.ts';
import type { Call, Operation } from '../../kernel/service.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, GroupSettings, TrafficSource } from './state.ts';

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html */
const GROUP_LIMIT = 500;
const NAME = /^[\x21-\x7e ]{1,255}$/;

/** Groups that the account may have. */
export function groupLimit({ kernel }: Pick<Engine, 'kernel'>): number {
  return kernel.quotas?.['auto-scaling-groups'] ?? GROUP_LIMIT;
}

/** CreateAutoScalingGroup. */
export function createGroup(engine: Engine): Operation<CreateAutoScalingGroupCommandInput, object> {
  const { groups, kernel } = engine;
  return {
    permissions: (input) => [
      groupPermission(groups, 'CreateAutoScalingGroup', input.AutoScalingGroupName, {
        ...requestTagContext(input.Tags ?? []),
        ...sizeContext(input),
      }),
      ...(input.LifecycleHookSpecificationList ?? []).flatMap(({ RoleARN }) =>
        passRolePermissions(RoleARN),
      ),
    ],
    run: (input, call) => {
      const name = readName(engine, input.AutoScalingGroupName);
      const group = newGroup(engine, name, input, call);
      for (const hook of group.hooks.values()) testTarget(engine, group, hook);
      groups.set(name, group);
      const size = group.settings.DesiredCapacity;
      const now = causeTime(kernel.clock.now());
      group.cause =
        `At ${now} a user request created an AutoScalingGroup changing the desired capacity ` +
        `from 0 to ${size}.`;
      engine.wake(group);
      return {};
    },
  };
}

function readName(engine: Engine, name: string | undefined): string {
  if (name === undefined || !NAME.test(name)) {
    throw constraintViolated(
      name,
      'autoScalingGroupName',
      'Member must have length between 1 and 255 and printable ASCII characters',
    );
  }
  if (name.includes(':')) throw validationError('Group name may not contain a colon (:).');
  const existing = engine.groups.get(name);
  if (existing) {
    const pending =
      existing.deleteAt === undefined
        ? ''
        : ' and is pending delete. Please wait until it is deleted, or use another name';
    throw new AwsError(
      'AlreadyExists',
      `AutoScalingGroup by this name already exists - A group with the name ${name} already ` +
        `exists${pending}`,
    );
  }
  const limit = groupLimit(engine);
  if (engine.groups.size >= limit) {
    throw new AwsError('LimitExceeded', `You have reached the limit of ${limit} groups.`);
  }
  return name;
}

function newGroup(
  engine: Engine,
  name: string,
  input: CreateAutoScalingGroupCommandInput,
  call: Call,
): GroupRecord {
  const { kernel, ec2 } = engine;
  refuseUnimplemented(input);
  const settings: GroupSettings = { ...newSettings(input, ec2.network), ...newSizes(input) };
  if (settings.AvailabilityZones.length === 0) {
    throw validationError('At least one Availability Zone or VPC Subnet is required.');
  }
  const subnetIds = subnetIdsOf(settings, ec2.network);
  const source = chooseSource(ec2, input, { subnetIds, call });
  const createdAt = kernel.clock.now();
  const id = uuid(kernel);
  const hooks = (input.LifecycleHookSpecificationList ?? []).map((hook) =>
    readHook({ ...hook, AutoScalingGroupName: name }),
  );
  return {
    name,
    arn: arn('autoscaling', groupResource(id, name)),
    createdAt,
    settings,
    ...source,
    tags: new Map(readTags(input.Tags ?? [])),
    members: new Map(),
    trafficSources: firstTrafficSources(engine, input, createdAt),
    suspended: new Map(),
    policies: new Map(),
    hooks: new Map(hooks.map((hook) => [hook.LifecycleHookName ?? '', hook])),
    scheduledActions: new Map(),
    notifications: new Map(),
    refreshes: [],
    rebalanceNotBefore: 0,
    enabledMetrics: new Set(),
    cause: '',
    replacementsDue: 0,
    launchFailures: 0,
    launchNotBefore: 0,
    failedZones: new Set(),
    lastScaledAt: 0,
  };
}

/**
 * What is attached at creation counts as in service at once, so that load balancer health decides
 * over the very first instances.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/load-balancer-status.html
 */
function firstTrafficSources(
  engine: Engine,
  input: CreateAutoScalingGroupCommandInput,
  since: number,
): TrafficSource[] {
  const byTargetGroup = readTargetGroups(input.TargetGroupARNs ?? []);
  const bySource = readTrafficSources(input.TrafficSources ?? []);
  requireUsable(engine, [...byTargetGroup, ...bySource]);
  const state = 'InService' as const;
  return [
    ...byTargetGroup.map((identifier) => ({
      identifier,
      via: 'targetGroups' as const,
      state,
      since,
    })),
    ...bySource
      .filter((identifier) => !byTargetGroup.includes(identifier))
      .map((identifier) => ({ identifier, via: 'trafficSources' as const, state, since })),
  ];
}

/** Condition keys that the sizes of a request fill. */
export function sizeContext(input: {
  MinSize?: number | undefined;
  MaxSize?: number | undefined;
}): Record<string, string> {
  return {
    ...(input.MinSize !== undefined && { 'autoscaling:MinSize': String(input.MinSize) }),
    ...(input.MaxSize !== undefined && { 'autoscaling:MaxSize': String(input.MaxSize) }),
  };
}
