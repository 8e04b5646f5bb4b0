/**
 * How long green stands healthy and idle: from the moment at which all the targets that green
 * needs are healthy to the first weight that was read back, in milliseconds of real time.
 */
import {
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type HealthWatch, watchHealth } from '../cli/rehearsal/health-watch.ts';
import {
  type Execution,
  firstExit,
  readHistory,
  startDeployment,
  waitForTask,
} from './executions.ts';
import { addImage, addServices, INSTANCES } from './service.ts';
import { printHeading, printTable, spreadOf } from './table.ts';
import { openWorld, type World } from './world.ts';

const SEED = 1;

/**
 * Each with the region seconds between two starts: few deployments wait for their green at once,
 * so that they neither queue for a core nor use up what the account may ask of AWS in a second.
 */
const RUNS = [
  { speed: 30, staggerSeconds: 60 },
  { speed: 1, staggerSeconds: 12 },
] as const;

/** By which codes AWS says that it was asked too often. */
const THROTTLED = /throttl|RequestLimitExceeded/i;

/** Each deployed once. */
const SERVICES = Array.from({ length: 12 }, (_, index) => `service-${index}`);

/** The hold is longer than the benchmark. */
const WISHES = {
  steps: [{ greenWeightPercent: 10, holdSeconds: 3600 }],
  bakeTimeSeconds: 240,
};

/** Real milliseconds between two looks for new target groups. */
const LOOK_MILLISECONDS = 1000;

/** The tag by which a target group says whose green it belongs to. */
const DEPLOYMENT_TAG = 'teal:deployment';

async function measure({ speed, staggerSeconds }: (typeof RUNS)[number]) {
  const world = await openWorld({ speed, seed: SEED });
  const greens = watchGreens(world);
  try {
    await addServices(world, SERVICES, WISHES);
    const executions: Execution[] = [];
    for (const service of SERVICES) {
      const imageId = addImage(world, `${service}-v2`);
      executions.push(await startDeployment(world, { service, imageId }, `${service}-1`));
      await world.pass(staggerSeconds);
    }
    const measured: number[] = [];
    for (const execution of executions) {
      await waitForTask(world, execution, { state: 'Hold', everySeconds: 1 });
      const confirmedAt = firstExit(await readHistory(world, execution), 'ConfirmTraffic');
      const healthyAt = greens.healthySince(execution);
      if (healthyAt === undefined || confirmedAt === undefined) {
        throw new Error(`When green of ${execution.deploymentId} became healthy was not seen.`);
      }
      measured.push((confirmedAt - healthyAt) / speed);
    }
    const calls = world.region.endpoint.calls();
    const throttled = calls.filter(({ errorCode = '' }) => THROTTLED.test(errorCode));
    return { speed: String(speed), ...spreadOf(measured), 'calls throttled': throttled.length };
  } finally {
    greens.stop();
    await world.stop();
  }
}

/** Watches the health of every green; its target group exists long before it can be healthy. */
function watchGreens(world: World) {
  const health = watchHealth(world.region);
  const arns = new Map<string, string>();
  const seen = new Set<string>();
  const look = (): void => void follow(world, { health, arns, seen });
  const following = setInterval(look, LOOK_MILLISECONDS);
  return {
    healthySince: ({ deploymentId }: Execution) => health.healthySince(arns.get(deploymentId)),
    stop: () => {
      clearInterval(following);
      health.stop();
    },
  };
}

/** What was found so far. */
interface Greens {
  readonly health: HealthWatch;
  /** Target groups of greens, by deployment. */
  readonly arns: Map<string, string>;
  /** Target groups whose tags were read, blues among them. */
  readonly seen: Set<string>;
}

/** Notes new target groups that carry a deployment's tag. */
async function follow({ loadBalancing }: World, { health, arns, seen }: Greens): Promise<void> {
  const { TargetGroups = [] } = await loadBalancing.send(new DescribeTargetGroupsCommand({}));
  for (const { TargetGroupArn = '' } of TargetGroups) {
    if (seen.has(TargetGroupArn)) continue;
    seen.add(TargetGroupArn);
    const command = new DescribeTagsCommand({ ResourceArns: [TargetGroupArn] });
    const { TagDescriptions = [] } = await loadBalancing.send(command);
    const tag = TagDescriptions[0]?.Tags?.find(({ Key }) => Key === DEPLOYMENT_TAG);
    if (!tag?.Value) continue;
    arns.set(tag.Value, TargetGroupArn);
    health.follow(TargetGroupArn, INSTANCES);
  }
}

const startedAt = performance.now();
printHeading('From all of green healthy to the first weight confirmed, real milliseconds', {
  seed: SEED,
});
const rows = [];
for (const run of RUNS) rows.push(await measure(run));
printTable(rows);
console.log(`  measured in ${Math.round((performance.now() - startedAt) / 1000)} s`);
