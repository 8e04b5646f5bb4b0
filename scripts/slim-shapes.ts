/**
 * What of the SDK's shapes Teal has no use for: names that say nothing new, and members that no
 * line of Teal names. A shape that Teal compares as a whole keeps every member.
 * Not for: shapes that nobody uses; esbuild leaves those out itself.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSync } from 'oxc-parser';

/** Where shapes begin, in the SDK's own notation: `DescribeImagesResult$`. */
export interface Reading {
  /** Shapes of which Teal reads or writes members by their names, and nothing else. */
  readonly byName: readonly string[];
  /** Shapes that Teal compares with all that is in them, known to it or not. */
  readonly whole: readonly string[];
}

/** How most functions read EC2, whose shapes are more than those of all other services. */
export const EC2_BY_NAME: Reading = {
  byName: [
    'DescribeCapacityReservationsResult$',
    'DescribeImagesResult$',
    'DescribeInstancesResult$',
    'DescribeInstanceTypesResult$',
    'DescribeLaunchTemplateVersionsResult$',
    'DescribeSnapshotsResult$',
    'DescribeSubnetsResult$',
    'RequestLaunchTemplateData$',
  ],
  whole: [],
};

/** How EC2 is read where templates are compared: green must not lack what Teal never heard of. */
export const EC2_WITH_WHOLE_TEMPLATES: Reading = {
  ...EC2_BY_NAME,
  whole: ['ResponseLaunchTemplateData$'],
};

/** A constant of the SDK that holds a name. */
const NAME = /^const (_\w+) = "([^"]*)";$/gm;

/** One shape and its text. */
const SHAPE = /^(?:export )?var ([\w$]+) = (\[[\s\S]*?\]);$/gm;

/** The names of one member in a request and in XML. */
const NAMES_OF_MEMBER = /\[_eQN\]: `(\w+)`,\s*\[_xN\]: (_\w+)/g;

/** The first number of a shape with members; others are lists, maps, unions and operations. */
const STRUCTURE = 3;

/**
 * Leaves out the name of a member in requests where it is its name in XML with a capital first
 * letter: the SDK makes that name itself where it finds none.
 * @source https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution
 */
export function forgetQueryNames(source: string): string {
  const names = namesIn(source);
  return source.replace(NAMES_OF_MEMBER, (all, inRequests: string, constant: string) => {
    const inXml = names.get(constant) ?? '';
    const derived = inXml.slice(0, 1).toUpperCase() + inXml.slice(1);
    return derived === inRequests ? `[_xN]: ${constant}` : all;
  });
}

/**
 * Leaves out the members of answers that are read by name when none of Teal's words is theirs.
 * AWS's answer may have them all the same, as it may have members that are younger than the SDK.
 * @throws Error when the SDK no longer has such a shape, or writes it in another way
 */
export function forgetUnreadMembers(
  source: string,
  { byName, whole }: Reading,
  words: ReadonlySet<string>,
): string {
  const names = namesIn(source);
  const shapes = new Map(
    [...source.matchAll(SHAPE)].map(([, name = '', text = '']) => [name, text]),
  );
  const kept = reachableFrom(whole, shapes);
  const thinned = reachableFrom(byName, shapes);
  return source.replace(SHAPE, (all, name: string, text: string) => {
    if (!thinned.has(name) || kept.has(name)) return all;
    return all.replace(text, () => withoutMembers(text, (one) => words.has(names.get(one) ?? one)));
  });
}

/**
 * Every word in the sources that become functions, comments included: one that is there without
 * need keeps a member, and none that is read is missing.
 */
export async function wordsOfTeal(root: string): Promise<ReadonlySet<string>> {
  const folders = ['functions', 'shared'].map((folder) => path.join(root, folder));
  const listed = await Promise.all(
    folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })),
  );
  const files = listed.flat().filter((item) => item.isFile() && item.name.endsWith('.ts'));
  const texts = await Promise.all(
    files.map((item) => readFile(path.join(item.parentPath, item.name), 'utf8')),
  );
  return new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []));
}

function namesIn(source: string): ReadonlyMap<string, string> {
  return new Map(
    [...source.matchAll(NAME)].map(([, constant = '', name = '']) => [constant, name]),
  );
}

function reachableFrom(
  roots: readonly string[],
  shapes: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const text = shapes.get(name);
    if (text === undefined) throw new Error(`The SDK has no shape ${name}; look how it calls it.`);
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...[...text.matchAll(/\(\) => ([\w$]+)/g)].map(([, inner = '']) => inner));
  }
  return reached;
}

/** A shape is `[3, namespace, name, traits, names of members, their shapes, required count]`. */
function withoutMembers(text: string, isRead: (constant: string) => boolean): string {
  const elements = elementsOf(text);
  const [kind, , , , names, shapes, requiredCount] = elements;
  // The required members are the first ones, and counted: such a shape stays as it is.
  if (kind !== String(STRUCTURE) || requiredCount !== undefined) return text;
  const constants = elementsOf(names ?? '[]');
  const members = elementsOf(shapes ?? '[]');
  if (constants.length !== members.length) {
    throw new Error(`The SDK writes shapes in a way that is not known here: ${text}`);
  }
  const read = constants.flatMap((constant, index) => (isRead(constant) ? [index] : []));
  const pick = (all: readonly string[]) => `[${read.map((index) => all[index]).join(', ')}]`;
  return `[${[...elements.slice(0, 4), pick(constants), pick(members)].join(', ')}]`;
}

/** The texts of an array's elements. */
function elementsOf(text: string): readonly string[] {
  const prefix = 'x = ';
  const { program } = parseSync('shape.js', prefix + text);
  const [statement] = program.body;
  const assignment = statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
  const array = assignment?.type === 'AssignmentExpression' ? assignment.right : undefined;
  if (array?.type !== 'ArrayExpression') {
    throw new Error(`The SDK writes shapes in a way that is not known here: ${text}`);
  }
  return array.elements.flatMap((element) =>
    element ? [(prefix + text).slice(element.start, element.end)] : [],
  );
}
