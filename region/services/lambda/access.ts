/**
 * Who may invoke a function: services by its resource policy, roles by their own.
 * Not for: calls through the region's endpoint, which are authorised there.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Functions, Identities } from '../../kernel/contracts.ts';
import { functionArn } from './names.ts';
import type { FunctionReference } from './names.ts';
import type { Registry } from './registry.ts';

type InvokeCaller = Parameters<Functions['invoke']>[0]['caller'];

/**
 * Checks that somebody may invoke a function.
 * @throws AwsError AccessDeniedException; ResourceNotFoundException when a service asks for a
 * function that does not exist, because only its own policy could let the service in
 */
export function checkAccess(options: {
  readonly caller: InvokeCaller;
  readonly reference: FunctionReference;
  readonly registry: Registry;
  readonly identities: Identities;
}): void {
  const { caller, reference, registry, identities } = options;
  const resource = functionArn(reference.name, reference.qualifier);
  const action = 'lambda:InvokeFunction';
  if (caller.type === 'role') {
    if (identities.isAllowed(caller.roleArn, { action, resources: [resource] })) return;
    throw denied(caller.roleArn, resource, 'identity-based');
  }
  const { policy } = registry.find(reference);
  // A permission is given on the unqualified function; a version would need its own.
  if (reference.qualifier === undefined && policy.allows(caller)) return;
  throw denied(caller.principal, resource, 'resource-based');
}

function denied(who: string, resource: string, kind: string): AwsError {
  const action = 'lambda:InvokeFunction';
  return new AwsError(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ` +
      `because no ${kind} policy allows the ${action} action`,
    { httpStatus: 403 },
  );
}
