/**
 * How deployments end, and what can be done about it later: blue's way out, a blue that is kept,
 * and going back to it. Watched from the region; the traps are those of docs/traps.md.
 */
import {
  EnterStandbyCommand,
  PutLifecycleHookCommand,
  PutWarmPoolCommand,
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import type { ServiceDefinition } from '../../shared/core/spec.ts';
import { present } from '../lab/estate.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, describeGroup, greenOf } from '../lab/moments.ts';
import { nameOf } from '../lab/sight.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Everything at once, and half a minute of bake: these tests are about what comes after. */
const QUICK: Partial<ServiceDefinition> = {
  ...BRIEF,
  strategy: { type: 'allAtOnce' },
  alarms: [],
};

/** Seconds in which the sweeper finds what is due, and AWS does what it then asks for. */
const SWEPT_SECONDS = 900;

/** What infrastructure code reads of the service. */
async function pointers(lab: Lab): Promise<Readonly<Record<string, string>>> {
  const command = new GetParametersByPathCommand({ Path: '/teal/web' });
  const { Parameters = [] } = await lab.act(() => lab.aws.ssm().send(command));
  return Object.fromEntries(
    Parameters.map(({ Name = '', Value = '' }) => [Name.replace('/teal/web/', ''), Value]),
  );
}

async function updateBlue(
  lab: Lab,
  change: Partial<UpdateAutoScalingGroupCommandInput>,
): Promise<void> {
  const command = new UpdateAutoScalingGroupCommand({
    AutoScalingGroupName: 'web-blue',
    ...change,
  });
  await lab.act(() => lab.aws.autoScaling().send(command));
}

async function instancesOfBlue(lab: Lab): Promise<readonly string[]> {
  const { Instances = [] } = await describeGroup(lab, 'web-blue');
  return Instances.map(({ InstanceId }) => present(InstanceId));
}

/** A hook that holds an instance on its way out, and gives it up when nobody answers. */
function holdTheDying(lab: Lab): Promise<unknown> {
  const command = new PutLifecycleHookCommand({
    AutoScalingGroupName: 'web-blue',
    LifecycleHookName: 'save-the-logs',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    HeartbeatTimeout: 60,
    DefaultResult: 'ABANDON',
  });
  return lab.act(() => lab.aws.autoScaling().send(command));
}

/** What a person does who has seen enough. */
async function endInstancesOfBlue(lab: Lab): Promise<void> {
  for (const InstanceId of await instancesOfBlue(lab)) {
    const end = { InstanceId, ShouldDecrementDesiredCapacity: false };
    const command = new TerminateInstanceInAutoScalingGroupCommand(end);
    await lab.act(() => lab.aws.autoScaling().send(command));
  }
}

/** Versions that answered in the next minute. */
async function serving(lab: Lab): Promise<readonly string[]> {
  await lab.pass(5);
  lab.traffic.sinceLast();
  await lab.pass(60);
  return Object.keys(lab.traffic.sinceLast().byVersion);
}

/** Writing calls of one role to Auto Scaling and Elastic Load Balancing, in order. */
function writesOf(lab: Lab, role: string): readonly string[] {
  const names = lab
    .calls()
    .filter(({ roleArn = '', errorCode }) => roleArn.includes(role) && !errorCode)
    .filter(({ service }) => /auto-scaling|load-balancing/.test(service))
    .map(({ operation }) => operation)
    .filter((operation) => !operation.startsWith('Describe'));
  return names.filter((name, index) => name !== names[index - 1]);
}

describe('a blue that is deleted', () => {
  test('goes in the order that AWS wants, without force, protected as it was', async () => {
    const estate = { deregistrationDelaySeconds: 90 };
    const lab = await openLab({ service: QUICK, estate, requestsPerSecond: 2 });
    const [first] = await instancesOfBlue(lab);
    await updateBlue(lab, { DeletionProtection: 'prevent-all-deletion' });
    const { aws, act } = lab;
    const group = { AutoScalingGroupName: 'web-blue' };
    const InstanceIds = [present(first)];
    const protect = { ...group, InstanceIds, ProtectedFromScaleIn: true };
    await act(() => aws.autoScaling().send(new SetInstanceProtectionCommand(protect)));
    await act(() => aws.autoScaling().send(new PutWarmPoolCommand({ ...group, MinSize: 1 })));
    await holdTheDying(lab);

    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(writesOf(lab, 'RetireBlueRole')).toEqual([
      'UpdateAutoScalingGroup',
      'ResumeProcesses',
      'ModifyListener',
      'DetachTrafficSources',
      'DeleteWarmPool',
      'SetInstanceProtection',
      'UpdateAutoScalingGroup',
      'DeleteAutoScalingGroup',
      'DeleteTargetGroup',
    ]);
    // No instance was asked to end before the last target had drained.
    const [left = 0, emptied = 0] = ['DetachTrafficSources', 'SetInstanceProtection'].map(
      (operation) => lab.calls().find((call) => call.operation === operation)?.at,
    );
    expect(emptied - left).toBeGreaterThanOrEqual(90_000);
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().lost).toBe(0);

    const { status, body } = await lab.api.send('POST', `/deployments/${id}/rollback`);
    expect(status).toBe(422);
    expect(body['detail']).toMatch(/its blue was not kept; deploy ami-\w+ again instead/);
  });

  test('is left to the sweeper while people and hooks keep instances of it', async () => {
    const estate = { desiredCapacity: 3, minSize: 1 };
    const lab = await openLab({ service: QUICK, estate, requestsPerSecond: 1 });
    const retain = { RetentionTriggers: { TerminateHookAbandon: 'retain' } } as const;
    await updateBlue(lab, { InstanceLifecyclePolicy: retain });
    await holdTheDying(lab);
    const [first] = await instancesOfBlue(lab);
    const watched = {
      AutoScalingGroupName: 'web-blue',
      InstanceIds: [present(first)],
      ShouldDecrementDesiredCapacity: true,
    };
    await lab.act(() => lab.aws.autoScaling().send(new EnterStandbyCommand(watched)));
    await lab.pass(60);

    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body['reason']).toContain(`${first} is in Standby`);
    expect(body['reason']).toContain('is in Terminating:Retained');
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ instances: 3 });

    // The one in standby has the hook still before it, and is retained by it once more.
    for (const waitSeconds of [120, SWEPT_SECONDS]) {
      await endInstancesOfBlue(lab);
      await lab.pass(waitSeconds);
    }
    expect(await leftovers(lab)).toEqual([]);
    expect(await lab.act(() => lab.group('web-blue'))).toBeUndefined();
  });
});

