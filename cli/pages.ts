/**
 * Lists that the API answers a page at a time.
 * Not for: which page is asked for first, and how; whoever wants a list knows that.
 */

/** A page, which names the next one where there is one. */
export interface Page {
  readonly nextCursor?: string;
}

/** One page after the other, until whoever asks has enough; `most` absent means all there are. */
export async function* pagesOf<Answer extends Page>(
  ask: (cursor: string | undefined) => Promise<Answer>,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<Answer> {
  let cursor: string | undefined;
  for (let page = 0; page < most; page += 1) {
    const answer = await ask(cursor);
    yield answer;
    cursor = answer.nextCursor;
    if (cursor === undefined) return;
  }
}
