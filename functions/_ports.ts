/**
 * The world as the functions get it: ports on the AWS SDK, configured by the environment. The only
 * place that reads `process.env`. Each port is a function of its own, so that a bundle carries
 * only the clients that its function uses; clients are made once for each process.
 */
import { createBlueRestorer } from '../shared/aws/blue-restorer.ts';
import * as clients from '../shared/aws/clients.ts';
import { createGreenCloner } from '../shared/aws/clone/cloner.ts';
import { createFleetAlarms } from '../shared/aws/clone/fleet-alarms.ts';
import { createDefaultVersions } from '../shared/aws/default-versions.ts';
import { createDeployments } from '../shared/aws/dynamodb-deployments.ts';
import { createHolds } from '../shared/aws/dynamodb-holds.ts';
import { createLeases } from '../shared/aws/dynamodb-leases.ts';
import { createLocks } from '../shared/aws/dynamodb-locks.ts';
import { createQueue } from '../shared/aws/dynamodb-queue.ts';
import { createRequests } from '../shared/aws/dynamodb-requests.ts';
import { createServices } from '../shared/aws/dynamodb-services.ts';
import { createTable } from '../shared/aws/dynamodb-table.ts';
import { createTimeline } from '../shared/aws/dynamodb-timeline.ts';
import { createWatches } from '../shared/aws/dynamodb-watches.ts';
import { createElasticLoadBalancingRouter } from '../shared/aws/elastic-load-balancing-router.ts';
import { createEstateReader } from '../shared/aws/estate-reader.ts';
import { createExecutionReader, createExecutions, homeOf } from '../shared/aws/executions.ts';
import { createFleets } from '../shared/aws/fleets.ts';
import { createGreenGuard } from '../shared/aws/green-guard.ts';
import { createGreenBuilder } from '../shared/aws/green-builder.ts';
import { createGroupSurvey } from '../shared/aws/group-survey.ts';
import { createImageBuilds } from '../shared/aws/image-builds.ts';
import { createImages } from '../shared/aws/images.ts';
import { createNotifier } from '../shared/aws/notifier.ts';
import { createObserver } from '../shared/aws/observer.ts';
import { createRoute53Router, type RecordRouting } from '../shared/aws/route-53-router.ts';
import { combineRouters, whenUsed } from '../shared/aws/routers.ts';
import { createPointers } from '../shared/aws/ssm-pointers.ts';
import { createStandbyListeners } from '../shared/aws/standby-listeners.ts';
import { createSurroundingsReader } from '../shared/aws/preflight/surroundings-reader.ts';
import { createTimepiece } from '../shared/aws/timepiece.ts';
import { invariant } from '../shared/core/errors.ts';

const autoScaling = /* @__PURE__ */ once(() => clients.createAutoScalingClient());
const cloudWatch = /* @__PURE__ */ once(() => clients.createCloudWatchClient());
const dynamoDb = /* @__PURE__ */ once(() => clients.createDynamoDbClient());
const ec2 = /* @__PURE__ */ once(() => clients.createEc2Client());
const imageBuilder = /* @__PURE__ */ once(() => clients.createImageBuilderClient());
const kms = /* @__PURE__ */ once(() => clients.createKmsClient());
const loadBalancing = /* @__PURE__ */ once(() => clients.createLoadBalancingClient());
const route53 = /* @__PURE__ */ once(() => clients.createRoute53Client());
const serviceQuotas = /* @__PURE__ */ once(() => clients.createServiceQuotasClient());
const stepFunctions = /* @__PURE__ */ once(() => clients.createStepFunctionsClient());
const sns = /* @__PURE__ */ once(() => clients.createSnsClient());
const ssm = /* @__PURE__ */ once(() => clients.createSsmClient());
const table = /* @__PURE__ */ once(() => createTable(dynamoDb(), setting('TEAL_TABLE')));

/** Definitions of services. */
export const services = () => createServices(table());

