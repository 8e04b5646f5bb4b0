/**
 * One deployment during which one function dies at one call, judged by what the region has in it
 * afterwards and by the requests that its load balancer answered.
 * Not for: what Teal itself says of the deployment.
 */
import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { VirtualTimeExhausted } from '../../region/kernel/virtual-clock.ts';
import { hasEnded } from '../../shared/core/progress.ts';
import { createLab, type Lab } from './lab.ts';
import { leftovers } from './leftovers.ts';
import { type Death, describePosition, type Position, watchCalls } from './positions.ts';
import { PROGRAMS } from './programs.ts';
import { enrichBlueOf } from './rich-blue.ts';
import { type Belongings, type ExecutionSight, nameOf } from './sight.ts';

/**
 * A deployment that always goes the same way when nobody dies. The third is stopped in the console
 * during its bake, and what may die there is what recovers it.
 */
export type Story = 'success' | 'rollback' | 'recovery';

/** How a deployment can end. */
export type Outcome = 'succeeded' | 'rolledBack' | 'failed' | 'stuck' | 'refused';

/** What was in the region when it was over. */
export interface Played {
  readonly story: Story;
  /** What was killed; absent when nothing was. */
  readonly death?: Death;
  readonly hasKilled: boolean;
  readonly positions: readonly Position[];
  readonly outcome: Outcome;
  /** The execution's own sentence; empty when it succeeded. */
  readonly cause: string;
  /** Requests without an answer. */
  readonly lost: number;
  /** Errors that blue answered with; it has none of its own. */
  readonly blueErrors: number;
  readonly executions: number;
  readonly left: readonly string[];
  readonly possessions: Possessions;
}

/** All that a deployment makes or changes, as far as it is the same in every run. */
export interface Possessions extends Belongings {
  /** Groups down to what is frozen in them. */
  readonly details: readonly Readonly<Record<string, unknown>>[];
  readonly alarms: readonly string[];
  /** Scaling policies and scheduled actions, by group and name. */
  readonly hangings: readonly string[];
}

/** What a run without any death leaves behind, by how it ended. */
export type References = Readonly<Partial<Record<Outcome, Possessions>>>;

export const STORIES: Readonly<Record<Story, keyof typeof PROGRAMS>> = {
  success: 'sound',
  rollback: 'broken',
  recovery: 'sound',
};

/** What a broken version must never come to is `succeeded`. */
const ALLOWED: Readonly<Record<Story, readonly Outcome[]>> = {
  success: ['succeeded', 'rolledBack'],
  rollback: ['rolledBack'],
  recovery: ['rolledBack'],
};

/** Executions of each story: one, and the one that recovers it. */
const EXECUTIONS: Readonly<Record<Story, number>> = { success: 1, rollback: 1, recovery: 2 };

/** Times that whoever releases asks the API, as any client does that gets no answer. */
const START_ATTEMPTS = 3;

const SEED = 1;

/** The canary's hold, and then the bake. */
const HOLDS_OF_BAKE = 2;

/** Region seconds in which a recovery must be over, whoever dies in it: a few sweeps. */
const RECOVERY_SECONDS_MAX = 7200;

/** How AWS tells the alarms of target tracking apart. */
const RANDOM_END = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Plays a story in a lab of its own; a rich blue has one of everything that hangs on a group. */
export async function play(story: Story, death?: Death, { isRich = false } = {}): Promise<Played> {
  const watch = watchCalls(death);
  const { around, wire } = watch;
  // A rule besides the default action, so that a weight can be written to one route of two.
  const lab = await createLab({ seed: SEED, around, wire, estate: { hasRule: true } });
  try {
    if (isRich) await enrichBlueOf(lab);
    if (story !== 'recovery') watch.arm();
    const ended = await (story === 'recovery'
      ? recover(lab, () => watch.arm())
      : deploy(lab, story));
    const left = ended.status === 'RUNNING' ? [] : await leftovers(lab);
    const { lost, byVersion } = lab.traffic.count();
    return {
      story,
      ...(death && { death }),
      hasKilled: watch.hasKilled(),
      positions: watch.positions(),
      outcome: outcomeOf(ended),
      cause: ended.cause ?? '',
      lost,
      blueErrors: byVersion['v1']?.errors ?? 0,
      executions: await countExecutions(lab),
      left,
      possessions: await lab.act(() => readPossessions(lab)),
    };
  } finally {
    await lab.stop();
  }
}

/** What a killed function changed that it must not, in words; empty when it is as it should be. */
export function judge(played: Played, references: References): readonly string[] {
  const { story, outcome, cause, lost, blueErrors, executions, left, possessions } = played;
  const changed = differences(possessions, references[outcome] ?? possessions);
  const laws: readonly (readonly [isKept: boolean, complaint: string])[] = [
    [!played.death || played.hasKilled, 'nobody died'],
    [ALLOWED[story].includes(outcome), `it ended as ${outcome}: ${cause || 'without a reason'}`],
    [outcome === 'succeeded' || cause !== '', 'it gave no reason'],
    [lost === 0, `${lost} requests had no answer`],
    [blueErrors === 0, `blue answered ${blueErrors} requests with an error`],
    [executions === EXECUTIONS[story], `there were ${executions} executions`],
    [changed.length === 0, `it left behind ${changed.join(', ')}`],
  ];
  return [...laws.filter(([isKept]) => !isKept).map(([, complaint]) => complaint), ...left];
}

