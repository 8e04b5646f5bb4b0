/** The ports together on a network load balancer: a deployment there, as on any other. */
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it } from 'vitest';
import { makePlan } from '../../shared/core/plan.ts';
import { initialProgress } from '../../shared/core/progress.ts';
import { parseDeploymentRequest, parseServiceDefinition, toSpec } from '../../shared/core/spec.ts';
import { createLiveWorld } from './live-world.ts';

const open = () => Promise.resolve();

it('brings green up behind a network load balancer, moves the connections, and lets blue go', async () => {
  const world = await createLiveWorld({ isNetwork: true });
  const { run, builder, router, pass, clients } = world;
  const spec = toSpec(
    parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue' }),
    parseDeploymentRequest({ service: 'web', imageId: world.imageId }),
  );
  const estate = await run(world.estate.read(spec));
  const plan = makePlan({ spec, estate, deploymentId: 'd-1', now: world.now() });
  expect(plan.routes.map(({ type }) => type)).toEqual(['listenerDefault']);
  await run(world.fleets.pinBlue(plan));
  const greenLaunchTemplateVersion = await run(builder.createLaunchTemplateVersion(plan));
  const greenTargetGroupArn = await run(builder.createTargetGroup(plan));
  const pair = { blueTargetGroupArn: plan.blue.targetGroupArn, greenTargetGroupArn };
  await run(router.shift(plan.routes, pair, 0, open));
  await run(builder.createGroup(plan, { greenLaunchTemplateVersion, greenTargetGroupArn }));
  await pass(300);
  const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [greenTargetGroupArn] });
  const { TargetGroups = [] } = await run(clients.loadBalancing.send(command));
  expect(TargetGroups[0]).toMatchObject({ Protocol: 'TCP', HealthCheckProtocol: 'TCP' });
  for (const weight of [10, 100]) {
    await run(router.shift(plan.routes, pair, weight, open));
    await pass(60);
  }
  const scope = { alarms: true, blue: true, green: true, routes: true };
  const progress = { ...initialProgress('x'), greenTargetGroupArn };
  const seen = await run(world.observer.observe(plan, progress, scope));
  expect(seen.green).toMatchObject({ healthyCount: 2, failures: [] });
  expect(seen.routes[0]?.weights).toEqual({ blue: 0, green: 100 });
  const fleets = {
    keepTargetGroupArn: greenTargetGroupArn,
    removeTargetGroupArn: plan.blue.targetGroupArn,
  };
  await run(router.settle(plan.routes, fleets, open));
  const [reading] = await run(router.read(plan.routes, pair));
  expect(reading?.weights).toEqual({ blue: undefined, green: 100 });
});
