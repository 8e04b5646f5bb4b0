/**
 * How Teal hears within minutes that green lost targets, although a hold looks at nothing.
 */
import type { Plan } from '../core/plan.ts';

/** One alarm of Teal's own on green's healthy targets, for as long as a deployment runs. */
export interface GreenGuard {
  /**
   * Has the alarm go off when green has fewer healthy targets than this; may be called again with
   * another number. It wakes a hold and decides nothing: what wakes looks at green itself. Without a
   * load balancer among the routes there is no metric to watch, and nothing is done.
   */
  set(plan: Plan, green: { targetGroupArn: string; neededTargets: number }): Promise<void>;
}