/** What is not as a whole run leaves it. */
export function differences(found: Possessions, expected: Possessions): readonly string[] {
  const names = Object.keys(expected) as (keyof Possessions)[];
  return names
    .map((name) => ({ name, is: JSON.stringify(found[name]), was: JSON.stringify(expected[name]) }))
    .filter(({ is, was }) => is !== was)
    .map(({ name, is, was }) => `${name} ${is} instead of ${was}`);
}

/** A death as people name it. */
export function describeDeath({ position, when }: Death): string {
  return `${when} ${describePosition(position)}`;
}

async function deploy(lab: Lab, story: Story): Promise<ExecutionSight> {
  const imageId = lab.addImage('v2', { program: PROGRAMS[STORIES[story]] });
  const started = await start(lab, imageId);
  if (typeof started !== 'string') return started;
  try {
    return await lab.end(started);
  } catch (error) {
    // The lab's patience is a day and more; a deployment takes a quarter of an hour.
    if (error instanceof VirtualTimeExhausted) return { status: 'RUNNING' };
    throw error;
  }
}

/** Stops a deployment during its bake, and waits until somebody has found out and cleaned up. */
async function recover(lab: Lab, arm: () => void): Promise<ExecutionSight> {
  const id = await lab.deploy({ version: 'v2', program: PROGRAMS[STORIES.recovery] });
  await lab.until(async () => {
    const states = await lab.states(id);
    return states.filter((state) => state === 'Hold').length === HOLDS_OF_BAKE;
  });
  arm();
  const stop = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
  await lab.act(() => lab.aws.stepFunctions().send(stop));
  try {
    await lab.until(async () => {
      const progress = await lab.progress(id);
      return progress !== undefined && hasEnded(progress) && (await lab.leases()).length === 0;
    }, RECOVERY_SECONDS_MAX);
  } catch (error) {
    if (error instanceof VirtualTimeExhausted) return { status: 'RUNNING' };
    throw error;
  }
  const { phase, reason = '' } = (await lab.act(() => lab.progress(id))) ?? {};
  const error = phase === 'rolledBack' ? 'RolledBack' : 'DeploymentFailed';
  return { status: phase === 'succeeded' ? 'SUCCEEDED' : 'FAILED', error, cause: reason };
}

/** Asks the API under one key until it answers; a refusal ends the story. */
async function start(lab: Lab, imageId: string): Promise<string | ExecutionSight> {
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
    const { status, body } = await lab.api.send('POST', '/deployments', {
      body: { service: lab.estate.service, imageId, version: 'v2' },
      headers: { 'idempotency-key': 'release-of-v2' },
    });
    if (status === 202) return String(body['deploymentId']);
    if (status < 500) return { status: 'REFUSED', cause: `${status} ${JSON.stringify(body)}` };
  }
  return { status: 'REFUSED', cause: `The API did not answer ${START_ATTEMPTS} times.` };
}

function outcomeOf({ status, error }: ExecutionSight): Outcome {
  if (status === 'SUCCEEDED') return 'succeeded';
  if (status === 'RUNNING') return 'stuck';
  if (status === 'REFUSED') return 'refused';
  return error === 'RolledBack' ? 'rolledBack' : 'failed';
}

async function countExecutions(lab: Lab): Promise<number> {
  const { stateMachineArn } = lab.stack;
  const command = new ListExecutionsCommand({ stateMachineArn });
  const { executions = [] } = await lab.act(() => lab.aws.stepFunctions().send(command));
  return executions.length;
}

/** Reads all that a deployment makes or changes. */
export async function readPossessions(lab: Lab): Promise<Possessions> {
  const { aws } = lab;
  const { AutoScalingGroups = [] } = await aws
    .autoScaling()
    .send(new DescribeAutoScalingGroupsCommand({}));
  const { MetricAlarms = [] } = await aws.cloudWatch().send(new DescribeAlarmsCommand({}));
  const { ScalingPolicies = [] } = await aws.autoScaling().send(new DescribePoliciesCommand({}));
  const { ScheduledUpdateGroupActions = [] } = await aws
    .autoScaling()
    .send(new DescribeScheduledActionsCommand({}));
  return {
    ...(await lab.belongings()),
    details: AutoScalingGroups.map(describeGroup),
    alarms: MetricAlarms.map(({ AlarmName = '' }) => AlarmName.replace(RANDOM_END, '')).toSorted(),
    hangings: [
      ...ScalingPolicies.map((one) => `${one.AutoScalingGroupName} ${one.PolicyName}`),
      ...ScheduledUpdateGroupActions.map(
        (one) => `${one.AutoScalingGroupName} ${one.ScheduledActionName}`,
      ),
    ].toSorted(),
  };
}

/** A group without what differs from run to run: times, and ids of instances. */
function describeGroup(group: AutoScalingGroup): Record<string, unknown> {
  const { SuspendedProcesses = [], TargetGroupARNs = [], Tags = [], Instances = [] } = group;
  return {
    name: group.AutoScalingGroupName,
    suspended: SuspendedProcesses.map(({ ProcessName = '' }) => ProcessName).toSorted(),
    targetGroups: TargetGroupARNs.map(nameOf),
    tags: Tags.map(({ Key, Value }) => `${Key}=${Value}`).toSorted(),
    launchTemplate: group.LaunchTemplate?.Version,
    isScaleInProtected: group.NewInstancesProtectedFromScaleIn,
    instances: Instances.map(({ LifecycleState }) => LifecycleState),
    status: group.Status,
  };
}
