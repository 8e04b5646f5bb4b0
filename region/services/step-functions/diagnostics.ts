/**
 * What is wrong with a definition, collected while it is read.
 * Not for: failures of an execution.
 */

/** One finding, in the words of `ValidateStateMachineDefinition`. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  /** Where it is, such as `/States/Hold/Retry[0]`; missing when the text is no JSON. */
  readonly location?: string;
}

/** Takes findings while a definition is read. */
export interface Report {
  readonly diagnostics: readonly Diagnostic[];
  /** Adds a finding against the schema of the States Language. */
  schema(location: string, message: string): void;
  /** Adds a finding against the graph of states. */
  transition(location: string, message: string): void;
  /** Adds a finding that concerns the whole text. */
  text(code: string, message: string): void;
}

/** Starts an empty report. */
export function createReport(): Report {
  const diagnostics: Diagnostic[] = [];
  return {
    diagnostics,
    schema: (location, message) => {
      diagnostics.push({ code: 'SCHEMA_VALIDATION_FAILED', message, location });
    },
    transition: (location, message) => {
      diagnostics.push({ code: 'MISSING_TRANSITION_TARGET', message, location });
    },
    text: (code, message) => {
      diagnostics.push({ code, message });
    },
  };
}

/** The findings as one line, as `InvalidDefinition` spells them. */
export function describeDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ code, message, location }) =>
      location === undefined ? `${code}: ${message}` : `${code}: ${message} at ${location}`,
    )
    .join(', ');
}
