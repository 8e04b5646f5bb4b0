/** The clone on the local region: a blue with everything, and a green that is read back. */
import {
  DeletePolicyCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  PutLifecycleHookCommand,
  PutScheduledUpdateGroupActionCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { metricNameOf } from '../../shared/aws/clone/green-names.ts';
import { makePlan, type Plan } from '../../shared/core/plan.ts';
import { parseDeploymentRequest, parseServiceDefinition, toSpec } from '../../shared/core/spec.ts';
import type { GreenParts } from '../../shared/ports/fleets.ts';
import { enrich } from '../lab/rich-blue.ts';
import { createLiveWorld } from './live-world.ts';

type World = Awaited<ReturnType<typeof createLiveWorld>>;

const AutoScalingGroupName = 'web-blue';

async function planIn(world: World): Promise<Plan> {
  const spec = toSpec(
    parseServiceDefinition({ service: 'web', autoScalingGroupName: AutoScalingGroupName }),
    parseDeploymentRequest({ service: 'web', imageId: world.imageId }),
  );
  const estate = await world.run(world.estate.read(spec));
  return makePlan({ spec, estate, deploymentId: 'd-1', now: world.now() });
}

async function buildGreen({ run, builder, fleets, router }: World, plan: Plan) {
  await run(fleets.pinBlue(plan));
  const parts: GreenParts = {
    greenLaunchTemplateVersion: await run(builder.createLaunchTemplateVersion(plan)),
    greenTargetGroupArn: await run(builder.createTargetGroup(plan)),
  };
  const pair = {
    blueTargetGroupArn: plan.blue.targetGroupArn,
    greenTargetGroupArn: parts.greenTargetGroupArn,
  };
  await run(router.shift(plan.routes, pair, 0, () => Promise.resolve()));
  await run(builder.createGroup(plan, parts));
  return parts;
}

async function makeItems({ run, cloner, now }: World, plan: Plan, parts: GreenParts, most = 99) {
  const items = (await run(cloner.list(plan, parts, now()))) ?? [];
  for (const { make } of items.slice(0, most)) await run(make());
  return items.map(({ name }) => name);
}

async function startClone() {
  const world = await createLiveWorld();
  await world.run(enrich({ ...world, autoScalingGroupName: AutoScalingGroupName }));
  const plan = await planIn(world);
  const parts = await buildGreen(world, plan);
  const writes = () => world.calls().filter((operation) => !/^(?:Describe|List)/.test(operation));
  return { world, plan, parts, writes, name: plan.green.autoScalingGroupName };
}

describe('a blue with everything', () => {
  it('is cloned item by item, and green is read back without a difference', async () => {
    const { world, plan, parts, name } = await startClone();
    const items = await makeItems(world, plan, parts);
    expect(items).toEqual([
      'processes at rest',
      'more tags',
      'group metrics',
      expect.stringMatching(/^notifications of arn:aws:sns:/),
      'warm pool',
      'policy requests',
      'policy out',
      'alarm cpu-high',
      'scheduled action new-year',
      'policy requests switched on',
      'suspended AZRebalance, AlarmNotification',
    ]);
    const { differences, warnings } = await world.run(
      world.cloner.compare(plan, parts, world.now()),
    );
    expect(differences).toEqual([]);
    expect(warnings).toEqual([]);
    const green = await world.group(name);
    expect(green).toMatchObject({ MinSize: 2, DesiredCapacity: 2 });
    expect(green?.SuspendedProcesses?.map(({ ProcessName }) => ProcessName)).toEqual(
      expect.arrayContaining(['AlarmNotification', 'AZRebalance', 'ScheduledActions']),
    );
  });

  it('scales green by policies and alarms of its own', async () => {
    const { world, plan, parts, name } = await startClone();
    await makeItems(world, plan, parts);
    const { autoScaling, cloudWatch } = world.clients;
    const { ScalingPolicies = [] } = await world.run(
      autoScaling.send(new DescribePoliciesCommand({ AutoScalingGroupName: name })),
    );
    const requests = ScalingPolicies.find(({ PolicyName }) => PolicyName === 'requests');
    expect(
      requests?.TargetTrackingConfiguration?.PredefinedMetricSpecification?.ResourceLabel,
    ).toMatch(new RegExp(`/${metricNameOf(parts.greenTargetGroupArn)}$`));
    const out = ScalingPolicies.find(({ PolicyName }) => PolicyName === 'out');
    expect(out?.Enabled).toBe(false);
    const { MetricAlarms } = await world.run(
      cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [`${name}/cpu-high`] })),
    );
    expect(MetricAlarms?.[0]).toMatchObject({
      AlarmActions: [out?.PolicyARN, expect.stringContaining(':people')],
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: name }],
    });
  });

  it('is cloned no further than where it was when the first attempt died', async () => {
    for (const made of [1, 7]) {
      const { world, plan, parts, writes } = await startClone();
      await makeItems(world, plan, parts, made);
      await makeItems(world, plan, parts);
      const before = writes().length;
      await makeItems(world, plan, parts);
      expect([made, writes().slice(before)]).toEqual([made, []]);
      const { differences } = await world.run(world.cloner.compare(plan, parts, world.now()));
      expect(differences).toEqual([]);
    }
  });

  it('shows what somebody took away from green, by name', async () => {
    const { world, plan, parts, name } = await startClone();
    await makeItems(world, plan, parts);
    const { autoScaling } = world.clients;
    await world.run(
      autoScaling.send(
        new DeletePolicyCommand({ AutoScalingGroupName: name, PolicyName: 'requests' }),
      ),
    );
    await world.run(
      autoScaling.send(
        new PutLifecycleHookCommand({
          AutoScalingGroupName: name,
          LifecycleHookName: 'drain',
          HeartbeatTimeout: 31,
        }),
      ),
    );
    const { differences } = await world.run(world.cloner.compare(plan, parts, world.now()));
    expect(differences).toEqual([
      {
        name: 'LifecycleHook.HeartbeatTimeout',
        of: 'lifecycle hook drain',
        expected: '30',
        found: '31',
      },
      {
        name: 'ScalingPolicy.PolicyName',
        of: 'policy requests',
        expected: '"requests"',
        found: 'nothing',
      },
    ]);
  });

  it('lets schedules act on green again when it has won, and keeps what its owner had suspended', async () => {
    const { world, plan, parts, name } = await startClone();
    await makeItems(world, plan, parts);
    for (let time = 0; time < 2; time += 1)
      await world.run(world.fleets.releaseGreen(plan, plan.createdAt));
    const green = await world.group(name);
    const suspended = green?.SuspendedProcesses?.map(({ ProcessName }) => ProcessName);
    expect(suspended?.toSorted()).toEqual(['AZRebalance', 'AlarmNotification']);
    expect(green).toMatchObject({ MinSize: 1, MaxSize: 4 });
    const { ScheduledUpdateGroupActions } = await world.run(
      world.clients.autoScaling.send(
        new DescribeScheduledActionsCommand({ AutoScalingGroupName: name }),
      ),
    );
    expect(ScheduledUpdateGroupActions).toHaveLength(1);
  });

  it('is not resized by a schedule that comes due while green is tried, and neither is green', async () => {
    const world = await createLiveWorld();
    const { autoScaling } = world.clients;
    const StartTime = new Date(Date.parse(world.now()) + 600_000);
    const action = { AutoScalingGroupName, ScheduledActionName: 'soon', StartTime };
    const size = { MinSize: 0, MaxSize: 1, DesiredCapacity: 0 };
    await world.run(
      autoScaling.send(new PutScheduledUpdateGroupActionCommand({ ...action, ...size })),
    );
    const plan = await planIn(world);
    const parts = await buildGreen(world, plan);
    expect(await makeItems(world, plan, parts)).toContain('scheduled action soon');
    await world.pass(1200);
    for (const name of [AutoScalingGroupName, plan.green.autoScalingGroupName]) {
      await expect(world.group(name)).resolves.toMatchObject({ MinSize: 2, DesiredCapacity: 2 });
    }
  });

  it('leaves no alarm, pool or group of green behind when green is taken down', async () => {
    const { world, plan, parts, name } = await startClone();
    await makeItems(world, plan, parts);
    await world.pass(300);
    const { run, fleets, router, alarms } = world;
    await run(
      router.settle(
        plan.routes,
        {
          keepTargetGroupArn: plan.blue.targetGroupArn,
          removeTargetGroupArn: parts.greenTargetGroupArn,
        },
        () => Promise.resolve(),
      ),
    );
    await run(fleets.empty(name, { isForGood: true }));
    await world.pass(900);
    const createdBy = plan.deploymentId;
    for (let time = 0; time < 2; time += 1) {
      await run(alarms.remove({ autoScalingGroupName: name, createdBy }));
      const { targetGroupName } = plan.green;
      await run(fleets.remove({ autoScalingGroupName: name, targetGroupName, createdBy }));
    }
    await world.pass(300);
    await expect(world.group(name)).resolves.toBeUndefined();
    const { MetricAlarms = [] } = await run(
      world.clients.cloudWatch.send(new DescribeAlarmsCommand({})),
    );
    const left = MetricAlarms.map(({ AlarmName }) => AlarmName);
    expect(left).toContain('cpu-high');
    expect(left.filter((alarm) => alarm?.includes(name))).toEqual([]);
  });
});

