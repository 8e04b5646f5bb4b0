/**
 * Small pieces that all operation families are built from.
 * Not for: rules of the service.
 */
import type { Kernel } from '../../kernel/kernel.ts';
import type { Network } from '../../kernel/contracts.ts';
import type { Machines } from '../../kernel/machines.ts';
import { inRange } from '../constraints.ts';
import { takePage } from '../pages.ts';
import { PAGE_SIZE } from './limits.ts';
import type { TargetHealth } from './target-health.ts';
import { refuseViolations, validationError } from './refusals.ts';
import type { Store } from './store.ts';

/** What every operation family works with. */
export interface ControlPlane {
  readonly kernel: Kernel;
  readonly store: Store;
  readonly network: Network;
  readonly machines: Machines;
  readonly health: TargetHealth;
  /** Region milliseconds for which a new load balancer is `provisioning`. */
  readonly provisioningMilliseconds: number;
  /** Tells the data plane that a listener's rules changed or that the listener is gone. */
  announce(listenerArn: string): Promise<void>;
}

export { operation, type Operations } from '../../kernel/service.ts';

/**
 * One page of a description.
 * @throws AwsError ValidationError for a page size or marker that no answer gave
 */
export function page<T>(
  list: readonly T[],
  input: { readonly Marker?: string | undefined; readonly PageSize?: number | undefined },
): { readonly items: T[]; readonly next: { readonly NextMarker?: string } } {
  refuseViolations(inRange(input.PageSize, 'pageSize', { min: 1, max: PAGE_SIZE }));
  const { items, nextToken } = takePage(list, {
    size: input.PageSize ?? PAGE_SIZE,
    token: input.Marker,
    refuse: () => validationError(`The marker '${String(input.Marker)}' is not valid`),
  });
  return { items: [...items], next: nextToken === undefined ? {} : { NextMarker: nextToken } };
}
