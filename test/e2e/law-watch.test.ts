/**
 * The watch of the laws must itself be able to see: each watcher is shown what it is there for. A
 * watch that finds nothing in lawful deployments proves little without this.
 */
import { ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test, vi } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { readPossessions } from '../lab/possessions.ts';
import { addTargetGroup } from '../lab/routes.ts';
import { useLabs } from '../lab/use-labs.ts';
import type { WatchedCall, Watcher } from '../lab/watched-call.ts';
import { missing, watchDeletions } from '../lab/watch-deletions.ts';
import { watchWeights } from '../lab/watch-weights.ts';
import { watchWriters } from '../lab/watch-writers.ts';

/** Real milliseconds. */
vi.setConfig({ testTimeout: 60_000 });

const openLab = useLabs();

const ROLE = 'arn:aws:iam::000000000000:role/some-function';

/** A call of one of Teal's functions, or of a person where the task is undefined. */
function called(
  task: string | undefined,
  operation: string,
  rest: Partial<WatchedCall> = {},
): WatchedCall {
  return {
    at: 0,
    service: 'elastic-load-balancing-v2',
    operation,
    callerLabel: task ?? 'administrator',
    input: {},
    ...(task !== undefined && {
      roleArn: ROLE,
      invocation: { task, deploymentId: 'web-v2', executionArn: 'first' },
    }),
    ...rest,
  };
}

/** Writes weights as a person, and tells a watcher that somebody did. */
async function writeWeights(lab: Lab, watcher: Watcher, task: string | undefined, green: number) {
  const arns = await lab.act(() => lab.targetGroupArns());
  const TargetGroups = [
    { TargetGroupArn: lab.estate.blueTargetGroupArn, Weight: 100 - green },
    { TargetGroupArn: arns['other'], Weight: green },
  ];
  const ListenerArn = lab.estate.listenerArn;
  const DefaultActions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }];
  const command = new ModifyListenerCommand({ ListenerArn, DefaultActions });
  await lab.act(() => lab.aws.loadBalancing().send(command));
  return watcher(called(task, 'ModifyListener'));
}

/** A change of the service's lock: taken by somebody, or given back. */
function lock(owner: string | undefined, fence: number): WatchedCall {
  const Key = { pk: { S: 'SERVICE#web' }, sk: { S: 'LOCK' } };
  const taken = {
    UpdateExpression: 'SET #owner = :new_owner, #fence = :new_fence',
    ExpressionAttributeValues: { ':new_owner': { S: owner }, ':new_fence': { N: String(fence) } },
  };
  const change = owner === undefined ? { UpdateExpression: 'REMOVE #owner, #expiresAt' } : taken;
  const input = { Key, ...change };
  return called('acquire-lock', 'UpdateItem', { service: 'dynamodb', input });
}

/** A write for the same deployment by one of its executions. */
function writeBy(executionArn: string): WatchedCall {
  const invocation = { task: 'roll-back', deploymentId: 'web-v2', executionArn };
  return called('roll-back', 'ModifyListener', { invocation });
}

describe('law 5 is broken, and seen to be,', () => {
  test('by a shift over weights that somebody else has changed, and not by the way back', async () => {
    const lab = await openLab();
    await lab.act(() => addTargetGroup(lab));
    const watcher = watchWeights(lab);
    expect(await writeWeights(lab, watcher, 'shift-traffic', 10)).toEqual([]);
    watcher(called('confirm-traffic', 'DescribeListeners'));
    expect(await writeWeights(lab, watcher, undefined, 33)).toEqual([]);
    expect(await writeWeights(lab, watcher, 'shift-traffic', 50)).toEqual([
      expect.stringMatching(/^law 5: shift-traffic overwrote foreign weights/),
    ]);
    expect(await writeWeights(lab, watcher, undefined, 60)).toEqual([]);
    expect(await writeWeights(lab, watcher, 'roll-back', 0)).toEqual([]);
  });

  test('by a step, or a goodbye to blue, before anybody has read the weight before', async () => {
    const lab = await openLab();
    await lab.act(() => addTargetGroup(lab));
    const watcher = watchWeights(lab);
    await writeWeights(lab, watcher, 'shift-traffic', 10);
    watcher(called('shift-traffic', 'DescribeListeners'));
    expect(await writeWeights(lab, watcher, 'shift-traffic', 50)).toEqual([
      'law 5: shift-traffic went on before 10 % was read back',
    ]);
    expect(await writeWeights(lab, watcher, 'retire-blue', 100)).toEqual([
      'law 5: retire-blue went on before 50 % was read back',
    ]);
  });
});

