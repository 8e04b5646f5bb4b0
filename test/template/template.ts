/**
 * A CloudFormation template as the tests read it.
 * Not for: deploying it.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const PACKAGE = path.resolve(import.meta.dirname, '../../.serverless');

/** Where the packaged template lies. */
export const TEMPLATE_FILE = path.join(PACKAGE, 'cloudformation-template-update-stack.json');

/** Why tests of the template were skipped, or undefined when there is one. */
export const MISSING_PACKAGE = existsSync(TEMPLATE_FILE)
  ? undefined
  : 'there is no package in .serverless: npm run package makes it';

/** One resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
}

/** A template with its resources by logical id. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** One statement of a role's inline policies. */
export interface Statement {
  readonly roleId: string;
  readonly actions: readonly string[];
  /** As written: text, or intrinsic functions. */
  readonly resources: readonly unknown[];
}

/** The template in `.serverless`; empty when there is none, in which case its tests are skipped. */
export function readTemplate(): Template {
  if (MISSING_PACKAGE !== undefined) return { Resources: {} };
  return JSON.parse(readFileSync(TEMPLATE_FILE, 'utf8')) as Template;
}

/** Zips in `.serverless` with their sizes in bytes. */
export function readZips(): readonly { readonly name: string; readonly bytes: number }[] {
  return readdirSync(PACKAGE)
    .filter((file) => file.endsWith('.zip'))
    .map((name) => ({ name, bytes: statSync(path.join(PACKAGE, name)).size }));
}

/** Resources of one type, by logical id. */
export function resourcesOfType(
  { Resources }: Template,
  type: string,
): readonly (readonly [id: string, properties: Readonly<Record<string, unknown>>])[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties = {} }]) => [id, Properties] as const);
}

/** Every statement of every role. */
export function statementsOf(template: Template): readonly Statement[] {
  return resourcesOfType(template, 'AWS::IAM::Role').flatMap(([roleId, { Policies = [] }]) =>
    (Policies as readonly { PolicyDocument: { Statement: readonly WrittenStatement[] } }[])
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .map(({ Action, Resource }) => ({
        roleId,
        actions: [Action].flat(),
        resources: [Resource].flat(),
      })),
  );
}

interface WrittenStatement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** Logical ids and pseudo parameters that a value refers to, however deep. */
export function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String([inner].flat()[0]).split('.')[0] ?? ''];
    if (key === 'Fn::Sub') return referencesInSub(inner);
    return referencesIn(inner);
  });
}

function referencesInSub(inner: unknown): readonly string[] {
  const [text, values = {}] = [inner].flat() as [string, object?];
  const named = [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name);
  return [
    ...named.filter((name) => !(name in values)).map((name) => name.split('.')[0] ?? ''),
    ...referencesIn(values),
  ];
}

/** Logical ids along a circle of references, or undefined when there is none. */
export function findCircle({ Resources }: Template): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (id: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(id)) return [...trail.slice(trail.indexOf(id)), id];
    const resource = Resources[id];
    if (done.has(id) || resource === undefined) return undefined;
    const wanted = [...referencesIn(resource.Properties), ...[resource.DependsOn ?? []].flat()];
    for (const next of wanted) {
      const circle = visit(next, [...trail, id]);
      if (circle !== undefined) return circle;
    }
    done.add(id);
    return undefined;
  };
  for (const id of Object.keys(Resources)) {
    const circle = visit(id, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
