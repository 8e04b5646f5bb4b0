/** What the account has room for, and what EC2 and the others say when it has none. */
import {
  CreateAutoScalingGroupCommand,
  DescribeAccountLimitsCommand,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeCapacityReservationsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeSnapshotsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeAccountLimitsCommand as DescribeLoadBalancingLimitsCommand,
  CreateTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createRegion, type Region, type RegionOptions } from '../../region/region.ts';
import type { ImageSeed } from '../../region/services/ec2/images.ts';
import { createLazyClients, sleepOutside } from '../lab/clients.ts';

const open: Region[] = [];
afterEach(() => Promise.all(open.splice(0).map((region) => region.stop())));

function openRegion(options: Pick<RegionOptions, 'quotas'> = {}) {
  const clock = createVirtualClock({ start: Date.parse('2026-01-05T09:00:00Z') });
  const region = createRegion({ clock, ...options });
  open.push(region);
  const credentials = region.administrator;
  const aws = createLazyClients({ region, credentials, sleep: sleepOutside(clock) });
  const addImage = (seed: Partial<ImageSeed> = {}) =>
    region.ec2.addImage({ name: 'app', program: { type: 'model' }, ...seed });
  const run = (ImageId: string, more: object = {}) =>
    aws.ec2().send(
      new RunInstancesCommand({
        ImageId,
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        ...more,
      }),
    );
  /** Reasons of a group's failed launches, a minute after it was made. */
  const failures = async (ImageId: string, more: object = {}) => {
    const LaunchTemplateData = { ImageId, InstanceType: 't3.micro' } as const;
    const { LaunchTemplate: { LaunchTemplateId } = {} } = await aws
      .ec2()
      .send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'app', LaunchTemplateData }));
    const group = {
      AutoScalingGroupName: 'app',
      LaunchTemplate: { LaunchTemplateId },
      MinSize: 1,
      MaxSize: 1,
      AvailabilityZones: ['us-east-1a'],
    };
    await aws.autoScaling().send(new CreateAutoScalingGroupCommand({ ...group, ...more }));
    await clock.runUntil(clock.sleep(60_000));
    const { Activities = [] } = await aws
      .autoScaling()
      .send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'app' }));
    return Activities.flatMap(({ StatusCode, StatusMessage = '' }) =>
      StatusCode === 'Failed' ? [StatusMessage] : [],
    );
  };
  return { region, clock, aws, addImage, run, failures };
}

const encrypted = (KmsKeyId: string) => ({
  blockDeviceMappings: [
    {
      DeviceName: '/dev/xvda',
      Ebs: { SnapshotId: 'snap-1', VolumeSize: 8, Encrypted: true, KmsKeyId },
    },
  ],
});

const options = (CoreCount: number, ThreadsPerCore: number) => ({ CoreCount, ThreadsPerCore });

