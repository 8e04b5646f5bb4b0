/**
 * What a caller must be allowed in order to launch: EC2 asks for every resource of the launch.
 * @source https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
import type { ResponseLaunchTemplateData, Tag } from '@aws-sdk/client-ec2';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { instanceProfileArn } from './launches.ts';
import { ec2Arn, requestTagContext, resourceTagContext, tagOnCreatePermissions } from './tags.ts';
import type { Permission } from '../../kernel/service.ts';
import type { TagStore } from './tags.ts';

interface LaunchSubject {
  readonly data: ResponseLaunchTemplateData;
  /** Absent when the launch does not come from a template. */
  readonly templateId?: string | undefined;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The permissions of one launch. */
export function launchPermissions(subject: LaunchSubject, tags: TagStore): readonly Permission[] {
  const { data, templateId } = subject;
  const template = templateContext(templateId);
  const on = (type: string, id: string, context: Permission['context'] = {}): Permission => ({
    action: 'ec2:RunInstances',
    resources: [ec2Arn(type, id)],
    context: { ...template, ...resourceTagContext(tags.of(id)), ...context },
  });
  const instanceTags = tagsFor(data, 'instance');
  const volumeTags = tagsFor(data, 'volume');
  const instance = {
    ...requestTagContext(instanceTags),
    ...(data.InstanceType && { 'ec2:InstanceType': data.InstanceType }),
  };
  return [
    on('image', data.ImageId ?? '*'),
    on('instance', '*', instance),
    on('network-interface', '*'),
    on('volume', '*', requestTagContext(volumeTags)),
    ...subject.securityGroupIds.map((id) => on('security-group', id)),
    ...subject.subnetIds.map((id) => on('subnet', id)),
    ...(data.KeyName === undefined ? [] : [on('key-pair', data.KeyName)]),
    ...(templateId === undefined ? [] : [on('launch-template', templateId)]),
    ...tagOnCreatePermissions('RunInstances', 'instance', instanceTags),
    ...tagOnCreatePermissions('RunInstances', 'volume', volumeTags),
    ...passRolePermissions(data),
  ];
}

function templateContext(templateId: string | undefined): Record<string, string> {
  if (templateId === undefined) return {};
  return {
    'ec2:LaunchTemplate': ec2Arn('launch-template', templateId),
    'ec2:IsLaunchTemplateResource': 'true',
  };
}

function tagsFor(data: ResponseLaunchTemplateData, type: string): readonly Tag[] {
  return (data.TagSpecifications ?? [])
    .filter((specification) => specification.ResourceType === type)
    .flatMap((specification) => specification.Tags ?? []);
}

/** The region has no instance profiles of its own: a profile holds the role of the same name. */
function passRolePermissions(data: ResponseLaunchTemplateData): Permission[] {
  const profile = instanceProfileArn(data);
  if (profile === undefined) return [];
  const role = profile.slice(profile.lastIndexOf('/') + 1);
  return [
    {
      action: 'iam:PassRole',
      resources: [`arn:aws:iam::${ACCOUNT_ID}:role/${role}`],
      context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    },
  ];
}
