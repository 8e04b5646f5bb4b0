/**
 * How a ledger says what green gets of each member of blue.
 * Not for: the ledgers themselves, nor writing anything.
 */

/**
 * What becomes of one member of what AWS describes of blue. `refused` members make the planner
 * refuse the deployment; `leftOut` ones are never sent.
 */
export type Treatment =
  | { readonly type: 'rewritten' | 'leftOut' | 'refused'; readonly because: string }
  | { readonly type: 'copied' };

/** A treatment for every member of one shape. */
export type MemberLedger = Readonly<Record<string, Treatment>>;

/** Green has the member as blue has it. */
export const COPIED: Treatment = { type: 'copied' };

/** Green goes without the member. */
export const leftOut = (because: string): Treatment => ({ type: 'leftOut', because });

/** Green has a value of its own, made from blue's or from the plan. */
export const rewritten = (because: string): Treatment => ({ type: 'rewritten', because });

/** Green cannot have the member, and must not do without it. */
export const refused = (because: string): Treatment => ({ type: 'refused', because });
