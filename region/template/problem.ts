/**
 * The one way in which a template is refused.
 * Not for: what a service refuses about a resource; that error is kept as the cause.
 */

/** A template that cannot be loaded; the message names the logical id or section it is about. */
export class TemplateProblem extends Error {
  override readonly name = 'TemplateProblem';
}
