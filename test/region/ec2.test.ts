import { describe, expect, it } from 'vitest';
import { computeRegion } from './compute-region.ts';
import type {
  Image,
  Instance,
  LaunchTemplate,
  LaunchTemplateVersion,
  Reservation,
  ValidationWarning,
} from '@aws-sdk/client-ec2';

const versionsOf = async (region: ReturnType<typeof computeRegion>, input: object) => {
  const { LaunchTemplateVersions } = await region.onEc2<{
    LaunchTemplateVersions: LaunchTemplateVersion[];
  }>('DescribeLaunchTemplateVersions', input);
  return LaunchTemplateVersions;
};

const instancesOf = async (region: ReturnType<typeof computeRegion>, input: object = {}) => {
  const { Reservations } = await region.onEc2<{ Reservations: Reservation[] }>(
    'DescribeInstances',
    input,
  );
  return Reservations.flatMap((reservation) => reservation.Instances ?? []);
};

const runOne = async (region: ReturnType<typeof computeRegion>, input: object = {}) => {
  const { Instances } = await region.onEc2<{ Instances: Instance[] }>('RunInstances', {
    ImageId: region.imageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...input,
  });
  return Instances[0]!.InstanceId!;
};

async function story(): Promise<string[]> {
  const region = computeRegion({ seed: 42 });
  await runOne(region, { MinCount: 3, MaxCount: 3 });
  await region.pass(60);
  return region.events.map((event) => JSON.stringify(event));
}

