/**
 * Labs that are stopped when the test that opened them is over.
 */
import { afterEach } from 'vitest';
import { createLab, type Lab, type LabOptions } from './lab.ts';

/** Call once in a test file; answers how its tests open labs. */
export function useLabs(): (options?: LabOptions) => Promise<Lab> {
  const opened: Lab[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((lab) => lab.stop()));
  });
  return async (options) => {
    const lab = await createLab(options);
    opened.push(lab);
    return lab;
  };
}
