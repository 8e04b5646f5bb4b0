/**
 * What a value of a template refers to, and the order that follows from it.
 * Not for: the values behind the references (see `resolve.ts`).
 */
import { asList, asText, isList, isObject } from './json.ts';
import type { Json } from './json.ts';
import { TemplateProblem } from './problem.ts';
import type { Template } from './template.ts';

/** A placeholder in Fn::Sub; `${!Literal}` is none. */
export const PLACEHOLDER = /\$\{(?!!)([^}]+)\}/g;

/** Names of resources, parameters and pseudo parameters that a value refers to. */
export function referencesOf(
  value: Json,
  holds: (condition: string) => boolean,
): readonly string[] {
  if (isList(value)) return value.flatMap((item) => referencesOf(item, holds));
  if (!isObject(value)) return [];
  const found: string[] = [];
  for (const [key, content] of Object.entries(value)) {
    if (key === 'Ref') found.push(asText(content, 'Ref'));
    else if (key === 'Fn::GetAtt') found.push(splitAttribute(content)[0]);
    else if (key === 'Fn::If') found.push(...referencesOf(chosen(content, holds), holds));
    else if (key === 'Fn::Sub') found.push(...referencesOfSub(content, holds));
    else found.push(...referencesOf(content, holds));
  }
  return found;
}

function referencesOfSub(content: Json, holds: (condition: string) => boolean): readonly string[] {
  const [text, own = {}] = isList(content) ? content : [content];
  const names = [...asText(text, 'Fn::Sub').matchAll(PLACEHOLDER)].map(([, name = '']) =>
    name.trim(),
  );
  const ownNames = new Set(isObject(own) ? Object.keys(own) : []);
  const others = names.filter((name) => !ownNames.has(name));
  return [...others.map((name) => name.split('.')[0] ?? ''), ...referencesOf(own, holds)];
}

/** Resource and attribute of Fn::GetAtt in either of its forms. */
export function splitAttribute(content: Json): readonly [string, string] {
  const parts = isList(content)
    ? content.map((part) => asText(part, 'Fn::GetAtt'))
    : asText(content, 'Fn::GetAtt').split('.');
  const [id = '', ...attribute] = parts;
  return [id, attribute.join('.')];
}

/** The branch of Fn::If that counts. @throws TemplateProblem when it has not three parts */
export function chosen(content: Json, holds: (condition: string) => boolean): Json {
  const [condition, whenTrue, whenFalse] = asList(content, 'Fn::If');
  if (whenTrue === undefined || whenFalse === undefined) {
    throw new TemplateProblem('Fn::If needs a condition and two values.');
  }
  return holds(asText(condition, 'Fn::If')) ? whenTrue : whenFalse;
}

/**
 * The resources in an order in which each comes after all it needs, otherwise as written.
 * @throws TemplateProblem for references to what is not there, and for circles
 */
export function inOrder(
  template: Template,
  ids: readonly string[],
  options: {
    readonly holds: (condition: string) => boolean;
    /** Names that are no resources, such as parameters. */
    readonly known: ReadonlySet<string>;
  },
): readonly string[] {
  const present = new Set(ids);
  const needs = new Map(
    ids.map((id) => [id, dependenciesOf(template, id, present, options)] as const),
  );
  const done = new Set<string>();
  while (done.size < ids.length) {
    const next = ids.find((id) => !done.has(id) && needs.get(id)?.every((need) => done.has(need)));
    if (next === undefined) {
      const circle = ids.filter((id) => !done.has(id));
      throw new TemplateProblem(`Circular dependency between resources: [${circle.join(', ')}]`);
    }
    done.add(next);
  }
  return [...done];
}

function dependenciesOf(
  template: Template,
  id: string,
  present: ReadonlySet<string>,
  options: {
    readonly holds: (condition: string) => boolean;
    readonly known: ReadonlySet<string>;
  },
): readonly string[] {
  const { Properties = {}, DependsOn = [] } = template.Resources[id] ?? {};
  const explicit = typeof DependsOn === 'string' ? [DependsOn] : DependsOn;
  const references = referencesOf(Properties, options.holds).filter(
    (name) => !options.known.has(name),
  );
  const absentByCondition = explicit.filter((name) => name in template.Resources);
  const unresolved = [
    ...references.filter((name) => !present.has(name)),
    ...explicit.filter((name) => !absentByCondition.includes(name)),
  ];
  if (unresolved.length > 0) {
    throw new TemplateProblem(
      `Unresolved resource dependencies [${unresolved.join(', ')}] in resource ${id}`,
    );
  }
  return [...references, ...explicit.filter((name) => present.has(name))];
}
