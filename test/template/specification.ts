/**
 * Compares a template with the CloudFormation specification: types, properties, required members.
 * Not for: values; only AWS knows all of those.
 */
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Template } from './template.ts';

type Specification = Awaited<ReturnType<typeof loadAwsServiceSpec>>;
type Properties = Readonly<Record<string, { type: PropertyType; required?: boolean }>>;

/** The specification's description of a property, as far as the comparison goes into it. */
interface PropertyType {
  readonly type: string;
  readonly element?: PropertyType;
  readonly types?: readonly PropertyType[];
  readonly reference?: { readonly $ref: string };
}

/** Loads the specification; takes about a second. */
export const loadSpecification = loadAwsServiceSpec;

/** Everything in a template that the specification does not know or misses. */
export function specificationBreaches(
  specification: Specification,
  { Resources }: Template,
): readonly string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties: given = {} }]) => {
    const [known] = specification.lookup('resource', 'cloudFormationType', 'equals', Type);
    if (known === undefined) return [`${id} has the unknown type ${Type}`];
    return compare(specification, { at: id, given, wanted: known.properties });
  });
}

interface Comparison {
  readonly at: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly wanted: Properties;
}

function compare(specification: Specification, { at, given, wanted }: Comparison): string[] {
  const missing = Object.entries(wanted)
    .filter(([name, { required }]) => required === true && !(name in given))
    .map(([name]) => `${at} lacks ${name}`);
  const present = Object.entries(given).flatMap(([name, value]) => {
    const property = wanted[name];
    if (property === undefined) return [`${at} has the unknown property ${name}`];
    return compareValue(specification, { at: `${at}.${name}`, value, type: property.type });
  });
  return [...missing, ...present];
}

interface ValueComparison {
  readonly at: string;
  readonly value: unknown;
  readonly type: PropertyType;
}

function compareValue(
  specification: Specification,
  { at, value, type }: ValueComparison,
): string[] {
  if (typeof value !== 'object' || value === null || isIntrinsic(value)) return [];
  const { element } = type;
  if (type.type === 'array' && element !== undefined) {
    if (!Array.isArray(value)) return [`${at} is not a list`];
    return value.flatMap((one, index) =>
      compareValue(specification, { at: `${at}[${index}]`, value: one, type: element }),
    );
  }
  if (type.type === 'map' && element !== undefined) {
    return Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
      compareValue(specification, { at: `${at}.${key}`, value: one, type: element }),
    );
  }
  if (type.type === 'ref' && type.reference !== undefined) {
    const definition = specification.get('typeDefinition', type.reference.$ref);
    const given = value as Readonly<Record<string, unknown>>;
    return compare(specification, { at, given, wanted: definition.properties });
  }
  if (type.type === 'union') return compareUnion(specification, { at, value, type });
  return ['string', 'integer', 'number', 'boolean'].includes(type.type)
    ? [`${at} is not a ${type.type}`]
    : [];
}

/** A value is right when one of the detailed alternatives takes it, or when there is none. */
function compareUnion(
  specification: Specification,
  { at, value, type }: ValueComparison,
): string[] {
  const detailed = (type.types ?? []).filter((one) => ['array', 'map', 'ref'].includes(one.type));
  const answers = detailed.map((one) => compareValue(specification, { at, value, type: one }));
  return answers.find((breaches) => breaches.length === 0) ?? answers[0] ?? [];
}

function isIntrinsic(value: object): boolean {
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && key !== undefined && /^(?:Ref$|Fn::)/.test(key);
}
