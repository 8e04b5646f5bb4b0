/**
 * Moments of a deployment that tests wait for, and what an operator does in them.
 */
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { greenName } from '../../shared/core/names.ts';
import type { ServiceDefinition } from '../../shared/core/spec.ts';
import { present } from './estate.ts';
import type { Around } from './in-process.ts';
import type { Lab } from './lab.ts';

/** The name of green's group and target group. */
export function greenOf(lab: Lab, deploymentId: string): string {
  return greenName(lab.estate.service, deploymentId);
}

/** Weight of green in the listener's default action; undefined while it is not named there. */
export async function greenWeight(lab: Lab, deploymentId: string): Promise<number | undefined> {
  return (await lab.weights())[greenOf(lab, deploymentId)];
}

/** Region seconds between two looks at a weight that will be there for a minute or more. */
const LOOK_SECONDS = 4;

/**
 * A step of a minute, and the shortest bake in which the estate's alarm can see: for tests that do
 * not ask how long anything is held.
 */
export const BRIEF = {
  strategy: { type: 'steps', steps: [{ greenWeightPercent: 10, holdSeconds: 60 }] },
  bakeTimeSeconds: 240,
} satisfies Partial<ServiceDefinition>;

/**
 * Lets time pass until green has so much of the traffic.
 * @throws Error when the deployment ends before
 */
export async function untilGreenHas(
  lab: Lab,
  deploymentId: string,
  percent: number,
): Promise<void> {
  while ((await lab.act(() => greenWeight(lab, deploymentId))) !== percent) {
    if (!lab.isRunning(deploymentId)) {
      const { status, cause } = await lab.end(deploymentId);
      throw new Error(`${deploymentId} ended (${status}) before ${percent} %: ${cause ?? ''}`);
    }
    await lab.pass(LOOK_SECONDS);
  }
}

/** Puts the estate's alarm into ALARM, as somebody does who wants to see what happens. */
export function raiseAlarm(lab: Lab): Promise<unknown> {
  const command = new SetAlarmStateCommand({
    AlarmName: lab.estate.alarmName,
    StateValue: 'ALARM',
    StateReason: 'somebody said so',
  });
  return lab.act(() => lab.aws.cloudWatch().send(command));
}

/** A group, its instances included, as AWS describes it. */
export async function describeGroup({ act, aws }: Lab, name: string) {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  const { AutoScalingGroups } = await act(() => aws.autoScaling().send(command));
  return present(AutoScalingGroups?.[0]);
}

/** Keeps how the calls of one function ended: `answered`, or the name of the error. */
export function watchEndings(task: string): {
  readonly endings: readonly string[];
  readonly around: Around;
} {
  const endings: string[] = [];
  const around: Around = async (call, run) => {
    if (call.task !== task) return run();
    try {
      const answer = await run();
      endings.push('answered');
      return answer;
    } catch (error) {
      endings.push(error instanceof Error ? error.name : 'unknown');
      throw error;
    }
  };
  return { endings, around };
}
