/**
 * Whether the states of a definition lead somewhere: every target exists, every state can be
 * reached, and the execution can end.
 * Not for: the fields of a single state.
 */
import type { Report } from './diagnostics.ts';
import { isObject } from './json.ts';

type States = Readonly<Record<string, unknown>>;

interface Edge {
  readonly target: string;
  readonly field: 'Next' | 'Default';
  readonly location: string;
}

/** Checks the graph of states from its start. */
export function checkFlow(states: States, startAt: unknown, report: Report): void {
  if (typeof startAt !== 'string') return;
  if (!Object.hasOwn(states, startAt)) {
    report.transition('/StartAt', `Missing 'StartAt' target: ${startAt}`);
    return;
  }
  for (const [name, state] of Object.entries(states)) {
    for (const edge of edgesOf(name, state)) {
      if (Object.hasOwn(states, edge.target)) continue;
      report.transition(edge.location, `Missing '${edge.field}' target: ${edge.target}`);
    }
  }
  const reached = reach(states, startAt);
  for (const name of Object.keys(states)) {
    if (reached.has(name)) continue;
    report.transition(`/States/${name}`, `State "${name}" is not reachable.`);
  }
  if (![...reached].some((name) => isTerminal(states[name]))) {
    report.schema('/States', 'No terminal state can be reached from StartAt');
  }
}

function reach(states: States, startAt: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [startAt];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name) || !Object.hasOwn(states, name)) continue;
    reached.add(name);
    waiting.push(...edgesOf(name, states[name]).map((edge) => edge.target));
  }
  return reached;
}

function isTerminal(state: unknown): boolean {
  if (!isObject(state)) return false;
  return state['End'] === true || state['Type'] === 'Succeed' || state['Type'] === 'Fail';
}

function edgesOf(name: string, state: unknown): readonly Edge[] {
  if (!isObject(state)) return [];
  const location = `/States/${name}`;
  const nested = (['Choices', 'Catch'] as const).flatMap((field) => {
    const list: unknown = state[field];
    if (!Array.isArray(list)) return [];
    return list.flatMap((item: unknown, index) =>
      isObject(item) ? edgeTo(item['Next'], 'Next', `${location}/${field}[${index}]/Next`) : [],
    );
  });
  return [
    ...edgeTo(state['Next'], 'Next', `${location}/Next`),
    ...edgeTo(state['Default'], 'Default', `${location}/Default`),
    ...nested,
  ];
}

function edgeTo(target: unknown, field: Edge['field'], location: string): readonly Edge[] {
  return typeof target === 'string' ? [{ target, field, location }] : [];
}
