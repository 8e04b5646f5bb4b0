/**
 * The local region: every service, wired to the others, behind one endpoint.
 *
 * Start reading here: `createRegion` names the services in the order in which they depend on each
 * other. `kernel/` is what they share, `wire/` the protocols, `iam/` who may do what, `endpoint/`
 * the way of a call, `services/` one folder for each service of AWS.
 * Not for: anything of Teal's. The region would run any other packaged service just as well.
 */
import { createEndpoint, type Endpoint } from './endpoint/endpoint.ts';
import type { Faults } from './endpoint/faults.ts';
import { createIdentities, type IdentityStore } from './iam/identities.ts';
import { createHex, createRandom } from './kernel/chance.ts';
import type { Clock } from './kernel/clock.ts';
import type { Credentials, MessageQueues } from './kernel/contracts.ts';
import type { Kernel, Measurement, RegionEvent } from './kernel/kernel.ts';
import type { Quotas } from './kernel/quotas.ts';
import { createMachines, type MachineRoom } from './machines/machines.ts';
import { createHttpApi, type HttpApis } from './services/api-gateway/http-api.ts';
import { verifierOf } from './services/api-gateway/verifier.ts';
import { type AutoScaling, createAutoScaling } from './services/auto-scaling/auto-scaling.ts';
import { type CloudWatch, createCloudWatch } from './services/cloudwatch/cloudwatch.ts';
import { createDynamoDb, type DynamoDb } from './services/dynamodb/dynamodb.ts';
import { createEc2, type Ec2 } from './services/ec2/ec2.ts';
import type { LaunchFault } from './services/ec2/launches.ts';
import {
  createElasticLoadBalancing,
  type ElasticLoadBalancing,
} from './services/elastic-load-balancing-v2/elastic-load-balancing.ts';
import {
  createEventBridge,
  type EventBridge,
  type EventBridgeOptions,
} from './services/eventbridge/eventbridge.ts';
import { createImageBuilder, type ImageBuilder } from './services/imagebuilder/imagebuilder.ts';
import { createKeys, type Keys } from './services/kms/keys.ts';
import { createKms } from './services/kms/kms.ts';
import { createLambda, type Lambda } from './services/lambda/lambda.ts';
import { createRoute53, type Route53 } from './services/route-53/route-53.ts';
import { createServiceQuotas } from './services/service-quotas/service-quotas.ts';
import { createSns, type Sns } from './services/sns/sns.ts';
import {
  createStepFunctions,
  type StepFunctions,
} from './services/step-functions/step-functions.ts';
import { createSqs } from './services/sqs/sqs.ts';
import { createSsm } from './services/ssm/ssm.ts';
import { createSts } from './services/sts/sts.ts';
import { createStacks, type Stack, type StackOptions } from './stack.ts';

/** Seed of a region that was not given one. */
const DEFAULT_SEED = 1;

/**
 * Region seconds for which a new Auto Scaling group is not described yet. AWS promises no more than
 * eventual consistency and names no number: our choice, so that nobody takes a created group for
 * one that can be read.
 */
const NEW_GROUP_LAG_SECONDS = 2;

/** How a region runs. Only the clock has no default. */
export interface RegionOptions {
  readonly clock: Clock;
  /** The same seed and a virtual clock give the same run to the last event. Absent means 1. */
  readonly seed?: number;
  /** Absent means that nothing is logged. */
  readonly log?: (line: string) => void;
  /** Spoils calls on purpose. Absent means that nothing goes wrong. */
  readonly faults?: Faults;
  /** Whether AWS's request rates hold. Absent means that they do. */
  readonly isThrottled?: boolean;
  /** Loses or doubles events on purpose. Absent means that every delivery is made once. */
  readonly deliveryFaults?: EventBridgeOptions['deliveryFaults'];
  /** Makes launches of instances fail on purpose. Absent means that there is always room. */
  readonly launchFault?: LaunchFault;
  /** Quotas that are not those of a new account. */
  readonly quotas?: Quotas;
}

