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

/**
 * What lets a fleet without traffic change its size, or follow alarms that mean other fleets: a fleet
 * that is kept for its return lies still until it is asked for.
 */
export const KEPT_AT_REST = [...RESTING_PROCESSES, 'AlarmNotification'] as const;

/** Processes of a kept fleet to suspend: those that should rest and do not. */
export function toRest(suspended: readonly string[]): readonly string[] {
  return KEPT_AT_REST.filter((name) => !suspended.includes(name));
}

/** Processes of a kept fleet to resume when it is to take its traffic back, its schedules aside. */
export function toWake(
  suspended: readonly string[],
  suspendedBefore: readonly string[],
): readonly string[] {
  return ['AlarmNotification'].filter(
    (name) => suspended.includes(name) && !suspendedBefore.includes(name),
  );
}
