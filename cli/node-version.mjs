/**
 * Refuses a Node.js that is too old, in a syntax that old ones still read, before anything else is
 * loaded and fails with a riddle.
 */

/** The oldest Node.js that runs Teal; `engines` in package.json says the same. */
const OLDEST = [20, 19];

/** A sentence when `version`, such as `18.20.1`, is too old; undefined when it will do. */
export function complainAboutNode(version) {
  const [major, minor] = version.split('.').map(Number);
  const isOldEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  if (isOldEnough) return undefined;
  return (
    `Teal needs Node.js ${OLDEST.join('.')} or newer, and this is ${version}. ` +
    'Install a newer one (https://nodejs.org) and start again.'
  );
}

const complaint = complainAboutNode(process.versions.node);
if (complaint) {
  console.error(complaint);
  process.exit(1);
}
