/**
 * A service to deploy: load balancer, blue in two zones, an alarm, and its definition in Teal. Its
 * instances are models, so that the machine's cores are left to what is measured.
 */
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ModelProgram } from '../region/machines/program.ts';
import type { World } from './world.ts';

/** Instances of blue, and so of green. */
export const INSTANCES = 2;

/** Region seconds that an instance takes from its launch to its first answer. */
const BOOT_SECONDS = 10;

/** Region seconds between health checks: the shortest that AWS allows. */
const HEALTH_CHECK_SECONDS = 5;

/** Region seconds that a retiring target may finish its requests in. */
const DEREGISTRATION_DELAY_SECONDS = 10;

/** Errors in a region minute above which the alarm is raised. */
const ALARM_THRESHOLD = 20;

/** A service that Teal may deploy. */
export interface BenchService {
  readonly name: string;
  readonly loadBalancerArn: string;
  readonly blueTargetGroupArn: string;
  readonly alarmName: string;
}

/** How the services of a benchmark are to be deployed. */
export interface ServiceWishes {
  readonly steps: readonly { readonly greenWeightPercent: number; readonly holdSeconds: number }[];
  readonly bakeTimeSeconds: number;
}

/** Builds services with these names and waits until all their blues are healthy. */
export async function addServices(
  world: World,
  names: readonly string[],
  wishes: ServiceWishes,
): Promise<readonly BenchService[]> {
  const services: BenchService[] = [];
  for (const name of names) services.push(await world.run(() => build(world, name)));
  for (const service of services) {
    while (countHealthy(world, service.blueTargetGroupArn) < INSTANCES) await world.pass(1);
    await world.run(() => define(world, service, wishes));
  }
  return services;
}

async function define(
  { api }: World,
  { name, alarmName }: BenchService,
  { steps, bakeTimeSeconds }: ServiceWishes,
): Promise<void> {
  await api.send('PUT', `/services/${name}`, {
    autoScalingGroupName: name,
    strategy: { type: 'steps', steps },
    bakeTimeSeconds,
    alarms: [alarmName],
    retireBlue: 'delete',
  });
}

/** Adds an image whose instances behave as the program says. Answers its id. */
export function addImage(
  { region }: World,
  name: string,
  program: Omit<ModelProgram, 'type' | 'bootSeconds'> = {},
): string {
  return region.ec2.addImage({
    name,
    program: { type: 'model', bootSeconds: BOOT_SECONDS, ...program },
  });
}

/** Healthy targets of a target group now; 0 where there is none. */
function countHealthy({ region }: World, targetGroupArn: string): number {
  const { registry } = region.loadBalancing;
  if (!registry.targetGroup(targetGroupArn)) return 0;
  const targets = [...registry.targetHealth(targetGroupArn).values()];
  return targets.filter(({ state }) => state === 'healthy').length;
}

async function build(world: World, name: string): Promise<BenchService> {
  const network = await readNetwork(new EC2Client(world.settings));
  const blueTargetGroupArn = await buildTargetGroup(world, name, network.vpcId);
  const loadBalancerArn = await buildLoadBalancer(world, name, blueTargetGroupArn, network);
  await buildGroup(world, { name, blueTargetGroupArn, subnetIds: network.subnetIds });
  const alarmName = `${name}-5xx`;
  await world.cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: alarmName,
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'HTTPCode_Target_5XX_Count',
      Dimensions: [{ Name: 'LoadBalancer', Value: loadBalancerArn.split(':loadbalancer/')[1] }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: ALARM_THRESHOLD,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
  return { name, loadBalancerArn, blueTargetGroupArn, alarmName };
}

interface Network {
  readonly vpcId: string;
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
}

async function readNetwork(ec2: EC2Client): Promise<Network> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  return {
    vpcId: Subnets[0]?.VpcId ?? '',
    subnetIds: Subnets.slice(0, 2).flatMap(({ SubnetId }) => SubnetId ?? []),
    securityGroupIds: SecurityGroups.slice(0, 1).flatMap(({ GroupId }) => GroupId ?? []),
  };
}

async function buildTargetGroup(
  { loadBalancing }: World,
  name: string,
  vpcId: string,
): Promise<string> {
  const created = await loadBalancing.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpcId,
      TargetType: 'instance',
      HealthCheckIntervalSeconds: HEALTH_CHECK_SECONDS,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const TargetGroupArn = created.TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Value = String(DEREGISTRATION_DELAY_SECONDS);
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value }];
  await loadBalancing.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  return TargetGroupArn;
}

async function buildLoadBalancer(
  { loadBalancing }: World,
  name: string,
  targetGroupArn: string,
  { subnetIds, securityGroupIds }: Network,
): Promise<string> {
  const created = await loadBalancing.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Subnets: subnetIds,
      SecurityGroups: securityGroupIds,
    }),
  );
  const loadBalancerArn = created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  await loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );
  return loadBalancerArn;
}

async function buildGroup(
  world: World,
  wishes: { name: string; blueTargetGroupArn: string; subnetIds: readonly string[] },
): Promise<void> {
  const { name, blueTargetGroupArn, subnetIds } = wishes;
  const template = await new EC2Client(world.settings).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: { ImageId: addImage(world, `${name}-v1`), InstanceType: 't3.micro' },
    }),
  );
  await new AutoScalingClient(world.settings).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: {
        LaunchTemplateId: template.LaunchTemplate?.LaunchTemplateId,
        Version: '$Default',
      },
      MinSize: INSTANCES,
      DesiredCapacity: INSTANCES,
      MaxSize: 2 * INSTANCES,
      VPCZoneIdentifier: subnetIds.join(','),
      TargetGroupARNs: [blueTargetGroupArn],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 60,
    }),
  );
}