describe('law 6 is broken, and seen to be,', () => {
  test('by a write of a deployment that has not the lock, or has no more', () => {
    const watcher = watchWriters();
    const write = called('shift-traffic', 'ModifyListener');
    const complaint = 'law 6: shift-traffic of web-v2 called ModifyListener without the lock';
    expect(watcher(write)).toEqual([complaint]);
    expect(watcher(lock('web-v2', 1))).toEqual([]);
    expect(watcher(write)).toEqual([]);
    expect(watcher(lock(undefined, 1))).toEqual([]);
    expect(watcher(write)).toEqual([complaint]);
    expect(watcher(lock('web-v3', 2))).toEqual([]);
    expect(watcher(write)).toEqual([complaint]);
  });

  test('by a fencing number that does not rise with its owner', () => {
    const watcher = watchWriters();
    watcher(lock('web-v2', 4));
    expect(watcher(lock('web-v2', 4))).toEqual([]);
    expect(watcher(lock('web-v3', 4))).toEqual(['law 6: web-v3 got fence 4 after 4']);
  });

  test('by an execution that goes on writing after a recovery took its deployment over', () => {
    const watcher = watchWriters();
    watcher(lock('web-v2', 1));
    expect([...watcher(writeBy('first')), ...watcher(writeBy('recover'))]).toEqual([]);
    expect(watcher(writeBy('first'))).toEqual([
      'law 6: roll-back of web-v2 called ModifyListener for an execution that had lost it',
    ]);
  });
});

describe('law 7 is broken, and seen to be,', () => {
  test('by deleting what Teal neither made nor was given, and by anything unknown', async () => {
    const lab = await openLab();
    const watcher = watchDeletions(lab, []);
    const deleteGroup = (AutoScalingGroupName: string) =>
      called('retire-blue', 'DeleteAutoScalingGroup', {
        service: 'auto-scaling',
        input: { AutoScalingGroupName },
      });
    const [complaint] = watcher(deleteGroup('web-blue'));
    expect(complaint).toBe('law 7: retire-blue deleted web-blue, which Teal was not given');
    expect(watchDeletions(lab, ['web-blue'])(deleteGroup('web-blue'))).toEqual([]);
    const input = { AutoScalingGroupName: 'web-green' };
    watcher(called('prepare-green', 'CreateAutoScalingGroup', { service: 'auto-scaling', input }));
    expect(watcher(deleteGroup('web-green'))).toEqual([]);
    expect(watcher(called('retire-blue', 'DeleteListener'))).toHaveLength(1);
    const versions = { Versions: ['1'] };
    expect(
      watcher(
        called('clean-up-green', 'DeleteLaunchTemplateVersions', {
          service: 'ec2',
          input: versions,
        }),
      ),
    ).toEqual([expect.stringContaining('version 1')]);
  });

  test('by anything that was there before and is not there at the end', async () => {
    const lab = await openLab();
    const before = await lab.act(() => readPossessions(lab));
    const alarms = before.alarms.filter((name) => name !== 'web-5xx');
    const after = { ...before, alarms, targetGroups: [] };
    expect(missing(before, before, [])).toEqual([]);
    expect(missing(before, after, ['web-blue'])).toEqual([
      'law 7: alarm web-5xx is gone, and was not given',
    ]);
  });
});
