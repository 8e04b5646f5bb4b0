/**
 * Scheduled actions: put, described, deleted, one by one or in batches.
 * Not for: carrying them out; see `scheduled-runs.ts`.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html
 */
import type {
  BatchDeleteScheduledActionCommandInput,
  BatchPutScheduledUpdateGroupActionCommandInput,
  DeleteScheduledActionCommandInput,
  DescribeScheduledActionsCommandInput,
  PutScheduledUpdateGroupActionCommandInput,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';
import { validationError } from './errors.ts';
import { pageOfGroupThings } from './paging.ts';
import { readRecurrence } from './recurrence.ts';
import { describeOperation, findGroup, groupOperation } from './store.ts';
import { uuid } from './uuid.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

const ACTIONS_PER_GROUP = 125;
const ACTIONS_PER_CALL = 50;

type ActionInput = Omit<PutScheduledUpdateGroupActionCommandInput, 'AutoScalingGroupName'>;

/** The operations on scheduled actions. */
export function scheduledActionOperations(engine: Engine) {
  const { groups } = engine;
  return {
    PutScheduledUpdateGroupAction: groupOperation(
      groups,
      'PutScheduledUpdateGroupAction',
      (group, input: PutScheduledUpdateGroupActionCommandInput) => {
        putAction(engine, group, input);
        return {};
      },
    ),
    BatchPutScheduledUpdateGroupAction: groupOperation(
      groups,
      'BatchPutScheduledUpdateGroupAction',
      (group, input: BatchPutScheduledUpdateGroupActionCommandInput) => ({
        FailedScheduledUpdateGroupActions: attemptEach(
          input.ScheduledUpdateGroupActions ?? [],
          (action) => action.ScheduledActionName,
          (action) => putAction(engine, group, action),
        ),
      }),
    ),
    DeleteScheduledAction: groupOperation(
      groups,
      'DeleteScheduledAction',
      (group, input: DeleteScheduledActionCommandInput) => {
        deleteAction(group, input.ScheduledActionName);
        return {};
      },
    ),
    BatchDeleteScheduledAction: groupOperation(
      groups,
      'BatchDeleteScheduledAction',
      (group, input: BatchDeleteScheduledActionCommandInput) => ({
        FailedScheduledActions: attemptEach(
          input.ScheduledActionNames ?? [],
          (name) => name,
          (name) => deleteAction(group, name),
        ),
      }),
    ),
    DescribeScheduledActions: describeOperation(
      'DescribeScheduledActions',
      (input: DescribeScheduledActionsCommandInput) => describeActions(engine, input),
    ),
  };
}

function describeActions({ groups }: Engine, input: DescribeScheduledActionsCommandInput) {
  const { AutoScalingGroupName: name, ScheduledActionNames: names = [] } = input;
  const { StartTime: from, EndTime: to } = input;
  const owners = name === undefined ? [...groups.values()] : [findGroup(groups, name)];
  const chosen = owners
    .flatMap((group) => [...group.scheduledActions.values()])
    .filter((action) => names.length === 0 || names.includes(action.ScheduledActionName ?? ''))
    // A time range counts only where no names are given.
    .filter(({ StartTime: at = new Date(0) }) => {
      if (names.length > 0) return true;
      return at >= (from ?? new Date(0)) && (to === undefined || at <= to);
    });
  const page = pageOfGroupThings(chosen, input);
  return { ScheduledUpdateGroupActions: page.items, NextToken: page.nextToken };
}

/** Tries every item of a batch and answers what was refused. */
function attemptEach<T>(
  items: readonly T[],
  nameOf: (item: T) => string | undefined,
  act: (item: T) => void,
): { ScheduledActionName: string | undefined; ErrorCode: string; ErrorMessage: string }[] {
  if (items.length > ACTIONS_PER_CALL) {
    throw validationError(
      `At most ${ACTIONS_PER_CALL} scheduled actions can be given in one call, not ` +
        `${items.length}.`,
    );
  }
  return items.flatMap((item) => {
    try {
      act(item);
      return [];
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { code: ErrorCode, message: ErrorMessage } = error;
      return [{ ScheduledActionName: nameOf(item), ErrorCode, ErrorMessage }];
    }
  });
}

function deleteAction(group: GroupRecord, name: string | undefined): void {
  if (group.scheduledActions.delete(name ?? '')) return;
  throw validationError('Scheduled action name not found');
}

function putAction(engine: Engine, group: GroupRecord, input: ActionInput): void {
  const action = readAction(engine, group, input);
  group.scheduledActions.set(action.ScheduledActionName ?? '', action);
}

function readAction(
  { kernel }: Engine,
  group: GroupRecord,
  input: ActionInput,
): ScheduledUpdateGroupAction {
  const now = kernel.clock.now();
  const broken = RULES.find(([isBroken]) => isBroken(input, now));
  if (broken) throw validationError(broken[1](input));
  const name = input.ScheduledActionName ?? '';
  const existing = group.scheduledActions.get(name);
  if (!existing && group.scheduledActions.size >= ACTIONS_PER_GROUP) {
    throw new AwsError(
      'LimitExceeded',
      `The group ${group.name} cannot have more than ${ACTIONS_PER_GROUP} scheduled actions.`,
    );
  }
  const at = firstRun(input, now);
  refuseSameTime(group, name, at);
  const id = uuid(kernel);
  const resource = `scheduledUpdateGroupAction:${id}:autoScalingGroupName/${group.name}`;
  const { Time: _, ...given } = structuredClone({ ...input });
  return {
    ...given,
    AutoScalingGroupName: group.name,
    ScheduledActionName: name,
    ScheduledActionARN:
      existing?.ScheduledActionARN ?? arn('autoscaling', `${resource}:scheduledActionName/${name}`),
    StartTime: at,
    Time: at,
  };
}

/** A recurring action without a start time starts with its first recurrence. */
function firstRun(input: ActionInput, now: number): Date {
  const start = startOf(input);
  if (start) return start;
  const at = readRecurrence(input.Recurrence ?? '', input.TimeZone)?.(now);
  if (at === undefined) throw validationError('Given recurrence never occurs');
  return new Date(at);
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html */
function refuseSameTime(group: GroupRecord, name: string, at: Date): void {
  const other = [...group.scheduledActions.values()].find(
    (action) => action.ScheduledActionName !== name && action.StartTime?.getTime() === at.getTime(),
  );
  if (!other) return;
  throw new AwsError(
    'AlreadyExists',
    `A scheduled action with this scheduled start time already exists: ` +
      `${other.ScheduledActionName} at ${at.toISOString()}`,
  );
}

/** `Time` is the name that StartTime had once. */
function startOf({ StartTime, Time }: ActionInput): Date | undefined {
  return StartTime ?? Time;
}

type Rule = readonly [
  isBroken: (input: ActionInput, now: number) => boolean,
  message: (input: ActionInput) => string,
];

/** The first broken rule is reported. */
const RULES: readonly Rule[] = [
  [
    (input) => startOf(input) === undefined && input.Recurrence === undefined,
    () => 'Either a start time or a recurrence must be specified',
  ],
  [
    (input, now) => (startOf(input)?.getTime() ?? now) < now,
    () => 'Given start time is in the past',
  ],
  [
    (input) => (input.EndTime ?? new Date(8.64e15)) <= (startOf(input) ?? new Date(0)),
    () => 'Given end time is earlier than the start time',
  ],
  [(input, now) => (input.EndTime?.getTime() ?? now) < now, () => 'Given end time is in the past'],
  [
    (input) => input.TimeZone !== undefined && !readRecurrence('* * * * *', input.TimeZone),
    (input) => `Given time zone ${input.TimeZone} is invalid`,
  ],
  [
    (input) => input.Recurrence !== undefined && !readRecurrence(input.Recurrence),
    (input) => `Given recurrence string: ${input.Recurrence} is invalid`,
  ],
  [
    ({ MinSize, MaxSize, DesiredCapacity }) =>
      MinSize === undefined && MaxSize === undefined && DesiredCapacity === undefined,
    () => 'At least one of MinSize, MaxSize, and DesiredCapacity must be specified',
  ],
  [
    ({ MinSize = 0, MaxSize = Infinity }) => MinSize > MaxSize,
    ({ MinSize, MaxSize }) =>
      `Max bound, ${MaxSize}, must be greater than or equal to min bound, ${MinSize}`,
  ],
];
