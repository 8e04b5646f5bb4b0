/**
 * Lists that are answered one page at a time. The token is the position in a list whose order does
 * not change, wrapped so that nobody takes it for anything else.
 * Not for: lists that change their order between two pages, and which sizes a service allows.
 */

/** One page of a list, and the token for the next; no token means that this was the last. */
export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

/**
 * Takes the page that a token points to.
 * @param options.scope says what is listed where a token is good for the same list only; absent
 * means that the service does not look
 * @param options.refuse makes the error for a token that was not issued here for such a list
 * @throws what `refuse` makes
 */
export function takePage<T>(
  list: readonly T[],
  options: {
    readonly size: number;
    readonly token: string | undefined;
    readonly scope?: string;
    readonly refuse: () => Error;
  },
): Page<T> {
  const { size, token, scope = '', refuse } = options;
  const from = token === undefined ? 0 : position(token, scope);
  if (from === undefined) throw refuse();
  const next = from + size;
  return {
    items: list.slice(from, next),
    nextToken: next < list.length ? wrap(next, scope) : undefined,
  };
}

function prefixOf(scope: string): string {
  return `page-of ${scope}:`;
}

function wrap(from: number, scope: string): string {
  return Buffer.from(`${prefixOf(scope)}${from}`).toString('base64url');
}

function position(token: string, scope: string): number | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  const prefix = prefixOf(scope);
  const digits = text.startsWith(prefix) ? text.slice(prefix.length) : '';
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}
