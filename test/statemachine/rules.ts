/**
 * What must hold for the state machine, as functions that answer complaints. Each is tested on a
 * machine that breaks it.
 * Not for: the grammar of the States Language, which asl-validator holds.
 */
import {
  expressionsIn,
  firstTasks,
  nodesIn,
  parseExpression,
  reachable,
  statesOfType,
} from './machine.ts';
import type { Expression, Machine } from './machine.ts';

const ARITHMETIC = new Set(['+', '-', '*', '/', '%']);

/** Where failures after the first write lead. */
const ROLLBACK = 'RollBack';

/** The first state that writes anything beyond Teal's own table. */
const FIRST_WRITE = 'PrepareGreen';

/** Once the rollback began it is finished or given up, never begun at an earlier point. */
const ROLLBACK_TASKS = [ROLLBACK, 'ConfirmRollback', 'CleanUpGreen', 'RecordOutcome'];

/** The last Task of every deployment; what it cannot do, the rule on ended executions does. */
const LAST = 'RecordOutcome';

/** Begins when green has won: its failure leaves something behind and undoes nothing. */
const RETIREMENT = 'RetireBlue';

/** `PlanDeployment` becomes `plan-deployment`. */
export function toFileName(stateName: string): string {
  return stateName.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}

/** Tasks that do not call the function of their own name. */
export function misnamedTasks(machine: Machine, functions: readonly string[]): readonly string[] {
  return statesOfType(machine, 'Task').flatMap(([name, state]) => {
    const wanted = `\${${name}Arn}`;
    const found = state.Arguments?.FunctionName;
    return [
      ...(functions.includes(toFileName(name))
        ? []
        : [`${name} has no file functions/${toFileName(name)}.ts`]),
      ...(found === wanted ? [] : [`${name} calls ${String(found)} instead of ${wanted}`]),
    ];
  });
}

/** Tasks that give up at the first hiccup, or wait for ever. */
export function carelessTasks(machine: Machine): readonly string[] {
  return statesOfType(machine, 'Task').flatMap(([name, state]) => [
    ...((state.Retry ?? []).length > 0 ? [] : [`${name} has no Retry`]),
    ...(state.TimeoutSeconds === undefined ? [`${name} has no TimeoutSeconds`] : []),
  ]);
}

/** Tasks after the first write whose failure does not lead to a rollback or to its end. */
export function uncaughtTasks(machine: Machine): readonly string[] {
  const forward = reachable(machine, FIRST_WRITE, { catches: false, avoid: [ROLLBACK] });
  const back = reachable(machine, ROLLBACK, { catches: true });
  return statesOfType(machine, 'Task').flatMap(([name]) => {
    if (name === LAST) return [];
    if (back.has(name) && ROLLBACK_TASKS.includes(name))
      return uncaught(machine, name, ROLLBACK_TASKS);
    if (name === RETIREMENT) return uncaught(machine, name, [LAST]);
    return forward.has(name) ? uncaught(machine, name, [ROLLBACK]) : [];
  });
}

function uncaught(machine: Machine, name: string, wanted: readonly string[]): readonly string[] {
  const catchAll = machine.States[name]?.Catch?.find(({ ErrorEquals }) =>
    ErrorEquals.includes('States.ALL'),
  );
  if (catchAll === undefined) return [`${name} does not catch States.ALL`];
  const tasks = firstTasks(machine, catchAll.Next);
  if (tasks.length > 0 && tasks.every((task) => wanted.includes(task))) return [];
  return [`${name} catches States.ALL, but leads to ${tasks.join(', ') || 'no Task at all'}`];
}

/** States that nothing leads to. */
export function unreachableStates(machine: Machine): readonly string[] {
  const seen = reachable(machine, machine.StartAt, { catches: true });
  return Object.keys(machine.States)
    .filter((name) => !seen.has(name))
    .map((name) => `nothing leads to ${name}`);
}

/** Expressions that compute; the state machine only passes values on. */
export function computingExpressions(machine: Machine): readonly string[] {
  return Object.entries(machine.States).flatMap(([name, state]) =>
    expressionsIn(state)
      .filter((text) =>
        nodesIn(parseExpression(text)).some(
          ({ type, value }) =>
            (type === 'binary' && ARITHMETIC.has(String(value))) ||
            (type === 'unary' && value === '-'),
        ),
      )
      .map((text) => `${name} computes: ${text}`),
  );
}

/** Conditions that look at something else than the type of a directive. */
export function decidingChoices(machine: Machine, types: readonly string[]): readonly string[] {
  return statesOfType(machine, 'Choice').flatMap(([name, state]) =>
    (state.Choices ?? []).flatMap(({ Condition }) => {
      const [text] = expressionsIn(Condition);
      if (text === undefined) return [`${name} has a condition that is no expression`];
      const compared = comparedTypes(parseExpression(text));
      if (compared === undefined) return [`${name} looks at more than directive.type: ${text}`];
      return compared
        .filter((type) => !types.includes(type))
        .map((type) => `${name} routes ${type}, which no directive is called`);
    }),
  );
}

/** The types a condition compares with; undefined when it is not such a comparison. */
function comparedTypes(node: Expression): readonly string[] | undefined {
  if (node.lhs === undefined || node.rhs === undefined) return undefined;
  if (node.value === 'or') {
    const [left, right] = [comparedTypes(node.lhs), comparedTypes(node.rhs)];
    return left === undefined || right === undefined ? undefined : [...left, ...right];
  }
  const isTest = node.value === '=' && isDirectiveType(node.lhs) && node.rhs.type === 'string';
  return isTest ? [String(node.rhs.value)] : undefined;
}

function isDirectiveType({ type, steps = [] }: Expression): boolean {
  const [holder, field] = steps.slice(-2);
  return type === 'path' && holder?.value === 'directive' && field?.value === 'type';
}

/** Error names that neither our classes nor AWS's services have. */
export function unknownErrors(machine: Machine, classes: readonly string[]): readonly string[] {
  const isKnown = (error: string): boolean =>
    classes.includes(error) || /^(?:States|Lambda|Sandbox|Runtime)\.[A-Z]/.test(error);
  return Object.entries(machine.States).flatMap(([name, { Retry = [], Catch = [] }]) =>
    [...Retry, ...Catch]
      .flatMap(({ ErrorEquals }) => ErrorEquals)
      .filter((error) => !isKnown(error))
      .map((error) => `${name} names the error ${error}, which nothing throws`),
  );
}
