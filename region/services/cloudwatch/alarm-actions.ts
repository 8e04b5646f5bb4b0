/**
 * What alarms do: tell topics, and call Auto Scaling.
 * Not for: when they do it; see `alarm-book.ts`.
 */
import type { ScalingAlarm } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AlarmHistory } from './alarm-history.ts';
import { alarmNotice } from './alarm-notice.ts';
import type { AlarmNotice } from './alarm-notice.ts';
import type { Alarm, AlarmState } from './alarms.ts';
import { scalingAlarm } from './scaling-alarms.ts';

/** Publishes an alarm's message to a topic. May throw what the topic's service throws. */
export type Notify = (topicArn: string, notice: AlarmNotice) => void;

/** Carries out an action of Auto Scaling. May throw what Auto Scaling throws. */
export type PerformAction = (actionArn: string, alarm: ScalingAlarm) => void;

/** Region milliseconds between two calls of Auto Scaling for an alarm that stays in its state. */
const REPEAT_MILLISECONDS = 60_000;

interface Means {
  readonly notify: Notify;
  readonly performAction: PerformAction;
}

/** The two occasions on which an alarm acts. */
export interface AlarmActions {
  /** Carries out every action of the state that an alarm just entered. */
  run(alarm: Alarm, change: { readonly from: AlarmState; readonly to: AlarmState }): void;
  /** Calls Auto Scaling again, a minute after the last time, for an alarm that stays as it is. */
  repeat(alarm: Alarm): void;
}

/** Carries out actions, and writes into the history what came of them. */
export function createAlarmActions(
  options: Means & { readonly kernel: Kernel; readonly history: AlarmHistory },
): AlarmActions {
  const { kernel, history } = options;
  return {
    run: (alarm, change) => {
      if (!alarm.actionsEnabled) return;
      const at = kernel.clock.now();
      if (alarm.type === 'metric') alarm.actedAt = at;
      const notice = alarmNotice(alarm, change);
      for (const arn of alarm.actions[change.to.value]) {
        const failure = runAction(arn, alarm, { ...options, notice });
        history.actionTaken(alarm, { arn, at, ...(failure === undefined ? {} : { failure }) });
      }
    },
    repeat: (alarm) => {
      const now = kernel.clock.now();
      if (!alarm.actionsEnabled || alarm.type !== 'metric') return;
      if (now - (alarm.actedAt ?? -Infinity) < REPEAT_MILLISECONDS) return;
      alarm.actedAt = now;
      for (const arn of alarm.actions[alarm.state.value].filter(isScalingAction)) {
        attempt(() => options.performAction(arn, scalingAlarm(alarm, arn)));
      }
    },
  };
}

/** Carries one action out. Answers why it failed; the alarm itself goes on either way. */
function runAction(
  action: string,
  alarm: Alarm,
  { notify, performAction, notice }: Means & { readonly notice: AlarmNotice },
): string | undefined {
  if (isScalingAction(action)) {
    return attempt(() => performAction(action, scalingAlarm(alarm, action)));
  }
  // Of actions on other services the history says that they were taken, so that a test can see
  // them, and nothing happens.
  if (!action.startsWith('arn:aws:sns:')) return undefined;
  return attempt(() => notify(action, notice));
}

function isScalingAction(action: string): boolean {
  return action.startsWith('arn:aws:autoscaling:');
}

function attempt(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