describe('a launch', () => {
  test('is refused beyond the vCPUs of the account', async () => {
    const { addImage, run } = openRegion({ quotas: { 'running-vcpus': 3 } });
    const imageId = addImage();
    await run(imageId);
    await expect(run(imageId)).rejects.toMatchObject({
      name: 'VcpuLimitExceeded',
      message: expect.stringContaining('your current vCPU limit of 3 allows'),
    });
  });

  test('takes as many of them as its CPU options leave it', async () => {
    const { aws, addImage, run } = openRegion({ quotas: { 'running-vcpus': 2 } });
    const imageId = addImage();
    const CpuOptions = { CoreCount: 1, ThreadsPerCore: 1 };
    await run(imageId, { CpuOptions });
    await expect(run(imageId)).rejects.toMatchObject({ name: 'VcpuLimitExceeded' });
    await run(imageId, { CpuOptions });
    const { Reservations = [] } = await aws.ec2().send(new DescribeInstancesCommand({}));
    expect(Reservations.flatMap(({ Instances = [] }) => Instances)).toMatchObject([
      { CpuOptions },
      { CpuOptions },
    ]);
  });

  const impossible: readonly [string, string, object, string, string][] = [
    ['cores without threads', 't3.micro', { CoreCount: 1 }, 'MissingParameter', 'specify both'],
    ['threads without cores', 't3.micro', { ThreadsPerCore: 1 }, 'MissingParameter', 'both'],
    ['more cores than there are', 't3.micro', options(64, 2), 'InvalidParameterValue', '(64)'],
    ['more threads than a core has', 't3.micro', options(1, 7), 'InvalidParameterValue', '(7)'],
    ['none of either', 't3.micro', options(0, 0), 'InvalidParameterValue', 'CpuOptions.CoreCount'],
    ['two threads of a Graviton core', 't4g.micro', options(1, 2), 'InvalidParameterValue', '(2)'],
  ];
  test.each(impossible)(
    'is refused with %s, tried out or not',
    async (_what, InstanceType, CpuOptions, name, words) => {
      const { addImage, run } = openRegion();
      const architecture = InstanceType.startsWith('t4g') ? 'arm64' : 'x86_64';
      const imageId = addImage({ architecture });
      const refusal = { name, message: expect.stringContaining(words) };
      await expect(run(imageId, { InstanceType, CpuOptions })).rejects.toMatchObject(refusal);
      const tried = run(imageId, { InstanceType, CpuOptions, DryRun: true });
      await expect(tried).rejects.toMatchObject(refusal);
    },
  );

  test('has the cores and threads that its type says are valid, and no others', async () => {
    const { aws, addImage, run } = openRegion();
    const InstanceTypes = ['t3.micro', 't4g.micro'] as const;
    const command = new DescribeInstanceTypesCommand({ InstanceTypes: [...InstanceTypes] });
    const { InstanceTypes: told = [] } = await aws.ec2().send(command);
    const one = { DefaultVCpus: 2, DefaultCores: 1, ValidCores: [1], ValidThreadsPerCore: [1, 2] };
    const two = { DefaultVCpus: 2, DefaultCores: 2, ValidCores: [1, 2], ValidThreadsPerCore: [1] };
    expect(told.map(({ VCpuInfo }) => VCpuInfo)).toMatchObject([one, two]);
    const imageId = addImage({ architecture: 'arm64' });
    const CpuOptions = options(1, 1);
    const { Instances } = await run(imageId, { InstanceType: 't4g.micro', CpuOptions });
    expect(Instances).toMatchObject([{ CpuOptions }]);
  });

  test('of a template with impossible CPU options is warned of, and refused to a group', async () => {
    const { aws, addImage } = openRegion();
    const LaunchTemplateData = {
      ImageId: addImage(),
      InstanceType: 't3.micro',
      CpuOptions: options(2, 2),
    } as const;
    const { LaunchTemplate, Warning } = await aws
      .ec2()
      .send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'app', LaunchTemplateData }));
    expect(Warning?.Errors).toMatchObject([{ Code: 'InvalidParameterValue' }]);
    const group = new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'app',
      LaunchTemplate: { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId },
      MinSize: 1,
      MaxSize: 1,
      AvailabilityZones: ['us-east-1a'],
    });
    await expect(aws.autoScaling().send(group)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(/^You must use a valid fully-formed launch template\./),
    });
  });

  test('is refused beyond vCPUs that a reservation holds and nobody uses', async () => {
    const { region, addImage, run } = openRegion({ quotas: { 'running-vcpus': 4 } });
    const imageId = addImage();
    const place = { instanceType: 't3.micro', availabilityZone: 'us-east-1a', instanceCount: 1 };
    region.ec2.addCapacityReservation({ ...place, matchCriteria: 'targeted' });
    await run(imageId);
    await expect(run(imageId)).rejects.toMatchObject({ name: 'VcpuLimitExceeded' });
  });

  test('into a reservation needs no more vCPUs than it holds', async () => {
    const { region, addImage, run } = openRegion({ quotas: { 'running-vcpus': 4 } });
    const imageId = addImage();
    const place = { instanceType: 't3.micro', availabilityZone: 'us-east-1a', instanceCount: 2 };
    const id = region.ec2.addCapacityReservation(place);
    const { Instances } = await run(imageId, { MinCount: 2, MaxCount: 2 });
    expect(Instances?.map(({ CapacityReservationId }) => CapacityReservationId)).toEqual([id, id]);
    await expect(run(imageId)).rejects.toMatchObject({ name: 'VcpuLimitExceeded' });
  });

  test('finds no place in an open reservation that what runs already has filled', async () => {
    const { region, clock, aws, addImage, run } = openRegion({ quotas: { 'running-vcpus': 4 } });
    const imageId = addImage();
    await run(imageId, {
      CapacityReservationSpecification: { CapacityReservationPreference: 'none' },
    });
    await run(imageId);
    await clock.runUntil(clock.sleep(60_000));
    const place = { instanceType: 't3.micro', availabilityZone: 'us-east-1a', instanceCount: 1 };
    const id = region.ec2.addCapacityReservation(place);
    const { Reservations = [] } = await aws.ec2().send(new DescribeInstancesCommand({}));
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    expect(instances.map((one) => one.CapacityReservationId)).toEqual([undefined, id]);
    await expect(run(imageId)).rejects.toMatchObject({ name: 'VcpuLimitExceeded' });
  });

  test('is refused when a reservation that it names is full', async () => {
    const { region, aws, addImage, run } = openRegion();
    const id = region.ec2.addCapacityReservation({
      instanceType: 't3.micro',
      availabilityZone: 'us-east-1a',
      instanceCount: 1,
      matchCriteria: 'targeted',
    });
    const available = async () => {
      const { CapacityReservations = [] } = await aws
        .ec2()
        .send(new DescribeCapacityReservationsCommand({ CapacityReservationIds: [id] }));
      return CapacityReservations[0]?.AvailableInstanceCount;
    };
    const imageId = addImage();
    const CapacityReservationSpecification = {
      CapacityReservationTarget: { CapacityReservationId: id },
    };
    await run(imageId);
    expect(await available()).toBe(1);
    await run(imageId, { CapacityReservationSpecification });
    expect(await available()).toBe(0);
    await expect(run(imageId, { CapacityReservationSpecification })).rejects.toMatchObject({
      name: 'ReservationCapacityExceeded',
    });
  });

  test('of a group that wants reservations only fails where there is none', async () => {
    const { addImage, failures } = openRegion();
    const CapacityReservationSpecification = {
      CapacityReservationPreference: 'capacity-reservations-only',
    };
    expect(await failures(addImage(), { CapacityReservationSpecification })).toEqual(
      expect.arrayContaining([expect.stringContaining('enough available instance capacity')]),
    );
  });

  test.each([
    ['nobody may use now', { state: 'Disabled' as const }],
    ['Auto Scaling has no grant for', { isGrantedToAutoScaling: false }],
  ])('ends while it boots when its key is one that %s', async (_which, seed) => {
    const { region, addImage, failures } = openRegion();
    const imageId = addImage(encrypted(region.keys.add(seed)));
    expect(await failures(imageId)).toEqual(
      expect.arrayContaining([expect.stringContaining('Client.InternalError')]),
    );
  });

  test('is refused without the network adapter that its type needs', async () => {
    const { addImage, run } = openRegion();
    await expect(run(addImage({ hasEna: false }))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: expect.stringContaining("is required for the 't3.micro' instance type"),
    });
  });
});

