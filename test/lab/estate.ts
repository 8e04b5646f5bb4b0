/**
 * What an operator has before Teal comes, made with ordinary calls: a load balancer, blue in two
 * zones, an alarm, and the definition of the service.
 * Not for: real processes and sockets; every instance of the lab is a model.
 */
import { CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { createLazyClients } from './clients.ts';

export type AdministratorClients = ReturnType<typeof createLazyClients>;

/** What may be different about an estate; the rest is the same everywhere. */
export interface EstateWishes {
  readonly minSize: number;
  readonly desiredCapacity: number;
  readonly maxSize: number;
  /** `$Latest`, `$Default` or a number. */
  readonly launchTemplateVersion: string;
  /** Instances serve through a rule of the listener besides its default action. */
  readonly hasRule: boolean;
  /** False: a target group that no listener uses. */
  readonly hasListener: boolean;
  /** Answers with status 5xx in one minute above which the alarm goes off. */
  readonly alarmThreshold: number;
  /** `HTTPCode_Target_5XX_Count` is the application's; another name never has data. */
  readonly alarmMetric: string;
  readonly deregistrationDelaySeconds: number;
  readonly loadBalancerType: 'application' | 'network';
  /** Clients that ask for AAAA find the load balancer, too. */
  readonly hasIpv6: boolean;
}

export const USUAL_ESTATE: EstateWishes = {
  minSize: 1,
  desiredCapacity: 2,
  maxSize: 4,
  launchTemplateVersion: '$Latest',
  hasRule: false,
  hasListener: true,
  alarmThreshold: 10,
  alarmMetric: 'HTTPCode_Target_5XX_Count',
  deregistrationDelaySeconds: 30,
  loadBalancerType: 'application',
  hasIpv6: false,
};

export interface Estate {
  readonly service: string;
  readonly loadBalancerArn: string;
  /** Empty when the estate has none. */
  readonly listenerArn: string;
  readonly blueTargetGroupArn: string;
  readonly autoScalingGroupName: string;
  readonly launchTemplateId: string;
  readonly alarmName: string;
}

/** Seconds between health checks; the shortest that AWS allows is 5. */
const HEALTH_CHECK_SECONDS = 10;

/** What listeners and target groups speak. */
const PROTOCOLS = { application: 'HTTP', network: 'TCP' } as const;

/** Builds it all; instances become healthy later. */
export async function buildEstate(
  clients: AdministratorClients,
  service: string,
  imageId: string,
  wishes: EstateWishes,
): Promise<Estate> {
  const network = await readNetwork(clients);
  const loadBalancerArn = await buildLoadBalancer(clients, service, wishes);
  const name = `${service}-blue`;
  const blueTargetGroupArn = await buildTargetGroup(clients, name, network.vpcId, wishes);
  const forward = { Type: 'forward', TargetGroupArn: blueTargetGroupArn } as const;
  const listenerArn = wishes.hasListener
    ? await buildListener(clients, loadBalancerArn, forward, wishes)
    : '';
  const launchTemplateId = await buildGroup(clients, {
    name,
    imageId,
    blueTargetGroupArn,
    wishes,
    subnetIds: network.subnetIds,
  });
  const alarmName = `${service}-5xx`;
  await buildAlarm(clients, { alarmName, loadBalancerArn, wishes });
  return {
    service,
    loadBalancerArn,
    listenerArn,
    blueTargetGroupArn,
    autoScalingGroupName: name,
    launchTemplateId,
    alarmName,
  };
}

/** A load balancer without listeners. */
export async function buildLoadBalancer(
  clients: AdministratorClients,
  name: string,
  { loadBalancerType, hasIpv6 }: Pick<EstateWishes, 'loadBalancerType' | 'hasIpv6'>,
): Promise<string> {
  const network = await readNetwork(clients);
  const { LoadBalancers } = await clients.loadBalancing().send(
    new CreateLoadBalancerCommand({
      Name: name,
      Type: loadBalancerType,
      IpAddressType: hasIpv6 ? 'dualstack' : 'ipv4',
      Subnets: network.subnetIds,
      SecurityGroups: network.securityGroupIds,
    }),
  );
  return present(LoadBalancers?.[0]?.LoadBalancerArn);
}

async function readNetwork({ ec2 }: AdministratorClients) {
  const { Subnets = [] } = await ec2().send(new DescribeSubnetsCommand({}));
  const { SecurityGroups = [] } = await ec2().send(new DescribeSecurityGroupsCommand({}));
  return {
    vpcId: present(Subnets[0]?.VpcId),
    subnetIds: Subnets.slice(0, 2).map(({ SubnetId }) => present(SubnetId)),
    securityGroupIds: SecurityGroups.slice(0, 1).map(({ GroupId }) => present(GroupId)),
  };
}

async function buildTargetGroup(
  { loadBalancing }: AdministratorClients,
  name: string,
  vpcId: string,
  { deregistrationDelaySeconds, loadBalancerType }: EstateWishes,
): Promise<string> {
  const { TargetGroups } = await loadBalancing().send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: PROTOCOLS[loadBalancerType],
      Port: 80,
      VpcId: vpcId,
      TargetType: 'instance',
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: HEALTH_CHECK_SECONDS,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const TargetGroupArn = present(TargetGroups?.[0]?.TargetGroupArn);
  const delay = {
    Key: 'deregistration_delay.timeout_seconds',
    Value: String(deregistrationDelaySeconds),
  };
  await loadBalancing().send(
    new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [delay] }),
  );
  return TargetGroupArn;
}

