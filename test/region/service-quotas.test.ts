/** Quotas of vCPUs as Service Quotas tells them, and what CloudWatch says is used of them. */
import {
  CreateAutoScalingGroupCommand,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling';
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { afterEach, describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createRegion, type Region, type RegionOptions } from '../../region/region.ts';
import { createLazyClients, sleepOutside } from '../lab/clients.ts';

const START = Date.parse('2026-01-05T09:02:00Z');
const STANDARD = 'L-1216C47A';
const STANDARD_SPOT = 'L-34B43A08';

const open: Region[] = [];
afterEach(() => Promise.all(open.splice(0).map((region) => region.stop())));

function openRegion(options: Pick<RegionOptions, 'quotas'> = {}) {
  const clock = createVirtualClock({ start: START });
  const region = createRegion({ clock, ...options });
  open.push(region);
  const clientsOf = (credentials: Region['administrator']) =>
    createLazyClients({ region, credentials, sleep: sleepOutside(clock) });
  const aws = clientsOf(region.administrator);
  const quota = async (QuotaCode: string, more: object = {}, clients = aws) => {
    const command = new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode, ...more });
    return (await clients.serviceQuotas().send(command)).Quota;
  };
  const ImageId = region.ec2.addImage({ name: 'app', program: { type: 'model' } });
  const run = (count: number) => {
    const many = { MinCount: count, MaxCount: count };
    return aws.ec2().send(new RunInstancesCommand({ ImageId, InstanceType: 't3.micro', ...many }));
  };
  const end = (InstanceIds: string[]) =>
    aws.ec2().send(new TerminateInstancesCommand({ InstanceIds }));
  /** What the metric that a quota names says is used, oldest first. */
  const used = async (code: string) => {
    const { UsageMetric: metric } = (await quota(code)) ?? {};
    const Dimensions = Object.entries(metric?.MetricDimensions ?? {}).map(([Name, Value]) => ({
      Name,
      Value,
    }));
    const { MetricNamespace: Namespace, MetricName } = metric ?? {};
    const MetricStat = {
      Metric: { Namespace, MetricName, Dimensions },
      Period: 60,
      Stat: metric?.MetricStatisticRecommendation,
    };
    const command = new GetMetricDataCommand({
      StartTime: new Date(START),
      EndTime: new Date(clock.now()),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [{ Id: 'used', MetricStat }],
    });
    const { MetricDataResults: [found] = [] } = await aws.cloudWatch().send(command);
    return found?.Values;
  };
  /** Makes a group of one On-Demand and two Spot Instances; answers what its activities say. */
  const launchMixed = async () => {
    const LaunchTemplateData = { ImageId, InstanceType: 't3.micro' } as const;
    const { LaunchTemplate: { LaunchTemplateId } = {} } = await aws
      .ec2()
      .send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'app', LaunchTemplateData }));
    const AutoScalingGroupName = 'app';
    await aws.autoScaling().send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName,
        MinSize: 3,
        MaxSize: 3,
        AvailabilityZones: ['us-east-1a'],
        MixedInstancesPolicy: {
          LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId, Version: '1' } },
          InstancesDistribution: {
            OnDemandBaseCapacity: 1,
            OnDemandPercentageAboveBaseCapacity: 0,
          },
        },
      }),
    );
    return async () => {
      const { Activities = [] } = await aws
        .autoScaling()
        .send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName }));
      return Activities.map(({ StatusMessage = '' }) => StatusMessage).join(' ');
    };
  };
  const pass = (minutes: number) => clock.runUntil(clock.sleep(minutes * 60_000));
  return { region, clientsOf, quota, run, launchMixed, end, used, pass };
}

