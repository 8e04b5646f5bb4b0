/**
 * Every function of Teal as its factory makes it, over ports whose clients act under that
 * function's own role. The in-process twin of `functions/_ports.ts` and of each file's last line.
 * Not for: logs and metrics, which the packaged bundles have around the same factories.
 */
import './environment.ts';
import { acquireLock } from '../../functions/acquire-lock.ts';
import { api } from '../../functions/api.ts';
import { awaitGreen } from '../../functions/await-green.ts';
import { awaitTurn } from '../../functions/await-turn.ts';
import { cleanUpGreen } from '../../functions/clean-up-green.ts';
import { confirmRollback } from '../../functions/confirm-rollback.ts';
import { confirmTraffic } from '../../functions/confirm-traffic.ts';
import { decideNextStep } from '../../functions/decide-next-step.ts';
import { draftDefinition } from '../../functions/draft-definition.ts';
import { hold } from '../../functions/hold.ts';
import { onAlarmChange } from '../../functions/on-alarm-change.ts';
import { onExecutionEnded } from '../../functions/on-execution-ended.ts';
import { onImageAvailable } from '../../functions/on-image-available.ts';
import { onImageBuilt } from '../../functions/on-image-built.ts';
import { paused } from '../../functions/paused.ts';
import { planDeployment } from '../../functions/plan-deployment.ts';
import { prepareGreen } from '../../functions/prepare-green.ts';
import { recordOutcome } from '../../functions/record-outcome.ts';
import { recoverDeployment } from '../../functions/recover-deployment.ts';
import { requestApproval } from '../../functions/request-approval.ts';
import { resizeGreen } from '../../functions/resize-green.ts';
import { retireBlue } from '../../functions/retire-blue.ts';
import { rollBack } from '../../functions/roll-back.ts';
import { shiftTraffic } from '../../functions/shift-traffic.ts';
import { sweep } from '../../functions/sweep.ts';
import { showDeployment } from '../../functions/show-deployment.ts';
import { showPlan } from '../../functions/show-plan.ts';
import { createBlueRestorer } from '../../shared/aws/blue-restorer.ts';
import { createGreenCloner } from '../../shared/aws/clone/cloner.ts';
import { createFleetAlarms } from '../../shared/aws/clone/fleet-alarms.ts';
import { createDefaultVersions } from '../../shared/aws/default-versions.ts';
import { createDeployments } from '../../shared/aws/dynamodb-deployments.ts';
import { createHolds } from '../../shared/aws/dynamodb-holds.ts';
import { createLeases } from '../../shared/aws/dynamodb-leases.ts';
import { createLocks } from '../../shared/aws/dynamodb-locks.ts';
import { createQueue } from '../../shared/aws/dynamodb-queue.ts';
import { createRequests } from '../../shared/aws/dynamodb-requests.ts';
import { createServices } from '../../shared/aws/dynamodb-services.ts';
import { createTable } from '../../shared/aws/dynamodb-table.ts';
import { createPointers } from '../../shared/aws/ssm-pointers.ts';
import { createTimeline } from '../../shared/aws/dynamodb-timeline.ts';
import { createWatches } from '../../shared/aws/dynamodb-watches.ts';
import { createElasticLoadBalancingRouter } from '../../shared/aws/elastic-load-balancing-router.ts';
import { createEstateReader } from '../../shared/aws/estate-reader.ts';
import { createExecutionReader, createExecutions, homeOf } from '../../shared/aws/executions.ts';
import { createFleets } from '../../shared/aws/fleets.ts';
import { createGreenGuard } from '../../shared/aws/green-guard.ts';
import { createGreenBuilder } from '../../shared/aws/green-builder.ts';
import { createGroupSurvey } from '../../shared/aws/group-survey.ts';
import { createImageBuilds } from '../../shared/aws/image-builds.ts';
import { createImages } from '../../shared/aws/images.ts';
import { createNotifier } from '../../shared/aws/notifier.ts';
import { createObserver } from '../../shared/aws/observer.ts';
import { createSurroundingsReader } from '../../shared/aws/preflight/surroundings-reader.ts';
import { createRoute53Router, type RecordRouting } from '../../shared/aws/route-53-router.ts';
import { combineRouters, whenUsed } from '../../shared/aws/routers.ts';
import { createStandbyListeners } from '../../shared/aws/standby-listeners.ts';
import { type Caller, createLazyClients } from './clients.ts';

/** One function, ready to be called. */
export type Task = (event: unknown, context: unknown) => Promise<unknown>;