describe('what can be read beforehand', () => {
  test('an encrypted image does not say which key, and its snapshot does', async () => {
    const { region, aws, addImage } = openRegion();
    const key = region.keys.add();
    const ImageIds = [addImage(encrypted(key))];
    const { Images = [] } = await aws.ec2().send(new DescribeImagesCommand({ ImageIds }));
    expect(Images[0]?.BlockDeviceMappings?.[0]?.Ebs).toEqual({
      SnapshotId: 'snap-1',
      VolumeSize: 8,
      Encrypted: true,
    });
    const { Snapshots = [] } = await aws.ec2().send(new DescribeSnapshotsCommand({}));
    expect(Snapshots).toMatchObject([{ SnapshotId: 'snap-1', KmsKeyId: key, VolumeSize: 8 }]);
    const { KeyMetadata } = await aws.kms().send(new DescribeKeyCommand({ KeyId: key }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled', KeyManager: 'CUSTOMER' });
  });

  test('sharing an image does not share its snapshots', async () => {
    const { aws, addImage } = openRegion();
    addImage({ ownerId: '222222222222' });
    const { Snapshots } = await aws.ec2().send(new DescribeSnapshotsCommand({}));
    expect(Snapshots).toEqual([]);
    await expect(
      aws.ec2().send(new DescribeSnapshotsCommand({ SnapshotIds: ['snap-00000000'] })),
    ).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
  });

  test('a key that is not there is not found', async () => {
    const { aws } = openRegion();
    await expect(
      aws.kms().send(new DescribeKeyCommand({ KeyId: '1234abcd-12ab-34cd-56ef-1234567890ab' })),
    ).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('the limits that are told are those that are kept', async () => {
    const { region, aws } = openRegion({
      quotas: { 'target-groups': 1, 'auto-scaling-groups': 7 },
    });
    const { Limits = [] } = await aws
      .loadBalancing()
      .send(new DescribeLoadBalancingLimitsCommand({}));
    const told = Object.fromEntries(Limits.map(({ Name, Max }) => [Name, Max]));
    expect(told).toMatchObject({
      'target-groups': '1',
      'targets-per-application-load-balancer': '1000',
      'targets-per-network-load-balancer': '3000',
    });
    const groups = await aws.autoScaling().send(new DescribeAccountLimitsCommand({}));
    expect(groups).toMatchObject({
      MaxNumberOfAutoScalingGroups: 7,
      NumberOfAutoScalingGroups: 0,
    });
    const create = (Name: string) =>
      aws.loadBalancing().send(
        new CreateTargetGroupCommand({
          Name,
          Protocol: 'HTTP',
          Port: 80,
          VpcId: region.ec2.network.vpcId,
        }),
      );
    await create('one');
    await expect(create('two')).rejects.toMatchObject({
      name: expect.stringMatching(/^TooManyTargetGroups/),
    });
  });
});
