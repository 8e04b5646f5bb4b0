/**
 * Patterns of policies: `*` stands for any characters, `?` for one.
 */

/** Whether a text matches a pattern as a whole. Takes time in proportion to both lengths. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at;
      resume = position;
      at += 1;
    } else if (pattern[at] === '?' || pattern[at] === text[position]) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      position = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Parts of an ARN: `arn`, partition, service, region, account and resource. */
export const ARN_PARTS = 6;

/**
 * Whether an ARN matches a pattern. Each of the six parts is compared by itself, so that a `*` does
 * not reach over a colon, except in the last.
 * @source IAM User Guide: IAM JSON policy elements, Amazon Resource Name (ARN) condition operators
 */
export function matchesArn(pattern: string, arn: string): boolean {
  const patternParts = arnParts(pattern);
  const parts = arnParts(arn);
  if (patternParts.length !== ARN_PARTS || parts.length !== ARN_PARTS) return false;
  return patternParts.every((part, index) => matchesWildcard(part, parts[index] ?? ''));
}

/** Splits an ARN; colons of the resource stay in the last part. */
export function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  if (parts.length <= ARN_PARTS) return parts;
  return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}
