/**
 * A region of a clock and a kernel for the tests of the services that watch and tell.
 * Not for: tests that need the endpoint or IAM.
 */
import type { RegionEvent } from '../../region/kernel/kernel.ts';
import type { Call, Permission, Service } from '../../region/kernel/service.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createTestKernel } from './test-kernel.ts';

/** A full hour, so that minutes and periods are easy to follow. */
export const START = Date.parse('2026-01-05T12:00:00Z');

export function createTestRegion({ seed = 1 }: { seed?: number } = {}) {
  const clock = createVirtualClock({ start: START });
  const events: { at: number; event: RegionEvent }[] = [];
  const lines: string[] = [];
  const outlets: ((event: RegionEvent) => void)[] = [];
  const kernel = createTestKernel(clock, {
    seed,
    emit: (event) => {
      events.push({ at: clock.now(), event });
      for (const outlet of outlets) outlet(event);
    },
    log: (line) => {
      lines.push(line);
    },
  });
  return {
    clock,
    kernel,
    events,
    lines,
    onEmit: (outlet: (event: RegionEvent) => void) => outlets.push(outlet),
    /** Lets region time pass. */
    advance: async (seconds: number) => clock.runUntil(clock.sleep(seconds * 1000)),
  };
}

/** A call of somebody who may do everything, or only what `allows` says. */
export function callOf(allows: (permission: Permission) => boolean = () => true): Call {
  return {
    caller: { arn: 'arn:aws:iam::000000000000:user/operator', label: 'operator' },
    requestId: 'request-1',
    isAllowed: allows,
  };
}

/** Calls an operation as the endpoint would, without the wire. */
export async function run<Output>(
  service: Service,
  operation: string,
  input: object,
  call: Call = callOf(),
): Promise<Output> {
  const found = service.operations[operation];
  if (!found) throw new Error(`There is no operation ${operation}.`);
  return (await found.run(input as never, call)) as Output;
}

/** The code and message of the refusal, or a failure when the call was answered. */
export async function refusal(
  service: Service,
  operation: string,
  input: object,
): Promise<{ code: string; message: string }> {
  try {
    await run(service, operation, input);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error(`${operation} was answered but should have been refused.`);
}

/** What a caller must be allowed for an operation. */
export function permissionsOf(
  service: Service,
  operation: string,
  input: object,
): readonly Permission[] {
  return service.operations[operation]?.permissions(input as never) ?? [];
}