describe("a blue of somebody else's", () => {
  test('is scaled to zero and never deleted, and infrastructure code is told what serves', async () => {
    const lab = await openLab({ service: { ...QUICK, retireBlue: 'delete' } });
    const stack = { 'aws:cloudformation:stack-name': 'web-prod' };
    lab.region.autoScaling.tagAsService('web-blue', stack);
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });

    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    const owned = 'because it belongs to CloudFormation stack web-prod.';
    expect(body['reason']).toBe(`Green serves v2. Blue was kept at zero instances, ${owned}`);
    const { plan } = body as { plan: { warnings: readonly string[] } };
    expect(plan.warnings.join(' ')).toContain(owned);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ minSize: 0, instances: 0 });
    expect(await lab.act(() => lab.targetGroupArns())).toHaveProperty('web-blue');
    const green = greenOf(lab, id);
    expect(await pointers(lab)).toMatchObject({
      'active-group': green,
      'active-target-group': expect.stringContaining(`targetgroup/${green}/`) as string,
      'launch-template-id': lab.estate.launchTemplateId,
      'launch-template-version': '2',
      version: 'v2',
      'deployment-id': id,
    });
  });
});

describe('a blue that is kept', () => {
  test('takes everything back days later, as a deployment of its own', async () => {
    const retain = { blue: 'full', seconds: 5 * 86_400 } as const;
    const lab = await openLab({ service: { ...QUICK, retain }, requestsPerSecond: 1 });
    const first = await lab.deploy({ version: 'v2' });
    expect(await lab.end(first)).toEqual({ status: 'SUCCEEDED' });
    expect(await serving(lab)).toEqual(['v2']);
    await lab.pass(3600);
    expect(await lab.act(() => lab.healthy(lab.estate.blueTargetGroupArn))).toBe(0);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ instances: 2 });
    expect((await lab.act(() => lab.belongings())).launchTemplate.default).toBe(2);

    const body = { reason: 'orders were lost' };
    const taken = await lab.api.send('POST', `/deployments/${first}/rollback`, { body });
    expect(taken.status).toBe(202);
    const second = String(taken.body['deploymentId']);
    expect(await lab.end(second)).toEqual({ status: 'SUCCEEDED' });
    expect(await serving(lab)).toEqual(['v1']);
    expect(lab.traffic.count().lost).toBe(0);
    const { groups, launchTemplate } = await lab.act(() => lab.belongings());
    expect(groups['web-blue']).toMatchObject({ minSize: 1, maxSize: 4, instances: 2 });
    expect(launchTemplate.default).toBe(1);
    expect(await pointers(lab)).toMatchObject({
      'active-group': 'web-blue',
      'launch-template-version': '1',
      'deployment-id': second,
    });
    // What was taken back is kept in its turn, and by nobody else.
    const kept = (await lab.act(() => lab.leases())).filter(({ kind }) => kind === 'retainedBlue');
    expect(kept.map(({ deploymentId }) => deploymentId)).toEqual([second]);
    expect(groups[greenOf(lab, first)]).toMatchObject({ instances: 2 });
  });

  test('is at zero again after an aborted way back, until its time is over or another version has won', async () => {
    const retain = { blue: 'zero', seconds: 1800 } as const;
    const lab = await openLab({ service: { ...QUICK, retain }, requestsPerSecond: 1 });
    const first = await lab.deploy({ version: 'v2' });
    expect(await lab.end(first)).toEqual({ status: 'SUCCEEDED' });
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ instances: 0 });

    const second = await lab.start('web-back', { service: 'web', rollbackOf: first });
    await lab.until(async () => (await lab.weights())['web-blue'] === 100);
    expect(await lab.act(() => lab.healthy(lab.estate.blueTargetGroupArn))).toBe(2);
    await lab.api.send('POST', `/deployments/${second}/abort`, { body: {} });
    expect(await lab.end(second)).toMatchObject({ error: 'RolledBack' });
    expect(await serving(lab)).toEqual(['v2']);
    const group = await lab.act(() => lab.group('web-blue'));
    expect(group).toMatchObject({ minSize: 0, desiredCapacity: 0, instances: 0 });

    // Nobody goes back two versions: when the next one has won, only v2 is kept, for its own time.
    expect(await lab.end(await lab.deploy({ version: 'v3' }))).toEqual({ status: 'SUCCEEDED' });
    await lab.pass(SWEPT_SECONDS);
    expect(await lab.act(() => lab.group('web-blue'))).toBeUndefined();
    expect(await lab.act(() => lab.targetGroupArns())).not.toHaveProperty(
      nameOf(lab.estate.blueTargetGroupArn),
    );
    expect(await lab.act(() => lab.group(greenOf(lab, first)))).toMatchObject({ instances: 0 });
    await lab.pass(1800);
    expect(await lab.act(() => lab.group(greenOf(lab, first)))).toBeUndefined();
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().lost).toBe(0);
  });
});