/** Records of deployments. */
export const deployments = () => createDeployments(table());

/** What the API was asked to start. */
export const requests = () => createRequests(table());

/** What a deployment tells of itself. */
export const timeline = () => createTimeline(table());

/** Locks of services. */
export const locks = () => createLocks(table());

/** Deployments that wait for their turn. */
export const queue = () => createQueue(table());

/** What deployments froze or owe. */
export const leases = () => createLeases(table());

/** Holds that wait. */
export const holds = () => createHolds(table());

/** The ports of a state that waits for a signal. */
export const waiting = () => ({
  deployments: deployments(),
  holds: holds(),
  locks: locks(),
  leases: leases(),
  observer: observer(),
  executions: executions(),
});

/** Which deployments watch which alarm. */
export const watches = () => createWatches(table());

/** The three ports of every task. */
export const journal = () => ({ deployments: deployments(), timeline: timeline(), locks: locks() });

/** Weighted records: those of a definition, or any that a plan knows. */
const recordsOf = (routing?: RecordRouting) =>
  createRoute53Router({
    client: route53(),
    sleep: (seconds) => timepiece().sleep(seconds),
    ...(routing && { routing }),
  });

/** Weights on load balancers. */
const balancing = () => createElasticLoadBalancingRouter(loadBalancing());

/** Weights on load balancers, and on records where a service has them. */
export const trafficRouter = () => {
  const rules = balancing();
  const weightedRecord = whenUsed(() => recordsOf());
  return combineRouters({ rule: rules, listenerDefault: rules, weightedRecord });
};

/** The listeners on both sides of a name. */
export const standbyListeners = () => createStandbyListeners(loadBalancing());

/** What is live before a deployment. */
export const estate = () =>
  createEstateReader({
    autoScaling: autoScaling(),
    cloudWatch: cloudWatch(),
    ec2: ec2(),
    loadBalancing: loadBalancing(),
    router: balancing(),
    recordsOf,
  });

/** A group before anybody has defined a service for it. */
export const groupSurvey = () =>
  createGroupSurvey({
    autoScaling: autoScaling(),
    cloudWatch: cloudWatch(),
    loadBalancing: loadBalancing(),
    ec2: ec2(),
    router: balancing(),
  });

/** What a deployment would meet besides blue. */
export const surroundings = () =>
  createSurroundingsReader({
    autoScaling: autoScaling(),
    cloudWatch: cloudWatch(),
    ec2: ec2(),
    kms: kms(),
    loadBalancing: loadBalancing(),
    serviceQuotas: serviceQuotas(),
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

/** What hears that green lost targets. */
export const greenGuard = () => createGreenGuard(cloudWatch());

/** What deletes the alarms of a fleet that goes. */
export const fleetAlarms = () => createFleetAlarms(cloudWatch());

/** What changes fleets. */
export const fleets = () =>
  createFleets({ autoScaling: autoScaling(), loadBalancing: loadBalancing() });

/** What gives blue back what was taken from it. */
export const blueRestorer = () => createBlueRestorer({ autoScaling: autoScaling(), ec2: ec2() });

/** Images and their tags. */
export const images = () => createImages({ autoScaling: autoScaling(), ec2: ec2() });

/** What Image Builder built. */
export const imageBuilds = () => createImageBuilds(imageBuilder());

/** The account and the region of the state machine, which are those of everything of Teal's. */
export const home = () => homeOf(setting('TEAL_STATE_MACHINE_ARN'));

/** Executions of the state machine. */
export const executions = () =>
  createExecutions(stepFunctions(), setting('TEAL_STATE_MACHINE_ARN'));

/** How executions stand. */
export const executionReader = () => createExecutionReader(stepFunctions());

/** Where infrastructure code looks for what serves. */
export const pointers = () => createPointers(ssm(), setting('TEAL_POINTER_PREFIX'));

/** What others may launch from as a template's default. */
export const defaultVersions = () => createDefaultVersions(ec2());

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
