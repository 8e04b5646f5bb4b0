/**
 * Which service has a group: a group has one at the most.
 */
import { PAGE_LIMIT_MAX } from '../shared/core/api/requests.ts';
import type { ServiceDefinition } from '../shared/core/spec.ts';
import type { Services } from '../shared/ports/ledger.ts';

/** The service that a group serves, of all but one; undefined where there is none. */
export async function findServiceOfGroup(
  services: Pick<Services, 'list'>,
  autoScalingGroupName: string,
  { except }: { readonly except?: string } = {},
): Promise<ServiceDefinition | undefined> {
  let after: string | undefined;
  do {
    const { items, next } = await services.list({
      limit: PAGE_LIMIT_MAX,
      ...(after !== undefined && { after }),
    });
    const found = items.find(
      (one) => one.service !== except && one.autoScalingGroupName === autoScalingGroupName,
    );
    if (found) return found;
    after = next;
  } while (after !== undefined);
  return undefined;
}