describe('a quota of vCPUs', () => {
  test('is told with the metric that counts its use', async () => {
    const { quota } = openRegion({ quotas: { 'running-vcpus': 8, 'spot-vcpus': 6 } });
    expect(await quota(STANDARD)).toMatchObject({
      QuotaArn: `arn:aws:servicequotas:us-east-1:000000000000:ec2/${STANDARD}`,
      QuotaName: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
      Value: 8,
      UsageMetric: {
        MetricNamespace: 'AWS/Usage',
        MetricName: 'ResourceCount',
        MetricDimensions: { Service: 'EC2', Resource: 'vCPU', Class: 'Standard/OnDemand' },
        MetricStatisticRecommendation: 'Maximum',
      },
    });
    expect(await quota(STANDARD_SPOT)).toMatchObject({ Value: 6 });
    expect(await quota('L-DB2E81BA')).toMatchObject({ Value: 0 });
  });

  test('is the one by which launches are refused', async () => {
    const { quota, run } = openRegion({ quotas: { 'running-vcpus': 7 } });
    const { Value = 0 } = (await quota(STANDARD)) ?? {};
    await run(Math.floor(Value / 2));
    await expect(run(1)).rejects.toMatchObject({
      name: 'VcpuLimitExceeded',
      message: expect.stringContaining(`vCPU limit of ${Value}`),
    });
  });

  test('that nobody set is that of an account in use', async () => {
    const { quota } = openRegion();
    expect(await quota(STANDARD)).toMatchObject({ Value: 1152, Adjustable: true });
  });

  test('is refused where there is none, to those who may not ask, and beyond what is said', async () => {
    const { region, clientsOf, quota } = openRegion();
    await expect(quota('L-00000000')).rejects.toMatchObject({
      name: 'NoSuchResourceException',
      message: expect.stringContaining('quota L-00000000 does not exist for service ec2'),
    });
    await expect(quota(STANDARD, { ServiceCode: 'lambda' })).rejects.toMatchObject({
      name: 'NoSuchResourceException',
    });
    await expect(quota(STANDARD, { ContextId: '1' })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    const arn = 'arn:aws:iam::000000000000:role/nobody';
    const principal = 'lambda.amazonaws.com';
    region.identities.addRole({ arn, trust: [principal], policies: [] });
    const given = region.identities.assume({ roleArn: arn, principal, sessionName: 'one' });
    await expect(quota(STANDARD, {}, clientsOf(given))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('servicequotas:GetServiceQuota'),
    });
  });
});

describe('what is used of a quota of vCPUs', () => {
  test('is what reservations hold, from their beginning and no more once it is used', async () => {
    const { region, run, used, pass } = openRegion();
    const place = { instanceType: 't3.micro', availabilityZone: 'us-east-1a', instanceCount: 3 };
    region.ec2.addCapacityReservation(place);
    await pass(4);
    await run(2);
    await pass(5);
    await run(2);
    await pass(10);
    expect(await used(STANDARD)).toEqual([6, 6, 10]);
  });

  test('is told some minutes late, goes up and down, and ends with none', async () => {
    const { run, end, used, pass } = openRegion();
    const { Instances = [] } = await run(3);
    await pass(2);
    expect(await used(STANDARD)).toEqual([]);
    await pass(3);
    expect(await used(STANDARD)).toEqual([6]);
    const [first = '', ...others] = Instances.map(({ InstanceId = '' }) => InstanceId);
    await end([first]);
    expect(await used(STANDARD)).toEqual([6]);
    await pass(5);
    expect(await used(STANDARD)).toEqual([6, 4]);
    await end(others);
    await pass(20);
    expect(await used(STANDARD)).toEqual([6, 4, 0]);
    expect(await used(STANDARD_SPOT)).toEqual([]);
  });

  test('is counted apart for Spot Instances, which are refused in words of their own', async () => {
    const { launchMixed, used, pass } = openRegion({ quotas: { 'spot-vcpus': 2 } });
    const failures = await launchMixed();
    await pass(5);
    expect(await used(STANDARD)).toEqual([2]);
    expect(await used(STANDARD_SPOT)).toEqual([2]);
    expect(await failures()).toContain('Max spot instance count exceeded');
  });

  test('is that of Spot Instances beside an open reservation, which has no place for them', async () => {
    const { region, launchMixed, used, pass } = openRegion({ quotas: { 'spot-vcpus': 2 } });
    const place = { instanceType: 't3.micro', availabilityZone: 'us-east-1a', instanceCount: 3 };
    region.ec2.addCapacityReservation(place);
    const failures = await launchMixed();
    await pass(5);
    expect(await used(STANDARD)).toEqual([6]);
    expect(await used(STANDARD_SPOT)).toEqual([2]);
    expect(await failures()).toContain('Max spot instance count exceeded');
  });
});
