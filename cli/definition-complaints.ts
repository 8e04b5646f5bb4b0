/**
 * Complaints of the schema in words of people who write YAML: it speaks of records, and of numbers
 * beyond which JavaScript cannot count.
 * Not for: complaints that are sentences of our own, which stay as they are.
 */

/** Kinds of values as the schema calls them. */
const KINDS: Readonly<Record<string, string>> = {
  record: 'keys with values',
  object: 'keys with values',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
  undefined: 'not there',
};

const kindOf = (word: string): string => KINDS[word] ?? word;

const BOUNDS: Readonly<Record<string, string>> = {
  '<=': 'at most',
  '>=': 'at least',
  '<': 'less than',
  '>': 'more than',
  'exactly ': 'exactly',
};

type Saying = (...parts: readonly string[]) => string;

/** The first that matches counts; what stands behind it, such as a nearer word, is kept. */
const SAYINGS: readonly (readonly [said: RegExp, say: Saying])[] = [
  [/^Invalid input: expected int, received number/, () => 'must be a whole number'],
  [
    /^Invalid input: expected (\w+), received (\w+)/,
    (wanted = '', given = '') => `must be ${kindOf(wanted)}, and is ${kindOf(given)}`,
  ],
  [/^Invalid input: expected ("[^"]*"|\S+)/, (wanted) => `must be ${wanted}`],
  [
    /^Invalid option: expected one of ("[^"]*"(?:\|"[^"]*")*)/,
    (words = '') => `must be one of ${words.replaceAll('|', ', ')}`,
  ],
  [
    /^Invalid discriminator value\. Expected ('[^']*'(?: \| '[^']*')*)/,
    (words = '') => `must be one of ${words.replaceAll(' | ', ', ')}`,
  ],
  [/^Too big: expected \w+ to be <=9007199254740991/, () => 'is too large a number'],
  [/^Too small: expected \w+ to be >=-9007199254740991/, () => 'is too small a number'],
  [
    /^Too (?:big|small): expected \w+ to be ([<>]=?|exactly )(\S+)/,
    (bound = '', limit) => `must be ${BOUNDS[bound]} ${limit}`,
  ],
  [
    /^Too (?:big|small): expected \w+ to have ([<>]=?|exactly )(\d+ \w+)/,
    (bound = '', limit) => `must have ${BOUNDS[bound]} ${limit}`,
  ],
  [/^Invalid input$/, () => 'is nothing that can stand here'],
];

/** A complaint about a value, without its place. */
export function sayComplaint(message: string): string {
  const found = SAYINGS.find(([said]) => said.test(message));
  if (!found) return message;
  const [said, say] = found;
  return message.replace(said, (_, ...parts: readonly unknown[]) =>
    say(...parts.filter((part) => typeof part === 'string')),
  );
}
