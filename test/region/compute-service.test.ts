/**
 * EC2, Auto Scaling and the load balancer together, called with stock SDK clients.
 */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, it } from 'vitest';
import { createEndpoint } from '../../region/endpoint/endpoint.ts';
import { createIdentities } from '../../region/iam/identities.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createMachines } from '../../region/machines/machines.ts';
import { createAutoScaling } from '../../region/services/auto-scaling/auto-scaling.ts';
import { createEc2 } from '../../region/services/ec2/ec2.ts';
import { createElasticLoadBalancing } from '../../region/services/elastic-load-balancing-v2/elastic-load-balancing.ts';
import type { Credentials, PolicyStatement } from '../../region/kernel/contracts.ts';
import type { ModelProgram } from '../../region/machines/program.ts';
import { createTestKernel } from './test-kernel.ts';

const ROLE = 'arn:aws:iam::000000000000:role/deployer';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

function createRegion(program: ModelProgram) {
  const clock = createVirtualClock({ start: Date.UTC(2026, 0, 5) });
  const kernel = createTestKernel(clock, { seed: 3 });
  const machines = createMachines({ kernel });
  const ec2 = createEc2({ kernel, machines });
  const balancing = createElasticLoadBalancing({ kernel, machines, network: ec2.network });
  const { registry } = balancing;
  const autoScaling = createAutoScaling({ kernel, ec2: ec2.fleet, registry });
  const identities = createIdentities();
  const endpoint = createEndpoint({
    kernel,
    services: [ec2.service, balancing.service, autoScaling.service],
    identities,
  });
  closers.push(
    () => endpoint.close(),
    () => balancing.close(),
  );
  const imageId = ec2.addImage({ name: 'app', program });
  const clientsOf = (credentials: Credentials) => {
    const { requestHandler } = endpoint;
    const options = { region: 'us-east-1', credentials, requestHandler, maxAttempts: 1 };
    return {
      ec2: new EC2Client(options),
      groups: new AutoScalingClient(options),
      balancers: new ElasticLoadBalancingV2Client(options),
    };
  };
  const { network } = ec2;
  const clients = clientsOf(identities.administrator);
  return { clock, network, identities, imageId, clientsOf, ...clients };
}

type Region = ReturnType<typeof createRegion>;

async function createTemplate({ ec2, imageId }: Pick<Region, 'imageId'> & { ec2: EC2Client }) {
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'app',
      LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' },
    }),
  );
  return LaunchTemplate!.LaunchTemplateId!;
}

/** A load balancer in every zone that forwards to one target group. @returns the latter's ARN */
async function createTargetGroup({ balancers, network }: Region): Promise<string> {
  const { LoadBalancers } = await balancers.send(
    new CreateLoadBalancerCommand({
      Name: 'web',
      Subnets: network.subnets().map((subnet) => subnet.id),
    }),
  );
  const { TargetGroups } = await balancers.send(
    new CreateTargetGroupCommand({
      Name: 'blue',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: network.vpcId,
      HealthCheckIntervalSeconds: 10,
    }),
  );
  const TargetGroupArn = TargetGroups![0]!.TargetGroupArn!;
  await balancers.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers![0]!.LoadBalancerArn!,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  return TargetGroupArn;
}

const groupInput = (region: Region, LaunchTemplateId: string) => ({
  AutoScalingGroupName: 'blue',
  LaunchTemplate: { LaunchTemplateId, Version: '1' },
  MinSize: 2,
  MaxSize: 4,
  VPCZoneIdentifier: region.network
    .subnets()
    .map((subnet) => subnet.id)
    .join(','),
});

async function describeGroup({ groups }: Region) {
  const { AutoScalingGroups } = await groups.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['blue'] }),
  );
  return AutoScalingGroups![0]!;
}

describe('a fleet behind a load balancer', () => {
  it('gets healthy, and replaces instances whose software stops answering', async () => {
    const region = createRegion({
      type: 'model',
      bootSeconds: 10,
      healthStatus: (seconds) => (seconds < 600 ? 200 : 'refused'),
    });
    const { clock, groups, balancers } = region;
    const pass = (seconds: number) => clock.runUntil(clock.sleep(seconds * 1000));
    const targetGroupArn = await createTargetGroup(region);
    const templateId = await createTemplate(region);
    await groups.send(
      new CreateAutoScalingGroupCommand({
        ...groupInput(region, templateId),
        TargetGroupARNs: [targetGroupArn],
        HealthCheckType: 'ELB',
        HealthCheckGracePeriod: 60,
      }),
    );
    const health = async () => {
      const { TargetHealthDescriptions } = await balancers.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
      );
      return TargetHealthDescriptions!.map((target) => target.TargetHealth!.State);
    };
    await pass(120);
    expect(await health()).toEqual(['healthy', 'healthy']);
    const first = (await describeGroup(region)).Instances!.map((one) => one.InstanceId);
    await pass(900);
    const group = await describeGroup(region);
    const serving = group.Instances!.filter((one) => one.LifecycleState === 'InService');
    expect(serving).toHaveLength(2);
    expect(serving.filter((one) => first.includes(one.InstanceId))).toEqual([]);
    const { Activities } = await groups.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'blue' }),
    );
    expect(Activities!.map((activity) => activity.Cause)).toContainEqual(
      expect.stringContaining('ELB system health check failure'),
    );
    expect(Activities![0]!.StartTime).toBeInstanceOf(Date);
  });
});

const autoScaling: PolicyStatement = {
  Effect: 'Allow',
  Action: 'autoscaling:*',
  Resource: '*',
};
const launches: PolicyStatement = { Effect: 'Allow', Action: 'ec2:RunInstances', Resource: '*' };

const asRole = async (statements: readonly PolicyStatement[]) => {
  const region = createRegion({ type: 'model' });
  const templateId = await createTemplate(region);
  const principal = 'lambda.amazonaws.com';
  const policies = [{ Statement: statements }];
  region.identities.addRole({ arn: ROLE, trust: [principal], policies });
  const session = { roleArn: ROLE, principal, sessionName: 'deploy' };
  const clients = region.clientsOf(region.identities.assume(session));
  return { region, templateId, clients };
};

describe('a caller with a role of its own', () => {
  it('creates a group only when it may launch instances itself', async () => {
    const refused = await asRole([autoScaling]);
    const input = groupInput(refused.region, refused.templateId);
    await expect(
      refused.clients.groups.send(new CreateAutoScalingGroupCommand(input)),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('not authorized to use launch'),
    });

    const allowed = await asRole([autoScaling, launches]);
    await allowed.clients.groups.send(
      new CreateAutoScalingGroupCommand(groupInput(allowed.region, allowed.templateId)),
    );
    expect(await describeGroup(allowed.region)).toMatchObject({ DesiredCapacity: 2 });
  });

  it('updates only groups whose tags its policy names', async () => {
    const { region, templateId, clients } = await asRole([
      {
        ...autoScaling,
        Condition: { StringEquals: { 'aws:ResourceTag/team': 'web' } },
      },
    ]);
    const update = () =>
      clients.groups.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'blue', MaxSize: 5 }),
      );
    await region.groups.send(
      new CreateAutoScalingGroupCommand({
        ...groupInput(region, templateId),
        Tags: [{ Key: 'team', Value: 'web' }],
      }),
    );
    await update();
    expect(await describeGroup(region)).toMatchObject({ MaxSize: 5 });
    await expect(clients.ec2.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
    });
  });
});
