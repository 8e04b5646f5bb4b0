/**
 * Questions to a service of the region past the wire: a look takes no region time, counts as no
 * call and costs next to nothing, so that it can be asked every second.
 * Not for: anything that Teal does, and operations that change something.
 */
import type { Call, Service } from '../../region/kernel/service.ts';

const CALL: Call = { caller: { arn: '', label: 'lab' }, requestId: '', isAllowed: () => true };

/** Answers as the operation does. @throws AwsError as the operation does */
export function askPastWire(service: Service, name: string, input: object): unknown {
  const operation = service.operations[name];
  if (!operation) throw new Error(`The region has no ${name} of ${service.name}.`);
  return operation.run(input as never, CALL);
}
