/**
 * What every call goes through once its caller and input are known: the service's model,
 * permissions, mishaps, the operation itself.
 * Not for: requests and answers as bytes (`endpoint.ts`).
 */
import type { IdentityStore } from '../iam/identities.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Call, Caller, Operation, Service, ServiceName } from '../kernel/service.ts';
import { checkInput } from '../wire/input-check.ts';
import { ConnectionLost, faultRefusal } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import { notAuthorized, notImplemented } from './refusals.ts';

/** One call whose caller and input are known. */
export interface Performance {
  readonly caller: Caller;
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: unknown;
  readonly requestId: string;
}

/**
 * Makes the way for calls to the operations of some services.
 * The way rejects with AwsError for every refusal and with ConnectionLost for a lost connection.
 */
export function createPerform(options: {
  kernel: Kernel;
  services: readonly Service[];
  identities: IdentityStore;
  faults: Faults;
  holdsTime: (caller: Caller) => boolean;
}): (performance: Performance) => Promise<unknown> {
  const { kernel, identities, faults, holdsTime } = options;
  const operations = operationsByName(options.services);
  const counts = new Map<string, number>();

  const meet = (performance: Performance): Fault | undefined => {
    const { service, operation, caller } = performance;
    const name = `${service} ${operation}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return faults({ service, operation, callerLabel: caller.label, count });
  };

  const wait = (caller: Caller, milliseconds: number): Promise<void> => {
    const sleep = (): Promise<void> => kernel.clock.idle(() => kernel.clock.sleep(milliseconds));
    return holdsTime(caller) ? kernel.clock.idle(sleep) : sleep();
  };

  return async (performance) => {
    const { service, operation: name, caller, input, requestId } = performance;
    const operation = operations.get(service)?.get(name);
    if (!operation) throw notImplemented(service, name);
    checkInput(service, name, input);
    for (const permission of operation.permissions(input as never)) {
      const denial = identities.denial(caller, permission);
      if (denial) throw notAuthorized(service, caller, permission, denial);
    }
    const fault = meet(performance);
    if (fault?.type === 'delay') await wait(caller, fault.milliseconds);
    if (fault?.type === 'loseRequest') throw new ConnectionLost();
    const refused = fault && faultRefusal(service, fault);
    if (refused) throw refused;
    const call: Call = {
      caller,
      requestId,
      isAllowed: (permission) => identities.denial(caller, permission) === undefined,
    };
    const output = await operation.run(input as never, call);
    if (fault?.type === 'loseResponse') throw new ConnectionLost();
    return output;
  };
}

function operationsByName(
  services: readonly Service[],
): ReadonlyMap<ServiceName, ReadonlyMap<string, Operation>> {
  const names = services.map((service) => service.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`The region was given the service "${twice}" twice.`);
  return new Map(
    services.map((service) => [service.name, new Map(Object.entries(service.operations))]),
  );
}
