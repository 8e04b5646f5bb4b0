/**
 * The operations that create and configure alarms.
 * Not for: reading alarms and changing their state.
 */
import type {
  PutCompositeAlarmCommandInput,
  PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import { describeViolations, hasLength, isPresent } from '../constraints.ts';
import type { AlarmBook } from './alarm-book.ts';
import { alarmPermissions } from './alarm-permissions.ts';
import { RuleSyntaxError, alarmsOf, parseRule } from './alarm-rule.ts';
import type { Rule } from './alarm-rule.ts';
import { initialState } from './alarms.ts';
import type { Alarm, Described } from './alarms.ts';
import { readWatch } from './put-metric-alarm.ts';
import { validationError } from './queries.ts';

/**
 * Metric alarms of an account.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const ALARM_LIMIT = 5000;

const ACTIONS_PER_STATE = 5;

const ACTION_ARN =
  /^arn:aws[\w-]*:(?:sns|lambda|autoscaling|automate|swf|ssm|ssm-incidents|aiops):/;

type Common = Pick<
  PutMetricAlarmCommandInput & PutCompositeAlarmCommandInput,
  | 'AlarmName'
  | 'AlarmDescription'
  | 'ActionsEnabled'
  | 'OKActions'
  | 'AlarmActions'
  | 'InsufficientDataActions'
  | 'Tags'
>;

/** The operations `PutMetricAlarm` and `PutCompositeAlarm`. */
export function createPutAlarms(options: {
  kernel: Kernel;
  book: AlarmBook;
}): Record<string, Operation> {
  const { kernel, book } = options;
  const metricOperation: Operation<PutMetricAlarmCommandInput, object> = {
    permissions: (input) => [
      ...alarmPermissions(book, 'cloudwatch:PutMetricAlarm', [input.AlarmName ?? '']),
      ...tagPermissions(input),
    ],
    run: (input) => {
      putMetricAlarm(input, options);
      return {};
    },
  };
  const putCompositeAlarm: Operation<PutCompositeAlarmCommandInput, object> = {
    permissions: (input) => [
      { action: 'cloudwatch:PutCompositeAlarm', resources: ['*'] },
      ...tagPermissions(input),
    ],
    run: (input) => {
      const rule = readRule(input, book);
      const common = readCommon(input, { book, now: kernel.clock.now() });
      refuseOtherType(book.find(common.name), 'composite');
      refuseScalingActions(common.actions);
      book.put({ ...common, type: 'composite', ruleText: input.AlarmRule ?? '', rule });
      return {};
    },
  };
  return { PutMetricAlarm: metricOperation, PutCompositeAlarm: putCompositeAlarm };
}

/** Creates or replaces a metric alarm, whoever asks for it. @throws AwsError ValidationError */
export function putMetricAlarm(
  input: PutMetricAlarmCommandInput,
  { kernel, book }: { kernel: Kernel; book: AlarmBook },
): Alarm {
  const watch = readWatch(input);
  const common = readCommon(input, { book, now: kernel.clock.now() });
  refuseOtherType(book.find(common.name), 'metric');
  const alarm: Alarm = { ...common, type: 'metric', watch };
  book.put(alarm);
  return alarm;
}

function tagPermissions(input: Common): readonly Permission[] {
  const tags = input.Tags ?? [];
  if (tags.length === 0) return [];
  return [
    {
      action: 'cloudwatch:TagResource',
      resources: [arn('cloudwatch', `alarm:${input.AlarmName}`)],
      context: {
        'aws:TagKeys': tags.map((tag) => tag.Key ?? ''),
        ...Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag.Key}`, tag.Value ?? ''])),
      },
    },
  ];
}

function readCommon(input: Common, { book, now }: { book: AlarmBook; now: number }) {
  const name = input.AlarmName ?? '';
  // @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  // An update replaces the whole configuration but leaves the state and the tags as they are.
  const existing = book.find(name);
  if (!existing && book.all().length >= ALARM_LIMIT) {
    throw new AwsError('LimitExceeded', `There are already ${ALARM_LIMIT} alarms.`);
  }
  const { Tags: tags, ...described } = input;
  return {
    name,
    arn: arn('cloudwatch', `alarm:${name}`),
    description: input.AlarmDescription,
    actionsEnabled: input.ActionsEnabled ?? true,
    actions: {
      OK: readActions(input.OKActions),
      ALARM: readActions(input.AlarmActions),
      INSUFFICIENT_DATA: readActions(input.InsufficientDataActions),
    },
    described: described as Described,
    configuredAt: now,
    state: existing?.state ?? initialState(now),
    tags: existing?.tags ?? new Map((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
  };
}

function readActions(actions: readonly string[] | undefined): readonly string[] {
  const list = actions ?? [];
  if (list.length > ACTIONS_PER_STATE) {
    throw validationError(`An alarm has at most ${ACTIONS_PER_STATE} actions for each state.`);
  }
  const wrong = list.find((action) => !ACTION_ARN.test(action));
  if (wrong !== undefined) throw validationError(`Invalid arn syntax: ${wrong}`);
  return list;
}

/** @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
function refuseScalingActions(actions: Alarm['actions']): void {
  const wrong = Object.values(actions)
    .flat()
    .find((action) => action.startsWith('arn:aws:autoscaling:'));
  if (wrong !== undefined) {
    throw validationError(`Composite alarms cannot perform Auto Scaling actions: ${wrong}`);
  }
}

function refuseOtherType(existing: Alarm | undefined, type: Alarm['type']): void {
  if (!existing || existing.type === type) return;
  throw validationError(
    `An alarm named ${existing.name} exists already and is a ${existing.type} alarm.`,
  );
}

function readRule(input: PutCompositeAlarmCommandInput, book: AlarmBook): Rule {
  const violations = describeViolations([
    isPresent(input.AlarmName, 'alarmName'),
    hasLength(input.AlarmName, 'alarmName', { min: 1, max: 255 }),
    isPresent(input.AlarmRule, 'alarmRule'),
    hasLength(input.AlarmRule, 'alarmRule', { min: 1, max: 10_240 }),
    hasLength(input.AlarmDescription, 'alarmDescription', { max: 1024 }),
  ]);
  if (violations !== undefined) throw validationError(violations);
  if (input.ActionsSuppressor !== undefined) {
    throw validationError('The parameter ActionsSuppressor is not supported in this region.');
  }
  const rule = parse(input.AlarmRule ?? '');
  const absent = alarmsOf(rule).filter((name) => !book.find(name));
  if (absent.length > 0) {
    throw validationError(
      `Could not save the composite alarm as alarms [${absent.join(', ')}] in the alarm rule ` +
        'do not exist',
    );
  }
  return rule;
}

function parse(text: string): Rule {
  try {
    return parseRule(text);
  } catch (error) {
    if (!(error instanceof RuleSyntaxError)) throw error;
    throw validationError(`AlarmRule is invalid: ${error.message}`);
  }
}
