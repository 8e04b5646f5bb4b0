/**
 * The world as the functions get it: ports on the AWS SDK, configured by the environment. The only
 * place that reads `process.env`. Each port is a function of its own, so that a bundle carries
 * only the clients that its function uses; clients are made once for each process.
 */
import { createBlueRestorer } from '../shared/aws/blue-restorer.ts';
import * as clients from '../shared/aws/clients.ts';
import { createGreenCloner } from '../shared/aws/clone/cloner.ts';
import { createFleetAlarms } from '../shared/aws/clone/fleet-alarms.ts';
import { createDeployments } from '../shared/aws/dynamodb-deployments.ts';
import { createHolds } from '../shared/aws/dynamodb-holds.ts';
import { createLocks } from '../shared/aws/dynamodb-locks.ts';
import { createServices } from '../shared/aws/dynamodb-services.ts';
import { createTable } from '../shared/aws/dynamodb-table.ts';
import { createTimeline } from '../shared/aws/dynamodb-timeline.ts';
import { createWatches } from '../shared/aws/dynamodb-watches.ts';
import { createElasticLoadBalancingRouter } from '../shared/aws/elastic-load-balancing-router.ts';
import { createEstateReader } from '../shared/aws/estate-reader.ts';
import { createExecutions } from '../shared/aws/executions.ts';
import { createFleets } from '../shared/aws/fleets.ts';
import { createGreenBuilder } from '../shared/aws/green-builder.ts';
import { createImages } from '../shared/aws/images.ts';
import { createNotifier } from '../shared/aws/notifier.ts';
import { createObserver } from '../shared/aws/observer.ts';
import { createTimepiece } from '../shared/aws/timepiece.ts';
import { invariant } from '../shared/core/errors.ts';

const autoScaling = /* @__PURE__ */ once(() => clients.createAutoScalingClient());
const cloudWatch = /* @__PURE__ */ once(() => clients.createCloudWatchClient());
const dynamoDb = /* @__PURE__ */ once(() => clients.createDynamoDbClient());
const ec2 = /* @__PURE__ */ once(() => clients.createEc2Client());
const loadBalancing = /* @__PURE__ */ once(() => clients.createLoadBalancingClient());
const stepFunctions = /* @__PURE__ */ once(() => clients.createStepFunctionsClient());
const sns = /* @__PURE__ */ once(() => clients.createSnsClient());
const table = /* @__PURE__ */ once(() => createTable(dynamoDb(), setting('TEAL_TABLE')));

/** Definitions of services. */
export const services = () => createServices(table());

/** Records of deployments. */
export const deployments = () => createDeployments(table());

/** What a deployment tells of itself. */
export const timeline = () => createTimeline(table());

/** Locks of services. */
export const locks = () => createLocks(table());

/** Holds that wait. */
export const holds = () => createHolds(table());

/** Which deployments watch which alarm. */
export const watches = () => createWatches(table());

/** The three ports of every task. */
export const journal = () => ({ deployments: deployments(), timeline: timeline(), locks: locks() });

/** Weights on Application Load Balancers. */
export const trafficRouter = () => createElasticLoadBalancingRouter(loadBalancing());

/** What is live before a deployment. */
export const estate = () =>
  createEstateReader({
    autoScaling: autoScaling(),
    cloudWatch: cloudWatch(),
    ec2: ec2(),
    loadBalancing: loadBalancing(),
    router: trafficRouter(),
  });

/** What is live while one runs. */
export const observer = () =>
  createObserver({
    autoScaling: autoScaling(),
    cloudWatch: cloudWatch(),
    loadBalancing: loadBalancing(),
    router: trafficRouter(),
  });

/** What makes green. */
export const greenBuilder = () =>
  createGreenBuilder({ autoScaling: autoScaling(), ec2: ec2(), loadBalancing: loadBalancing() });

/** What gives green all that hangs on blue. */
export const greenCloner = () =>
  createGreenCloner({
    autoScaling: autoScaling(),
    cloudWatch: cloudWatch(),
    ec2: ec2(),
    loadBalancing: loadBalancing(),
  });

/** What deletes the alarms of a fleet that goes. */
export const fleetAlarms = () => createFleetAlarms(cloudWatch());

/** What changes fleets. */
export const fleets = () =>
  createFleets({ autoScaling: autoScaling(), loadBalancing: loadBalancing() });

/** What gives blue back what was taken from it. */
export const blueRestorer = () => createBlueRestorer({ autoScaling: autoScaling(), ec2: ec2() });

/** Images and their tags. */
export const images = () => createImages(ec2());

/** Executions of the state machine. */
export const executions = () =>
  createExecutions(stepFunctions(), setting('TEAL_STATE_MACHINE_ARN'));

/** People who want to know. */
export const notifier = () => createNotifier(sns(), setting('TEAL_TOPIC_ARN'));

/** The time, and waiting. */
export const timepiece = () => createTimepiece();

function setting(name: string): string {
  const value = process.env[name];
  invariant(value, `the function was deployed without ${name} in its environment.`);
  return value;
}

function once<Value>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= make());
}
