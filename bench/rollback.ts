/**
 * How long a raised alarm takes to bring blue back to 100 %: from the alarm's own history to the
 * read-back weight in the execution's, in milliseconds of real time.
 *
 * At speed 30 the alarm is raised by CloudWatch from the errors of a broken version under modelled
 * traffic; at speed 1, where that takes minutes, the administrator sets its state. What Teal does
 * about it is the same.
 */
import { DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  type Execution,
  firstExit,
  readAlarmTime,
  readHistory,
  startDeployment,
  waitForEnd,
  waitForTask,
} from './executions.ts';
import { addImage, addServices, type BenchService } from './service.ts';
import { printHeading, printTable, spreadOf } from './table.ts';
import { openWorld, type World } from './world.ts';

const SEED = 1;

/** Services that are deployed at the same time. */
const LANES = 3;

/** Rollbacks of each of them. */
const ROUNDS = 7;

/** Services at speed 1, each rolled back once. */
const SLOW_LANES = 12;

/** Seconds between two starts at speed 1: AWS lets an account write to ELB three times a second. */
const STAGGER_SECONDS = 3;

/** Seconds between two alarms at speed 1, so that one rollback's clean-up does not throttle the next. */
const APART_SECONDS = 20;

/** Seconds at speed 1 after which an alarm has clearly not led to a rollback. */
const PATIENCE_SECONDS = 120;

const REQUESTS_PER_SECOND = 50;

const ERROR_RATE = 0.5;

/** Longer than any of it takes. */
const HOLD_SECONDS = 3600;

const WISHES = {
  steps: [{ greenWeightPercent: 20, holdSeconds: HOLD_SECONDS }],
  bakeTimeSeconds: 240,
};

/** Real milliseconds from the alarm to blue at 100 %, and the cold starts meanwhile. */
interface Rollback {
  readonly milliseconds: number;
  readonly coldStarts: number;
}

async function measure(
  world: World,
  speed: number,
  { alarmName }: BenchService,
  execution: Execution,
): Promise<number> {
  const raisedAt = await readAlarmTime(world, alarmName, execution.startedAt);
  const backAt = firstExit(await readHistory(world, execution), 'ConfirmRollback');
  if (raisedAt === undefined || backAt === undefined) {
    throw new Error(`${execution.deploymentId} was not rolled back by its alarm.`);
  }
  return (backAt - raisedAt) / speed;
}

/** One service that is broken, rolled back and broken again. */
async function runLane(world: World, speed: number, service: BenchService): Promise<number[]> {
  const { name, loadBalancerArn } = service;
  const requestsPerSecond = REQUESTS_PER_SECOND;
  const stopTraffic = world.region.loadBalancing.modelTraffic({
    loadBalancerArn,
    port: 80,
    requestsPerSecond,
  });
  const imageId = addImage(world, `${name}-broken`, { errorRate: ERROR_RATE });
  const measured: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = `${name}-${round}`;
    const execution = await startDeployment(world, { service: name, imageId }, id);
    // Cleaning up belongs to the deployment, not to what is measured.
    await waitForEnd(world, execution, 1);
    measured.push(await measure(world, speed, service, execution));
    await waitUntilCalm(world, service);
  }
  stopTraffic();
  return measured;
}

/** A deployment does not start while its alarm is raised. */
async function waitUntilCalm({ cloudWatch, pass }: World, { alarmName }: BenchService) {
  const command = new DescribeAlarmsCommand({ AlarmNames: [alarmName] });
  while ((await cloudWatch.send(command)).MetricAlarms?.[0]?.StateValue === 'ALARM') await pass(5);
}

function namesOf(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index}`);
}

async function byMetrics(speed: number): Promise<number[]> {
  const world = await openWorld({ speed, seed: SEED });
  try {
    const services = await addServices(world, namesOf('lane', LANES), WISHES);
    const lanes = services.map((service) => runLane(world, speed, service));
    return (await Promise.all(lanes)).flat();
  } finally {
    await world.stop();
  }
}

/** All services hold before the first alarm is raised, so that nothing else goes on meanwhile. */
async function byHand(speed: number): Promise<Rollback[]> {
  const world = await openWorld({ speed, seed: SEED });
  try {
    const services = await addServices(world, namesOf('slow', SLOW_LANES), WISHES);
    const executions: Execution[] = [];
    for (const { name } of services) {
      const imageId = addImage(world, `${name}-v2`);
      executions.push(await startDeployment(world, { service: name, imageId }, `${name}-1`));
      await world.pass(STAGGER_SECONDS);
    }
    for (const execution of executions) {
      await waitForTask(world, execution, { state: 'Hold', everySeconds: 1 });
    }
    const measured: Rollback[] = [];
    for (const [lane, execution] of executions.entries()) {
      const service = services[lane];
      if (service) measured.push(await raiseAndMeasure(world, speed, service, execution));
      await world.pass(APART_SECONDS);
    }
    return measured;
  } finally {
    await world.stop();
  }
}

async function raiseAndMeasure(
  world: World,
  speed: number,
  service: BenchService,
  execution: Execution,
): Promise<Rollback> {
  const { cloudWatch, region } = world;
  const before = region.lambda.coldStarts();
  const { alarmName: AlarmName } = service;
  const StateReason = 'Raised by the benchmark.';
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason }));
  const isBack = async () =>
    firstExit(await readHistory(world, execution), 'ConfirmRollback') !== undefined;
  for (let seconds = 0; !(await isBack()); seconds += 1) {
    if (seconds > PATIENCE_SECONDS) throw new Error(`${AlarmName} led to no rollback.`);
    await world.pass(1);
  }
  const coldStarts = region.lambda.coldStarts() - before;
  return { milliseconds: await measure(world, speed, service, execution), coldStarts };
}

const startedAt = performance.now();
printHeading('From the alarm to blue at 100 %, real milliseconds', { seed: SEED });
const fast = await byMetrics(30);
const slow = await byHand(1);
const milliseconds = (rollbacks: readonly Rollback[]): number[] =>
  rollbacks.map((rollback) => rollback.milliseconds);
printTable([
  { speed: '30', 'alarm raised by': 'metrics', lambdas: 'as they came', ...spreadOf(fast) },
  {
    speed: '1',
    'alarm raised by': 'SetAlarmState',
    lambdas: 'some cold',
    ...spreadOf(milliseconds(slow.filter(({ coldStarts }) => coldStarts > 0))),
  },
  {
    speed: '1',
    'alarm raised by': 'SetAlarmState',
    lambdas: 'all warm',
    ...spreadOf(milliseconds(slow.filter(({ coldStarts }) => coldStarts === 0))),
  },
]);
console.log(`  measured in ${Math.round((performance.now() - startedAt) / 1000)} s`);
