/**
 * Deployments to which things happen: what is deployed, how, and which mishaps come when. Played on
 * a lab under the watch of the laws; whatever happened, the same must be true at the end.
 */
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import * as fc from 'fast-check';
import type { Strategy } from '../../shared/core/spec.ts';
import { createLab, type Lab } from './lab.ts';
import { USUAL_INSTANCES, usualLaws, watchLaws } from './law-watch.ts';
import { leftovers } from './leftovers.ts';
import { describeGroup, greenOf, raiseAlarm } from './moments.ts';
import { readPossessions } from './possessions.ts';
import { PROGRAMS } from './programs.ts';
import { nameOf } from './sight.ts';
import { missing } from './watch-deletions.ts';

/** What may happen to a deployment from outside. */
const MISHAPS = [
  'alarm',
  'abort',
  'green dies',
  'blue loses an instance',
  'foreign weights',
  'throttling',
  'lost answers',
  'second deployment',
  'stopped execution',
] as const;
type MishapName = (typeof MISHAPS)[number];

export interface Mishap {
  readonly name: MishapName;
  /** Region seconds after the start. */
  readonly atSecond: number;
}

export interface Scenario {
  readonly program: 'sound' | 'broken';
  readonly steps: readonly { readonly greenWeightPercent: number; readonly holdSeconds: number }[];
  readonly bakeTimeSeconds: number;
  readonly mishaps: readonly Mishap[];
}

/** Latest mishap: about when most of these deployments retire blue. */
const LATEST_SECOND = 1500;

/** Region seconds for which calls go wrong. */
const TROUBLE_SECONDS = 45;

/** How a deployment may end here: nobody takes blue away, so that a way back is always there. */
const EXPECTED_PHASES = new Set(['succeeded', 'rolledBack', 'refused']);

/** Region seconds after an execution's end in which a recovery must be over as well. */
const RECOVERY_SECONDS = 7200;

const holdSeconds = fc.integer({ min: 60, max: 900 });

/** Any deployment of one to three steps with at most two mishaps. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  program: fc.constantFrom('sound', 'sound', 'broken'),
  steps: fc
    .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 3 })
    .chain((weights) =>
      fc.array(holdSeconds, { minLength: weights.length, maxLength: weights.length }).map((holds) =>
        weights
          .toSorted((a, b) => a - b)
          .map((greenWeightPercent, index) => ({
            greenWeightPercent,
            holdSeconds: holds[index] ?? 60,
          })),
      ),
    ),
  bakeTimeSeconds: holdSeconds,
  mishaps: fc.array(
    fc.record({
      name: fc.constantFrom(...MISHAPS),
      atSecond: fc.integer({ min: 0, max: LATEST_SECOND }),
    }),
    { maxLength: 2 },
  ),
});

/** Plays a scenario to its end and answers everything that was against a law, in words. */
export async function playScenario(scenario: Scenario): Promise<readonly string[]> {
  const { strategy, bakeTimeSeconds } = plannedOf(scenario);
  const lab = await createLab({ service: { strategy, bakeTimeSeconds } });
  const before = await lab.act(() => readPossessions(lab));
  const laws = usualLaws(lab);
  const watch = watchLaws(lab, laws);
  try {
    const fate = { isGreenDead: false };
    const healthStatus = () => (fate.isGreenDead ? 'refused' : 200);
    const program = { ...PROGRAMS[scenario.program], healthStatus } as const;
    const id = await lab.deploy({ version: 'v2', program });
    const others = await letHappen(lab, id, fate, scenario.mishaps);
    const unlawful: string[] = [];
    for (const one of [id, ...others]) unlawful.push(...(await judgeEnd(lab, one)));
    watch.stop();
    return [
      ...watch.violations(),
      ...unlawful,
      ...(await leftovers(lab)).map((left) => `law 4: ${left}`),
      ...(await judgeServing(lab)),
      ...missing(before, await lab.act(() => readPossessions(lab)), laws.given),
    ];
  } finally {
    await lab.stop();
  }
}

function plannedOf({ steps, bakeTimeSeconds }: Scenario) {
  const strategy: Strategy = { type: 'steps', steps: [...steps] };
  return { strategy, bakeTimeSeconds };
}

