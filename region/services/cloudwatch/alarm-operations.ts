/**
 * The operations that change alarms which are there: state, actions, deletion, tags.
 * Not for: configuring alarms (`put-alarms.ts`) and reading them (`alarm-reads.ts`).
 */
import type {
  DeleteAlarmsCommandInput,
  EnableAlarmActionsCommandInput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  SetAlarmStateCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Call, Operation, Permission } from '../../kernel/service.ts';
import { describeViolations, hasLength, isJson, isOneOf, isPresent } from '../constraints.ts';
import type { AlarmBook } from './alarm-book.ts';
import { alarmPermissions } from './alarm-permissions.ts';
import { alarmsOf } from './alarm-rule.ts';
import { STATE_VALUES } from './alarms.ts';
import type { Alarm } from './alarms.ts';
import { validationError } from './queries.ts';

const ALARMS_PER_CALL = 100;
const TAGS_PER_ALARM = 50;

/** The operations that change alarms. */
export function createAlarmOperations(options: {
  kernel: Kernel;
  book: AlarmBook;
}): Record<string, Operation> {
  const { book } = options;
  const setAlarmState: Operation<SetAlarmStateCommandInput, object> = {
    permissions: (input) =>
      alarmPermissions(book, 'cloudwatch:SetAlarmState', [input.AlarmName ?? '']),
    run: (input) => {
      setState(input, book);
      return {};
    },
  };
  const deleteAlarms: Operation<DeleteAlarmsCommandInput, object> = {
    permissions: (input) =>
      alarmPermissions(book, 'cloudwatch:DeleteAlarms', input.AlarmNames ?? []),
    run: (input, call) => {
      removeAll(input, { book, call });
      return {};
    },
  };
  return {
    SetAlarmState: setAlarmState,
    DeleteAlarms: deleteAlarms,
    EnableAlarmActions: switchActions({ ...options, enabled: true }),
    DisableAlarmActions: switchActions({ ...options, enabled: false }),
    ...createTagOperations(book),
  };
}

function setState(input: SetAlarmStateCommandInput, book: AlarmBook): void {
  const violations = describeViolations([
    isPresent(input.AlarmName, 'alarmName'),
    isPresent(input.StateValue, 'stateValue'),
    isOneOf(input.StateValue, 'stateValue', STATE_VALUES),
    isPresent(input.StateReason, 'stateReason'),
    hasLength(input.StateReason, 'stateReason', { max: 1023 }),
    hasLength(input.StateReasonData, 'stateReasonData', { max: 4000 }),
  ]);
  if (violations !== undefined) throw validationError(violations);
  if (input.StateReasonData !== undefined && !isJson(input.StateReasonData)) {
    throw new AwsError('InvalidFormat', 'Data was not syntactically valid JSON.');
  }
  const alarm = book.find(input.AlarmName ?? '');
  if (!alarm) {
    throw new AwsError('ResourceNotFound', `Alarm ${input.AlarmName} does not exist`, {
      httpStatus: 404,
    });
  }
  book.setState(alarm, {
    value: input.StateValue ?? 'OK',
    reason: input.StateReason ?? '',
    ...(input.StateReasonData === undefined ? {} : { reasonData: input.StateReasonData }),
  });
}

function checkNames(names: readonly string[] | undefined): void {
  const violations = describeViolations([
    isPresent(names, 'alarmNames'),
    hasLength(names, 'alarmNames', { max: ALARMS_PER_CALL }),
  ]);
  if (violations !== undefined) throw validationError(violations);
}

/** Names without an alarm are passed over, as on AWS. */
function removeAll(
  input: DeleteAlarmsCommandInput,
  { book, call }: { book: AlarmBook; call: Call },
): void {
  checkNames(input.AlarmNames);
  const alarms = [...new Set(input.AlarmNames)].flatMap((name) => book.find(name) ?? []);
  const composites = alarms.filter((alarm) => alarm.type === 'composite');
  if (composites.length > 1) {
    throw validationError('At most one composite alarm can be deleted in one call.');
  }
  const everything = { action: 'cloudwatch:DeleteAlarms', resources: ['*'] };
  if (composites.length > 0 && !call.isAllowed(everything)) {
    throw new AwsError(
      'AccessDenied',
      `User: ${call.caller.arn} is not authorized to perform: cloudwatch:DeleteAlarms ` +
        'on resource: *',
      { httpStatus: 403 },
    );
  }
  for (const alarm of alarms) refuseIfUsed(alarm, { book, leaving: alarms });
  for (const alarm of alarms) book.remove(alarm);
}

