/**
 * What requests may have left half made in Teal's table, once nothing runs any more.
 * Not for: what deployments leave behind in AWS (see `leftovers.ts`).
 */
import { hasEnded, type Progress } from '../../shared/core/progress.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';
import type { Lab } from './lab.ts';

/** Region seconds in which deployments that were refused have ended. */
const SETTLING_SECONDS = 300;

/** Everything that is not whole, in words; empty when all is. */
export async function halfMade(lab: Lab): Promise<readonly string[]> {
  await lab.pass(SETTLING_SECONDS);
  const items = await lab.act(() => lab.items());
  const keys = new Set(items.map(({ pk, sk }) => `${String(pk)} ${String(sk)}`));
  return items.flatMap((item) => {
    const pk = String(item['pk']);
    const sk = String(item['sk']);
    const name = pk.slice(pk.indexOf('#') + 1);
    switch (sk) {
      case 'DEFINITION':
        return [
          ...complainAboutDefinition(item),
          ...(keys.has(`SERVICES SERVICE#${name}`) ? [] : [`${name} is not in the list`]),
        ];
      case 'REQUEST':
        return keys.has(`${pk} RECORD`) ? [] : [`${name} was asked for and never began`];
      case 'RECORD':
        return hasEnded(item['progress'] as Progress) ? [] : [`${name} did not end`];
      default:
        return pk === 'SERVICES' && !keys.has(`${sk} DEFINITION`) ? [`${sk} is only a row`] : [];
    }
  });
}

function complainAboutDefinition({
  pk: _pk,
  sk: _sk,
  given: _given,
  ...definition
}: Record<string, unknown>): readonly string[] {
  try {
    parseServiceDefinition(definition);
    return [];
  } catch (error) {
    return [`a definition cannot be read: ${String(error)}`];
  }
}
