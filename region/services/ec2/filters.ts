/**
 * EC2's filters: a resource passes when, for every filter, one of its values matches.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
import type { Filter } from '@aws-sdk/client-ec2';
import { invalidParameter, missingParameter } from './errors.ts';

/** How each filter of an operation reads a resource; several readings mean "any of them". */
export type FilterTable<T> = Readonly<
  Record<string, (resource: T) => readonly (string | undefined)[]>
>;

/**
 * Keeps what passes all filters. `tag:<key>` and `tag-key` work wherever tags are given.
 * @throws AwsError InvalidParameterValue for a filter that the operation does not have
 */
export function applyFilters<T>(
  resources: readonly T[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
  tagsOf: (resource: T) => ReadonlyMap<string, string>,
): T[] {
  const tests = (filters ?? []).map((filter) => filterTest(filter, table, tagsOf));
  return resources.filter((resource) => tests.every((test) => test(resource)));
}

/** Whether a text matches a pattern with `*` and `?`, as in filters and names. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

function filterTest<T>(
  filter: Filter,
  table: FilterTable<T>,
  tagsOf: (resource: T) => ReadonlyMap<string, string>,
): (resource: T) => boolean {
  const name = filter.Name ?? '';
  const patterns = filter.Values ?? [];
  if (patterns.length === 0) throw missingParameter('Values');
  const read = readerOf(name, table, tagsOf);
  return (resource) =>
    read(resource).some(
      (value) => value !== undefined && patterns.some((pattern) => matchesWildcard(pattern, value)),
    );
}

function readerOf<T>(
  name: string,
  table: FilterTable<T>,
  tagsOf: (resource: T) => ReadonlyMap<string, string>,
): (resource: T) => readonly (string | undefined)[] {
  if (name.startsWith('tag:')) return (resource) => [tagsOf(resource).get(name.slice(4))];
  if (name === 'tag-key') return (resource) => [...tagsOf(resource).keys()];
  const read = table[name];
  if (!read) throw invalidParameter(`The filter '${name}' is invalid`);
  return read;
}
