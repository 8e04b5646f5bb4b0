/**
 * Instances that are computed instead of run: the same seed and the same moment give the same
 * answer.
 * Not for: anything with a socket; see `process.ts`.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Answer, MachineRequest } from '../kernel/machines.ts';
import type { Curve, ModelProgram } from './program.ts';

const DEFAULT_MILLISECONDS = 20;
const SERVER_ERROR = 500;

/** A running modelled program. */
export interface RunningModel {
  ask(request: MachineRequest): Answer;
  /** The answer to a production request; undefined while nothing listens yet. */
  answer(requests: number): { readonly status: number; readonly milliseconds: number } | undefined;
  /** Percent since the last reading; undefined when the program does not say. */
  readCpu(): number | undefined;
}

/** Starts a modelled program at the region's present moment. */
export function startModel(kernel: Kernel, program: ModelProgram): RunningModel {
  const startedAt = kernel.clock.now();
  const secondsSinceStart = (): number => (kernel.clock.now() - startedAt) / 1000;
  const listens = (): boolean => secondsSinceStart() >= (program.bootSeconds ?? 0);
  const read = <T extends number | string>(curve: Curve<T> | undefined, otherwise: T): T => {
    if (curve === undefined) return otherwise;
    return typeof curve === 'function' ? curve(secondsSinceStart()) : curve;
  };
  let served = 0;
  let readAt = 0;
  const milliseconds = (): number => read(program.milliseconds, DEFAULT_MILLISECONDS);

  return {
    ask: (request) => {
      if (!listens()) return { type: 'refused' };
      const status = read(program.healthStatus, 200);
      if (status === 'refused' || status === 'timeout') return { type: status };
      if (milliseconds() > request.timeoutMilliseconds) return { type: 'timeout' };
      return { type: 'response', status, milliseconds: milliseconds() };
    },
    readCpu: () => {
      const now = secondsSinceStart();
      const { cpuPercent } = program;
      const requestsPerSecond = served / Math.max(1, now - readAt);
      served = 0;
      readAt = now;
      if (typeof cpuPercent !== 'function') return cpuPercent;
      return cpuPercent({ requestsPerSecond, secondsSinceStart: now });
    },
    answer: (requests) => {
      if (!listens()) return undefined;
      served += requests;
      // One number is drawn for every request, so that a change of the rate leaves the rest alone.
      const failed = kernel.random() < read(program.errorRate, 0);
      const status = failed ? SERVER_ERROR : read(program.status, 200);
      return { status, milliseconds: milliseconds() };
    },
  };
}
