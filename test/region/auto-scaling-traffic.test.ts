import { describe, expect, it } from 'vitest';
import {
  activities,
  BLUE,
  DRAINING_SECONDS,
  running,
  sourceStates,
  update,
} from './compute-region.ts';

const hook = (transition: string, result: string) => ({
  LifecycleHookName: 'wait',
  LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
  HeartbeatTimeout: 60,
  DefaultResult: result,
});

describe('target groups of a running group', () => {
  const named = { AutoScalingGroupName: 'blue' };

  it('are served by the instances that are in service already', async () => {
    const region = await running();
    await region.onGroups('AttachLoadBalancerTargetGroups', { ...named, TargetGroupARNs: [BLUE] });
    expect(Object.keys(region.balancer.states(BLUE))).toEqual(await region.instanceIds());
    expect(await region.onGroups('DescribeLoadBalancerTargetGroups', named)).toMatchObject({
      LoadBalancerTargetGroups: [{ LoadBalancerTargetGroupARN: BLUE, State: 'Adding' }],
    });
  });

  it('drain when they are detached, and are gone afterwards', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    await region.onGroups('DetachTrafficSources', {
      ...named,
      TrafficSources: [{ Identifier: BLUE, Type: 'elbv2' }],
    });
    expect(await region.group('blue')).toMatchObject({ TargetGroupARNs: [], TrafficSources: [] });
    await region.pass(10);
    expect(await sourceStates(region)).toEqual(['Removing']);
    await region.pass(DRAINING_SECONDS);
    expect(await sourceStates(region)).toEqual(['Removed']);
    await region.pass(120);
    expect(await sourceStates(region)).toEqual([]);
    expect(await region.instanceIds()).toHaveLength(2);
  });

  it('cannot be detached when they are not attached', async () => {
    const region = await running();
    await expect(
      region.onGroups('DetachLoadBalancerTargetGroups', { ...named, TargetGroupARNs: [BLUE] }),
    ).rejects.toMatchObject({
      message: 'Trying to remove Target Groups that are not part of the group',
    });
  });

  it('can be attached twice without harm', async () => {
    const region = await running({ TargetGroupARNs: [BLUE] });
    region.balancer.report(BLUE, 'healthy');
    await region.onGroups('AttachLoadBalancerTargetGroups', { ...named, TargetGroupARNs: [BLUE] });
    expect(new Set(Object.values(region.balancer.states(BLUE)))).toEqual(new Set(['healthy']));
    expect(await sourceStates(region)).toEqual(['InService']);
  });
});

describe('lifecycle hooks', () => {
  it('hold a new instance until somebody says that it may go on', async () => {
    const region = await running({
      DesiredCapacity: 1,
      TargetGroupARNs: [BLUE],
      LifecycleHookSpecificationList: [hook('LAUNCHING', 'ABANDON')],
    });
    const [waiting] = await region.instanceIds('blue', 'Pending:Wait');
    expect(region.balancer.states(BLUE)).toEqual({});
    const [event] = region.eventsOf('EC2 Instance-launch Lifecycle Action');
    expect(event?.detail).toMatchObject({ EC2InstanceId: waiting, LifecycleHookName: 'wait' });
    await region.onGroups('CompleteLifecycleAction', {
      AutoScalingGroupName: 'blue',
      LifecycleHookName: 'wait',
      LifecycleActionToken: event?.detail['LifecycleActionToken'],
      LifecycleActionResult: 'CONTINUE',
    });
    await region.pass(5);
    expect(await region.instanceIds()).toEqual([waiting]);
  });

  it('abandon a new instance when nobody answers in time', async () => {
    const region = await running({
      DesiredCapacity: 1,
      LifecycleHookSpecificationList: [hook('LAUNCHING', 'ABANDON')],
    });
    const [waiting] = await region.instanceIds('blue', 'Pending:Wait');
    await region.pass(70);
    expect(region.machines.placement(waiting!)?.state).not.toBe('running');
    const failed = (await activities(region)).filter((one) => one.StatusCode === 'Failed');
    expect(failed[0]?.StatusMessage).toContain('Lifecycle Action was abandoned');
  });

  it('hold a leaving instance after it has drained', async () => {
    const region = await running({ DesiredCapacity: 1, TargetGroupARNs: [BLUE] });
    await region.onGroups('PutLifecycleHook', {
      AutoScalingGroupName: 'blue',
      ...hook('TERMINATING', 'CONTINUE'),
    });
    await update(region, { DesiredCapacity: 0 });
    await region.pass(DRAINING_SECONDS + 10);
    expect(await region.instanceIds('blue', 'Terminating:Wait')).toHaveLength(1);
    expect(region.eventsOf('EC2 Instance-terminate Lifecycle Action')).toHaveLength(1);
    await region.pass(90);
    expect((await region.group('blue'))?.Instances).toEqual([]);
  });

  it('that are abandoned leave an instance in the group, where the group retains such', async () => {
    const region = await running({
      DesiredCapacity: 1,
      TargetGroupARNs: [BLUE],
      InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
    });
    await region.onGroups('PutLifecycleHook', {
      AutoScalingGroupName: 'blue',
      ...hook('TERMINATING', 'ABANDON'),
    });
    await update(region, { MinSize: 0, DesiredCapacity: 0 });
    await region.pass(DRAINING_SECONDS + 90);
    const [retained] = await region.instanceIds('blue', 'Terminating:Retained');
    const remove = { AutoScalingGroupName: 'blue' };
    await expect(region.onGroups('DeleteAutoScalingGroup', remove)).rejects.toMatchObject({
      code: 'ResourceInUse',
    });
    await region.onGroups('TerminateInstanceInAutoScalingGroup', {
      InstanceId: retained,
      ShouldDecrementDesiredCapacity: false,
    });
    await region.pass(90);
    expect((await region.group('blue'))?.Instances).toEqual([]);
  });
});

describe('an instance in standby', () => {
  it('stays when its group is set to zero, and keeps the group from being deleted', async () => {
    const region = await running({ DesiredCapacity: 2, TargetGroupARNs: [BLUE] });
    const [first] = await region.instanceIds();
    const named = { AutoScalingGroupName: 'blue' };
    const away = { ...named, InstanceIds: [first], ShouldDecrementDesiredCapacity: true };
    await region.onGroups('EnterStandby', away);
    await region.pass(DRAINING_SECONDS + 10);
    await update(region, { MinSize: 0, MaxSize: 0, DesiredCapacity: 0 });
    await region.pass(DRAINING_SECONDS + 90);
    expect(await region.instanceIds('blue', 'Standby')).toEqual([first]);
    await expect(region.onGroups('DeleteAutoScalingGroup', named)).rejects.toMatchObject({
      code: 'ResourceInUse',
    });
  });
});

describe('a group that is protected from deletion', () => {
  it.each([
    ['prevent-all-deletion', false, /prevent-all-deletion/],
    ['prevent-all-deletion', true, /prevent-all-deletion/],
    ['prevent-force-deletion', true, /prevent-force-deletion/],
  ])('by %s is not deleted, by force: %s', async (DeletionProtection, ForceDelete, message) => {
    const region = await running({ MinSize: 0, DesiredCapacity: 0, DeletionProtection });
    const remove = { AutoScalingGroupName: 'blue', ForceDelete };
    await expect(region.onGroups('DeleteAutoScalingGroup', remove)).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(message) as string,
    });
  });
});
