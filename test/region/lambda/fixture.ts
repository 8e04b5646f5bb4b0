/**
 * A region with nothing in it but Lambda, in virtual time unless told.
 * Not for: tests of other services.
 */
import { createIdentities } from '../../../region/iam/identities.ts';
import type { Clock } from '../../../region/kernel/clock.ts';
import type { Kernel } from '../../../region/kernel/kernel.ts';
import type { Call } from '../../../region/kernel/service.ts';
import { createVirtualClock } from '../../../region/kernel/virtual-clock.ts';
import { createLambda } from '../../../region/services/lambda/lambda.ts';
import type { CodeFunctionOptions } from '../../../region/services/lambda/lambda.ts';
import { zip } from './zip-writer.ts';
import { createTestKernel } from '../test-kernel.ts';

export const START = Date.parse('2026-03-01T12:00:00Z');
export const ROLE = 'arn:aws:iam::000000000000:role/plan';
export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:plan';
export const RULE = 'arn:aws:events:us-east-1:000000000000:rule/alarms';

/** A kernel on a clock; lines of its log are kept. */
export function createKernel(clock: Clock): Kernel & { readonly lines: string[] } {
  const lines: string[] = [];
  return { ...createTestKernel(clock, { log: (line) => lines.push(line) }), lines };
}

/** Lambda, a role that Lambda may assume and that may invoke, and a virtual clock. */
export function createFixture() {
  const clock = createVirtualClock({ start: START });
  const kernel = createKernel(clock);
  const identities = createIdentities();
  identities.addRole({
    arn: ROLE,
    trust: ['lambda.amazonaws.com'],
    policies: [
      { Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: FUNCTION }] },
    ],
  });
  const lambda = createLambda({ kernel, identities, endpointUrl: () => 'http://127.0.0.1:1' });
  return {
    clock,
    kernel,
    identities,
    lambda,
    /** Invokes `plan` under the role that may, and lets time pass until it has answered. */
    invoke: async (event: unknown = {}) => {
      const { payload, functionError } = await clock.runUntil(
        lambda.functions.invoke({
          functionArn: FUNCTION,
          payload: JSON.stringify(event),
          caller: { type: 'role', roleArn: ROLE },
        }),
      );
      return { result: JSON.parse(payload) as unknown, functionError };
    },
    /** Makes a call of the public API, as the administrator. */
    call: async (name: string, input: object) =>
      lambda.service.operations[name]?.run(input as never, ADMINISTRATOR),
  };
}

/** A packaged function named `plan` with this source. */
export function bundle(
  source: string,
  changes: Partial<CodeFunctionOptions> = {},
): CodeFunctionOptions {
  return {
    name: 'plan',
    handler: 'dist/plan.handler',
    roleArn: ROLE,
    runtime: 'nodejs24.x',
    codeZip: zip({ 'dist/plan.mjs': source }),
    ...changes,
  };
}

const ADMINISTRATOR: Call = {
  caller: { arn: 'arn:aws:iam::000000000000:user/administrator', label: 'administrator' },
  requestId: 'request-1',
  isAllowed: () => true,
};
