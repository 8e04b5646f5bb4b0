/**
 * Colours, where the reader wants them.
 */
import pc from 'picocolors';

/** Functions that colour text, or leave it as it is. */
export type Ink = ReturnType<typeof pc.createColors>;

/**
 * Colours for one stream: a terminal gets them unless NO_COLOR is set or TERM is `dumb`, anything
 * else only when FORCE_COLOR asks for them. Another stream than this one has no say.
 * @source https://no-color.org
 */
export function createInk(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): Ink {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return pc.createColors(false);
  if (FORCE_COLOR) return pc.createColors(FORCE_COLOR !== '0');
  return pc.createColors(Boolean(stream.isTTY) && TERM !== 'dumb');
}
