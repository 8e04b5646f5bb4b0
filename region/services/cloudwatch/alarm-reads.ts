/**
 * The operations that read alarms and their history.
 * Not for: changing anything.
 */
import type {
  CompositeAlarm as CompositeAlarmShape,
  DescribeAlarmHistoryCommandInput,
  DescribeAlarmHistoryCommandOutput,
  DescribeAlarmsCommandInput,
  DescribeAlarmsCommandOutput,
  DescribeAlarmsForMetricCommandInput,
  DescribeAlarmsForMetricCommandOutput,
  MetricAlarm as MetricAlarmShape,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import { describeViolations, hasLength, inRange, isOneOf } from '../constraints.ts';
import { takePage } from '../pages.ts';
import type { AlarmBook } from './alarm-book.ts';
import { alarmPermissions } from './alarm-permissions.ts';
import { alarmsOf } from './alarm-rule.ts';
import { STATE_VALUES } from './alarms.ts';
import type { Alarm } from './alarms.ts';
import { readDimensions, validationError } from './queries.ts';

type Answer<T> = Omit<T, '$metadata'>;

const PAGE_LIMIT = 100;
const DEFAULT_PAGE = 50;
const ALARM_TYPES = ['CompositeAlarm', 'MetricAlarm', 'LogAlarm'];

/** The operations that read alarms. */
export function createAlarmReads({ book }: { book: AlarmBook }): Record<string, Operation> {
  const describe: Operation<DescribeAlarmsCommandInput, Answer<DescribeAlarmsCommandOutput>> = {
    permissions: (input) => describePermissions(input, book),
    run: (input) => describeAlarms(input, book),
  };
  const history: Operation<
    DescribeAlarmHistoryCommandInput,
    Answer<DescribeAlarmHistoryCommandOutput>
  > = {
    permissions: (input) => historyPermissions(input, book),
    run: (input) => describeHistory(input, book),
  };
  const forMetric: Operation<
    DescribeAlarmsForMetricCommandInput,
    Answer<DescribeAlarmsForMetricCommandOutput>
  > = {
    permissions: () => [{ action: 'cloudwatch:DescribeAlarmsForMetric', resources: ['*'] }],
    run: (input) => ({
      MetricAlarms: book
        .all()
        .filter((alarm) => watches(alarm, input))
        .map((alarm) => metricShape(alarm)),
    }),
  };
  return {
    DescribeAlarms: describe,
    DescribeAlarmHistory: history,
    DescribeAlarmsForMetric: forMetric,
  };
}

/**
 * Composite alarms can only be asked for with a permission on everything.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
function describePermissions(
  input: DescribeAlarmsCommandInput,
  book: AlarmBook,
): readonly Permission[] {
  const action = 'cloudwatch:DescribeAlarms';
  const types: readonly string[] = input.AlarmTypes ?? [];
  if (types.includes('CompositeAlarm') || input.ParentsOfAlarmName || input.ChildrenOfAlarmName) {
    return [{ action, resources: ['*'] }];
  }
  return input.AlarmNames && input.AlarmNames.length > 0
    ? alarmPermissions(book, action, input.AlarmNames)
    : [{ action, resources: [arn('cloudwatch', 'alarm:*')] }];
}

/**
 * So is the history of composite alarms.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 */
function historyPermissions(
  { AlarmName, AlarmTypes = [] }: DescribeAlarmHistoryCommandInput,
  book: AlarmBook,
): readonly Permission[] {
  const action = 'cloudwatch:DescribeAlarmHistory';
  const isOnEverything = AlarmName === undefined || AlarmTypes.includes('CompositeAlarm');
  return isOnEverything
    ? [{ action, resources: ['*'] }]
    : alarmPermissions(book, action, [AlarmName]);
}

function invalidToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The next token specified is invalid.');
}

