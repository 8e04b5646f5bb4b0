/**
 * The units of the policy: whole percents, whole seconds, instants.
 * Not for: AWS's own units, which exist only inside adapters.
 */

/** Whole percent, 0 to 100. */
export type Percent = number;

/** Whole seconds, 0 or more. */
export type Seconds = number;

/** An instant as ISO 8601 text in UTC, such as `2026-11-21T09:00:00.000Z`. */
export type IsoInstant = string;

/** Seconds from `from` to `to`; negative when `to` is earlier. */
export function secondsBetween(from: IsoInstant, to: IsoInstant): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** The instant `seconds` after `instant`. */
export function instantAfter(instant: IsoInstant, seconds: Seconds): IsoInstant {
  return new Date(Date.parse(instant) + seconds * 1000).toISOString();
}
