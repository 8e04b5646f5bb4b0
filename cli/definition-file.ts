/**
 * What is known of `teal.yml` before it is read, apart from the reader, so that `teal --help` need not
 * load that.
 */

/** What the file is called where nobody says otherwise. */
export const TEAL_FILE = 'teal.yml';

/** What the schema beside it is called. */
export const SCHEMA_FILE = 'teal.schema.json';

/** The file could not be read, or says something that it may not say; every line is complete. */
export class TealFileRefused extends Error {
  override readonly name = 'TealFileRefused';
}
