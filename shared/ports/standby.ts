/**
 * How Teal changes the listeners on the two sides of a name whose records split the traffic. Where a
 * load balancer splits it, the plan has no such side, and nothing is done. Every call may be made
 * twice.
 */
import type { Plan } from '../core/plan.ts';
import type { Fence } from './traffic-router.ts';

/** The listener that stands by, and blue's own once it is not needed any more. */
export interface StandbyListeners {
  /**
   * Makes green's target group all that the standing-by listener leads to.
   * @throws ListenerChanged when the listener does not do any more what it did for the plan
   */
  lead(plan: Plan, greenTargetGroupArn: string, fence: Fence): Promise<void>;
  /** Gives that listener its own actions back, where it still leads to green. */
  restore(plan: Plan, greenTargetGroupArn: string, fence: Fence): Promise<void>;
  /** Takes blue out of blue's listener, which stands by from now on. */
  park(plan: Plan, fence: Fence): Promise<void>;
}
