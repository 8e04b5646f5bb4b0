/**
 * What a shift of weights does to the scaling of the fleet that loses its traffic: everything from
 * the request to the metric, the alarm and the policy is the region's own.
 */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  PutScalingPolicyCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createRegion } from '../../region/region.ts';

const TARGET_REQUESTS = 600;
/** Four instances at the target: 600 requests a minute each. */
const REQUESTS_PER_SECOND = 40;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const forward = (blue: number, green: number, [blueArn, greenArn]: readonly string[]) => [
  {
    Type: 'forward' as const,
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: blueArn, Weight: blue },
        { TargetGroupArn: greenArn, Weight: green },
      ],
    },
  },
];

/** Blue with four instances and green with as many, behind one listener that favours blue. */
const suffix = (arn = '') => arn.slice(arn.lastIndexOf(':') + 1);

async function world(minSize: number) {
  const clock = createVirtualClock({ start: Date.UTC(2026, 0, 5, 9, 0, 0) });
  const region = createRegion({ clock, isThrottled: false });
  closers.push(() => region.stop());
  const options = {
    region: 'us-east-1',
    endpoint: 'http://region.invalid',
    credentials: region.administrator,
    requestHandler: region.endpoint.requestHandler,
    maxAttempts: 1,
  };
  const groups = new AutoScalingClient(options);
  const ec2 = new EC2Client(options);
  const balancers = new ElasticLoadBalancingV2Client(options);
  const alarms = new CloudWatchClient(options);
  const run = <T>(done: Promise<T>): Promise<T> => clock.runUntil(clock.work(() => done));
  const pass = (minutes: number) => clock.runUntil(clock.sleep(minutes * 60_000));

  const ImageId = region.ec2.addImage({ name: 'app', program: { type: 'model' } });
  const { Subnets = [] } = await run(ec2.send(new DescribeSubnetsCommand({})));
  const { LoadBalancers } = await run(
    balancers.send(
      new CreateLoadBalancerCommand({
        Name: 'web',
        Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId),
      }),
    ),
  );
  const [balancer] = LoadBalancers ?? [];
  const makeTargetGroup = async (Name: string): Promise<string> => {
    const { VpcId } = balancer!;
    const command = new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId });
    const { TargetGroups } = await run(balancers.send(command));
    return TargetGroups?.[0]?.TargetGroupArn ?? '';
  };
  const arns = [await makeTargetGroup('blue'), await makeTargetGroup('green')];
  const { Listeners } = await run(
    balancers.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancer?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: forward(100, 0, arns),
      }),
    ),
  );
  await run(
    ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'app',
        LaunchTemplateData: { ImageId, InstanceType: 't3.micro' },
      }),
    ),
  );
  for (const [index, name] of ['blue', 'green'].entries()) {
    await run(
      groups.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          LaunchTemplate: { LaunchTemplateName: 'app', Version: '1' },
          MinSize: name === 'blue' ? minSize : 4,
          MaxSize: 8,
          DesiredCapacity: 4,
          DefaultInstanceWarmup: 60,
          VPCZoneIdentifier: Subnets.map(({ SubnetId }) => SubnetId).join(','),
          TargetGroupARNs: [arns[index] ?? ''],
        }),
      ),
    );
  }
  await run(
    groups.send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName: 'blue',
        PolicyName: 'requests',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingConfiguration: {
          TargetValue: TARGET_REQUESTS,
          PredefinedMetricSpecification: {
            PredefinedMetricType: 'ALBRequestCountPerTarget',
            ResourceLabel: [
              suffix(balancer?.LoadBalancerArn).replace('loadbalancer/', ''),
              suffix(arns[0]),
            ].join('/'),
          },
        },
      }),
    ),
  );
  await pass(3);
  region.loadBalancing.modelTraffic({
    loadBalancerArn: balancer?.LoadBalancerArn ?? '',
    port: 80,
    requestsPerSecond: REQUESTS_PER_SECOND,
    batchSeconds: 10,
    requestsPerDraw: 20,
  });
  return {
    pass,
    size: async () => {
      const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['blue'] });
      const { AutoScalingGroups } = await run(groups.send(command));
      return AutoScalingGroups?.[0]?.Instances?.length;
    },
    pin: (MinSize: number) =>
      run(
        groups.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'blue', MinSize })),
      ),
    shift: (blue: number, green: number) =>
      run(
        balancers.send(
          new ModifyListenerCommand({
            ListenerArn: Listeners?.[0]?.ListenerArn,
            DefaultActions: forward(blue, green, arns),
          }),
        ),
      ),
    policyAlarms: async () => {
      const { ScalingPolicies } = await run(groups.send(new DescribePoliciesCommand({})));
      const { MetricAlarms } = await run(alarms.send(new DescribeAlarmsCommand({})));
      return {
        ofPolicy: ScalingPolicies?.[0]?.Alarms?.map((alarm) => alarm.AlarmName),
        all: MetricAlarms?.map((alarm) => alarm.AlarmName),
      };
    },
  };
}

describe('a group that scales by its requests', () => {
  it('keeps its size while its traffic stays', async () => {
    const { pass, size, policyAlarms } = await world(1);
    const { ofPolicy, all } = await policyAlarms();
    expect(ofPolicy).toHaveLength(2);
    expect(all).toEqual(ofPolicy);
    await pass(30);
    expect(await size()).toBe(4);
  });

  it('shrinks to its minimum within half an hour of losing its traffic', async () => {
    const { pass, size, shift } = await world(1);
    await pass(5);
    await shift(0, 100);
    await pass(10);
    expect(await size()).toBe(4);
    await pass(20);
    expect(await size()).toBe(1);
  });

  it('keeps its capacity when its minimum was raised before the traffic left', async () => {
    const { pass, size, shift, pin } = await world(1);
    await pass(5);
    await pin(4);
    await shift(0, 100);
    await pass(40);
    expect(await size()).toBe(4);
  });

  it('shrinks in proportion when it keeps half of its traffic', async () => {
    const { pass, size, shift } = await world(1);
    await pass(5);
    await shift(50, 50);
    await pass(30);
    expect(await size()).toBe(2);
  });
});
