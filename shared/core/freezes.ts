/**
 * Which processes of a group rest while a deployment runs, so that nothing but load changes the
 * size of a fleet.
 */

/**
 * What changes a group's size or members without any load: schedules, rebalancing between zones,
 * and instance refreshes. Launching, terminating, health checks and alarms go on, because blue must
 * be able to grow and to heal itself.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
 */
export const RESTING_PROCESSES = ['AZRebalance', 'InstanceRefresh', 'ScheduledActions'] as const;

/** Processes to suspend: those that should rest and do not. */
export function toSuspend(suspended: readonly string[]): readonly string[] {
  return RESTING_PROCESSES.filter((name) => !suspended.includes(name));
}

/** Processes to resume: those that rest now and did not before the deployment. */
export function toResume(
  suspended: readonly string[],
  suspendedBefore: readonly string[],
): readonly string[] {
  return RESTING_PROCESSES.filter(
    (name) => suspended.includes(name) && !suspendedBefore.includes(name),
  );
}