function describeAlarms(
  input: DescribeAlarmsCommandInput,
  book: AlarmBook,
): Answer<DescribeAlarmsCommandOutput> {
  checkDescribe(input);
  const family = familyOf(input, book);
  const page = takePage(family ?? filterAlarms(input, book), {
    size: input.MaxRecords ?? DEFAULT_PAGE,
    token: input.NextToken,
    refuse: invalidToken,
  });
  const of = (type: Alarm['type']): Alarm[] => page.items.filter((alarm) => alarm.type === type);
  const shapes = family
    ? { metric: briefShape, composite: briefShape }
    : { metric: metricShape, composite: compositeShape };
  return {
    MetricAlarms: of('metric').map((alarm) => shapes.metric(alarm)),
    CompositeAlarms: of('composite').map((alarm) => shapes.composite(alarm)),
    NextToken: page.nextToken,
  };
}

function checkDescribe(input: DescribeAlarmsCommandInput): void {
  const violations = describeViolations([
    hasLength(input.AlarmNames, 'alarmNames', { max: PAGE_LIMIT }),
    hasLength(input.AlarmNamePrefix, 'alarmNamePrefix', { min: 1, max: 255 }),
    hasLength(input.ActionPrefix, 'actionPrefix', { min: 1, max: 1024 }),
    isOneOf(input.StateValue, 'stateValue', STATE_VALUES),
    inRange(input.MaxRecords, 'maxRecords', { min: 1, max: PAGE_LIMIT }),
    ...(input.AlarmTypes ?? []).map((type) => isOneOf(type, 'alarmTypes', ALARM_TYPES)),
    ...(input.AlarmNames ?? []).map((name) => hasLength(name, 'alarmNames', { min: 1, max: 255 })),
  ]);
  if (violations !== undefined) throw validationError(violations);
  if (input.AlarmNames && input.AlarmNamePrefix !== undefined) {
    throw validationError('AlarmNamePrefix and AlarmNames cannot both be specified.');
  }
}

/** The parents or children of an alarm, when they are asked for. */
function familyOf(
  input: DescribeAlarmsCommandInput,
  book: AlarmBook,
): readonly Alarm[] | undefined {
  const { ChildrenOfAlarmName: childrenOf, ParentsOfAlarmName: parentsOf } = input;
  const relation = childrenOf ?? parentsOf;
  if (relation === undefined) return undefined;
  const others = [
    'AlarmNames',
    'AlarmNamePrefix',
    'AlarmTypes',
    'StateValue',
    'ActionPrefix',
  ] as const;
  const both = childrenOf !== undefined && parentsOf !== undefined;
  if (both || others.some((member) => input[member] !== undefined)) {
    throw validationError(
      'ChildrenOfAlarmName and ParentsOfAlarmName go with MaxRecords and NextToken only.',
    );
  }
  const alarm = book.find(relation);
  if (!alarm) return [];
  if (childrenOf === undefined) {
    return book.all().filter((other) => childrenOfAlarm(other, book).includes(alarm));
  }
  return childrenOfAlarm(alarm, book);
}

function childrenOfAlarm(alarm: Alarm, book: AlarmBook): readonly Alarm[] {
  if (alarm.type === 'metric') return [];
  return alarmsOf(alarm.rule).flatMap((name) => book.find(name) ?? []);
}