function refuseIfUsed(
  alarm: Alarm,
  { book, leaving }: { book: AlarmBook; leaving: readonly Alarm[] },
): void {
  const parents = book
    .all()
    .filter((other) => other.type === 'composite')
    .filter((other) => alarmsOf(other.rule).some((child) => book.find(child) === alarm))
    .filter((other) => other === alarm || !leaving.includes(other));
  if (parents.length === 0) return;
  throw validationError(
    `Cannot delete ${alarm.name} as there are composite alarm(s) depending on it: ` +
      parents.map((parent) => parent.name).join(', '),
  );
}

/** Enabling and disabling pass over names without an alarm, as on AWS. */
function switchActions(options: {
  kernel: Kernel;
  book: AlarmBook;
  enabled: boolean;
}): Operation<EnableAlarmActionsCommandInput, object> {
  const { kernel, book, enabled } = options;
  return {
    permissions: (input) =>
      alarmPermissions(
        book,
        `cloudwatch:${enabled ? 'Enable' : 'Disable'}AlarmActions`,
        input.AlarmNames ?? [],
      ),
    run: (input) => {
      checkNames(input.AlarmNames);
      for (const name of input.AlarmNames ?? []) {
        const alarm = book.find(name);
        if (!alarm || alarm.actionsEnabled === enabled) continue;
        alarm.actionsEnabled = enabled;
        alarm.configuredAt = kernel.clock.now();
        book.history.updated(alarm, kernel.clock.now());
      }
      return {};
    },
  };
}

/** Operations on tags name the alarm by its ARN. */
function permissionOn(action: string) {
  return (input: { ResourceARN?: string | undefined }): readonly Permission[] => [
    { action, resources: [input.ResourceARN ?? ''] },
  ];
}

function createTagOperations(book: AlarmBook): Record<string, Operation> {
  const tag: Operation<TagResourceCommandInput, object> = {
    permissions: permissionOn('cloudwatch:TagResource'),
    run: (input) => {
      const { tags } = requireArn(book, input.ResourceARN);
      const keys = new Set([...tags.keys(), ...(input.Tags ?? []).map((one) => one.Key ?? '')]);
      if (keys.size > TAGS_PER_ALARM) {
        throw new AwsError('InvalidParameterValue', `An alarm has at most ${TAGS_PER_ALARM} tags.`);
      }
      for (const { Key: key = '', Value: value = '' } of input.Tags ?? []) tags.set(key, value);
      return {};
    },
  };
  const untag: Operation<UntagResourceCommandInput, object> = {
    permissions: permissionOn('cloudwatch:UntagResource'),
    run: (input) => {
      const { tags } = requireArn(book, input.ResourceARN);
      for (const key of input.TagKeys ?? []) tags.delete(key);
      return {};
    },
  };
  const list: Operation<
    ListTagsForResourceCommandInput,
    Omit<ListTagsForResourceCommandOutput, '$metadata'>
  > = {
    permissions: permissionOn('cloudwatch:ListTagsForResource'),
    run: (input) => ({
      Tags: [...requireArn(book, input.ResourceARN).tags].map(([Key, Value]) => ({ Key, Value })),
    }),
  };
  return { TagResource: tag, UntagResource: untag, ListTagsForResource: list };
}

function requireArn(book: AlarmBook, resourceArn: string | undefined): Alarm {
  const alarm = resourceArn?.startsWith('arn:') ? book.find(resourceArn) : undefined;
  if (alarm) return alarm;
  throw new AwsError('ResourceNotFoundException', `There is no alarm ${resourceArn}.`, {
    httpStatus: 404,
    fields: { ResourceType: 'alarm', ResourceId: resourceArn },
  });
}
