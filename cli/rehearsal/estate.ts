/**
 * What an operator has before Teal comes: a load balancer, blue in two zones, and alarms. Made
 * with ordinary AWS clients, as anybody would make it.
 */
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
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
  DescribeListenersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** How any AWS client reaches the region. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  /** 1: the region runs faster than this process, which an SDK takes for an error of clocks. */
  readonly maxAttempts: 1;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** What the estate is called, for the deployments and watchers that come after it. */
export interface Estate {
  readonly loadBalancerArn: string;
  readonly listenerArn: string;
  readonly blueTargetGroupArn: string;
  readonly autoScalingGroupName: string;
  readonly alarmNames: readonly string[];
}

/** What the estate is made from. */
export interface EstateWishes {
  readonly service: string;
  readonly imageId: string;
  readonly healthPath: string;
  /** Region seconds that a new instance may fail its health checks before it is replaced. */
  readonly bootSeconds: number;
  /** Errors in one minute above which an alarm is raised. */
  readonly alarmThreshold: number;
}

/** Instances in blue: one in each of two zones. */
export const BLUE_INSTANCES = 2;

/**
 * Seconds that a retiring target may finish its requests in. The default of AWS is 300; requests
 * of the rehearsal take milliseconds.
 */
const DEREGISTRATION_DELAY_SECONDS = 20;

/** Seconds between health checks of a target; the shortest but one that AWS allows. */
const HEALTH_CHECK_SECONDS = 10;

/** Makes everything that stands before the first deployment; healthy targets come later. */
export async function buildEstate(settings: ClientSettings, wishes: EstateWishes): Promise<Estate> {
  const balancing = new ElasticLoadBalancingV2Client(settings);
  const network = await readNetwork(new EC2Client(settings));
  const name = `${wishes.service}-blue`;
  const balancer = await balancing.send(
    new CreateLoadBalancerCommand({
      Name: wishes.service,
      Subnets: network.subnetIds,
      SecurityGroups: network.securityGroupIds,
    }),
  );
  const loadBalancerArn = present(balancer.LoadBalancers?.[0]?.LoadBalancerArn);
  const blueTargetGroupArn = await buildTargetGroup(balancing, {
    name,
    vpcId: network.vpcId,
    healthPath: wishes.healthPath,
  });
  const listener = await balancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: blueTargetGroupArn }],
    }),
  );
  await buildGroup(settings, { ...wishes, name, blueTargetGroupArn, subnetIds: network.subnetIds });
  const alarmNames = await buildAlarms(settings, loadBalancerArn, wishes);
  return {
    loadBalancerArn,
    listenerArn: present(listener.Listeners?.[0]?.ListenerArn),
    blueTargetGroupArn,
    autoScalingGroupName: name,
    alarmNames,
  };
}

/** Healthy targets of a target group now. */
export async function countHealthy(
  settings: ClientSettings,
  targetGroupArn: string,
): Promise<number> {
  const balancing = new ElasticLoadBalancingV2Client(settings);
  const health = await balancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  const states = health.TargetHealthDescriptions ?? [];
  return states.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
}

/** The target group that a listener gives most of the traffic to. */
export async function findServing(settings: ClientSettings, listenerArn: string): Promise<string> {
  const balancing = new ElasticLoadBalancingV2Client(settings);
  const { Listeners } = await balancing.send(
    new DescribeListenersCommand({ ListenerArns: [listenerArn] }),
  );
  const action = Listeners?.[0]?.DefaultActions?.[0];
  const groups = action?.ForwardConfig?.TargetGroups ?? [];
  const [heaviest] = groups.toSorted((a, b) => (b.Weight ?? 0) - (a.Weight ?? 0));
  return present(heaviest?.TargetGroupArn ?? action?.TargetGroupArn);
}

async function readNetwork(ec2: EC2Client) {
  const subnets = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets ?? [];
  const groups = (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? [];
  return {
    vpcId: present(subnets[0]?.VpcId),
    subnetIds: subnets.slice(0, 2).map(({ SubnetId }) => present(SubnetId)),
    securityGroupIds: groups.slice(0, 1).map(({ GroupId }) => present(GroupId)),
  };
}

async function buildTargetGroup(
  balancing: ElasticLoadBalancingV2Client,
  wishes: { name: string; vpcId: string; healthPath: string },
): Promise<string> {
  const created = await balancing.send(
    new CreateTargetGroupCommand({
      Name: wishes.name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: wishes.vpcId,
      TargetType: 'instance',
      HealthCheckPath: wishes.healthPath,
      HealthCheckIntervalSeconds: HEALTH_CHECK_SECONDS,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const targetGroupArn = present(created.TargetGroups?.[0]?.TargetGroupArn);
  await balancing.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [
        {
          Key: 'deregistration_delay.timeout_seconds',
          Value: String(DEREGISTRATION_DELAY_SECONDS),
        },
      ],
    }),
  );
  return targetGroupArn;
}

async function buildGroup(
  settings: ClientSettings,
  wishes: Pick<EstateWishes, 'imageId' | 'bootSeconds'> & {
    name: string;
    blueTargetGroupArn: string;
    subnetIds: string[];
  },
): Promise<void> {
  const template = await new EC2Client(settings).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: wishes.name,
      LaunchTemplateData: { ImageId: wishes.imageId, InstanceType: 't3.micro' },
    }),
  );
  await new AutoScalingClient(settings).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: wishes.name,
      LaunchTemplate: {
        LaunchTemplateId: present(template.LaunchTemplate?.LaunchTemplateId),
        Version: '$Latest',
      },
      MinSize: BLUE_INSTANCES,
      DesiredCapacity: BLUE_INSTANCES,
      MaxSize: 2 * BLUE_INSTANCES,
      VPCZoneIdentifier: wishes.subnetIds.join(','),
      TargetGroupARNs: [wishes.blueTargetGroupArn],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: wishes.bootSeconds,
    }),
  );
}

/** Errors of the application, and those of the balancer when the application hangs or is gone. */
async function buildAlarms(
  settings: ClientSettings,
  loadBalancerArn: string,
  { service, alarmThreshold }: EstateWishes,
): Promise<string[]> {
  const alarms = [
    [`${service}-5xx`, 'HTTPCode_Target_5XX_Count', 'The application answers with errors'],
    [`${service}-elb-5xx`, 'HTTPCode_ELB_5XX_Count', 'The application does not answer'],
  ] as const;
  const cloudWatch = new CloudWatchClient(settings);
  for (const [AlarmName, MetricName, AlarmDescription] of alarms) {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        AlarmDescription,
        Namespace: 'AWS/ApplicationELB',
        MetricName,
        Dimensions: [
          { Name: 'LoadBalancer', Value: present(loadBalancerArn.split(':loadbalancer/')[1]) },
        ],
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: alarmThreshold,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
  }
  return alarms.map(([name]) => name);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The region left out what AWS always answers.');
  return value;
}
