/** The ports together on the local region: a deployment there and back, with every call made twice. */
import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { makePlan, type Plan } from '../../shared/core/plan.ts';
import { initialProgress } from '../../shared/core/progress.ts';
import { parseDeploymentRequest, parseServiceDefinition, toSpec } from '../../shared/core/spec.ts';
import { createLiveWorld } from './live-world.ts';

type World = Awaited<ReturnType<typeof createLiveWorld>>;

const everything = { alarms: true, blue: true, green: true, routes: true };

async function planIn(world: World): Promise<Plan> {
  const spec = toSpec(
    parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue' }),
    parseDeploymentRequest({ service: 'web', imageId: world.imageId }),
  );
  const estate = await world.run(world.estate.read(spec));
  return makePlan({ spec, estate, deploymentId: 'd-1', now: world.now() });
}

/** Does everything that PrepareGreen does. */
async function prepare({ run, builder, fleets, router }: World, plan: Plan) {
  await run(fleets.pinBlue(plan));
  const greenLaunchTemplateVersion = await run(builder.createLaunchTemplateVersion(plan));
  const greenTargetGroupArn = await run(builder.createTargetGroup(plan));
  const parts = { greenLaunchTemplateVersion, greenTargetGroupArn };
  const pair = { blueTargetGroupArn: plan.blue.targetGroupArn, greenTargetGroupArn };
  await run(router.shift(plan.routes, pair, 0, open));
  await run(builder.createGroup(plan, parts));
  return { parts, pair };
}

const observe = ({ run, observer }: World, plan: Plan, greenTargetGroupArn: string) =>
  run(observer.observe(plan, { ...initialProgress('x'), greenTargetGroupArn }, everything));

const writes = (world: World) =>
  world.calls().filter((operation) => !operation.startsWith('Describe'));

/** A fence that lets everything through. */
const open = () => Promise.resolve();

describe('a deployment on the local region', () => {
  it('reads an estate that can be planned from', async () => {
    const world = await createLiveWorld();
    const plan = await planIn(world);
    expect(plan.blue).toMatchObject({
      autoScalingGroupName: 'web-blue',
      targetGroupArn: world.targetGroupArn,
      desiredCapacity: 2,
      configuredVersion: '1',
      launchTemplateVersion: 1,
      retirement: 'scaleToZero',
    });
    expect(plan.routes.map(({ type }) => type).toSorted()).toEqual(['listenerDefault', 'rule']);
  });

  it('brings green up beside blue, and doing it twice changes nothing', async () => {
    const world = await createLiveWorld();
    const plan = await planIn(world);
    const first = await prepare(world, plan);
    await world.pass(300);
    const before = writes(world).length;
    const second = await prepare(world, plan);
    expect(second).toEqual(first);
    expect(writes(world).slice(before)).toEqual([
      'CreateLaunchTemplateVersion',
      'CreateAutoScalingGroup',
    ]);
    const { green, blue, routes } = await observe(world, plan, first.pair.greenTargetGroupArn);
    expect(green).toMatchObject({ exists: true, healthyCount: 2, complaints: [], failures: [] });
    expect(blue).toMatchObject({ exists: true, healthyCount: 2 });
    expect(routes.map(({ weights }) => weights)).toEqual([
      { blue: 100, green: 0 },
      { blue: 100, green: 0 },
    ]);
  });

  it('moves the traffic, and takes blue down to nothing', async () => {
    const world = await createLiveWorld();
    const plan = await planIn(world);
    const { pair } = await prepare(world, plan);
    await world.pass(300);
    for (const weight of [10, 10, 100]) {
      await world.run(world.router.shift(plan.routes, pair, weight, open));
    }
    const shifted = await observe(world, plan, pair.greenTargetGroupArn);
    expect(shifted.routes[0]?.weights).toEqual({ blue: 0, green: 100 });
    await world.run(world.fleets.releaseGreen(plan, plan.createdAt));
    await world.run(
      world.router.settle(
        plan.routes,
        {
          keepTargetGroupArn: pair.greenTargetGroupArn,
          removeTargetGroupArn: pair.blueTargetGroupArn,
        },
        open,
      ),
    );
    const { autoScalingGroupName, targetGroupArn } = plan.blue;
    await world.run(world.fleets.resize(autoScalingGroupName, { minSize: 0, desiredCapacity: 0 }));
    await world.pass(900);
    await world.run(world.fleets.remove({ autoScalingGroupName, targetGroupArn }));
    const { blue, green, routes } = await observe(world, plan, pair.greenTargetGroupArn);
    expect([blue.exists, green.healthyCount]).toEqual([false, 2]);
    expect(routes[0]?.weights).toEqual({ blue: undefined, green: 100 });
    await world.run(world.fleets.remove({ autoScalingGroupName, targetGroupArn }));
    await world.pass(600);
    await expect(world.group(autoScalingGroupName)).resolves.toBeUndefined();
    await expect(world.group(plan.green.autoScalingGroupName)).resolves.toMatchObject({
      MinSize: 1,
      MaxSize: 4,
    });
  });

  it('goes back, and leaves blue on $Latest and nothing of green', async () => {
    const world = await createLiveWorld({ templateVersion: '$Latest' });
    const plan = await planIn(world);
    const { parts, pair } = await prepare(world, plan);
    await world.pass(300);
    await expect(world.group('web-blue')).resolves.toMatchObject({
      MinSize: 2,
      LaunchTemplate: { Version: '1' },
    });
    await world.run(world.fleets.restoreBlue(plan, plan.createdAt));
    await expect(world.group('web-blue')).resolves.toMatchObject({
      MinSize: 1,
      LaunchTemplate: { Version: '1' },
    });
    await world.run(
      world.router.settle(
        plan.routes,
        {
          keepTargetGroupArn: pair.blueTargetGroupArn,
          removeTargetGroupArn: pair.greenTargetGroupArn,
        },
        open,
      ),
    );
    const { autoScalingGroupName, targetGroupName } = plan.green;
    await world.run(world.fleets.resize(autoScalingGroupName, { minSize: 0, desiredCapacity: 0 }));
    await world.pass(900);
    for (let time = 0; time < 2; time += 1) {
      const green = { autoScalingGroupName, targetGroupName, createdBy: 'd-1' };
      await world.run(world.fleets.remove(green));
      const version = parts.greenLaunchTemplateVersion;
      await world.run(world.fleets.discardLaunchTemplateVersion(plan, version));
    }
    await expect(world.group('web-blue')).resolves.toMatchObject({
      DesiredCapacity: 2,
      LaunchTemplate: { Version: '$Latest' },
    });
    const { clients, run, launchTemplateId: LaunchTemplateId } = world;
    const groups = await run(clients.loadBalancing.send(new DescribeTargetGroupsCommand({})));
    expect(groups.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)).toEqual([
      'web-blue',
    ]);
    const versions = await run(
      clients.ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId })),
    );
    expect(versions.LaunchTemplateVersions).toHaveLength(1);
  });
});
