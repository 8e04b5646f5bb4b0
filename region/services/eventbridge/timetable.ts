/**
 * Runs the rules that have a schedule, by the region's clock.
 * Not for: reading schedule expressions; see `schedules.ts`.
 */
import type { Cancel, Clock } from '../../kernel/clock.ts';
import type { Rule, Rules } from './rules.ts';

/**
 * Keeps one run of every enabled scheduled rule planned. A rule's rate counts from the moment in
 * which it was put or enabled.
 */
export function startTimetable(options: {
  clock: Clock;
  rules: Rules;
  run: (rule: Rule) => void;
}): void {
  const { clock, rules, run } = options;
  const planned = new Map<string, Cancel>();

  const plan = (name: string, since: number): void => {
    const rule = rules.find(name);
    const at = rule?.state === 'ENABLED' ? rule.schedule?.next(clock.now(), since) : undefined;
    if (!rule || at === undefined) return;
    const cancel = clock.schedule(at, () => {
      planned.delete(name);
      run(rule);
      plan(name, since);
    });
    planned.set(name, cancel);
  };

  rules.onChange((name) => {
    planned.get(name)?.();
    planned.delete(name);
    plan(name, clock.now());
  });
}
