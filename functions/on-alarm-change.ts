/** An alarm changed its state: deployments that watch it and hold are woken at once. */
import type { Holds, Watches } from '../shared/ports/ledger.ts';
import type { Executions } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import * as world from './_ports.ts';

/**
 * The part of CloudWatch's event that counts here.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
export interface AlarmChange {
  readonly detail: {
    readonly alarmName: string;
    readonly state: { readonly value: string; readonly reason?: string };
  };
}

/** From an alarm's name to its watchers, and from a watcher to its waiting hold. */
export interface OnAlarmChangePorts {
  readonly watches: Watches;
  readonly holds: Holds;
  readonly executions: Executions;
}

/**
 * Makes the function. It wakes, and decides nothing: DecideNextStep reads the alarm itself, so an
 * event that comes late, twice or out of order does no harm.
 */
export const onAlarmChange =
  ({ watches, holds, executions }: OnAlarmChangePorts) =>
  async ({ detail }: AlarmChange) => {
    if (detail.state.value !== 'ALARM') return { woken: [] };
    const woken: string[] = [];
    for (const deploymentId of await watches.watchers(detail.alarmName)) {
      const token = await holds.waiting(deploymentId);
      if (!token) continue;
      const reason = `Alarm ${detail.alarmName} went into ALARM.`;
      const answer = await executions.signal(token, { type: 'alarm', reason });
      if (answer === 'delivered') woken.push(deploymentId);
      await holds.close(deploymentId, token);
    }
    return { woken };
  };

export const handler = withStack(
  onAlarmChange({ watches: world.watches(), holds: world.holds(), executions: world.executions() }),
);
