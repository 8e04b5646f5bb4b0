/**
 * Where others look to find what serves: named values, and the default version of a launch template.
 * Every call may be made twice.
 */
import type { PointerValues } from '../core/pointers.ts';
import type { Fence } from './traffic-router.ts';

/** Named values for infrastructure code, a set for each service. */
export interface Pointers {
  /**
   * Writes the values that are not as they should be.
   * @throws LeaseLost when the fence lets no further one through
   */
  publish(service: string, values: PointerValues, fence: Fence): Promise<void>;
}

/** What `$Default` of a launch template means. */
export interface DefaultVersions {
  /** Makes `to` the default where `from` is it still; another one is somebody else's choice. */
  move(template: {
    readonly launchTemplateId: string;
    readonly from: number;
    readonly to: number;
  }): Promise<void>;
}