async function buildListener(
  { loadBalancing }: AdministratorClients,
  loadBalancerArn: string,
  forward: { Type: 'forward'; TargetGroupArn: string },
  { hasRule, loadBalancerType }: EstateWishes,
): Promise<string> {
  const { Listeners } = await loadBalancing().send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: PROTOCOLS[loadBalancerType],
      Port: 80,
      DefaultActions: [forward],
    }),
  );
  const ListenerArn = present(Listeners?.[0]?.ListenerArn);
  if (hasRule) {
    const pathIsApi = { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } };
    await loadBalancing().send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 10,
        Conditions: [pathIsApi],
        Actions: [forward],
      }),
    );
  }
  return ListenerArn;
}

async function buildGroup(
  { ec2, autoScaling }: AdministratorClients,
  group: {
    readonly name: string;
    readonly imageId: string;
    readonly blueTargetGroupArn: string;
    readonly subnetIds: readonly string[];
    readonly wishes: EstateWishes;
  },
): Promise<string> {
  const { name, imageId, blueTargetGroupArn, subnetIds, wishes } = group;
  const { LaunchTemplate } = await ec2().send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' },
    }),
  );
  const LaunchTemplateId = present(LaunchTemplate?.LaunchTemplateId);
  await autoScaling().send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateId, Version: wishes.launchTemplateVersion },
      MinSize: wishes.minSize,
      DesiredCapacity: wishes.desiredCapacity,
      MaxSize: wishes.maxSize,
      VPCZoneIdentifier: subnetIds.join(','),
      TargetGroupARNs: [blueTargetGroupArn],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 60,
    }),
  );
  return LaunchTemplateId;
}

/** An alarm on what targets answer behind a load balancer. */
export async function buildAlarm(
  { cloudWatch }: AdministratorClients,
  alarm: {
    readonly alarmName: string;
    readonly loadBalancerArn: string;
    readonly wishes: Pick<EstateWishes, 'alarmMetric' | 'alarmThreshold' | 'loadBalancerType'>;
  },
): Promise<void> {
  await cloudWatch().send(
    new PutMetricAlarmCommand({
      AlarmName: alarm.alarmName,
      Namespace:
        alarm.wishes.loadBalancerType === 'network' ? 'AWS/NetworkELB' : 'AWS/ApplicationELB',
      MetricName: alarm.wishes.alarmMetric,
      Dimensions: [
        { Name: 'LoadBalancer', Value: present(alarm.loadBalancerArn.split(':loadbalancer/')[1]) },
      ],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: alarm.wishes.alarmThreshold,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
}

/** What AWS always answers. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The region left out what AWS always answers.');
  return value;
}
