/** What the tests use of asl-validator, whose package does not lead TypeScript to its own types. */
declare module 'asl-validator' {
  function validate(definition: unknown): { readonly errors: readonly unknown[] };
  export = validate;
}