function filterAlarms(input: DescribeAlarmsCommandInput, book: AlarmBook): readonly Alarm[] {
  // Left out, the types mean metric alarms only, even where a composite alarm is named.
  const types: readonly string[] = input.AlarmTypes ?? ['MetricAlarm'];
  const { AlarmNames: names, AlarmNamePrefix: prefix = '', ActionPrefix: action } = input;
  return book
    .all()
    .filter((alarm) => types.includes(alarm.type === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
    .filter((alarm) => !names || names.length === 0 || names.includes(alarm.name))
    .filter((alarm) => alarm.name.startsWith(prefix))
    .filter((alarm) => input.StateValue === undefined || alarm.state.value === input.StateValue)
    .filter(
      (alarm) =>
        action === undefined ||
        Object.values(alarm.actions)
          .flat()
          .some((one) => one.startsWith(action)),
    );
}

function metricShape(alarm: Alarm): MetricAlarmShape {
  // An alarm on one metric always has a list of dimensions, and one on expressions never has.
  const single = alarm.described['MetricName'] !== undefined;
  const { evaluationState } = alarm.type === 'metric' ? alarm : {};
  return {
    ...(single ? { Dimensions: [] } : {}),
    ...alarm.described,
    ...commonShape(alarm),
    ...(evaluationState === undefined ? {} : { EvaluationState: evaluationState }),
  };
}

function compositeShape(alarm: Alarm): CompositeAlarmShape {
  return { ...alarm.described, ...commonShape(alarm) };
}

function briefShape(alarm: Alarm): MetricAlarmShape & CompositeAlarmShape {
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    StateValue: alarm.state.value,
    StateUpdatedTimestamp: new Date(alarm.state.updatedAt),
  };
}

function commonShape(alarm: Alarm): MetricAlarmShape & CompositeAlarmShape {
  const { state } = alarm;
  return {
    ...briefShape(alarm),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: [...alarm.actions.OK],
    AlarmActions: [...alarm.actions.ALARM],
    InsufficientDataActions: [...alarm.actions.INSUFFICIENT_DATA],
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    StateReason: state.reason,
    ...(state.reasonData === undefined ? {} : { StateReasonData: state.reasonData }),
    StateTransitionedTimestamp: new Date(state.transitionedAt),
  };
}

function describeHistory(
  input: DescribeAlarmHistoryCommandInput,
  book: AlarmBook,
): Answer<DescribeAlarmHistoryCommandOutput> {
  const violations = describeViolations([
    inRange(input.MaxRecords, 'maxRecords', { min: 1, max: PAGE_LIMIT }),
    ...(input.AlarmTypes ?? []).map((type) => isOneOf(type, 'alarmTypes', ALARM_TYPES)),
  ]);
  if (violations !== undefined) throw validationError(violations);
  const types: readonly string[] = input.AlarmTypes ?? ['MetricAlarm'];
  const found = book.history
    .items()
    .filter((item) => input.AlarmName === undefined || item.AlarmName === input.AlarmName)
    .filter((item) => types.includes(item.AlarmType ?? ''))
    .filter((item) => !input.HistoryItemType || item.HistoryItemType === input.HistoryItemType)
    .filter((item) => !input.StartDate || (item.Timestamp ?? 0) >= input.StartDate)
    .filter((item) => !input.EndDate || (item.Timestamp ?? 0) <= input.EndDate);
  const page = takePage(input.ScanBy === 'TimestampAscending' ? found : found.toReversed(), {
    size: input.MaxRecords ?? PAGE_LIMIT,
    token: input.NextToken,
    refuse: invalidToken,
  });
  return { AlarmHistoryItems: [...page.items], NextToken: page.nextToken };
}

/** Whether an alarm watches exactly this metric, and in exactly this way where that is asked. */
function watches(alarm: Alarm, input: DescribeAlarmsForMetricCommandInput): boolean {
  if (alarm.type !== 'metric' || alarm.watch.watched.type !== 'metric') return false;
  const { metric, statisticName, periodSeconds, unit } = alarm.watch.watched;
  const asked = readDimensions(input.Dimensions);
  const statistic = input.Statistic ?? input.ExtendedStatistic;
  return (
    metric.namespace === input.Namespace &&
    metric.metricName === input.MetricName &&
    Object.keys(asked).length === Object.keys(metric.dimensions).length &&
    Object.entries(asked).every(([name, value]) => metric.dimensions[name] === value) &&
    (statistic === undefined || statistic === statisticName) &&
    (input.Period === undefined || input.Period === periodSeconds) &&
    (input.Unit === undefined || input.Unit === unit)
  );
}
