/**
 * What all operation families of Route 53 are built from, and what callers need to be allowed.
 *
 * @source https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
 */
import type { LoadBalancerNames } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Permission } from '../../kernel/service.ts';
import type { Store } from './store.ts';
import { plainId } from './store.ts';

/** What every operation family works with. */
export interface ControlPlane {
  readonly kernel: Kernel;
  readonly store: Store;
  readonly loadBalancers: LoadBalancerNames;
  /** Region milliseconds that a change takes at most to reach every name server. */
  readonly propagationMilliseconds: number;
  /** Region milliseconds for which a change keeps its zone from taking another one. */
  readonly processingMilliseconds: number;
}

export { operation, type Operations } from '../../kernel/service.ts';

/** Which kind of thing a permission is about. ARNs of Route 53 name neither account nor region. */
export type Kind = 'hostedzone' | 'change' | 'healthcheck';

/** One permission on one resource; `*` where the action has no resource. */
export function toDo(
  action: string,
  kind?: Kind,
  id = '',
  context: Permission['context'] = {},
): readonly Permission[] {
  const resource = kind ? `arn:aws:route53:::${kind}/${plainId(id)}` : '*';
  return [{ action: `route53:${action}`, resources: [resource], context }];
}
