/** Text as options and arguments take it: an empty one is a variable that nobody set. */
import { type Command, InvalidArgumentError } from 'commander';

/** Longest idempotency key that the API takes, in characters. */
const KEY_LENGTH_MAX = 255;

/**
 * Reads an idempotency key.
 * @throws InvalidArgumentError where it is none, so that nothing is started without one
 */
export function idempotencyKey(text: string): string {
  if (text.length <= KEY_LENGTH_MAX && /^[ -~]+$/.test(text)) return text;
  throw new InvalidArgumentError(
    `It takes 1 to ${KEY_LENGTH_MAX} characters, printable ASCII all of them.`,
  );
}

/**
 * Makes a command, and all below it, refuse values that are empty wherever nothing else reads them.
 * What the environment says counts as absent there, as with AWS's own tools.
 */
export function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    const takesValue = option.required && option.envVar === undefined;
    if (takesValue && !option.parseArg) option.argParser(someText);
  }
  for (const argument of command.registeredArguments) {
    if (!argument.parseArg) argument.argParser(someText);
  }
  for (const child of command.commands) refuseEmptyValues(child);
}

function someText(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('This one is empty.');
}
