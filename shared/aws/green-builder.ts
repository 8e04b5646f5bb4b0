/**
 * Builds green beside blue. Every name and token is derived from the deployment's id, and what is
 * found under such a name is taken over only when its tag says that this deployment made it.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsRefused, AwsUnavailable, invariant, NameTaken } from '../core/errors.ts';
import { DEPLOYMENT_TAG, toTagValue } from '../core/names.ts';
import type { Plan } from '../core/plan.ts';
import type { GreenBuilder } from '../ports/fleets.ts';
import { call, unlessRefused } from './call.ts';
import { atVersion, templateOf } from './clone/mixed-instances.ts';
import { readHooks } from './clone/reading.ts';
import { TAGS_PER_CALL_MAX } from './deployment-tags.ts';
import { updateGroup } from './group-updates.ts';
import { toGreenGroup } from './green-group.ts';
import { toAttributeBatches, toGreenTargetGroup } from './green-target-group.ts';
import {
  DELETION_STATUS,
  describeAttributes,
  describeGroup,
  describeTags,
  describeTargetGroup,
  tagValue,
} from './groups.ts';
import { createVersion } from './launch-templates.ts';

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly ec2: EC2Client;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
}

/** Makes the builder of green fleets. */
export function createGreenBuilder(dependencies: Dependencies): GreenBuilder {
  const { autoScaling, ec2, loadBalancing } = dependencies;
  return {
    async createLaunchTemplateVersion(plan) {
      await bindBlue(autoScaling, plan);
      return createVersion(ec2, plan);
    },
    async createTargetGroup(plan) {
      const { targetGroupName } = plan.green;
      const existing = await describeTargetGroup(loadBalancing, { name: targetGroupName });
      const arn = existing?.TargetGroupArn ?? (await createTargetGroup(loadBalancing, plan));
      await refuseForeignTargetGroup(loadBalancing, plan, arn);
      await copyAttributes(loadBalancing, plan.blue.targetGroupArn, arn);
      return arn;
    },
    async createGroup(plan, parts) {
      const blue = await describeBlue(autoScaling, plan);
      const name = plan.green.autoScalingGroupName;
      const hooks = await readHooks(autoScaling, plan.blue.autoScalingGroupName);
      const { Tags, ...request } = toGreenGroup(blue, plan, parts, hooks);
      const command = new CreateAutoScalingGroupCommand({
        ...request,
        Tags: Tags?.slice(0, TAGS_PER_CALL_MAX),
      });
      const calling = call('CreateAutoScalingGroup', name, () => autoScaling.send(command));
      if (!(await unlessRefused(['AlreadyExists'], calling))) {
        await refuseForeignGroup(autoScaling, plan);
      }
    },
  };
}

/** Binds blue to the number of its version, unless somebody has given it another one since. */
async function bindBlue(client: AutoScalingClient, plan: Plan): Promise<void> {
  const { launchTemplateId, launchTemplateVersion, configuredVersion } = plan.blue;
  if (configuredVersion === String(launchTemplateVersion)) return;
  const blue = await describeBlue(client, plan);
  if ((templateOf(blue)?.Version ?? configuredVersion) !== configuredVersion) return;
  await updateGroup(client, blue, atVersion(blue, launchTemplateId, String(launchTemplateVersion)));
}

async function createTargetGroup(
  client: ElasticLoadBalancingV2Client,
  plan: Plan,
): Promise<string> {
  const { targetGroupArn } = plan.blue;
  const { targetGroupName } = plan.green;
  const blue = await describeTargetGroup(client, { arn: targetGroupArn });
  if (!blue) throw missingBlue('target group', targetGroupArn);
  const tags = await describeTags(client, targetGroupArn);
  const command = new CreateTargetGroupCommand(toGreenTargetGroup(blue, tags, plan));
  const output = await call('CreateTargetGroup', targetGroupName, () => client.send(command));
  const arn = output.TargetGroups?.[0]?.TargetGroupArn;
  invariant(arn, 'CreateTargetGroup answered without an ARN');
  return arn;
}

/**
 * AWS answers a creation with the same settings as a success, whoever made the target group; so
 * its tag is read even then.
 */
async function refuseForeignTargetGroup(
  client: ElasticLoadBalancingV2Client,
  { deploymentId, green }: Plan,
  targetGroupArn: string,
): Promise<void> {
  const owner = tagValue(await describeTags(client, targetGroupArn), DEPLOYMENT_TAG);
  if (owner !== toTagValue(deploymentId))
    throw nameTaken('Target group', green.targetGroupName, owner);
}

async function copyAttributes(
  client: ElasticLoadBalancingV2Client,
  blueArn: string,
  greenArn: string,
): Promise<void> {
  const blue = await describeAttributes(client, blueArn);
  const green = await describeAttributes(client, greenArn);
  for (const batch of toAttributeBatches(blue, green)) {
    const command = new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: greenArn,
      Attributes: [...batch],
    });
    await call('ModifyTargetGroupAttributes', greenArn, () => client.send(command));
  }
}

/** AWS may not show yet what it says exists; then waiting helps. */
async function refuseForeignGroup(client: AutoScalingClient, plan: Plan): Promise<void> {
  const name = plan.green.autoScalingGroupName;
  const group = await describeGroup(client, name);
  if (!group) {
    throw new AwsUnavailable(
      `Tried CreateAutoScalingGroup on ${name}; AWS answered that it exists, but did not ` +
        'describe it; it is tried again.',
    );
  }
  const owner = tagValue(group.Tags ?? [], DEPLOYMENT_TAG);
  if (owner !== toTagValue(plan.deploymentId) || group.Status === DELETION_STATUS) {
    throw nameTaken('Auto Scaling group', name, owner);
  }
}

async function describeBlue(client: AutoScalingClient, { blue }: Plan): Promise<AutoScalingGroup> {
  const group = await describeGroup(client, blue.autoScalingGroupName);
  if (!group) throw missingBlue('group', blue.autoScalingGroupName);
  return group;
}

function missingBlue(what: string, name: string): AwsRefused {
  return new AwsRefused(
    `Tried to copy blue's ${what} ${name}; AWS knows none of that name; ` +
      'find out who deleted it, and start again.',
    { facts: { on: name } },
  );
}

function nameTaken(what: string, name: string, owner: string | undefined): NameTaken {
  return new NameTaken(
    `${what} ${name} should become green, but exists and ` +
      `${owner === undefined ? 'was not made by Teal' : `belongs to deployment ${owner}`}; ` +
      'start another deployment, or remove it if nobody needs it.',
    { facts: { name, owner } },
  );
}
