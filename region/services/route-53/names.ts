/**
 * DNS names as Route 53 keeps, compares and orders them.
 *
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */

/** Characters that a name shows as they are; every other one is shown as `\` and three octal digits. */
const PLAIN = /[a-z0-9._-]/;

/** Characters of a label and of a whole name. */
const LABEL_LENGTH = 63;
const NAME_LENGTH = 255;

/** The first label of a name that answers for every name beside it, as it is shown: `*`. */
export const WILDCARD = String.raw`\052`;

/** A name in small letters, with a dot at its end and its special characters as octal codes. */
export function completeName(name: string): string {
  const escaped = [...name.toLowerCase().matchAll(/\\(\d{3})|[^]/g)].map(([character, code]) => {
    if (code !== undefined) return character;
    return PLAIN.test(character) ? character : octal(character);
  });
  const text = escaped.join('');
  return text.endsWith('.') ? text : `${text}.`;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

/** Whether a name is one that DNS can have: labels of 1 to 63 characters, 255 in all. */
export function isDomainName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return (
    name.length <= NAME_LENGTH &&
    labels.every((label) => label.length > 0 && label.length <= LABEL_LENGTH)
  );
}

/** Whether a completed name lies in a zone, or is the zone's own. */
export function isWithin(name: string, zoneName: string): boolean {
  return name === zoneName || name.endsWith(`.${zoneName}`);
}

/** Orders names as Route 53 lists them: by their labels, the last label first. */
export function compareNames(a: string, b: string): number {
  return compareTexts(reversed(a), reversed(b));
}

/** Orders texts by their characters' codes. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function reversed(name: string): string {
  return name.replace(/\.$/, '').split('.').toReversed().join('\u0000');
}
