/**
 * Alarms as Auto Scaling uses them: those that it puts for its own policies, and those of others
 * that call its policies.
 * Not for: the operations that callers use on the same alarms.
 */
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { ScalingAlarm, ScalingAlarms } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AlarmBook } from './alarm-book.ts';
import { STATE_VALUES } from './alarms.ts';
import type { Alarm, StateValue } from './alarms.ts';
import { putMetricAlarm } from './put-alarms.ts';

/** The member of a request that lists the actions of each state. */
const ACTION_MEMBERS: Readonly<Record<StateValue, string>> = {
  OK: 'OKActions',
  ALARM: 'AlarmActions',
  INSUFFICIENT_DATA: 'InsufficientDataActions',
};

/** What Auto Scaling can do with alarms. */
export function createScalingAlarms(options: { kernel: Kernel; book: AlarmBook }): ScalingAlarms {
  const { book } = options;
  const naming = (actionArn: string): readonly Alarm[] =>
    book.all().filter((alarm) => statesCalling(alarm, actionArn).length > 0);
  return {
    put: (alarm: PutMetricAlarmCommandInput) => putMetricAlarm(alarm, options).arn,
    remove: (alarmName) => {
      const alarm = book.find(alarmName);
      if (alarm) book.remove(alarm);
    },
    withAction: (actionArn) => naming(actionArn).map((alarm) => scalingAlarm(alarm, actionArn)),
    dropAction: (actionArn, { removeIdle }) => {
      for (const alarm of naming(actionArn)) {
        const left = withoutAction(alarm, actionArn);
        const isIdle = STATE_VALUES.every((state) => left.actions[state].length === 0);
        if (isIdle && removeIdle) book.remove(alarm);
        else book.put(left);
      }
    },
  };
}

/** An alarm as one of its actions sees it. */
export function scalingAlarm(alarm: Alarm, actionArn: string): ScalingAlarm {
  const metric = alarm.type === 'metric' ? alarm : undefined;
  return {
    name: alarm.name,
    arn: alarm.arn,
    state: alarm.state.value,
    calls: alarm.actionsEnabled && alarm.actions[alarm.state.value].includes(actionArn),
    threshold: metric?.watch.threshold ?? 0,
    datapoints: metric?.datapoints ?? [],
  };
}

function statesCalling(alarm: Alarm, actionArn: string): readonly StateValue[] {
  return STATE_VALUES.filter((state) => alarm.actions[state].includes(actionArn));
}

function withoutAction(alarm: Alarm, actionArn: string): Alarm {
  const without = (state: StateValue): readonly string[] =>
    alarm.actions[state].filter((action) => action !== actionArn);
  const actions = {
    OK: without('OK'),
    ALARM: without('ALARM'),
    INSUFFICIENT_DATA: without('INSUFFICIENT_DATA'),
  };
  const members = statesCalling(alarm, actionArn).map((state) => [
    ACTION_MEMBERS[state],
    actions[state],
  ]);
  const described = { ...alarm.described, ...Object.fromEntries(members) };
  return { ...alarm, actions, described };
}
