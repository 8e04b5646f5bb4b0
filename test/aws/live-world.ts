/**
 * The ports over the local region in virtual time: a blue fleet of two instances behind a load
 * balancer with a default action and a rule, and everything that a deployment needs to replace it.
 */
import {
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { createEndpoint } from '../../region/endpoint/endpoint.ts';
import { createIdentities } from '../../region/iam/identities.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createMachines } from '../../region/machines/machines.ts';
import { createAutoScaling } from '../../region/services/auto-scaling/auto-scaling.ts';
import { createCloudWatch } from '../../region/services/cloudwatch/cloudwatch.ts';
import { createEc2 } from '../../region/services/ec2/ec2.ts';
import { createSns } from '../../region/services/sns/sns.ts';
import { createElasticLoadBalancing } from '../../region/services/elastic-load-balancing-v2/elastic-load-balancing.ts';
import { createBlueRestorer } from '../../shared/aws/blue-restorer.ts';
import { createGreenCloner } from '../../shared/aws/clone/cloner.ts';
import { createFleetAlarms } from '../../shared/aws/clone/fleet-alarms.ts';
import { type ClientOptions, type Clients, createClients } from '../../shared/aws/clients.ts';
import { createElasticLoadBalancingRouter } from '../../shared/aws/elastic-load-balancing-router.ts';
import { createEstateReader } from '../../shared/aws/estate-reader.ts';
import { createFleets } from '../../shared/aws/fleets.ts';
import { createGreenBuilder } from '../../shared/aws/green-builder.ts';
import { createObserver } from '../../shared/aws/observer.ts';
import { createTestKernel } from '../region/test-kernel.ts';

const NEW_IMAGE = 'ami-00000000000000002';

/** Builds the region and blue in it. */
export async function createLiveWorld(
  options: { templateVersion?: string; isNetwork?: boolean } = {},
) {
  const { clock, endpoint, clients, images } = startRegion();
  // The SDK takes real time before its call arrives; virtual time must not run out meanwhile.
  const run = <T>(done: Promise<T>) => clock.runUntil(clock.work(() => done));
  const pass = (seconds: number) => clock.runUntil(clock.sleep(seconds * 1000));
  const made = await run(
    createBlue(clients, images.old, { templateVersion: '1', isNetwork: false, ...options }),
  );
  const router = createElasticLoadBalancingRouter(clients.loadBalancing);
  await pass(120);
  return {
    ...made,
    clients,
    router,
    imageId: images.new,
    estate: createEstateReader({ ...clients, router, recordsOf: () => router }),
    observer: createObserver({ ...clients, router }),
    builder: createGreenBuilder(clients),
    cloner: createGreenCloner(clients),
    alarms: createFleetAlarms(clients.cloudWatch),
    fleets: { ...createFleets(clients), ...createBlueRestorer(clients) },
    /** Waits for an answer of the region. */
    run,
    /** Lets region seconds pass. */
    pass,
    now: () => new Date(clock.now()).toISOString(),
    /** The operations that were called since, and forgets nothing. */
    calls: () => endpoint.calls().map(({ operation }) => operation),
    group: async (name: string) => {
      const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
      return (await run(clients.autoScaling.send(command))).AutoScalingGroups?.[0];
    },
  };
}

function startRegion() {
  const clock = createVirtualClock({ start: Date.UTC(2026, 0, 5, 9, 0, 0) });
  const kernel = createTestKernel(clock, { seed: 1 });
  const machines = createMachines({ kernel });
  const ec2 = createEc2({ kernel, machines });
  const network = ec2.fleet.network;
  const balancing = createElasticLoadBalancing({ kernel, machines, network });
  const { registry } = balancing;
  const sns = createSns({ kernel });
  const cloudWatch = createCloudWatch({
    kernel,
    notify: (arn, notice) => sns.publish(arn, notice),
    performAction: (arn, alarm) => autoScaling.performAction(arn, alarm),
  });
  const autoScaling = createAutoScaling({
    kernel,
    ec2: ec2.fleet,
    registry,
    alarms: cloudWatch.alarms,
    notify: (arn, notice) => sns.publish(arn, notice),
  });
  const services = [
    ec2.service,
    balancing.service,
    autoScaling.service,
    cloudWatch.service,
    sns.service,
  ];
  const identities = createIdentities();
  const endpoint = createEndpoint({ kernel, services, identities });
  const options: ClientOptions = {
    region: 'us-east-1',
    endpoint: 'http://region.invalid',
    credentials: identities.administrator,
    requestHandler: endpoint.requestHandler as ClientOptions['requestHandler'] & object,
    maxAttempts: 1,
  };
  const images = {
    old: ec2.addImage({ name: 'app-1', program: { type: 'model' } }),
    new: ec2.addImage({ imageId: NEW_IMAGE, name: 'app-2', program: { type: 'model' } }),
  };
  return { clock, endpoint, clients: createClients(options), images };
}

/** A network load balancer has no rules, and connects where the other one asks over HTTP. */
async function createBlue(
  clients: Clients,
  imageId: string,
  { templateVersion, isNetwork }: { templateVersion: string; isNetwork: boolean },
) {
  const { autoScaling, ec2, loadBalancing } = clients;
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnetIds = Subnets.map(({ SubnetId = '' }) => SubnetId);
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' },
    }),
  );
  const balancer = await loadBalancing.send(
    new CreateLoadBalancerCommand({
      Name: 'web',
      Subnets: subnetIds,
      Type: isNetwork ? 'network' : 'application',
    }),
  );
  const loadBalancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const targetGroup = await loadBalancing.send(
    new CreateTargetGroupCommand({
      Name: 'web-blue',
      Protocol: isNetwork ? 'TCP' : 'HTTP',
      Port: 8080,
      VpcId: Subnets[0]?.VpcId,
      ...(!isNetwork && { HealthCheckPath: '/health' }),
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      Tags: [{ Key: 'team', Value: 'shop' }],
    }),
  );
  const targetGroupArn = targetGroup.TargetGroups?.[0]?.TargetGroupArn ?? '';
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }];
  const listener = await loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Port: 80,
      Protocol: isNetwork ? 'TCP' : 'HTTP',
      DefaultActions,
    }),
  );
  const listenerArn = listener.Listeners?.[0]?.ListenerArn ?? '';
  const rule = new CreateRuleCommand({
    ListenerArn: listenerArn,
    Priority: 10,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/shop/*'] } }],
    Actions: DefaultActions,
  });
  if (!isNetwork) await loadBalancing.send(rule);
  const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId ?? '';
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'web-blue',
      LaunchTemplate: { LaunchTemplateId, Version: templateVersion },
      MinSize: 1,
      MaxSize: 4,
      DesiredCapacity: 2,
      VPCZoneIdentifier: subnetIds.join(','),
      TargetGroupARNs: [targetGroupArn],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 60,
      Tags: [{ Key: 'team', Value: 'shop', PropagateAtLaunch: true }],
    }),
  );
  return { loadBalancerArn, listenerArn, targetGroupArn, launchTemplateId: LaunchTemplateId };
}
