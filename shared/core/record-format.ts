/**
 * Which formats of stored records this version of Teal can read. Records outlive upgrades: a
 * deployment goes on under the code it began with, while events and the API already run new code.
 * Not for: members that were added within a format; those are optional, and absent means the past.
 */
import { RecordTooNew } from './errors.ts';

/**
 * Format of records, plans and progress in the table; raised only when a reader of the format
 * before could not understand, or would do wrong.
 */
export const FORMAT_VERSION = 1;

/**
 * Lets a record through that can be read.
 * @param written the record's format; undefined in records from before they had one, which is 1
 * @param what how the message names the record
 * @throws RecordTooNew when a later version of Teal wrote it in a format of its own
 */
export function refuseNewerFormat(written: unknown, what: string): void {
  const format = written === undefined ? 1 : Number(written);
  if (format <= FORMAT_VERSION) return;
  throw new RecordTooNew(
    `Tried to read ${what}; it is of format ${String(written)}, and this version of Teal reads ` +
      `formats up to ${FORMAT_VERSION}; deploy the version of Teal that wrote it, or a later one, ` +
      'and try again. Nothing was changed.',
    { facts: { written, readable: FORMAT_VERSION } },
  );
}
