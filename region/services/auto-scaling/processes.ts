/**
 * Suspending and resuming what a group does by itself.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
 */
import type {
  ResumeProcessesCommandInput,
  SuspendProcessesCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { causeTime } from './activities.ts';
import { validationError } from './errors.ts';
import { considerAlarms } from './policy-actions.ts';
import { PROCESSES } from './state.ts';
import { describeOperation, groupOperation } from './store.ts';
import type { Engine } from './engine.ts';
import type { ProcessName } from './state.ts';

/** SuspendProcesses, ResumeProcesses, DescribeScalingProcessTypes. */
export function processOperations(engine: Engine) {
  const { groups, kernel } = engine;
  return {
    SuspendProcesses: groupOperation(
      groups,
      'SuspendProcesses',
      (group, input: SuspendProcessesCommandInput) => {
        const reason = `User suspended at ${causeTime(kernel.clock.now())}`;
        for (const name of readProcesses(input.ScalingProcesses)) {
          if (!group.suspended.has(name)) group.suspended.set(name, reason);
        }
        return {};
      },
    ),
    ResumeProcesses: groupOperation(
      groups,
      'ResumeProcesses',
      (group, input: ResumeProcessesCommandInput) => {
        const resumed = readProcesses(input.ScalingProcesses).filter((name) =>
          group.suspended.delete(name),
        );
        if (resumed.includes('AlarmNotification')) considerAlarms(engine, group);
        engine.wake(group);
        return {};
      },
    ),
    DescribeScalingProcessTypes: describeOperation('DescribeScalingProcessTypes', () => ({
      Processes: PROCESSES.map((ProcessName) => ({ ProcessName })),
    })),
  };
}

/** No list means every process, also those that somebody else suspended. */
function readProcesses(names: readonly string[] | undefined): readonly ProcessName[] {
  if (!names?.length) return PROCESSES;
  return names.map((name) => {
    const known = PROCESSES.find((candidate) => candidate === name);
    if (!known) throw validationError(`Invalid scaling process '${name}'.`);
    return known;
  });
}
