/**
 * The state machine as the tests read it: states, edges and expressions.
 * Not for: running it; the local region does that.
 */
import jsonata from 'jsonata';

/** The fields of a state that the rules look at. */
export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Arguments?: { readonly FunctionName?: string };
  readonly TimeoutSeconds?: number | string;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
}

/** A state machine definition in the States Language, JSONata only. */
export interface Machine {
  readonly QueryLanguage?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A node of JSONata's syntax tree, as far as the rules look into it. */
export interface Expression {
  readonly type: string;
  readonly value?: unknown;
  readonly lhs?: Expression;
  readonly rhs?: Expression;
  readonly steps?: readonly Expression[];
}

/** Names and definitions of all states of one type. */
export function statesOfType(
  machine: Machine,
  type: string,
): readonly (readonly [name: string, state: State])[] {
  return Object.entries(machine.States).filter(([, state]) => state.Type === type);
}

/** Where a state can go; with `catches`, also where its failures go. */
export function successors(state: State, { catches }: { catches: boolean }): readonly string[] {
  const regular = [state.Next, state.Default, ...(state.Choices ?? []).map(({ Next }) => Next)];
  const caught = catches ? (state.Catch ?? []).map(({ Next }) => Next) : [];
  return [...regular, ...caught].filter((next) => next !== undefined);
}

/** All states that can be reached from one, itself included, without entering `avoid`. */
export function reachable(
  machine: Machine,
  start: string,
  options: { catches: boolean; avoid?: readonly string[] },
): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = machine.States[name];
    if (seen.has(name) || state === undefined || options.avoid?.includes(name)) continue;
    seen.add(name);
    open.push(...successors(state, options));
  }
  return seen;
}

/** The Tasks that a state leads to before any other Task runs; a Task leads to itself. */
export function firstTasks(machine: Machine, start: string): readonly string[] {
  const state = machine.States[start];
  if (state === undefined) return [];
  if (state.Type === 'Task') return [start];
  return successors(state, { catches: false }).flatMap((next) => firstTasks(machine, next));
}

/** Every JSONata expression of a value, however deep, without its delimiters. */
export function expressionsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    const match = /^\{%([\s\S]*)%\}$/.exec(value.trim());
    return match?.[1] === undefined ? [] : [match[1].trim()];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(expressionsIn);
}

/**
 * The syntax tree of an expression.
 * @throws Error of JSONata's own when it is not one
 */
export function parseExpression(text: string): Expression {
  return jsonata(text).ast() as unknown as Expression;
}

/** Every node of a syntax tree, the root first. */
export function nodesIn(node: unknown): readonly Expression[] {
  if (typeof node !== 'object' || node === null) return [];
  const inside = Object.values(node).flatMap(nodesIn);
  return 'type' in node ? [node as Expression, ...inside] : inside;
}
