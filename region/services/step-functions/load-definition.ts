/**
 * From the JSON text of a definition to the states that run, or to what is wrong with it.
 * Not for: state machines, which have a name, a role and revisions as well.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { checkExpressions } from './check-expressions.ts';
import { checkFlow } from './check-flow.ts';
import { checkShape, checkState } from './check-state.ts';
import type { Definition } from './definition.ts';
import { createReport, describeDiagnostics, type Diagnostic } from './diagnostics.ts';
import { MACHINE_SHAPE } from './field-rules.ts';
import { isObject, readJson } from './json.ts';
import { DEFINITION_LIMIT_CHARACTERS } from './limits.ts';
import { readState } from './read-state.ts';

/** Reads a definition and answers it, or the reasons why it is refused. */
export function readDefinition(
  text: string,
): { readonly definition: Definition } | { readonly diagnostics: readonly Diagnostic[] } {
  const report = createReport();
  if (text.length > DEFINITION_LIMIT_CHARACTERS) {
    report.text(
      'SCHEMA_VALIDATION_FAILED',
      `The definition has ${text.length} characters, more than ${DEFINITION_LIMIT_CHARACTERS}`,
    );
    return { diagnostics: report.diagnostics };
  }
  const json = readJson(text);
  if (text === '' || ('value' in json && !isObject(json.value))) {
    report.text('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object');
    return { diagnostics: report.diagnostics };
  }
  if ('problem' in json) {
    report.text('INVALID_JSON_DESCRIPTION', json.problem);
    return { diagnostics: report.diagnostics };
  }
  const machine = json.value as Readonly<Record<string, unknown>>;
  checkShape(machine, MACHINE_SHAPE, '', report);
  if (machine['QueryLanguage'] === undefined) {
    report.schema('/', "The region runs JSONata only: 'QueryLanguage' must be 'JSONata'");
  }
  const states = isObject(machine['States']) ? machine['States'] : {};
  const variableReferences: Record<string, string[]> = {};
  for (const [name, state] of Object.entries(states)) {
    checkState(name, state, report);
    const variables = checkExpressions(name, state, report);
    if (variables.length > 0) variableReferences[name] = [...variables];
  }
  checkFlow(states, machine['StartAt'], report);
  if (report.diagnostics.length > 0) return { diagnostics: report.diagnostics };
  const timeout = machine['TimeoutSeconds'] as number | undefined;
  return {
    definition: {
      startAt: machine['StartAt'] as string,
      ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
      states: new Map(Object.entries(states).map(([name, state]) => [name, readState(state)])),
      variableReferences,
    },
  };
}

/** Reads a definition. @throws AwsError InvalidDefinition with everything that is wrong with it */
export function loadDefinition(text: string): Definition {
  const read = readDefinition(text);
  if ('definition' in read) return read.definition;
  throw new AwsError(
    'InvalidDefinition',
    `Invalid State Machine Definition: '${describeDiagnostics(read.diagnostics)}'`,
  );
}
