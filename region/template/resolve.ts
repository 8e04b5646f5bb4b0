/**
 * The intrinsic functions of CloudFormation.
 * Not for: Fn::ImportValue, Fn::FindInMap, Fn::GetAZs, Fn::Base64, Fn::Cidr and macros, which are
 * refused like any function that is not listed here.
 * @source https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { ACCOUNT_ID, REGION_NAME, arn } from '../kernel/kernel.ts';
import { asList, asText, isList, isObject, onlyMember } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { TemplateProblem } from './problem.ts';
import { PLACEHOLDER, chosen, splitAttribute } from './references.ts';
import type { TemplateParameter } from './template.ts';

/** What a value may refer to at the moment. */
export interface Scope {
  /** Value of a parameter, pseudo parameter or resource; undefined when there is none. */
  ref(name: string): Json | undefined;
  /** Attribute of a resource; undefined when there is none. */
  attribute(id: string, attribute: string): string | undefined;
  holds(condition: string): boolean;
}

/** Stands for `AWS::NoValue`: what has this value is left out. */
const NO_VALUE = { 'AWS::NoValue': true } as const;

type Intrinsic = (content: Json, scope: Scope) => Json;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (content, scope) => referred(asText(content, 'Ref'), scope),
  'Fn::GetAtt': (content, scope) => attributeOf(splitAttribute(content), scope),
  'Fn::Sub': substitute,
  'Fn::Join': (content, scope) => {
    const [delimiter, items] = resolveList(content, scope, 'Fn::Join', 2);
    return asList(items, 'Fn::Join')
      .map((item) => asText(item, 'Fn::Join'))
      .join(asText(delimiter, 'Fn::Join'));
  },
  'Fn::Select': (content, scope) => {
    const [index, items] = resolveList(content, scope, 'Fn::Select', 2);
    const position = asText(index, 'Fn::Select');
    const item = asList(items, 'Fn::Select')[Number(position)];
    if (item === undefined) throw new TemplateProblem(`Fn::Select has no item ${position}.`);
    return item;
  },
  'Fn::Split': (content, scope) => {
    const [delimiter, text] = resolveList(content, scope, 'Fn::Split', 2);
    return asText(text, 'Fn::Split').split(asText(delimiter, 'Fn::Split'));
  },
  'Fn::If': (content, scope) =>
    resolve(
      chosen(content, (condition) => scope.holds(condition)),
      scope,
    ),
};

/**
 * A value with every intrinsic function replaced by what it means.
 * @throws TemplateProblem for unknown functions and for references that lead nowhere
 */
export function resolve(value: Json, scope: Scope): Json {
  if (isList(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const [key, content] = onlyMember(value);
  const intrinsic = INTRINSICS[key];
  if (intrinsic) return intrinsic(content, scope);
  const unknown = Object.keys(value).find((name) => name.startsWith('Fn::'));
  if (unknown !== undefined) throw new TemplateProblem(`The region does not know ${unknown}.`);
  const resolved = Object.entries(value).map(([name, item]) => [name, resolve(item, scope)]);
  return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE)) as JsonObject;
}

function referred(name: string, scope: Scope): Json {
  if (name === 'AWS::NoValue') return NO_VALUE;
  const value = scope.ref(name);
  if (value === undefined) throw new TemplateProblem(`Ref to ${name} leads nowhere.`);
  return value;
}

function attributeOf([id, attribute]: readonly [string, string], scope: Scope): string {
  const value = scope.attribute(id, attribute);
  if (value === undefined) {
    throw new TemplateProblem(`${id} has no attribute ${attribute} in this region.`);
  }
  return value;
}

function substitute(content: Json, scope: Scope): string {
  const [text = '', own = {}] = isList(content) ? content : [content];
  const values = resolve(own, scope);
  const valueOf = (name: string): string => {
    if (isObject(values) && name in values) return asText(values[name], 'Fn::Sub');
    const value = name.includes('.')
      ? attributeOf(splitAttribute(name), scope)
      : referred(name, scope);
    return asText(value, 'Fn::Sub');
  };
  return asText(text, 'Fn::Sub')
    .replace(PLACEHOLDER, (_whole, name: string) => valueOf(name.trim()))
    .replace(/\$\{!([^}]*)\}/g, '${$1}');
}

function resolveList(content: Json, scope: Scope, name: string, length: number): readonly Json[] {
  const items = asList(resolve(content, scope), name);
  if (items.length === length) return items;
  throw new TemplateProblem(`${name} needs ${length} values and has ${items.length}.`);
}

/** The pseudo parameters of a stack. */
export function pseudoParameters(
  stackName: string,
  stackDigits: string,
): ReadonlyMap<string, Json> {
  return new Map<string, Json>([
    ['AWS::AccountId', ACCOUNT_ID],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', REGION_NAME],
    ['AWS::StackId', arn('cloudformation', `stack/${stackName}/${stackDigits}`)],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);
}

/**
 * The values of a template's parameters.
 * @throws TemplateProblem for values that are missing, not allowed or not asked for
 */
export function readParameters(
  declared: Readonly<Record<string, TemplateParameter>>,
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, Json> {
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) {
    throw new TemplateProblem(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  }
  return new Map(
    Object.entries(declared).map(([name, parameter]) => [
      name,
      readParameter(name, parameter, given[name] ?? parameter.Default),
    ]),
  );
}

function readParameter(
  name: string,
  { Type, AllowedValues }: TemplateParameter,
  value: string | number | undefined,
): Json {
  if (value === undefined) throw new TemplateProblem(`Parameters: [${name}] must have values`);
  if (AllowedValues && !AllowedValues.map(String).includes(String(value))) {
    throw new TemplateProblem(
      `Parameter '${name}' must be one of AllowedValues, and is ${String(value)}.`,
    );
  }
  if (Type === 'CommaDelimitedList')
    return String(value)
      .split(',')
      .map((item) => item.trim());
  if (Type === 'String' || Type === 'Number') return String(value);
  throw new TemplateProblem(`The region has no parameters of type ${Type} (${name}).`);
}
