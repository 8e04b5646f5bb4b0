/**
 * Lists in the table that a client reads page by page: rows of keys that name items, which are read
 * one by one. A row whose item is gone, or is another's, counts for nothing.
 * Not for: lists that are read to their end at once (see `pages.ts`).
 */
import type { Page, PageRequest } from '../ports/ledger.ts';
import type { Table } from './dynamodb-table.ts';

/** Rows that are looked at for one page at the most, so that no filter makes an answer late. */
const ROWS_MAX = 500;

/** Rows whose items are read at the same time. */
const ROWS_AT_ONCE = 25;

/**
 * Characters of all items of a page, as JSON: below what a function may answer, whatever their size.
 * @source https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const PAGE_CHARACTERS_MAX = 1_000_000;

/** Where the rows are, and what they stand for. */
export interface Rows<Item> {
  readonly pk: string;
  readonly sortKeyPrefix: string;
  readonly isDescending?: boolean;
  /** Undefined where there is nothing to show. */
  readonly load: (sortKey: string) => Promise<Item | undefined>;
}

/** Reads one page; its marks are sort keys, without their prefix. */
export async function readRows<Item>(
  table: Pick<Table, 'listKeys'>,
  { load, ...rows }: Rows<Item>,
  { limit, after }: PageRequest,
): Promise<Page<Item>> {
  const { sortKeyPrefix } = rows;
  const items: Item[] = [];
  let last = after === undefined ? undefined : `${sortKeyPrefix}${after}`;
  let characters = 0;
  for (let looked = 0; looked < ROWS_MAX; looked += ROWS_AT_ONCE) {
    const wanted = { ...rows, limit: ROWS_AT_ONCE, ...(last !== undefined && { after: last }) };
    const keys = await table.listKeys(wanted);
    const loaded = await Promise.all(keys.map(load));
    for (const [index, key] of keys.entries()) {
      last = key;
      const item = loaded[index];
      if (item === undefined) continue;
      items.push(item);
      characters += JSON.stringify(item).length;
      const isLastRow = index === keys.length - 1 && keys.length < ROWS_AT_ONCE;
      const isFull = items.length >= limit || characters >= PAGE_CHARACTERS_MAX;
      if (isFull) return isLastRow ? { items } : { items, next: toMark(key, sortKeyPrefix) };
    }
    if (keys.length < ROWS_AT_ONCE) return { items };
  }
  return { items, ...(last !== undefined && { next: toMark(last, sortKeyPrefix) }) };
}

function toMark(sortKey: string, prefix: string): string {
  return sortKey.slice(prefix.length);
}
