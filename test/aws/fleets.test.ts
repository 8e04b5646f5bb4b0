/** Sizes, versions and removals: what is written, what is left alone, and what happens twice. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { createBlueRestorer } from '../../shared/aws/blue-restorer.ts';
import { createFleets } from '../../shared/aws/fleets.ts';
import type { Plan } from '../../shared/core/plan.ts';
import { plan } from '../core/situations.ts';
import { awsError, inputsOf, operations, type Script, scriptedClient } from './scripted-client.ts';

const follower: Plan = { ...plan, blue: { ...plan.blue, configuredVersion: '$Latest' } };

const blueNow: Partial<AutoScalingGroup> = {
  AutoScalingGroupName: 'web-blue',
  MinSize: 2,
  MaxSize: 6,
  DesiredCapacity: 4,
  LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
};

function fleetsOver(
  group: Partial<AutoScalingGroup> | undefined,
  more: { group?: Script; ec2?: Script; traffic?: Script } = {},
) {
  const groups = scriptedClient({
    DescribeAutoScalingGroups: () => ({ AutoScalingGroups: group ? [group] : [] }),
    UpdateAutoScalingGroup: () => ({}),
    DeleteAutoScalingGroup: () => ({}),
    SetInstanceProtection: () => ({}),
    SuspendProcesses: () => ({}),
    ResumeProcesses: () => ({}),
    ...more.group,
  });
  const ec2 = scriptedClient(more.ec2 ?? {});
  const traffic = scriptedClient({
    DescribeTargetGroups: () => ({ TargetGroups: [{ TargetGroupArn: 'arn:found' }] }),
    DescribeTags: () => ({ TagDescriptions: [{ Tags: [] }] }),
    DeleteTargetGroup: () => ({}),
    ...more.traffic,
  });
  const clients = {
    autoScaling: groups.client,
    ec2: ec2.client,
    loadBalancing: traffic.client,
  };
  const fleets = { ...createFleets(clients), ...createBlueRestorer(clients) };
  const updates = () => inputsOf(groups.asked, 'UpdateAutoScalingGroup');
  return { fleets, updates, groups: groups.asked, ec2: ec2.asked, traffic: traffic.asked };
}

const tagged = (Value: string) => [{ Key: 'teal:deployment', Value }];

const latestIs = (VersionNumber: number): Script => ({
  DescribeLaunchTemplateVersions: () => ({ LaunchTemplateVersions: [{ VersionNumber }] }),
});

describe('blue', () => {
  it('is kept at what it runs now, and may still scale out', async () => {
    const { fleets, updates } = fleetsOver(blueNow);
    await fleets.pinBlue(plan);
    expect(updates()).toEqual([{ AutoScalingGroupName: 'web-blue', MinSize: 4 }]);
  });

  it('is not pinned twice, and never below what somebody asked for meanwhile', async () => {
    for (const MinSize of [4, 5]) {
      const { fleets, updates } = fleetsOver({ ...blueNow, MinSize });
      await fleets.pinBlue(plan);
      expect(updates()).toEqual([]);
    }
  });

  it('is pinned at its maximum when it runs more than that', async () => {
    const { fleets, updates } = fleetsOver({ ...blueNow, MaxSize: 3 });
    await fleets.pinBlue(plan);
    expect(updates()).toEqual([{ AutoScalingGroupName: 'web-blue', MinSize: 3 }]);
  });

  it('has its schedules and rebalancing rest, and only those that its owner left running', async () => {
    const SuspendedProcesses = [{ ProcessName: 'AZRebalance' }, { ProcessName: 'HealthCheck' }];
    const { fleets, groups } = fleetsOver({ ...blueNow, SuspendedProcesses });
    await fleets.pinBlue(plan);
    expect(inputsOf(groups, 'SuspendProcesses')).toEqual([
      {
        AutoScalingGroupName: 'web-blue',
        ScalingProcesses: ['InstanceRefresh', 'ScheduledActions'],
      },
    ]);
  });

  it('has resumed what Teal suspended, and nothing that its owner had', async () => {
    const names = ['AZRebalance', 'HealthCheck', 'InstanceRefresh', 'ScheduledActions'];
    const SuspendedProcesses = names.map((ProcessName) => ({ ProcessName }));
    const { fleets, groups } = fleetsOver({ ...blueNow, SuspendedProcesses });
    const before = { ...plan.blue, suspendedProcesses: ['AZRebalance', 'HealthCheck'] };
    await fleets.restoreBlue({ ...plan, blue: before }, plan.createdAt);
    expect(inputsOf(groups, 'ResumeProcesses')).toEqual([
      {
        AutoScalingGroupName: 'web-blue',
        ScalingProcesses: ['InstanceRefresh', 'ScheduledActions'],
      },
    ]);
  });

  it('gets its sizes back, but keeps what it scaled out to', async () => {
    const { fleets, updates } = fleetsOver({ ...blueNow, MinSize: 4, DesiredCapacity: 5 });
    await fleets.restoreBlue(plan, plan.createdAt);
    expect(updates()).toEqual([{ AutoScalingGroupName: 'web-blue', MinSize: 2 }]);
  });

  it('gets its capacity back when something shrank it', async () => {
    const { fleets, updates } = fleetsOver({ ...blueNow, MinSize: 0, DesiredCapacity: 0 });
    await fleets.restoreBlue(plan, plan.createdAt);
    expect(updates()).toEqual([
      { AutoScalingGroupName: 'web-blue', MinSize: 2, DesiredCapacity: 4 },
    ]);
  });

  it('follows $Latest again when that is its own version', async () => {
    const { fleets, updates } = fleetsOver(blueNow, { ec2: latestIs(3) });
    await fleets.restoreBlue(follower, plan.createdAt);
    expect(updates()).toEqual([
      {
        AutoScalingGroupName: 'web-blue',
        LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '$Latest' },
      },
    ]);
  });

  it("stays at its number while $Latest is green's version", async () => {
    const { fleets, updates } = fleetsOver(blueNow, { ec2: latestIs(4) });
    await fleets.restoreBlue(follower, plan.createdAt);
    expect(updates()).toEqual([]);
  });

  it('keeps a version that somebody gave it meanwhile', async () => {
    const LaunchTemplate = { LaunchTemplateId: 'lt-1', Version: '9' };
    const { fleets, updates } = fleetsOver({ ...blueNow, LaunchTemplate });
    await fleets.restoreBlue(follower, plan.createdAt);
    expect(updates()).toEqual([]);
  });

  it('that is gone or going is left alone', async () => {
    for (const group of [undefined, { ...blueNow, Status: 'Delete in progress' }]) {
      const { fleets, groups } = fleetsOver(group);
      await fleets.pinBlue(plan);
      await fleets.restoreBlue(plan, plan.createdAt);
      await fleets.resize('web-blue', { minSize: 0, desiredCapacity: 0 });
      expect(new Set(operations(groups))).toEqual(new Set(['DescribeAutoScalingGroups']));
    }
  });
});

describe('sizes', () => {
  it('are written where they differ', async () => {
    const { fleets, updates } = fleetsOver(blueNow);
    await fleets.resize('web-blue', { minSize: 2, maxSize: 8 });
    await fleets.resize('web-blue', { minSize: 2 });
    expect(updates()).toEqual([{ AutoScalingGroupName: 'web-blue', MaxSize: 8 }]);
  });

  it("of green become blue's when green is released", async () => {
    const { fleets, updates } = fleetsOver({
      AutoScalingGroupName: 'web-g',
      MinSize: 4,
      MaxSize: 6,
    });
    await fleets.releaseGreen(plan, plan.createdAt);
    expect(updates()).toEqual([{ AutoScalingGroupName: 'web-g', MinSize: 2 }]);
  });

  it('of a group that goes for good take the protection off instances that would not leave', async () => {
    const Instances = Array.from({ length: 52 }, (_, index) => ({
      InstanceId: `i-${index}`,
      LifecycleState: index === 51 ? 'Terminating' : 'InService',
      ProtectedFromScaleIn: index !== 0,
    })) as AutoScalingGroup['Instances'];
    const { fleets, groups } = fleetsOver({ ...blueNow, Instances });
    await fleets.empty('web-blue', { isForGood: true });
    expect(inputsOf(groups, 'SetInstanceProtection')).toEqual([
      expect.objectContaining({ ProtectedFromScaleIn: false, InstanceIds: expect.any(Array) }),
    ]);
    expect(operations(groups).at(-1)).toBe('UpdateAutoScalingGroup');
  });

  it('of a group that is kept leave protected instances, pool and maximum, and rest its policies', async () => {
    const Instances = [
      { InstanceId: 'i-1', LifecycleState: 'InService', ProtectedFromScaleIn: true },
    ] as AutoScalingGroup['Instances'];
    const { fleets, groups, updates } = fleetsOver({ ...blueNow, Instances });
    await fleets.empty('web-blue', { isForGood: false });
    expect(operations(groups)).not.toContain('SetInstanceProtection');
    expect(updates()).toEqual([
      { AutoScalingGroupName: 'web-blue', MinSize: 0, DesiredCapacity: 0 },
    ]);
    expect(inputsOf(groups, 'SuspendProcesses')).toMatchObject([
      { ScalingProcesses: expect.arrayContaining(['AlarmNotification']) as string[] },
    ]);
  });

  it('of a group that vanishes meanwhile do not matter', async () => {
    const { fleets } = fleetsOver(blueNow, {
      group: {
        UpdateAutoScalingGroup: () => {
          throw awsError('ValidationError', "AutoScalingGroup name not found - 'web-blue'");
        },
      },
    });
    await expect(fleets.resize('web-blue', { minSize: 1 })).resolves.toBeUndefined();
  });

  it('that AWS refuses are a failure', async () => {
    const { fleets } = fleetsOver(blueNow, {
      group: {
        UpdateAutoScalingGroup: () => {
          throw awsError('ValidationError', 'Desired capacity must be below the maximum.');
        },
      },
    });
    await expect(fleets.resize('web-blue', { minSize: 9 })).rejects.toMatchObject({
      name: 'AwsRefused',
    });
  });
});

describe('removing a fleet', () => {
  const green = { AutoScalingGroupName: 'web-g', Tags: tagged('d-1') };
  const greenTags: Script = {
    DescribeTags: () => ({ TagDescriptions: [{ Tags: tagged('d-1') }] }),
  };
  const byName = { autoScalingGroupName: 'web-g', targetGroupName: 'web-g' };

  it('deletes the target group only after its group, so that no group is left without', async () => {
    const order: string[] = [];
    const note = (what: string) => () => {
      order.push(what);
      return {};
    };
    const { fleets } = fleetsOver(blueNow, {
      group: { DeleteAutoScalingGroup: note('group') },
      traffic: { DeleteTargetGroup: note('target group') },
    });
    await fleets.remove({ autoScalingGroupName: 'web-blue', targetGroupArn: 'arn:blue' });
    expect(order).toEqual(['group', 'target group']);
  });

  it('deletes a target group whose ARN nobody noted, by its name and tag', async () => {
    const { fleets, traffic, groups } = fleetsOver(undefined, { traffic: greenTags });
    await fleets.remove(byName);
    expect(inputsOf(traffic, 'DeleteTargetGroup')).toEqual([{ TargetGroupArn: 'arn:found' }]);
    expect(operations(groups)).not.toContain('DeleteAutoScalingGroup');
  });

  it('leaves alone what has the name and is not Teal’s', async () => {
    const { fleets, traffic, groups } = fleetsOver({ AutoScalingGroupName: 'web-g' });
    await fleets.remove(byName);
    expect(operations(traffic)).not.toContain('DeleteTargetGroup');
    expect(operations(groups)).not.toContain('DeleteAutoScalingGroup');
  });

  it('leaves alone what another deployment made', async () => {
    const { fleets, traffic, groups } = fleetsOver(green, { traffic: greenTags });
    await fleets.remove({ ...byName, createdBy: 'd-2' });
    expect(operations(traffic)).not.toContain('DeleteTargetGroup');
    expect(operations(groups)).not.toContain('DeleteAutoScalingGroup');
    await fleets.remove({ ...byName, createdBy: 'd-1' });
    expect(operations(groups)).toContain('DeleteAutoScalingGroup');
  });

  it('is done when everything is gone already', async () => {
    const { fleets } = fleetsOver(undefined, {
      traffic: {
        DescribeTargetGroups: () => {
          throw awsError('TargetGroupNotFound');
        },
      },
    });
    await expect(fleets.remove(byName)).resolves.toBeUndefined();
  });

  it('waits while a route still names the target group', async () => {
    const { fleets } = fleetsOver(blueNow, {
      traffic: {
        DeleteTargetGroup: () => {
          throw awsError('ResourceInUse');
        },
      },
    });
    const removing = fleets.remove({
      autoScalingGroupName: 'web-blue',
      targetGroupArn: 'arn:blue',
    });
    await expect(removing).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });

  it('takes a protection off only where that is the wish of who has it deleted', async () => {
    const DeletionProtection = 'prevent-all-deletion' as const;
    const lifted = fleetsOver({ ...green, DeletionProtection }, { traffic: greenTags });
    await lifted.fleets.remove({ ...byName, liftsProtection: true });
    expect(lifted.updates()).toEqual([
      { AutoScalingGroupName: 'web-g', DeletionProtection: 'none' },
    ]);
    const kept = fleetsOver({ ...green, DeletionProtection }, { traffic: greenTags });
    await expect(kept.fleets.remove(byName)).rejects.toMatchObject({ name: 'AwsRefused' });
    expect(operations(kept.traffic)).not.toContain('DeleteTargetGroup');
  });
});

describe('a target group that a fleet gives up', () => {
  const attached = { ...blueNow, TargetGroupARNs: ['arn:blue'] };
  const attachment = { AutoScalingGroupName: 'web-blue' };

  it('is detached once, whichever API attached it', async () => {
    const { fleets, groups } = fleetsOver(attached, {
      group: { DetachTrafficSources: () => ({}) },
    });
    await fleets.deregister('web-blue');
    expect(inputsOf(groups, 'DetachTrafficSources')).toEqual([
      { ...attachment, TrafficSources: [{ Identifier: 'arn:blue' }] },
    ]);
    const without = fleetsOver(blueNow);
    await without.fleets.deregister('web-blue');
    expect(operations(without.groups)).toEqual(['DescribeAutoScalingGroups']);
  });

  it('may be gone already although AWS still describes it', async () => {
    const { fleets } = fleetsOver(attached, {
      group: {
        DetachTrafficSources: () => {
          throw awsError(
            'ValidationError',
            'Trying to remove Target Groups that are not part of the group',
          );
        },
      },
    });
    await expect(fleets.deregister('web-blue')).resolves.toBeUndefined();
  });

  it('is given back once', async () => {
    const { fleets, groups } = fleetsOver(blueNow, {
      group: { AttachTrafficSources: () => ({}) },
    });
    await fleets.register('web-blue', 'arn:blue');
    expect(inputsOf(groups, 'AttachTrafficSources')).toEqual([
      { ...attachment, TrafficSources: [{ Identifier: 'arn:blue', Type: 'elbv2' }] },
    ]);
    const there = fleetsOver(attached);
    await there.fleets.register('web-blue', 'arn:blue');
    expect(operations(there.groups)).toEqual(['DescribeAutoScalingGroups']);
  });
});

const versions = (over: object = {}): Script => ({
  DescribeLaunchTemplateVersions: ({ Versions }: { Versions: string[] }) => {
    const number = Versions[0] === '$Latest' ? 3 : 4;
    const VersionDescription = 'teal deployment d-1';
    return { LaunchTemplateVersions: [{ VersionNumber: number, VersionDescription, ...over }] };
  },
  DeleteLaunchTemplateVersions: () => ({}),
});

describe("discarding green's launch template version", () => {
  it('deletes it, and then lets blue follow $Latest again', async () => {
    const { fleets, ec2, updates } = fleetsOver(blueNow, { ec2: versions() });
    await fleets.discardLaunchTemplateVersion(follower, 4);
    expect(inputsOf(ec2, 'DeleteLaunchTemplateVersions')).toEqual([
      { LaunchTemplateId: 'lt-1', Versions: ['4'] },
    ]);
    expect(updates()).toEqual([
      {
        AutoScalingGroupName: 'web-blue',
        LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '$Latest' },
      },
    ]);
  });

  it.each([{ DefaultVersion: true }, { VersionDescription: 'by hand' }])(
    'leaves a version alone that says %j',
    async (over) => {
      const { fleets, ec2 } = fleetsOver(blueNow, { ec2: versions(over) });
      await fleets.discardLaunchTemplateVersion(plan, 4);
      expect(operations(ec2)).not.toContain('DeleteLaunchTemplateVersions');
    },
  );

  it('is done when the version is gone, or none was made', async () => {
    const gone: Script = {
      DescribeLaunchTemplateVersions: () => {
        throw awsError('InvalidLaunchTemplateId.VersionNotFound');
      },
    };
    const { fleets, ec2 } = fleetsOver(blueNow, { ec2: gone });
    await fleets.discardLaunchTemplateVersion(plan, 4);
    await fleets.discardLaunchTemplateVersion(plan, undefined);
    expect(operations(ec2)).toEqual(['DescribeLaunchTemplateVersions']);
  });

  it('says so when AWS keeps the version', async () => {
    const ResponseError = { Code: 'unexpectedError', Message: 'not now' };
    const { fleets } = fleetsOver(blueNow, {
      ec2: {
        ...versions(),
        DeleteLaunchTemplateVersions: () => ({
          UnsuccessfullyDeletedLaunchTemplateVersions: [{ ResponseError }],
        }),
      },
    });
    await expect(fleets.discardLaunchTemplateVersion(plan, 4)).rejects.toThrow(
      'unexpectedError: not now',
    );
  });
});
