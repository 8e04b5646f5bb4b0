/**
 * A queue's resource policy: which services may send to it, on behalf of what.
 * Not for: roles of the account, whose own policies decide.
 */
import { compilePolicy, rule } from '../../iam/policy.ts';
import type { Statement } from '../../iam/policy.ts';
import type { PolicyStatement } from '../../kernel/contracts.ts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { invalidValue } from './settings.ts';

/** A service that asks to send. */
export interface ServiceSender {
  /** Such as `events.amazonaws.com`. */
  readonly principal: string;
  /** ARN of the rule on whose behalf it asks. */
  readonly sourceArn: string;
}

/** A policy that is ready to be asked. */
export interface QueuePolicy {
  /** JSON text, as it was given. */
  readonly text: string;
  /** Whether a service may send to the queue. */
  allowsSending(queueArn: string, sender: ServiceSender): boolean;
}

interface Written {
  readonly Version?: string;
  readonly Statement?: WrittenStatement | readonly WrittenStatement[];
}

interface WrittenStatement extends PolicyStatement {
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Reads a queue's policy.
 * @throws AwsError InvalidAttributeValue when it is no policy, MalformedPolicyDocument when it has
 * what the region's policies cannot have
 */
export function readPolicy(text: string): QueuePolicy {
  const statements = [parse(text).Statement ?? []].flat().map((written) => {
    const { Principal: principal, ...statement } = written;
    const [compiled] = compilePolicy({ Version: '2012-10-17', Statement: [statement] });
    return { principals: principalsOf(principal), statement: compiled as Statement };
  });
  return {
    text,
    allowsSending: (resource, { principal, sourceArn }) => {
      const context = new Map([
        ['aws:sourcearn', [sourceArn]],
        ['aws:sourceaccount', [ACCOUNT_ID]],
      ]);
      const meant = statements
        .filter(({ principals }) => principals.includes('*') || principals.includes(principal))
        .map(({ statement }) => statement);
      return rule(meant, { action: 'sqs:SendMessage', resource, context }) === 'allowed';
    },
  };
}

function parse(text: string): Written {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // What is no JSON is no policy: refused below, as what is JSON and no object.
  }
  throw invalidValue('Policy');
}

function principalsOf(principal: WrittenStatement['Principal']): readonly string[] {
  if (principal === undefined) throw invalidValue('Policy');
  return typeof principal === 'string' ? [principal] : Object.values(principal).flat();
}