/** What a function is deployed with. */
export interface Deployment extends Caller {
  /** Its environment variables, as the template has them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Makes a function by the name of its file; undefined when the lab does not know it. */
export function createTask(file: string, deployment: Deployment): Task | undefined {
  const create = TASKS[file];
  return create && (create(createPorts(deployment)) as Task);
}

type Ports = ReturnType<typeof createPorts>;

function createPorts(deployment: Deployment) {
  const { region, variables, sleep } = deployment;
  const clients = createLazyClients(deployment);
  const table = () => createTable(clients.dynamoDb(), variables['TEAL_TABLE'] ?? '');
  const balancing = () => createElasticLoadBalancingRouter(clients.loadBalancing());
  const recordsOf = (routing?: RecordRouting) =>
    createRoute53Router({
      client: clients.route53(),
      sleep: (seconds) => sleep(seconds * 1000),
      ...(routing && { routing }),
    });
  const router = () => {
    const rules = balancing();
    const weightedRecord = whenUsed(() => recordsOf());
    return combineRouters({ rule: rules, listenerDefault: rules, weightedRecord });
  };
  const machine = () => variables['TEAL_STATE_MACHINE_ARN'] ?? '';
  const fleet = () => ({
    autoScaling: clients.autoScaling(),
    ec2: clients.ec2(),
    loadBalancing: clients.loadBalancing(),
  });
  const watched = () => ({
    autoScaling: clients.autoScaling(),
    cloudWatch: clients.cloudWatch(),
    loadBalancing: clients.loadBalancing(),
    router: router(),
  });
  return {
    services: () => createServices(table()),
    deployments: () => createDeployments(table()),
    journal: () => ({
      deployments: createDeployments(table()),
      timeline: createTimeline(table()),
      locks: createLocks(table()),
    }),
    timeline: () => createTimeline(table()),
    requests: () => createRequests(table()),
    locks: () => createLocks(table()),
    queue: () => createQueue(table()),
    leases: () => createLeases(table()),
    pointers: () => createPointers(clients.ssm(), variables['TEAL_POINTER_PREFIX'] ?? ''),
    defaultVersions: () => createDefaultVersions(clients.ec2()),
    holds: () => createHolds(table()),
    watches: () => createWatches(table()),
    router,
    standby: () => createStandbyListeners(clients.loadBalancing()),
    estate: () =>
      createEstateReader({ ...watched(), ec2: clients.ec2(), router: balancing(), recordsOf }),
    groupSurvey: () => createGroupSurvey({ ...watched(), ec2: clients.ec2(), router: balancing() }),
    surroundings: () =>
      createSurroundingsReader({
        ...watched(),
        ec2: clients.ec2(),
        kms: clients.kms(),
        serviceQuotas: clients.serviceQuotas(),
      }),
    observer: () => createObserver(watched()),
    greenBuilder: () => createGreenBuilder(fleet()),
    greenCloner: () => createGreenCloner({ ...fleet(), cloudWatch: clients.cloudWatch() }),
    greenGuard: () => createGreenGuard(clients.cloudWatch()),
    fleetAlarms: () => createFleetAlarms(clients.cloudWatch()),
    fleets: () => createFleets(fleet()),
    blueRestorer: () => createBlueRestorer(fleet()),
    images: () => createImages(fleet()),
    imageBuilds: () => createImageBuilds(clients.imageBuilder()),
    home: () => homeOf(machine()),
    executions: () => createExecutions(clients.stepFunctions(), machine()),
    executionReader: () => createExecutionReader(clients.stepFunctions()),
    notifier: () => createNotifier(clients.sns(), variables['TEAL_TOPIC_ARN'] ?? ''),
    timepiece: () => ({
      now: () => new Date(region.clock.now()).toISOString(),
      sleep: (seconds: number) => sleep(seconds * 1000),
    }),
  };
}

/** The last line of each function's file, over the lab's ports. */
const TASKS: Readonly<Record<string, (ports: Ports) => unknown>> = {
  'plan-deployment': (ports) =>
    planDeployment({
      services: ports.services(),
      deployments: ports.deployments(),
      timeline: ports.timeline(),
      locks: ports.locks(),
      queue: ports.queue(),
      images: ports.images(),
      leases: ports.leases(),
      estate: ports.estate(),
      surroundings: ports.surroundings(),
      notifier: ports.notifier(),
    }),
  'acquire-lock': (ports) =>
    acquireLock({
      ...ports.journal(),
      services: ports.services(),
      queue: ports.queue(),
      leases: ports.leases(),
    }),
  'await-turn': (ports) =>
    awaitTurn({
      ...ports.journal(),
      services: ports.services(),
      leases: ports.leases(),
      queue: ports.queue(),
      holds: ports.holds(),
      executions: ports.executions(),
    }),
  'prepare-green': (ports) =>
    prepareGreen({
      ...ports.journal(),
      leases: ports.leases(),
      watches: ports.watches(),
      fleets: ports.fleets(),
      greenGuard: ports.greenGuard(),
      greenBuilder: ports.greenBuilder(),
      greenCloner: ports.greenCloner(),
      trafficRouter: ports.router(),
      standby: ports.standby(),
      timepiece: ports.timepiece(),
    }),
  'await-green': (ports) =>
    awaitGreen({
      ...ports.journal(),
      leases: ports.leases(),
      observer: ports.observer(),
      timepiece: ports.timepiece(),
    }),
  'shift-traffic': (ports) =>
    shiftTraffic({
      ...ports.journal(),
      observer: ports.observer(),
      greenGuard: ports.greenGuard(),
      trafficRouter: ports.router(),
    }),
  'resize-green': (ports) => resizeGreen({ ...ports.journal(), fleets: ports.fleets() }),
  'confirm-traffic': (ports) => confirmTraffic({ ...ports.journal(), observer: ports.observer() }),
  hold: (ports) => hold(waitingPorts(ports)),
  paused: (ports) => paused(tellingPorts(ports)),
  'request-approval': (ports) => requestApproval(tellingPorts(ports)),
  'decide-next-step': (ports) => decideNextStep({ ...ports.journal(), observer: ports.observer() }),
  'retire-blue': (ports) => retireBlue(takeDownPorts(ports)),
  'roll-back': (ports) => rollBack(takeDownPorts(ports)),
  'confirm-rollback': (ports) =>
    confirmRollback({ ...ports.journal(), observer: ports.observer() }),
  'clean-up-green': (ports) =>
    cleanUpGreen({ ...takeDownPorts(ports), blueRestorer: ports.blueRestorer() }),
  'record-outcome': (ports) =>
    recordOutcome({
      ...ports.journal(),
      leases: ports.leases(),
      services: ports.services(),
      holds: ports.holds(),
      watches: ports.watches(),
      queue: ports.queue(),
      executions: ports.executions(),
      notifier: ports.notifier(),
      pointers: ports.pointers(),
      defaultVersions: ports.defaultVersions(),
    }),
  'recover-deployment': (ports) =>
    recoverDeployment({
      ...ports.journal(),
      services: ports.services(),
      leases: ports.leases(),
      observer: ports.observer(),
      executionReader: ports.executionReader(),
    }),
  'on-execution-ended': (ports) => onExecutionEnded(recoveryPorts(ports)),
  sweep: (ports) =>
    sweep({
      ...recoveryPorts(ports),
      services: ports.services(),
      locks: ports.locks(),
      queue: ports.queue(),
      holds: ports.holds(),
    }),
  'on-alarm-change': (ports) =>
    onAlarmChange({
      watches: ports.watches(),
      holds: ports.holds(),
      executions: ports.executions(),
    }),
  'on-image-available': (ports) => onImageAvailable(releasePorts(ports)),
  'on-image-built': (ports) =>
    onImageBuilt({ ...releasePorts(ports), imageBuilds: ports.imageBuilds() }),
  'show-plan': (ports) =>
    showPlan({
      services: ports.services(),
      deployments: ports.deployments(),
      locks: ports.locks(),
      estate: ports.estate(),
      surroundings: ports.surroundings(),
      timepiece: ports.timepiece(),
    }),
  'show-deployment': (ports) =>
    showDeployment({
      deployments: ports.deployments(),
      requests: ports.requests(),
      observer: ports.observer(),
      timepiece: ports.timepiece(),
    }),
  'draft-definition': (ports) =>
    draftDefinition({ survey: ports.groupSurvey(), services: ports.services() }),
  api: (ports) => createApi(ports),
};

function waitingPorts(ports: Ports) {
  return {
    deployments: ports.deployments(),
    holds: ports.holds(),
    locks: ports.locks(),
    leases: ports.leases(),
    observer: ports.observer(),
    executions: ports.executions(),
  };
}

function tellingPorts(ports: Ports) {
  return { ...waitingPorts(ports), timeline: ports.timeline(), notifier: ports.notifier() };
}

function recoveryPorts(ports: Ports) {
  return {
    deployments: ports.deployments(),
    leases: ports.leases(),
    executions: ports.executions(),
    executionReader: ports.executionReader(),
  };
}

function releasePorts(ports: Ports) {
  return {
    images: ports.images(),
    services: ports.services(),
    executions: ports.executions(),
    home: ports.home(),
  };
}

function takeDownPorts(ports: Ports) {
  return {
    ...ports.journal(),
    leases: ports.leases(),
    observer: ports.observer(),
    fleets: ports.fleets(),
    fleetAlarms: ports.fleetAlarms(),
    trafficRouter: ports.router(),
    standby: ports.standby(),
  };
}

function createApi(ports: Ports): Task {
  const router = api({
    services: ports.services(),
    deployments: ports.deployments(),
    requests: ports.requests(),
    timeline: ports.timeline(),
    locks: ports.locks(),
    holds: ports.holds(),
    queue: ports.queue(),
    leases: ports.leases(),
    executions: ports.executions(),
    timepiece: ports.timepiece(),
  });
  const { resolve } = router;
  return (event, context) =>
    resolve(event as Parameters<typeof resolve>[0], context as Parameters<typeof resolve>[1]);
}
