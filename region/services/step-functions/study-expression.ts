/**
 * What a parsed JSONata expression reads: variables, members of `$states`, and whether it reads
 * the input document, which Step Functions does not have.
 * Not for: deciding whether that is allowed.
 */
import { isObject } from './json.ts';

/** What an expression reads and calls. */
export interface Study {
  /** True when it reads `$$`, or outside of any path or predicate `$` or a bare name. */
  readonly readsInput: boolean;
  /** Names after `$states.`. */
  readonly statesMembers: ReadonlySet<string>;
  /** Variables that the expression itself does not define, without functions and `$states`. */
  readonly variables: ReadonlySet<string>;
  /** Names of the functions it mentions. */
  readonly calls: ReadonlySet<string>;
}

/** Functions of JSONata 2.0.6 and of Step Functions, which are no variables. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase ' +
    'uppercase length trim pad match contains replace split join formatNumber formatBase ' +
    'formatInteger parseInteger number floor ceil round abs sqrt power random boolean not map ' +
    'zip filter single reduce foldLeft sift keys lookup append exists spread merge reverse each ' +
    'error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent ' +
    'encodeUrl decodeUrlComponent decodeUrl eval toMillis fromMillis clone now millis ' +
    'partition range hash uuid parse'
  ).split(' '),
);

/** Parts of a node that see the items of what stands before them, and so may use `$`. */
const INNER_KEYS: ReadonlySet<string> = new Set([
  'stages',
  'predicate',
  'group',
  'terms',
  'pattern',
  'update',
  'delete',
]);

/** Node types that read the input document when nothing stands before them. */
const INPUT_READERS: ReadonlySet<string> = new Set(['name', 'wildcard', 'descendant', 'parent']);

/** Studies the syntax tree that `jsonata(text).ast()` answers. */
export function studyExpression(tree: unknown): Study {
  const local = new Set<string>();
  const mentioned = new Set<string>();
  const statesMembers = new Set<string>();
  let readsInput = false;

  const visit = (node: unknown, isInner: boolean): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item, isInner);
      return;
    }
    if (!isObject(node)) return;
    const type = node['type'];
    noteLocals(node, local);
    if (type === 'variable') {
      const name = String(node['value']);
      if (name === '$' || (name === '' && !isInner)) readsInput = true;
      mentioned.add(name);
    }
    if (typeof type === 'string' && INPUT_READERS.has(type) && !isInner) readsInput = true;
    if (type === 'path') noteStates(node['steps'], statesMembers);
    for (const [key, part] of Object.entries(node)) {
      if (key === 'steps' && Array.isArray(part)) {
        for (const [index, step] of part.entries()) visit(step, isInner || index > 0);
      } else if (typeof part === 'object') {
        visit(part, isInner || INNER_KEYS.has(key));
      }
    }
  };
  visit(tree, false);

  const free = [...mentioned].filter((name) => name !== '' && name !== '$' && !local.has(name));
  return {
    readsInput,
    statesMembers,
    variables: new Set(free.filter((name) => name !== 'states' && !FUNCTIONS.has(name))),
    calls: new Set(free.filter((name) => FUNCTIONS.has(name))),
  };
}

/** Notes names that a binding, a parameter, or a focus defines. */
function noteLocals(node: Readonly<Record<string, unknown>>, local: Set<string>): void {
  const defined: readonly unknown[] =
    node['type'] === 'bind'
      ? [node['lhs']]
      : node['type'] === 'lambda' && Array.isArray(node['arguments'])
        ? node['arguments']
        : [];
  for (const variable of defined) {
    if (isObject(variable)) local.add(String(variable['value']));
  }
  for (const key of ['focus', 'index']) {
    if (typeof node[key] === 'string') local.add(node[key]);
  }
}

function noteStates(steps: unknown, members: Set<string>): void {
  if (!Array.isArray(steps)) return;
  const [first, second] = steps as readonly unknown[];
  if (!isObject(first) || first['type'] !== 'variable' || first['value'] !== 'states') return;
  if (isObject(second) && typeof second['value'] === 'string') members.add(second['value']);
}
