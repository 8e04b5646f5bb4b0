/**
 * The quotas of Step Functions that the region enforces, with their units.
 * Not for: API throttling, which belongs to the region's faults.
 *
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */

/** Most UTF-8 bytes of an input, an output, or one variable. */
export const DATA_LIMIT_BYTES = 262_144;

/** Most UTF-8 bytes of all variables of an execution together. */
export const ALL_VARIABLES_LIMIT_BYTES = 10 * 1024 * 1024;

/** Most characters of a definition. */
export const DEFINITION_LIMIT_CHARACTERS = 1_048_576;

/** Most characters of the name of a state, a state machine, an execution, or a variable. */
export const NAME_LIMIT_CHARACTERS = 80;

/** Events of a history; the last of them can only be one that ends the execution. */
export const HISTORY_LIMIT_EVENTS = 25_000;

/** Longest time an execution may be open, in milliseconds: one year. */
export const OPEN_LIMIT_MILLISECONDS = 365 * 24 * 3_600_000;

/** How long a closed execution can be described and keeps its name, in milliseconds: 90 days. */
export const RETENTION_MILLISECONDS = 90 * 24 * 3_600_000;

/** How long after its end an execution can be redriven, in milliseconds: 14 days. */
export const REDRIVE_WINDOW_MILLISECONDS = 14 * 24 * 3_600_000;

/** Largest value of a field that counts seconds. */
export const SECONDS_LIMIT = 99_999_999;

/** Values of `MaxDelaySeconds` stay below this. */
export const MAX_DELAY_SECONDS_BOUND = 31_622_401;

/** Longest wait until a timestamp, in seconds; a longer one fails the execution. */
export const WAIT_UNTIL_LIMIT_SECONDS = 2 ** 31 - 1;

/** Most entries of a page, and of a page whose size nobody chose. */
export const PAGE_LIMIT = 1000;

/** Entries of a page whose size nobody chose. */
export const PAGE_DEFAULT = 100;

/** Most characters of an error's cause; longer ones are cut. */
export const CAUSE_LIMIT_CHARACTERS = 32_768;

/** Most characters of an error's name. */
export const ERROR_LIMIT_CHARACTERS = 256;
