/**
 * Whether the JSONata of a definition can be evaluated where it stands, as far as AWS tells when a
 * state machine is created. A variable that no state assigns is not refused: on AWS too it only
 * fails when it is evaluated.
 * Not for: evaluating.
 */
import jsonata from 'jsonata';
import type { Report } from './diagnostics.ts';
import { expressionsIn, type PlacedExpression } from './expression-text.ts';
import { isObject } from './json.ts';
import { studyExpression } from './study-expression.ts';

/** Which members of `$states` a field can read besides `input` and `context`. */
type Extra = 'result' | 'errorOutput';

/** Fields of a state that hold expressions, and what else these can read. */
const FIELDS: readonly { field: string; extra: (type: unknown) => readonly Extra[] }[] = [
  { field: 'Arguments', extra: () => [] },
  { field: 'TimeoutSeconds', extra: () => [] },
  { field: 'HeartbeatSeconds', extra: () => [] },
  { field: 'Seconds', extra: () => [] },
  { field: 'Timestamp', extra: () => [] },
  { field: 'Error', extra: () => [] },
  { field: 'Cause', extra: () => [] },
  { field: 'Assign', extra: resultOf },
  { field: 'Output', extra: resultOf },
];

const NESTED: readonly { list: string; fields: readonly string[]; extra: readonly Extra[] }[] = [
  { list: 'Choices', fields: ['Condition', 'Assign', 'Output'], extra: [] },
  { list: 'Catch', fields: ['Assign', 'Output'], extra: ['errorOutput'] },
];

function resultOf(type: unknown): readonly Extra[] {
  return type === 'Task' ? ['result'] : [];
}

/** Checks every expression of a state and answers the names of the variables they read. */
export function checkExpressions(name: string, state: unknown, report: Report): readonly string[] {
  if (!isObject(state)) return [];
  const read = new Set<string>();
  const check = (placed: readonly PlacedExpression[], extra: readonly Extra[]): void => {
    for (const expression of placed) {
      const at = `/States/${name}/${expression.field}`;
      for (const variable of checkExpression(expression.text, at, { extra, report })) {
        read.add(variable);
      }
    }
  };
  for (const { field, extra } of FIELDS) {
    check(expressionsIn(state[field], field), extra(state['Type']));
  }
  for (const { list, fields, extra } of NESTED) {
    const items: unknown = state[list];
    if (!Array.isArray(items)) continue;
    for (const [index, item] of items.entries()) {
      if (!isObject(item)) continue;
      for (const field of fields) {
        check(expressionsIn(item[field], `${list}[${index}]/${field}`), extra);
      }
    }
  }
  return [...read].sort();
}

function checkExpression(
  text: string,
  location: string,
  { extra, report }: { extra: readonly Extra[]; report: Report },
): readonly string[] {
  const problem = (what: string): void =>
    report.schema(location, `The JSONata expression '${text}' ${what}`);
  let tree: unknown;
  try {
    tree = jsonata(text).ast();
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    problem(`cannot be parsed. ${code ?? ''}: ${message ?? ''}`);
    return [];
  }
  const study = studyExpression(tree);
  if (study.readsInput) {
    problem("reads '$', '$$' or an unqualified name, but there is no input document to read");
  }
  if (study.calls.has('eval')) problem("calls '$eval', which is not available");
  const allowed = new Set(['input', 'context', ...extra]);
  for (const member of study.statesMembers) {
    if (!allowed.has(member)) problem(`reads '$states.${member}', which this field cannot access`);
  }
  return [...study.variables];
}
