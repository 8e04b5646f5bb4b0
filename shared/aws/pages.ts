/**
 * Reads lists that AWS hands out in pages, to their end.
 * Not for: lists whose first page is enough.
 */
import { invariant } from '../core/errors.ts';

/** Most pages of one list; a list that goes on longer is a marker that never ends. */
const PAGES_MAX = 1000;

interface Page<Item> {
  readonly items: readonly Item[] | undefined;
  /** Where the next page begins; absent or empty on the last one. */
  readonly next: string | undefined;
}

/**
 * All items of all pages, in AWS's order.
 * @throws BrokenInvariant when the list does not end
 */
export async function readPages<Item>(
  readPage: (marker: string | undefined) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let marker: string | undefined;
  for (let count = 0; count < PAGES_MAX; count += 1) {
    const page = await readPage(marker);
    items.push(...(page.items ?? []));
    if (!page.next) return items;
    marker = page.next;
  }
  invariant(false, `a list of AWS had more than ${PAGES_MAX} pages`);
}

/** Splits a list into parts of at most `size`, in order. */
export function chunksOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const chunks: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return chunks;
}
