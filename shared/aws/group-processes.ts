/**
 * Suspends and resumes named processes of a group. Never all of them: a call without names would
 * also resume what the group's owner had suspended.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { call } from './call.ts';
import { unlessGone } from './group-updates.ts';

/** Names of the processes that are suspended now, sorted. */
export function readSuspended({ SuspendedProcesses = [] }: AutoScalingGroup): readonly string[] {
  return SuspendedProcesses.flatMap(({ ProcessName }) => ProcessName ?? []).toSorted();
}

/** Suspends processes; none means nothing to do. @throws AwsUnavailable, AwsRefused */
export async function suspendProcesses(
  client: AutoScalingClient,
  autoScalingGroupName: string,
  processes: readonly string[],
): Promise<void> {
  if (processes.length === 0) return;
  const command = new SuspendProcessesCommand({
    AutoScalingGroupName: autoScalingGroupName,
    ScalingProcesses: [...processes],
  });
  await unlessGone(call('SuspendProcesses', autoScalingGroupName, () => client.send(command)));
}

/** Resumes processes; none means nothing to do. @throws AwsUnavailable, AwsRefused */
export async function resumeProcesses(
  client: AutoScalingClient,
  autoScalingGroupName: string,
  processes: readonly string[],
): Promise<void> {
  if (processes.length === 0) return;
  const command = new ResumeProcessesCommand({
    AutoScalingGroupName: autoScalingGroupName,
    ScalingProcesses: [...processes],
  });
  await unlessGone(call('ResumeProcesses', autoScalingGroupName, () => client.send(command)));
}
