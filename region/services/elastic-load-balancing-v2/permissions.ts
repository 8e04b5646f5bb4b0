/**
 * What a caller has to be allowed for each operation, with the condition keys that AWS fills in.
 * Not for: the decision; the endpoint asks the caller's policies.
 *
 * @source https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
 */
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Permission } from '../../kernel/service.ts';
import type { Store } from './store.ts';

type Context = Record<string, string | readonly string[]>;

const PREFIX = 'elasticloadbalancing';

/** Operations that only describe have no resource-level permissions. */
export function toDescribe(action: string): () => readonly Permission[] {
  const permission = { action: `${PREFIX}:${action}`, resources: ['*'] };
  return () => [permission];
}

/** One permission per resource, each with the tags that the resource has now. */
export function toChange(
  store: Store,
  action: string,
  arns: readonly (string | undefined)[],
  context: Context = {},
): readonly Permission[] {
  return arns
    .filter((arn) => arn !== undefined)
    .map((arn) => ({
      action: `${PREFIX}:${action}`,
      resources: [arn],
      context: { ...context, ...resourceTags(store, arn) },
    }));
}

/** The creation itself, and tagging as a part of it when the request has tags. */
export function toCreate(
  store: Store,
  request: {
    readonly action: string;
    /** What the creation is asked for: the parent's ARN, or a pattern of the new resource's. */
    readonly on: string;
    /** Pattern of the new resource's ARN. */
    readonly created: string;
    readonly tags: readonly Tag[] | undefined;
    readonly context?: Context;
  },
): readonly Permission[] {
  const context: Context = {
    ...request.context,
    ...requestTags(request.tags ?? []),
    ...resourceTags(store, request.on),
  };
  const creation = { action: `${PREFIX}:${request.action}`, resources: [request.on], context };
  if (!request.tags?.length) return [creation];
  return [
    creation,
    {
      action: `${PREFIX}:AddTags`,
      resources: [request.created],
      context: { ...requestTags(request.tags), [`${PREFIX}:CreateAction`]: request.action },
    },
  ];
}

/** The condition keys that tell which tags a request wants to set. */
export function requestTags(tags: readonly Tag[]): Context {
  if (tags.length === 0) return {};
  const context: Context = { 'aws:TagKeys': tags.flatMap((tag) => tag.Key ?? []) };
  for (const tag of tags) context[`aws:RequestTag/${tag.Key ?? ''}`] = tag.Value ?? '';
  return context;
}

function resourceTags(store: Store, arn: string): Context {
  const context: Context = {};
  for (const [key, value] of store.tags.get(arn) ?? []) {
    context[`aws:ResourceTag/${key}`] = value;
    context[`${PREFIX}:ResourceTag/${key}`] = value;
  }
  return context;
}
