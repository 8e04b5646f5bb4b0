/** Types of `node-version.mjs`, which is plain JavaScript so that an old Node.js reads it. */

/** A sentence when `version`, such as `18.20.1`, is too old; undefined when it will do. */
export function complainAboutNode(version: string): string | undefined;