describe('images', () => {
  it('announces an image when it becomes available, and not while it is pending', async () => {
    const region = computeRegion();
    const id = region.ec2.addImage({
      name: 'app-2',
      program: { type: 'model' },
      state: 'pending',
    });
    const announced = () =>
      region.eventsOf('EC2 AMI State Change').filter((event) => event.detail['ImageId'] === id);
    expect(announced()).toEqual([]);
    region.ec2.setImageState(id, 'available');
    expect(announced()).toMatchObject([
      {
        source: 'aws.ec2',
        resources: [`arn:aws:ec2:us-east-1::image/${id}`],
        detail: { State: 'available', ErrorMessage: '' },
      },
    ]);
  });

  it('finds images by tag, state, architecture, name pattern and owner', async () => {
    const region = computeRegion();
    const arm = region.ec2.addImage({
      name: 'app-arm',
      program: { type: 'model' },
      architecture: 'arm64',
      tags: { team: 'web' },
      ownerId: '111111111111',
    });
    const find = async (input: object) => {
      const { Images } = await region.onEc2<{ Images: Image[] }>('DescribeImages', input);
      return Images.map((image) => image.ImageId);
    };
    expect(await find({ Filters: [{ Name: 'tag:team', Values: ['web'] }] })).toEqual([arm]);
    expect(await find({ Filters: [{ Name: 'architecture', Values: ['arm64'] }] })).toEqual([arm]);
    expect(await find({ Filters: [{ Name: 'name', Values: ['app-*'] }] })).toHaveLength(2);
    expect(await find({ Owners: ['self'] })).toEqual([region.imageId]);
    expect(await find({ Filters: [{ Name: 'state', Values: ['pending'] }] })).toEqual([]);
    await expect(find({ Filters: [{ Name: 'colour', Values: ['x'] }] })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
  });

  it('hides an image of another account that is not shared', async () => {
    const region = computeRegion();
    const id = region.ec2.addImage({
      name: 'private',
      program: { type: 'model' },
      ownerId: '111111111111',
      shared: false,
    });
    await expect(region.onEc2('DescribeImages', { ImageIds: [id] })).rejects.toMatchObject({
      code: 'InvalidAMIID.NotFound',
      message: `The image id '[${id}]' does not exist`,
    });
  });

  it('keeps instances running when their image is deregistered but launches no more', async () => {
    const region = computeRegion();
    await runOne(region);
    await region.pass(30);
    await region.onEc2('DeregisterImage', { ImageId: region.imageId });
    await expect(runOne(region)).rejects.toMatchObject({ code: 'InvalidAMIID.Unavailable' });
    expect(await instancesOf(region)).toMatchObject([{ State: { Name: 'running' } }]);
  });
});

describe('what EC2 refuses', () => {
  const absent = 'ami-0123456789abcdef0';
  const cases: [string, string, object, string, RegExp][] = [
    [
      'an image that does not exist',
      'DescribeImages',
      { ImageIds: [absent] },
      'InvalidAMIID.NotFound',
      /^The image id '\[ami-0123456789abcdef0\]' does not exist$/,
    ],
    [
      'an image id that cannot be one',
      'DescribeImages',
      { ImageIds: ['ami-x'] },
      'InvalidAMIID.Malformed',
      /^Invalid id: "ami-x" \(expecting "ami-\.\.\."\)$/,
    ],
    [
      'an instance that does not exist',
      'DescribeInstances',
      { InstanceIds: ['i-0123456789abcdef0'] },
      'InvalidInstanceID.NotFound',
      /^The instance ID 'i-0123456789abcdef0' does not exist$/,
    ],
    [
      'a launch template id that does not exist',
      'DescribeLaunchTemplateVersions',
      { LaunchTemplateId: 'lt-0123456789abcdef0' },
      'InvalidLaunchTemplateId.NotFound',
      /template ID lt-0123456789abcdef0, does not exist/,
    ],
    [
      'a launch template name that does not exist',
      'DescribeLaunchTemplates',
      { LaunchTemplateNames: ['nobody'] },
      'InvalidLaunchTemplateName.NotFoundException',
      /does not exist/,
    ],
    [
      'a launch template name that is too short',
      'CreateLaunchTemplate',
      { LaunchTemplateName: 'ab', LaunchTemplateData: { InstanceType: 't3.micro' } },
      'InvalidLaunchTemplateName.MalformedException',
      /between 3 and 128/,
    ],
    [
      'a launch template without data',
      'CreateLaunchTemplate',
      { LaunchTemplateName: 'empty' },
      'MissingParameter',
      /LaunchTemplateData/,
    ],
    [
      'user data that is not base64',
      'CreateLaunchTemplate',
      { LaunchTemplateName: 'plain', LaunchTemplateData: { UserData: '#!/bin/sh' } },
      'InvalidUserData.Malformed',
      /BASE64/,
    ],
    [
      "a tag with AWS's prefix",
      'CreateTags',
      { Resources: ['vpc-1'], Tags: [{ Key: 'aws:owner', Value: 'x' }] },
      'InvalidParameterValue',
      /reserved for internal use/,
    ],
    [
      'an instance type that the region does not have',
      'DescribeInstanceTypes',
      { InstanceTypes: ['z9.large'] },
      'InvalidInstanceType',
      /z9\.large/,
    ],
    [
      'a page that is too small',
      'DescribeInstances',
      { MaxResults: 2 },
      'InvalidParameterValue',
      /between 5 and 1000/,
    ],
    [
      'a launch into a subnet that does not exist',
      'RunInstances',
      {
        ImageId: 'IMAGE',
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        SubnetId: 'subnet-1',
      },
      'InvalidSubnetID.NotFound',
      /'subnet-1'/,
    ],
    [
      'a launch with a security group that does not exist',
      'RunInstances',
      {
        ImageId: 'IMAGE',
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        SecurityGroupIds: ['sg-1'],
      },
      'InvalidGroup.NotFound',
      /The security group 'sg-1' does not exist/,
    ],
    [
      'a launch whose image and instance type have different architectures',
      'RunInstances',
      { ImageId: 'IMAGE', InstanceType: 't4g.micro', MinCount: 1, MaxCount: 1 },
      'InvalidParameterValue',
      /'arm64' of the specified instance type does not match the architecture 'x86_64'/,
    ],
    [
      'a volume that is smaller than its snapshot',
      'RunInstances',
      {
        ImageId: 'IMAGE',
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }],
      },
      'InvalidBlockDeviceMapping',
      /4GB is smaller than snapshot .* expect size >= 8GB/,
    ],
    [
      'Spot Instances, which the region does not have',
      'RunInstances',
      {
        ImageId: 'IMAGE',
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        InstanceMarketOptions: { MarketType: 'spot' },
      },
      'UnsupportedOperation',
      /does not implement Spot/,
    ],
  ];
  it.each(cases)('refuses %s', async (_, operation, input, code, message) => {
    const region = computeRegion();
    const given = JSON.parse(JSON.stringify(input).replace('"IMAGE"', `"${region.imageId}"`));
    await expect(region.onEc2(operation, given)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe('launch templates', () => {
  it('keeps a name to one template', async () => {
    const region = computeRegion();
    await region.template();
    await expect(region.template()).rejects.toMatchObject({
      code: 'InvalidLaunchTemplateName.AlreadyExistsException',
      message: 'Launch template name already in use.',
    });
  });

  it('inherits from the source version and replaces whole parameters', async () => {
    const region = computeRegion();
    const id = await region.template({
      KeyName: 'ops',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20 } }],
    });
    await region.onEc2('CreateLaunchTemplateVersion', {
      LaunchTemplateId: id,
      SourceVersion: '1',
      LaunchTemplateData: { BlockDeviceMappings: [{ DeviceName: '/dev/sdb' }] },
    });
    const [latest] = await versionsOf(region, { LaunchTemplateId: id, Versions: ['$Latest'] });
    expect(latest).toMatchObject({
      VersionNumber: 2,
      DefaultVersion: false,
      LaunchTemplateData: {
        ImageId: region.imageId,
        KeyName: 'ops',
        BlockDeviceMappings: [{ DeviceName: '/dev/sdb' }],
      },
    });
    expect(latest?.LaunchTemplateData?.BlockDeviceMappings).toHaveLength(1);
  });

  it('starts from nothing without a source version', async () => {
    const region = computeRegion();
    const id = await region.template();
    await region.onEc2('CreateLaunchTemplateVersion', {
      LaunchTemplateId: id,
      LaunchTemplateData: { InstanceType: 't3.small' },
    });
    const [second] = await versionsOf(region, { LaunchTemplateId: id, Versions: ['2'] });
    expect(second?.LaunchTemplateData).toEqual({ InstanceType: 't3.small' });
  });

  it('takes a source version only as a number', async () => {
    const region = computeRegion();
    const LaunchTemplateId = await region.template();
    const LaunchTemplateData = { ImageId: region.imageId };
    await expect(
      region.onEc2('CreateLaunchTemplateVersion', {
        LaunchTemplateId,
        SourceVersion: '$Latest',
        LaunchTemplateData,
      }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(
      region.onEc2('CreateLaunchTemplateVersion', {
        LaunchTemplateId,
        SourceVersion: '7',
        LaunchTemplateData,
      }),
    ).rejects.toMatchObject({ code: 'InvalidLaunchTemplateId.VersionNotFound' });
  });

  it('creates one version however often a request with the same token comes', async () => {
    const region = computeRegion();
    const LaunchTemplateId = await region.template();
    const request = {
      LaunchTemplateId,
      SourceVersion: '1',
      ClientToken: 'deployment-1',
      LaunchTemplateData: { ImageId: region.imageId },
    };
    const first = await region.onEc2('CreateLaunchTemplateVersion', request);
    expect(await region.onEc2('CreateLaunchTemplateVersion', request)).toEqual(first);
    expect(await versionsOf(region, { LaunchTemplateId })).toHaveLength(2);
    await expect(
      region.onEc2('CreateLaunchTemplateVersion', { ...request, VersionDescription: 'other' }),
    ).rejects.toMatchObject({ code: 'IdempotentParameterMismatch' });
  });

  it('warns of data that cannot be launched, and stores it all the same', async () => {
    const region = computeRegion();
    const LaunchTemplateId = await region.template();
    const { Warning } = await region.onEc2<{ Warning: ValidationWarning }>(
      'CreateLaunchTemplateVersion',
      { LaunchTemplateId, LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0' } },
    );
    expect(Warning.Errors).toMatchObject([{ Code: 'InvalidAMIID.NotFound' }]);
    expect(await versionsOf(region, { LaunchTemplateId })).toHaveLength(2);
  });

  it('moves the default version, never deletes it, and gives no number twice', async () => {
    const region = computeRegion();
    const LaunchTemplateId = await region.template();
    const addVersion = () =>
      region.onEc2<{ LaunchTemplateVersion: LaunchTemplateVersion }>(
        'CreateLaunchTemplateVersion',
        { LaunchTemplateId, SourceVersion: '1', LaunchTemplateData: { InstanceType: 't3.small' } },
      );
    await addVersion();
    await addVersion();
    const { LaunchTemplate: changed } = await region.onEc2<{ LaunchTemplate: LaunchTemplate }>(
      'ModifyLaunchTemplate',
      { LaunchTemplateId, DefaultVersion: '2' },
    );
    expect(changed).toMatchObject({ DefaultVersionNumber: 2, LatestVersionNumber: 3 });
    const deletion = await region.onEc2('DeleteLaunchTemplateVersions', {
      LaunchTemplateId,
      Versions: ['2', '3', '9'],
    });
    expect(deletion).toMatchObject({
      SuccessfullyDeletedLaunchTemplateVersions: [{ VersionNumber: 3 }],
      UnsuccessfullyDeletedLaunchTemplateVersions: [
        { VersionNumber: 2 },
        {
          VersionNumber: 9,
          ResponseError: { Code: 'launchTemplateVersionDoesNotExist' },
        },
      ],
    });
    expect((await addVersion()).LaunchTemplateVersion.VersionNumber).toBe(4);
    const numbers = (await versionsOf(region, { LaunchTemplateId })).map((v) => v.VersionNumber);
    expect(numbers).toEqual([4, 2, 1]);
    const [byDefault] = await versionsOf(region, { LaunchTemplateId, Versions: ['$Default'] });
    expect(byDefault?.VersionNumber).toBe(2);
  });

  it('asks for the template by its ARN with its tags as conditions', async () => {
    const region = computeRegion();
    const id = await region.template();
    await region.onEc2('CreateTags', {
      Resources: [id],
      Tags: [{ Key: 'teal:service', Value: 'a' }],
    });
    const [permission] = region.permissionsFor(region.ec2.service, 'CreateLaunchTemplateVersion', {
      LaunchTemplateName: 'app',
      LaunchTemplateData: {},
    });
    expect(permission).toMatchObject({
      action: 'ec2:CreateLaunchTemplateVersion',
      resources: [`arn:aws:ec2:us-east-1:000000000000:launch-template/${id}`],
      context: { 'aws:ResourceTag/teal:service': 'a' },
    });
  });
});

describe('the life of an instance', () => {
  it('boots, serves, shuts down, and is forgotten an hour later', async () => {
    const region = computeRegion();
    const id = await runOne(region);
    expect(await instancesOf(region)).toMatchObject([
      { State: { Name: 'pending', Code: 0 }, PrivateIpAddress: '10.0.0.4' },
    ]);
    expect(region.machines.model(id)).toBeUndefined();
    await region.pass(15);
    expect(await instancesOf(region)).toMatchObject([{ State: { Name: 'running', Code: 16 } }]);
    expect(region.machines.model(id)).toMatchObject({ status: 200 });
    expect(region.machines.placement(id)).toMatchObject({
      privateIp: '10.0.0.4',
      availabilityZone: 'us-east-1a',
      state: 'running',
    });
    await region.onEc2('TerminateInstances', { InstanceIds: [id] });
    expect(region.machines.model(id)).toBeUndefined();
    await region.pass(15);
    expect(await instancesOf(region)).toMatchObject([
      { State: { Name: 'terminated' }, StateReason: { Code: 'Client.UserInitiatedShutdown' } },
    ]);
    await region.pass(3600);
    expect(await instancesOf(region)).toEqual([]);
    expect(region.machines.placement(id)).toBeUndefined();
    const states = region
      .eventsOf('EC2 Instance State-change Notification')
      .map((event) => event.detail['state']);
    expect(states).toEqual(['pending', 'running', 'shutting-down', 'terminated']);
  });

  it('only says whether a dry run would pass', async () => {
    const region = computeRegion();
    await expect(runOne(region, { DryRun: true })).rejects.toMatchObject({
      code: 'DryRunOperation',
      httpStatus: 412,
    });
    expect(await instancesOf(region)).toEqual([]);
  });

  it('needs permission for every resource of a launch', async () => {
    const region = computeRegion();
    const id = await region.template({ IamInstanceProfile: { Name: 'app' } });
    const permissions = region.permissionsFor(region.ec2.service, 'RunInstances', {
      LaunchTemplate: { LaunchTemplateId: id },
      MinCount: 1,
      MaxCount: 1,
    });
    const asked = permissions.map(({ action, resources }) => `${action} ${resources.join()}`);
    expect(asked).toContain(`ec2:RunInstances arn:aws:ec2:us-east-1::image/${region.imageId}`);
    expect(asked).toContain(
      `ec2:RunInstances arn:aws:ec2:us-east-1:000000000000:launch-template/${id}`,
    );
    expect(asked).toContain('iam:PassRole arn:aws:iam::000000000000:role/app');
  });

  it('runs out of addresses before it gives one twice', async () => {
    const region = computeRegion();
    await runOne(region, { MinCount: 250, MaxCount: 250 });
    await runOne(region);
    await expect(runOne(region)).rejects.toMatchObject({
      code: 'InsufficientFreeAddressesInSubnet',
    });
    const addresses = (await instancesOf(region)).map((instance) => instance.PrivateIpAddress);
    expect(new Set(addresses).size).toBe(251);
  });

  it('answers in pages', async () => {
    const region = computeRegion();
    await runOne(region, { MinCount: 7, MaxCount: 7 });
    const first = await region.onEc2<{ NextToken: string }>('DescribeInstances', { MaxResults: 5 });
    const rest = await instancesOf(region, { MaxResults: 5, NextToken: first.NextToken });
    expect(rest).toHaveLength(2);
  });

  it('goes the same way twice from the same seed', async () => {
    expect(await story()).toEqual(await story());
  });

  it('shows why a program ended in its console output', async () => {
    const region = computeRegion({
      program: { type: 'process', command: 'echo cannot read config; exit 7' },
    });
    const id = await runOne(region);
    await region.pass(15);
    while (!region.machines.exit(id)) await new Promise(setImmediate);
    const { Output } = await region.onEc2<{ Output: string }>('GetConsoleOutput', {
      InstanceId: id,
    });
    const text = Buffer.from(Output, 'base64').toString();
    expect(text).toContain('cannot read config');
    expect(text).toContain('exited with code 7');
    expect(await instancesOf(region)).toMatchObject([{ State: { Name: 'running' } }]);
    await region.machines.stopAll();
  });
});

describe('the network', () => {
  it('has three zones with a default subnet each', async () => {
    const region = computeRegion();
    const { Subnets } = await region.onEc2<{ Subnets: object[] }>('DescribeSubnets');
    expect(Subnets).toMatchObject([
      { AvailabilityZone: 'us-east-1a', CidrBlock: '10.0.0.0/24', AvailableIpAddressCount: 251 },
      { AvailabilityZone: 'us-east-1b', CidrBlock: '10.0.1.0/24' },
      { AvailabilityZone: 'us-east-1c', CidrBlock: '10.0.2.0/24' },
    ]);
    const { SecurityGroups } = await region.onEc2<{ SecurityGroups: object[] }>(
      'DescribeSecurityGroups',
    );
    expect(SecurityGroups).toMatchObject([{ GroupName: 'default' }]);
  });
});
