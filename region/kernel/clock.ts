/**
 * The region's time. Everything in the region that happens "later" is scheduled here, so that the
 * same services run in real time, faster than real time, or in virtual time.
 * Not for: measuring how long something really took; use `performance.now()` for that.
 */

/** Stops a scheduled task from running; harmless when it already ran. */
export type Cancel = () => void;

/** The only source of time for the region's services. */
export interface Clock {
  /** Region seconds that pass in one real second, or `virtual` when time only moves between tasks. */
  readonly speed: number | 'virtual';

  /** The region's time as epoch milliseconds. */
  now(): number;

  /**
   * Runs `task` once, at region time `at` (epoch milliseconds) or as soon after as possible.
   * A task that throws or rejects stops the region loudly: services handle their own failures.
   * A task may go on as long as it likes; what in it takes real time is marked as `work`.
   */
  schedule(at: number, task: () => void | Promise<void>): Cancel;

  /** Waits for region milliseconds. Rejects with `signal.reason` when the signal aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;

  /**
   * Marks work that takes real time (a socket, a process, a function): virtual time stands still
   * until it has settled. A clock that runs by itself ignores it.
   */
  work<T>(run: () => Promise<T>): Promise<T>;

  /**
   * Marks a part of some `work` during which nothing but region time is awaited, so that virtual
   * time may move although the work around it is unfinished. Outside of any work it changes nothing.
   */
  idle<T>(run: () => Promise<T>): Promise<T>;

  /** Cancels everything scheduled. Nothing runs afterwards. */
  stop(): void;
}
