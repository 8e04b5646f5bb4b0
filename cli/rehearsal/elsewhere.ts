/**
 * What stands in for the rehearsal in the packed command line, which carries no region.
 * Not for: a clone, which has the rehearsal itself.
 */

/** Says where the rehearsal is, and answers the exit status of a failure. */
export async function rehearse(): Promise<number> {
  console.error(
    "The rehearsal needs a clone of Teal's repository, with the local region and the packaged " +
      'service: run `npm ci` and `npm start` there.',
  );
  return 1;
}
