/**
 * The groups, and how operations reach them: permission, existence, and whether a group may still
 * be changed.
 */
import type { Tag } from '@aws-sdk/client-auto-scaling';
import { arn } from '../../kernel/kernel.ts';
import { groupNotFound, validationError } from './errors.ts';
import type { Call, Operation, Permission } from '../../kernel/service.ts';
import type { GroupRecord } from './state.ts';

/** Groups by name. */
export type GroupStore = Map<string, GroupRecord>;

interface NamesGroup {
  readonly AutoScalingGroupName: string | undefined;
}

type Context = NonNullable<Permission['context']>;

/** A group by its name or ARN. @throws AwsError ValidationError */
export function findGroup(groups: GroupStore, name: string | undefined): GroupRecord {
  const group = lookUp(groups, name);
  if (!group) throw groupNotFound(name ?? 'null');
  return group;
}

/** A group by its name or ARN; undefined when there is none. */
export function lookUp(groups: GroupStore, name: string | undefined): GroupRecord | undefined {
  if (name === undefined) return undefined;
  return groups.get(name) ?? [...groups.values()].find((group) => group.arn === name);
}

/** Permission on a group. One that does not exist is asked for by its name, whatever its id. */
export function groupPermission(
  groups: GroupStore,
  action: string,
  name: string | undefined,
  context: Context = {},
): Permission {
  const group = lookUp(groups, name);
  const resource = group?.arn ?? arn('autoscaling', groupResource('*', name ?? '*'));
  const tags = [...(group?.tags ?? [])].flatMap(([key, { value }]) => [
    [`aws:ResourceTag/${key}`, value],
    [`autoscaling:ResourceTag/${key}`, value],
  ]);
  return {
    action: `autoscaling:${action}`,
    resources: [resource],
    context: { ...Object.fromEntries(tags), ...context },
  };
}

/** The part of a group's ARN after the account. */
export function groupResource(id: string, name: string): string {
  return `autoScalingGroup:${id}:autoScalingGroupName/${name}`;
}

/** Condition keys that the tags of a request fill. */
export function requestTagContext(tags: readonly Pick<Tag, 'Key' | 'Value'>[]): Context {
  const context: Record<string, string | string[]> = {};
  for (const { Key = '', Value = '' } of tags) context[`aws:RequestTag/${Key}`] = Value;
  if (tags.length > 0) context['aws:TagKeys'] = tags.map(({ Key = '' }) => Key);
  return context;
}

/** A Describe operation: it has no resource-level permissions. */
export function describeOperation<Input, Output>(
  name: string,
  run: (input: Input) => Output,
): Operation<Input, Output> {
  return { permissions: () => [{ action: `autoscaling:${name}`, resources: ['*'] }], run };
}

/** An operation that changes one group, which must not be on its way out. */
export function groupOperation<Input extends NamesGroup, Output>(
  groups: GroupStore,
  name: string,
  run: (group: GroupRecord, input: Input, call: Call) => Output,
  context: (input: Input) => Context = () => ({}),
): Operation<Input, Output> {
  return {
    permissions: (input) => [
      groupPermission(groups, name, input.AutoScalingGroupName, context(input)),
    ],
    run: (input, call) => {
      const group = findGroup(groups, input.AutoScalingGroupName);
      refusePendingDelete(group);
      return run(group, input, call);
    },
  };
}

/** @throws AwsError ValidationError when the group is being deleted */
export function refusePendingDelete(group: GroupRecord): void {
  if (group.deleteAt === undefined) return;
  throw validationError('The AutoScaling group may not be modified while it is pending delete');
}