/** Lets time pass from mishap to mishap; answers the ids of further deployments. */
async function letHappen(
  lab: Lab,
  id: string,
  fate: { isGreenDead: boolean },
  mishaps: readonly Mishap[],
): Promise<readonly string[]> {
  const others: string[] = [];
  let second = 0;
  for (const { name, atSecond } of mishaps.toSorted((a, b) => a.atSecond - b.atSecond)) {
    await lab.pass(atSecond - second);
    second = atSecond;
    if (name === 'alarm') await raiseAlarm(lab);
    if (name === 'abort') await lab.api.send('POST', `/deployments/${id}/abort`, { body: {} });
    if (name === 'green dies') fate.isGreenDead = await isBlueNamed(lab);
    if (name === 'blue loses an instance') await endOneOfBlue(lab);
    if (name === 'foreign weights') await writeForeignWeights(lab, id);
    if (name === 'throttling') await trouble(lab, { type: 'throttle' });
    if (name === 'lost answers') await trouble(lab, { type: 'loseResponse' });
    if (name === 'stopped execution') await stopExecution(lab, id);
    if (name === 'throttling' || name === 'lost answers') second += TROUBLE_SECONDS;
    if (name === 'second deployment') {
      others.push(await lab.deploy({ version: `v${3 + others.length}` }));
    }
  }
  return others;
}

/** Law 3: a deployment ends, its recovery included, in one of three ways and with a reason. */
async function judgeEnd(lab: Lab, id: string): Promise<readonly string[]> {
  await lab.end(id);
  const isOver = async () => (await lab.leases()).every(({ deploymentId }) => deploymentId !== id);
  await lab.until(isOver, RECOVERY_SECONDS);
  const progress = await lab.act(() => lab.progress(id));
  const { phase = 'without a record', reason = '' } = progress ?? {};
  if (EXPECTED_PHASES.has(phase) && reason !== '') return [];
  return [`law 3: ${id} ended ${phase}: ${reason || 'without a reason'}`];
}

/** As somebody does in the console, where nothing asks whether that is wise. */
async function stopExecution(lab: Lab, id: string): Promise<void> {
  if (!lab.isRunning(id)) return;
  const command = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
  await lab.act(() => lab.aws.stepFunctions().send(command));
}

/** Once blue has left the rules nobody could take anything back: what dies then is AWS's to heal. */
async function isBlueNamed(lab: Lab): Promise<boolean> {
  return nameOf(lab.estate.blueTargetGroupArn) in (await lab.act(() => lab.weights()));
}

async function endOneOfBlue(lab: Lab): Promise<void> {
  if (!(await isBlueNamed(lab))) return;
  const group = await describeGroup(lab, lab.estate.autoScalingGroupName);
  const instanceId = group?.Instances?.find(
    ({ LifecycleState }) => LifecycleState === 'InService',
  )?.InstanceId;
  if (!instanceId) return;
  const command = new TerminateInstancesCommand({ InstanceIds: [instanceId] });
  await lab.act(() => lab.aws.ec2().send(command));
}

/** Somebody gives green a third of the traffic, where green is in the rule. */
async function writeForeignWeights(lab: Lab, id: string): Promise<void> {
  const green = greenOf(lab, id);
  const weights = await lab.act(() => lab.weights());
  if (
    weights[green] === undefined ||
    weights[nameOf(lab.estate.blueTargetGroupArn)] === undefined
  ) {
    return;
  }
  await lab.act(async () => {
    const arns = await lab.targetGroupArns();
    const TargetGroups = [
      { TargetGroupArn: lab.estate.blueTargetGroupArn, Weight: 67 },
      { TargetGroupArn: arns[green], Weight: 33 },
    ];
    await lab.aws.loadBalancing().send(
      new ModifyListenerCommand({
        ListenerArn: lab.estate.listenerArn,
        DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
      }),
    );
  });
}

/** Every second call of Teal's functions goes wrong for a while. */
async function trouble(
  lab: Lab,
  fault: { readonly type: 'throttle' | 'loseResponse' },
): Promise<void> {
  lab.spoil(({ callerLabel, count }) =>
    callerLabel !== 'administrator' && count % 2 === 0 ? fault : undefined,
  );
  await lab.pass(TROUBLE_SECONDS);
  lab.spoil(undefined);
}

/** When all is over, one fleet has all the traffic, is whole, and answers. */
async function judgeServing(lab: Lab): Promise<readonly string[]> {
  const weights = await lab.act(() => lab.weights());
  const serving = Object.entries(weights).filter(([, weight]) => weight > 0);
  const arns = await lab.act(() => lab.targetGroupArns());
  const complaints: string[] = [];
  if (serving.length !== 1) complaints.push(`the end: weights are ${JSON.stringify(weights)}`);
  for (const [name] of serving) {
    const healthy = await lab.act(() => lab.healthy(arns[name] ?? ''));
    if (healthy < USUAL_INSTANCES)
      complaints.push(`law 2, the end: ${name} has ${healthy} healthy`);
  }
  return complaints;
}
