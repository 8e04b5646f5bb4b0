/**
 * Answers of the HTTP API: JSON, and problem details for what is refused.
 * @source https://www.rfc-editor.org/rfc/rfc9457.html
 */

/** A JSON answer. */
export function answer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

/** 202 with the place to look at. */
export function accepted(location: string, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status: 202,
    headers: { 'content-type': 'application/json', location },
  });
}

/** A refusal: a name that programs can go by, a sentence for people, and what else helps. */
export function problem(
  status: number,
  title: string,
  detail: string,
  more: {
    readonly members?: Readonly<Record<string, unknown>>;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Response {
  const type = `urn:teal:problem:${title}`;
  return new Response(JSON.stringify({ type, title, status, detail, ...more.members }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...more.headers },
  });
}

/** The refusal of what is not there. */
export function unknown(what: string, name: string): Response {
  return problem(404, 'NotFound', `There is no ${what} ${name}.`);
}

/** What came could not be read, or is not of the kind that is read here. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';
  /** The answer's status. */
  readonly status: number;

  constructor(status: number, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/** Seconds after which a caller may try again what AWS could not do for now. */
const RETRY_SECONDS = 1;

/** Status for each failure that the caller can mend, or wait for. */
const STATUSES: Readonly<Record<string, number>> = {
  SpecRefused: 422,
  NotFound: 404,
  ServiceBusy: 409,
  RecordTooNew: 409,
  RecordChanged: 503,
  AwsUnavailable: 503,
};

/** The answer to a failure that the caller can mend or wait for; undefined for all others. */
export function fromFailure(error: unknown): Response | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  if (error instanceof UnreadableRequest) return problem(error.status, name, message);
  const status = STATUSES[name];
  if (status === undefined) return undefined;
  const { facts = {} } = error as { facts?: { issues?: unknown; heldBy?: unknown } };
  const { issues, heldBy } = facts;
  return problem(status, name, message, {
    members: {
      ...(Array.isArray(issues) && { issues }),
      ...(typeof heldBy === 'string' && { heldBy }),
    },
    ...(status === 503 && { headers: { 'retry-after': String(RETRY_SECONDS) } }),
  });
}
