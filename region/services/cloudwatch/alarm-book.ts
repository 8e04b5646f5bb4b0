/**
 * All alarms, their transitions, and who is told about them.
 * Not for: when alarms are evaluated (`alarm-clock.ts`) and the operations on them.
 */
import type { Kernel } from '../../kernel/kernel.ts';
import { createAlarmActions } from './alarm-actions.ts';
import type { Notify, PerformAction } from './alarm-actions.ts';
import { configurationChangeEvent, stateChangeEvent } from './alarm-events.ts';
import { createAlarmHistory } from './alarm-history.ts';
import type { AlarmHistory } from './alarm-history.ts';
import type { Alarm, AlarmState, EvaluationState, MetricAlarm, StateValue } from './alarms.ts';

/** The alarms of the account and what can happen to them. */
export interface AlarmBook {
  readonly history: AlarmHistory;
  find(nameOrArn: string): Alarm | undefined;
  /** In the order of their names. */
  all(): readonly Alarm[];
  /** Stores a new alarm, or a new configuration of one that is there. */
  put(alarm: Alarm): void;
  remove(alarm: Alarm): void;
  /** Gives an alarm a state and, when it is another one, tells everybody. */
  setState(alarm: Alarm, state: { value: StateValue; reason: string; reasonData?: string }): void;
  /**
   * Says that a metric alarm cannot be evaluated as it should, or can again. That moves the time of
   * its last update and is no transition; nobody is told.
   */
  setEvaluationState(alarm: MetricAlarm, evaluationState: EvaluationState | undefined): void;
  /**
   * Calls Auto Scaling again for an alarm that stays in its state, once a minute.
   * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
   */
  repeatActions(alarm: Alarm): void;
  /** Called after every transition, and after an alarm came or went. */
  onChange(listener: (alarm: Alarm) => void): void;
}

/** Keeps the alarms of the account. */
export function createAlarmBook(options: {
  kernel: Kernel;
  notify: Notify;
  performAction: PerformAction;
}): AlarmBook {
  const { kernel } = options;
  const alarms = new Map<string, Alarm>();
  const history = createAlarmHistory();
  const listeners: ((alarm: Alarm) => void)[] = [];
  const newId = (): string => [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-');
  const changed = (alarm: Alarm): void => {
    for (const listener of listeners) listener(alarm);
  };

  const actions = createAlarmActions({ ...options, history });

  const setState: AlarmBook['setState'] = (alarm, state) => {
    const now = kernel.clock.now();
    const from = alarm.state;
    const transitionedAt = from.value === state.value ? from.transitionedAt : now;
    const to: AlarmState = { ...state, updatedAt: now, transitionedAt };
    alarm.state = to;
    if (from.value === to.value) return;
    kernel.log(`cloudwatch: ${alarm.name} ${from.value} -> ${to.value}: ${to.reason}`);
    history.stateChanged(alarm, { from, to });
    kernel.emit(stateChangeEvent(alarm, { from, to, newId }));
    actions.run(alarm, { from, to });
    changed(alarm);
  };

  const put = (alarm: Alarm): void => {
    const operation = alarms.has(alarm.name) ? 'update' : 'create';
    alarms.set(alarm.name, alarm);
    history[`${operation}d`](alarm, kernel.clock.now());
    kernel.emit(configurationChangeEvent(alarm, { operation, newId }));
    changed(alarm);
  };

  const remove = (alarm: Alarm): void => {
    alarms.delete(alarm.name);
    history.deleted(alarm, kernel.clock.now());
    kernel.emit(configurationChangeEvent(alarm, { operation: 'delete', newId }));
    changed(alarm);
  };

  return {
    history,
    find: (nameOrArn) => alarms.get(nameOfAlarm(nameOrArn)),
    all: () => [...alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    put,
    remove,
    setState,
    setEvaluationState: (alarm, evaluationState) => {
      if (evaluationState === undefined) delete alarm.evaluationState;
      else alarm.evaluationState = evaluationState;
      alarm.state = { ...alarm.state, updatedAt: kernel.clock.now() };
    },
    repeatActions: (alarm) => actions.repeat(alarm),
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}

/** The name in an alarm's ARN; a name stays what it is. */
function nameOfAlarm(nameOrArn: string): string {
  return /^arn:aws:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}
