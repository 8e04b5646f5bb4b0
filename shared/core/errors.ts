/**
 * Every failure that Teal throws on purpose, by name. The state machine, the API and the operator
 * see these names, so they are part of the interface.
 * Not for: expected outcomes such as "not healthy yet", which are values (see `directive.ts`).
 */

/** Base of all failures; compare by `name`, because classes do not survive a Lambda boundary. */
abstract class TealError extends Error {
  abstract override readonly name: string;
  /** Facts for the log, none of them secret. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    options: { cause?: unknown; facts?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.facts = options.facts ?? {};
  }
}

/** Terminal: what was asked cannot be done as asked; nothing was written. */
export class SpecRefused extends TealError {
  override readonly name = 'SpecRefused';
}

/** Terminal: another deployment of the same service is under way; nothing was written. */
export class ServiceBusy extends TealError {
  override readonly name = 'ServiceBusy';
}

/** Terminal: this deployment may not write any more, because it ended or lost its lock. */
export class LeaseLost extends TealError {
  override readonly name = 'LeaseLost';
}

/** Terminal: a deployment whose execution is gone was tried to be recovered too often. */
export class RecoveryExhausted extends TealError {
  override readonly name = 'RecoveryExhausted';
}

/** Terminal: no deployment or service definition by that name. */
export class NotFound extends TealError {
  override readonly name = 'NotFound';
}

/** Terminal: something by the name that green should have exists and is not ours. */
export class NameTaken extends TealError {
  override readonly name = 'NameTaken';
}

/** Terminal: green was read back and is not what blue is, in something that nobody waived. */
export class CloneDiffers extends TealError {
  override readonly name = 'CloneDiffers';
}

/** Terminal: somebody else changed a listener that a deployment was to use; it was left alone. */
export class ListenerChanged extends TealError {
  override readonly name = 'ListenerChanged';
}

/** Retryable: AWS throttled, could not be reached, or failed inside. */
export class AwsUnavailable extends TealError {
  override readonly name = 'AwsUnavailable';
}

/** Terminal: AWS refused a call; the message names the operation, the resource and the answer. */
export class AwsRefused extends TealError {
  override readonly name = 'AwsRefused';
}

/** Retryable: two tasks wrote the deployment's record at once; the later one must read it again. */
export class RecordChanged extends TealError {
  override readonly name = 'RecordChanged';
}

/** Terminal: a later version of Teal wrote the record, in a format that this one cannot read. */
export class RecordTooNew extends TealError {
  override readonly name = 'RecordTooNew';
}

/** Terminal: a law of the program was broken; always a defect of Teal. */
export class BrokenInvariant extends TealError {
  override readonly name = 'BrokenInvariant';
}

/**
 * Narrows a value, or stops.
 * @throws BrokenInvariant when the condition does not hold
 */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new BrokenInvariant(`This must never happen: ${sentence}`);
}
