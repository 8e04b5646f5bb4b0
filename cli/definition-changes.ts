/**
 * What a file would change about the services that Teal knows, asked and printed; `teal diff` and
 * `teal apply` share it.
 */
import { compareDefinitions, type DefinitionChange } from '../shared/core/compare-definitions.ts';
import { SpecRefused } from '../shared/core/errors.ts';
import { parseServiceDefinition, type ServiceDefinition } from '../shared/core/spec.ts';
import { type ApiClient, ApiRefused } from './api-client.ts';
import type { Shell } from './shell.ts';
import { createInk } from './terminal/ink.ts';

/** What becomes of one service. */
export interface ServiceChange {
  readonly service: string;
  readonly type: 'created' | 'changed' | 'unchanged';
  readonly changes: readonly DefinitionChange[];
}

/** The address of a service's definition. */
export function pathOf({ service }: Pick<ServiceDefinition, 'service'>): string {
  return `/services/${encodeURIComponent(service)}`;
}

/**
 * Compares a definition with the one that was applied last: the group that Teal has followed since is
 * no change, and defaults are filled in on both sides.
 * @throws ApiRefused, ApiUnreachable
 */
export async function findChanges(
  api: ApiClient,
  definition: ServiceDefinition,
): Promise<ServiceChange> {
  const { service } = definition;
  const before = await loadGiven(api, definition);
  const changes = compareDefinitions(before && fillIn(before), definition);
  if (!before) return { service, type: 'created', changes };
  return { service, type: changes.length > 0 ? 'changed' : 'unchanged', changes };
}

async function loadGiven(
  api: ApiClient,
  definition: ServiceDefinition,
): Promise<ServiceDefinition | undefined> {
  try {
    return (await api.send('GET', `${pathOf(definition)}?as=given`)) as ServiceDefinition;
  } catch (error) {
    if (error instanceof ApiRefused && error.problem?.['title'] === 'NotFound') return undefined;
    throw error;
  }
}

/** A newer API may know keys that this command does not; then they are compared as they are. */
function fillIn(definition: ServiceDefinition): ServiceDefinition {
  try {
    return parseServiceDefinition(definition);
  } catch (error) {
    if (error instanceof SpecRefused) return definition;
    throw error;
  }
}

/** What a change is called before and after it was made. */
const WORDS = {
  created: { future: 'would be created', past: 'created' },
  changed: { future: 'would be changed', past: 'changed' },
  unchanged: { future: 'no change', past: 'no change' },
} as const;

/** A change as people read it: a line for the service and one for each key, old and new. */
export function formatChange(
  { service, type, changes }: ServiceChange,
  tense: 'future' | 'past',
  { screen, environment }: Pick<Shell, 'screen' | 'environment'>,
): string {
  const ink = createInk(screen, environment);
  const lines = changes.map((change) => {
    const { path, from, to } = change;
    if (!('from' in change)) return ink.green(`  + ${path}: ${JSON.stringify(to)}`);
    if (!('to' in change)) return ink.red(`  - ${path}: ${JSON.stringify(from)}`);
    return ink.yellow(`  ~ ${path}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
  });
  return [`${ink.bold(service)}: ${WORDS[type][tense]}`, ...lines].join('\n');
}
