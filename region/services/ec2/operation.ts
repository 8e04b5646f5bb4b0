/**
 * How an EC2 operation is put together: every one of them takes `DryRun`.
 */
import type { Call, Operation, Permission } from '../../kernel/service.ts';
import { dryRunPassed } from './errors.ts';

interface DryRunnable {
  readonly DryRun?: boolean | undefined;
}

/**
 * An operation that answers `DryRunOperation` instead of acting when its input says so. Who may not
 * call it learns so before, because permissions are asked first.
 */
export function ec2Operation<Input extends DryRunnable, Output>(
  permissions: (input: Input) => readonly Permission[],
  run: (input: Input, call: Call) => Output,
): Operation<Input, Output> {
  return {
    permissions,
    run: (input, call) => {
      if (input.DryRun) throw dryRunPassed();
      return run(input, call);
    },
  };
}

/** A Describe operation: it has no resource-level permissions. */
export function describeOperation<Input extends DryRunnable, Output>(
  name: string,
  run: (input: Input) => Output,
): Operation<Input, Output> {
  return ec2Operation(() => [{ action: `ec2:${name}`, resources: ['*'] }], run);
}
