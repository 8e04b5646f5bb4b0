/**
 * The one way a region's operation refuses a call: an error code as AWS spells it on the wire.
 * Not for: programming mistakes in the region, which stay ordinary errors and answer HTTP 500.
 */

/** An answer that AWS would give instead of a result. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  /** The code on the wire, such as `ResourceInUse` or `ValidationError`, spelt as AWS spells it. */
  readonly code: string;
  /** HTTP status of the answer. */
  readonly httpStatus: number;
  /** Further modelled members of the error, such as `Item` or `reason`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { httpStatus?: number; fields?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.code = code;
    this.httpStatus = options.httpStatus ?? 400;
    this.fields = options.fields ?? {};
  }
}