const own = (launchTemplateId: string, Version: string) => ({
  LaunchTemplateId: launchTemplateId,
  Version,
});

async function startMixed() {
  const world = await createLiveWorld();
  const { autoScaling } = world.clients;
  const specification = own(world.launchTemplateId, '$Latest');
  await world.run(
    autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName,
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: specification,
            Overrides: [
              { InstanceType: 't3.micro' },
              { InstanceType: 't3.small', LaunchTemplateSpecification: specification },
            ],
          },
          InstancesDistribution: { OnDemandBaseCapacity: 1 },
        },
      }),
    ),
  );
  const plan = await planIn(world);
  return { world, plan, parts: await buildGreen(world, plan) };
}

describe('a blue of mixed instances', () => {
  it('has a green in which every override launches the new version, and reads back the same', async () => {
    const { world, plan, parts } = await startMixed();
    await makeItems(world, plan, parts);
    const { differences } = await world.run(world.cloner.compare(plan, parts, world.now()));
    expect(differences).toEqual([]);
    const green = await world.group(plan.green.autoScalingGroupName);
    const version = own(world.launchTemplateId, String(parts.greenLaunchTemplateVersion));
    expect(green?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: {
        LaunchTemplateSpecification: version,
        Overrides: [
          { InstanceType: 't3.micro' },
          { InstanceType: 't3.small', LaunchTemplateSpecification: version },
        ],
      },
      InstancesDistribution: { OnDemandBaseCapacity: 1 },
    });
  });

  it('is bound to its number while green is tried, and follows $Latest again afterwards', async () => {
    const { world, plan, parts } = await startMixed();
    const blue = async () => {
      const { LaunchTemplate } =
        (await world.group(AutoScalingGroupName))?.MixedInstancesPolicy ?? {};
      const [, override] = LaunchTemplate?.Overrides ?? [];
      return [
        LaunchTemplate?.LaunchTemplateSpecification?.Version,
        override?.LaunchTemplateSpecification?.Version,
      ];
    };
    await expect(blue()).resolves.toEqual(['1', '1']);
    const version = parts.greenLaunchTemplateVersion;
    await world.run(world.fleets.restoreBlue(plan, plan.createdAt));
    await expect(blue()).resolves.toEqual(['1', '1']);
    await world.run(world.fleets.discardLaunchTemplateVersion(plan, version));
    await expect(blue()).resolves.toEqual(['$Latest', '$Latest']);
  });
});
