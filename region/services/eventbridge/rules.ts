/**
 * The rules of the default event bus and their targets.
 * Not for: delivering events; see `delivery.ts`.
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Pattern } from './patterns.ts';
import type { Schedule } from './schedules.ts';

/** A rule and its targets. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly roleArn: string | undefined;
  readonly eventPattern: { readonly text: string; readonly matches: Pattern } | undefined;
  readonly schedule: { readonly text: string; readonly next: Schedule } | undefined;
  state: 'ENABLED' | 'DISABLED';
  /** By id, in the order in which they were added. */
  readonly targets: Map<string, Target>;
  readonly tags: Map<string, string>;
}

/** The rules of the default bus. */
export interface Rules {
  find(name: string): Rule | undefined;
  /** @throws AwsError ResourceNotFoundException */
  require(name: string | undefined): Rule;
  /** In the order of their names. */
  all(): readonly Rule[];
  put(rule: Rule): void;
  remove(name: string): void;
  /** Called when a rule was put, removed, enabled or disabled. */
  onChange(listener: (name: string) => void): void;
  setState(rule: Rule, state: Rule['state']): void;
}

/** Name of the only bus there is. */
export const DEFAULT_BUS = 'default';

/** Keeps rules by name. */
export function createRules(): Rules {
  const rules = new Map<string, Rule>();
  const listeners: ((name: string) => void)[] = [];
  const changed = (name: string): void => {
    for (const listener of listeners) listener(name);
  };
  return {
    find: (name) => rules.get(name),
    require: (name) => {
      const rule = rules.get(name ?? '');
      if (rule) return rule;
      throw new AwsError(
        'ResourceNotFoundException',
        `Rule ${name} does not exist on EventBus ${DEFAULT_BUS}.`,
      );
    },
    all: () => [...rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    put: (rule) => {
      rules.set(rule.name, rule);
      changed(rule.name);
    },
    remove: (name) => {
      rules.delete(name);
      changed(name);
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    setState: (rule, state) => {
      rule.state = state;
      changed(rule.name);
    },
  };
}
