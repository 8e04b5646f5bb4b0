/**
 * Versions of an application as they turn out in practice.
 */
import type { ModelProgram } from '../../region/machines/program.ts';

const SERVING: ModelProgram = { type: 'model', bootSeconds: 5 };

export const PROGRAMS = {
  /** Does what it should. */
  sound: SERVING,
  /** Passes its health checks, and fails four of five requests. */
  broken: { ...SERVING, errorRate: 0.8 },
  /** Starts, and never passes a health check. */
  sick: { ...SERVING, healthStatus: 500 },
  /** Never gets to the point of listening. */
  mute: { ...SERVING, healthStatus: 'refused' },
} satisfies Record<string, ModelProgram>;
