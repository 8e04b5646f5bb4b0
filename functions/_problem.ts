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

/** A refusal: a name that programs can go by, and a sentence for people. */
export function problem(status: number, title: string, detail: string): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
}

/** Status for each failure that is the caller's to mend. */
const STATUSES: Readonly<Record<string, number>> = {
  SpecRefused: 422,
  NotFound: 404,
  ServiceBusy: 409,
  RecordTooNew: 409,
  SyntaxError: 400,
};

/** The answer to a failure that the caller can mend; undefined for all others. */
export function fromFailure(error: unknown): Response | undefined {
  if (!(error instanceof Error)) return undefined;
  const status = STATUSES[error.name];
  return status === undefined ? undefined : problem(status, error.name, error.message);
}
