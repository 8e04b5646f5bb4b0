/**
 * What an image has inside: the software that an instance runs once it has booted.
 * Not for: how a program is run; see `process.ts` and `model.ts`.
 */

/** A value, or the value as it is so many region seconds after the program started. */
export type Curve<T> = T | ((secondsSinceStart: number) => T);

/** A status code, or the way in which no answer comes. */
export type ModelAnswer = number | 'refused' | 'timeout';

/** A command that serves HTTP on 127.0.0.1 at the port in its environment variable `PORT`. */
export interface ProcessProgram {
  readonly type: 'process';
  /** Shell text, such as `node server.js`. */
  readonly command: string;
}

/** What an instance had to do since it was asked last. */
export interface Load {
  readonly requestsPerSecond: number;
  readonly secondsSinceStart: number;
}

/** An instance without a process: what it would answer is computed. */
export interface ModelProgram {
  readonly type: 'model';
  /** Region seconds until the first answer; connections are refused before. Default 0. */
  readonly bootSeconds?: number;
  /** Answer to health checks. Default 200. */
  readonly healthStatus?: Curve<ModelAnswer>;
  /** Status of a production request that does not fail by chance. Default 200. */
  readonly status?: Curve<number>;
  /** Share of production requests answered with 500, 0 to 1. Default 0. */
  readonly errorRate?: Curve<number>;
  /** Region milliseconds that an answer takes. Default 20. */
  readonly milliseconds?: Curve<number>;
  /** CPU utilization in percent, 0 to 100. Absent means that nothing is reported. */
  readonly cpuPercent?: number | ((load: Load) => number);
}

/** A real process, or a model of one that answers without a socket. */
export type Program = ProcessProgram | ModelProgram;
