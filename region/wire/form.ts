/**
 * Form bodies of the Query protocols: `Targets.member.1.Id=i-1` becomes `{Targets: [{Id: 'i-1'}]}`.
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { Shape } from './model.ts';

/** Which of the two Query protocols: they name lists and members differently. */
export type FormFlavour = 'query' | 'ec2';

/** Parameters by the parts of their dotted names. */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** Parts that a parameter's name may have; deeper than any input that AWS models. */
const PARTS_LIMIT = 40;

/**
 * Reads the input of an operation from the parameters of a form.
 * @throws AwsError MalformedInput or InvalidParameterValue when a value has another type
 */
export function readForm(shape: Shape, form: URLSearchParams, flavour: FormFlavour): unknown {
  if (shape.isUnitSchema()) return {};
  return readNode(shape, treeOf(form), flavour, '') ?? {};
}

function treeOf(form: URLSearchParams): Node {
  const root: Node = { children: new Map() };
  for (const [name, value] of form) {
    let node = root;
    for (const part of name.split('.', PARTS_LIMIT)) {
      const child = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, child);
      node = child;
    }
    node.value = value;
  }
  return root;
}

function readNode(
  shape: Shape,
  node: Node | undefined,
  flavour: FormFlavour,
  path: string,
): unknown {
  if (!node) return undefined;
  if (shape.isStructSchema()) return readStructure(shape, node, flavour, path);
  if (shape.isListSchema()) return readList(shape, node, flavour, path);
  if (shape.isMapSchema()) return readMap(shape, node, flavour, path);
  return readLeaf(shape, node.value ?? '', flavour, path);
}

function readStructure(shape: Shape, node: Node, flavour: FormFlavour, path: string): unknown {
  const members: Record<string, unknown> = {};
  for (const [name, member] of shape.structIterator()) {
    const key = memberKey(name, member, flavour);
    const item = readNode(member, node.children.get(key), flavour, path ? `${path}.${key}` : key);
    if (item !== undefined) members[name] = item;
  }
  return members;
}

/** EC2 has names of its own for parameters, and begins the names of the XML with a capital. */
function memberKey(name: string, member: Shape, flavour: FormFlavour): string {
  const { xmlName: key = name, ec2QueryName } = member.getMergedTraits();
  if (flavour === 'query') return key;
  if (typeof ec2QueryName === 'string') return ec2QueryName;
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function readList(shape: Shape, node: Node, flavour: FormFlavour, path: string): unknown {
  const item = shape.getValueSchema();
  const flat = flavour === 'ec2' || Boolean(shape.getMergedTraits().xmlFlattened);
  const key = item.getMergedTraits().xmlName ?? 'member';
  return numbered(flat ? node : node.children.get(key)).map(([index, child]) =>
    readNode(item, child, flavour, flat ? `${path}.${index}` : `${path}.${key}.${index}`),
  );
}

function readMap(shape: Shape, node: Node, flavour: FormFlavour, path: string): unknown {
  const key = shape.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const value = shape.getValueSchema();
  const valueKey = value.getMergedTraits().xmlName ?? 'value';
  const flat = Boolean(shape.getMergedTraits().xmlFlattened);
  return Object.fromEntries(
    numbered(flat ? node : node.children.get('entry')).map(([index, entry]) => [
      entry.children.get(key)?.value ?? '',
      readNode(value, entry.children.get(valueKey), flavour, `${path}.entry.${index}.${valueKey}`),
    ]),
  );
}

/** Children with whole numbers for names, in the order of the numbers. */
function numbered(node: Node | undefined): readonly (readonly [string, Node])[] {
  return [...(node?.children ?? [])]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b));
}

function readLeaf(shape: Shape, text: string, flavour: FormFlavour, path: string): unknown {
  if (shape.isBooleanSchema()) {
    const word = text.toLowerCase();
    return word === 'true' || word === 'false' ? word === 'true' : refuse(text, flavour, path);
  }
  if (shape.isNumericSchema()) {
    const number = Number(text);
    return text.trim() === '' || (Number.isNaN(number) && text !== 'NaN')
      ? refuse(text, flavour, path)
      : number;
  }
  if (shape.isTimestampSchema()) {
    const time = new Date(text);
    return Number.isNaN(time.getTime()) ? refuse(text, flavour, path) : time;
  }
  return shape.isBlobSchema() ? new Uint8Array(Buffer.from(text, 'base64')) : text;
}

function refuse(text: string, flavour: FormFlavour, path: string): never {
  throw flavour === 'ec2'
    ? new AwsError('InvalidParameterValue', `Invalid value '${text}' for ${path}`)
    : new AwsError('MalformedInput', `The value '${text}' of ${path} has the wrong type.`);
}