/** A running region. */
export interface Region {
  readonly clock: Clock;
  /** Credentials that may do everything. */
  readonly administrator: Credentials;
  /** Roles besides those of a package, and sessions of them. */
  readonly identities: Pick<IdentityStore, 'addRole' | 'assume'>;
  readonly endpoint: Endpoint;
  readonly machines: MachineRoom;
  readonly ec2: Ec2;
  readonly imageBuilder: Pick<ImageBuilder, 'begin' | 'setStatus' | 'imageOf'>;
  readonly keys: Pick<Keys, 'add' | 'setState'>;
  readonly autoScaling: Pick<AutoScaling, 'tagAsService'>;
  readonly cloudWatch: Pick<CloudWatch, 'breakEvaluation'>;
  readonly loadBalancing: ElasticLoadBalancing;
  readonly route53: Route53;
  readonly lambda: Lambda;
  readonly stepFunctions: StepFunctions;
  readonly eventBridge: EventBridge;
  readonly sns: Sns;
  readonly queues: MessageQueues;
  readonly httpApis: HttpApis;
  /** Actions that a role asked for and was allowed so far, by IAM's names. */
  usedActions(roleArn: string): ReadonlySet<string>;
  /** Opens the endpoint and every listener on 127.0.0.1. Answers the endpoint's origin. */
  listen(port?: number): Promise<string>;
  /**
   * Loads what `serverless package` left in a folder. Again, it updates the stack: functions and
   * state machine change, versions and running executions stay.
   * @throws TemplateProblem naming the resource
   */
  loadPackage(folder: string, options?: StackOptions): Promise<Stack>;
  /** Ends every program, closes every socket, forgets everything. */
  stop(): Promise<void>;
}

/** Starts a region with a default VPC and nothing in it. */
export function createRegion(options: RegionOptions): Region {
  const { clock } = options;
  const { kernel, connect } = createHub(options);
  const identities = createIdentities();
  const fleets = createFleets(kernel, options);
  const { machines, ec2, imageBuilder, keys, loadBalancing, route53 } = fleets;
  const sns = createSns({ kernel });
  const { autoScaling, cloudWatch } = createScaling(kernel, { ...fleets, sns });
  const dynamoDb = createDynamoDb(kernel);
  const automation = createAutomation({ kernel, identities, sns, options });
  const { lambda, stepFunctions, eventBridge, httpApis, sqs, address } = automation;
  connect({
    emit: (event) => eventBridge.deliver(event),
    measure: (measurement) => cloudWatch.record(measurement),
  });
  const operating = [autoScaling, cloudWatch, ec2, eventBridge, lambda, loadBalancing, sns, sqs];
  const alone = [createKms(keys), createServiceQuotas(kernel), createSsm(kernel)];
  const others = [...alone, imageBuilder, route53, stepFunctions];
  const services = [...operating, ...others].map(({ service }) => service);
  const endpoint = createEndpoint({
    kernel,
    identities,
    services: [...services, dynamoDb, createSts()],
    isThrottled: options.isThrottled ?? true,
    ...(options.faults && { faults: options.faults }),
  });
  const stacks = createStacks({ kernel, identities, ...automation, dynamoDb, endpoint });
  return {
    clock,
    administrator: identities.administrator,
    identities,
    endpoint,
    machines,
    ec2,
    imageBuilder,
    keys,
    autoScaling,
    cloudWatch,
    loadBalancing,
    route53,
    lambda,
    stepFunctions,
    eventBridge,
    sns,
    queues: sqs.queues,
    httpApis,
    usedActions: (roleArn) => identities.usedActions(roleArn),
    listen: async (port) => {
      address.origin = await endpoint.listen(port);
      await loadBalancing.startDataPlane();
      return address.origin;
    },
    loadPackage: (folder, given) => stacks.load(folder, given),
    stop: () => stopAll({ clock, endpoint, httpApis, lambda, loadBalancing, machines }),
  };
}

/** Time first, so that nothing begins while the rest ends. */
async function stopAll(
  parts: Pick<Region, 'clock' | 'endpoint' | 'httpApis' | 'lambda' | 'loadBalancing' | 'machines'>,
): Promise<void> {
  parts.clock.stop();
  await Promise.all([parts.endpoint.close(), parts.httpApis.close(), parts.lambda.stop()]);
  await parts.loadBalancing.close();
  await parts.machines.stopAll();
}

