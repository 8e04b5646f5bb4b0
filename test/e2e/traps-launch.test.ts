/**
 * Traps on the way to a green that runs, met by launches, names and tags: what an operator sees when
 * one is stepped on. The list of all of them is docs/traps.md.
 */
import {
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import { present } from '../lab/estate.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, describeGroup, greenOf, untilGreenHas } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

describe('a green that cannot be launched', () => {
  test.each([
    ['because the image does not fit', 'Unsupported', 'is not supported in your requested zone.'],
    ['because of a quota', 'VcpuLimitExceeded', 'You have requested more vCPU capacity than yours'],
    ['because of a Spot quota', 'MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded'],
  ])('%s is given up at once', async (_why, code, message) => {
    let isBroken = false;
    const lab = await openLab({
      launchFault: () => (isBroken ? new AwsError(code, message) : undefined),
    });
    isBroken = true;
    const id = await lab.deploy({ version: 'v2' });
    await lab.until(() => !lab.isRunning(id), 180);
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining(`Green could not be launched: ${message}`),
    });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('because AWS has no room is waited for', async () => {
    let isFull = false;
    const full = new AwsError(
      'InsufficientInstanceCapacity',
      'We currently do not have sufficient capacity in the zone.',
      { httpStatus: 500 },
    );
    const lab = await openLab({ launchFault: () => (isFull ? full : undefined), service: BRIEF });
    isFull = true;
    const id = await lab.deploy({ version: 'v2' });
    await lab.pass(240);
    expect(lab.isRunning(id)).toBe(true);
    isFull = false;
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test('because its health checks end every instance is given up after the third', async () => {
    const lab = await openLab({ service: BRIEF });
    const impatient = { AutoScalingGroupName: 'web-blue', HealthCheckGracePeriod: 0 };
    await lab.act(() => lab.aws.autoScaling().send(new UpdateAutoScalingGroupCommand(impatient)));
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.sick });
    await lab.until(() => !lab.isRunning(id), 900);
    expect(await lab.end(id)).toMatchObject({
      cause: expect.stringMatching(/Green failed [34] times .*health check/),
    });
    expect(Object.keys(lab.traffic.count().byVersion)).toEqual(['v1']);
  });
});

describe('a name that green should have', () => {
  test('and that a stranger has stays the stranger’s', async () => {
    const lab = await openLab({ service: BRIEF });
    const AutoScalingGroupName = greenOf(lab, 'web-v2');
    const { launchTemplateId: LaunchTemplateId } = lab.estate;
    const LaunchTemplate = { LaunchTemplateId, Version: '1' };
    const [AvailabilityZone] = (await describeGroup(lab, 'web-blue')).AvailabilityZones ?? [];
    const stranger = {
      AutoScalingGroupName,
      LaunchTemplate,
      MinSize: 1,
      MaxSize: 1,
      AvailabilityZones: [present(AvailabilityZone)],
    };
    await lab.act(() => lab.aws.autoScaling().send(new CreateAutoScalingGroupCommand(stranger)));
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('was not made by Teal'),
    });
    expect(await lab.act(() => lab.group(AutoScalingGroupName))).toMatchObject({ instances: 1 });
  });

  test('is given once, although every answer to a creation is lost', async () => {
    const lab = await openLab({ service: BRIEF });
    const lost = new Set<string>();
    lab.spoil(({ operation }) => {
      if (!operation.startsWith('Create') || lost.has(operation)) return undefined;
      lost.add(operation);
      return { type: 'loseResponse' };
    });
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect([...lost]).toEqual(
      expect.arrayContaining([
        'CreateLaunchTemplateVersion',
        'CreateTargetGroup',
        'CreateAutoScalingGroup',
      ]),
    );
    const { launchTemplate } = await lab.act(() => lab.belongings());
    expect(launchTemplate.versions).toEqual([1, 2]);
    expect(await leftovers(lab)).toEqual([]);
  });
});

/** Gives blue tags; its instances get them too where they propagate. */
function tagBlue(
  { act, aws }: Lab,
  keys: readonly string[],
  PropagateAtLaunch: boolean,
): Promise<unknown> {
  const Tags = keys.map((Key) => ({
    ResourceType: 'auto-scaling-group',
    ResourceId: 'web-blue',
    Key,
    Value: 'shop',
    PropagateAtLaunch,
  }));
  return act(() => aws.autoScaling().send(new CreateOrUpdateTagsCommand({ Tags })));
}

describe('tags of blue', () => {
  test("reach green's instances", async () => {
    const lab = await openLab({ service: BRIEF });
    await tagBlue(lab, ['team'], true);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    const { Instances = [] } = await describeGroup(lab, greenOf(lab, id));
    const InstanceIds = Instances.map(({ InstanceId }) => present(InstanceId));
    const command = new DescribeInstancesCommand({ InstanceIds });
    const { Reservations = [] } = await lab.act(() => lab.aws.ec2().send(command));
    const tags = Reservations.flatMap(({ Instances: found = [] }) =>
      found.map((one) => one.Tags?.find(({ Key }) => Key === 'team')?.Value),
    );
    expect(tags).toEqual(['shop', 'shop']);
  });

  test('that leave no room for those of the deployment are refused before anything is made', async () => {
    const lab = await openLab({ service: BRIEF });
    for (const letter of ['a', 'b']) {
      const keys = Array.from({ length: 24 }, (_, index) => `${letter}${index}`);
      await tagBlue(lab, keys, false);
    }
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringContaining('48 tags'),
    });
  });
});