/** Instances and what sends them requests. */
function createFleets(kernel: Kernel, { launchFault }: RegionOptions) {
  const machines = createMachines({ kernel });
  const keys = createKeys(kernel);
  const ec2 = createEc2({
    kernel,
    machines,
    isKeyUsable: (...key) => keys.isUsable(...key),
    ...(launchFault && { launchFault }),
  });
  const { network } = ec2.fleet;
  const loadBalancing = createElasticLoadBalancing({ kernel, machines, network });
  const { names: loadBalancers, traffic } = loadBalancing;
  const route53 = createRoute53({ kernel, loadBalancers, traffic });
  const imageBuilder = createImageBuilder({ kernel, addImage: (seed) => ec2.addImage(seed) });
  return { machines, ec2, imageBuilder, keys, loadBalancing, route53 };
}

/** Groups of instances and the alarms that scale them: each of the two calls the other. */
function createScaling(
  kernel: Kernel,
  { ec2, loadBalancing, sns }: { ec2: Ec2; loadBalancing: ElasticLoadBalancing; sns: Sns },
) {
  const cloudWatch = createCloudWatch({
    kernel,
    notify: (arn, notice) => sns.publish(arn, notice),
    performAction: (arn, alarm) => autoScaling.performAction(arn, alarm),
  });
  const autoScaling = createAutoScaling({
    kernel,
    ec2: ec2.fleet,
    registry: loadBalancing.registry,
    describeLagSeconds: NEW_GROUP_LAG_SECONDS,
    alarms: cloudWatch.alarms,
    notify: (arn, notice) => sns.publish(arn, notice),
  });
  return { autoScaling, cloudWatch };
}

/** Functions, executions, and what starts them. */
function createAutomation(dependencies: {
  readonly kernel: Kernel;
  readonly identities: IdentityStore;
  readonly sns: Sns;
  readonly options: RegionOptions;
}) {
  const { kernel, identities, sns, options } = dependencies;
  const sqs = createSqs({ kernel, identities });
  const { queues } = sqs;
  // Known once the region listens; functions reach it by then.
  const address = { origin: '' };
  const lambda = createLambda({ kernel, identities, queues, endpointUrl: () => address.origin });
  const { functions } = lambda;
  const stepFunctions = createStepFunctions({ kernel, functions, identities });
  const eventBridge = createEventBridge({
    kernel,
    functions,
    executions: stepFunctions.executions,
    sns,
    queues,
    ...(options.deliveryFaults && { deliveryFaults: options.deliveryFaults }),
  });
  const httpApis = createHttpApi({ kernel, functions, identities, verify: verifierOf(identities) });
  return { lambda, stepFunctions, eventBridge, httpApis, sqs, address };
}

/** What the loader of templates needs of a region. */
export interface StackParts {
  readonly kernel: Kernel;
  readonly identities: IdentityStore;
  readonly lambda: Lambda;
  readonly eventBridge: EventBridge;
  readonly stepFunctions: StepFunctions;
  readonly httpApis: HttpApis;
  readonly dynamoDb: DynamoDb;
  readonly endpoint: Endpoint;
}

interface Connections {
  readonly emit: (event: RegionEvent) => void;
  readonly measure: (measurement: Measurement) => void;
}

/**
 * The kernel, whose events and measurements go to services that are built with it: they are
 * connected once both exist. Nothing happens in between.
 */
function createHub({ clock, seed = DEFAULT_SEED, log, quotas }: RegionOptions): {
  kernel: Kernel;
  connect: (connections: Connections) => void;
} {
  const random = createRandom(seed);
  let connections: Connections | undefined;
  return {
    connect: (given) => {
      connections = given;
    },
    kernel: {
      clock,
      random,
      hex: createHex(random),
      emit: (event) => connections?.emit(event),
      measure: (measurement) => connections?.measure(measurement),
      ...(quotas && { quotas }),
      log: log ?? (() => undefined),
    },
  };
}
