/** Formats of stored records: the past is read, the future is refused by name. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMAT_VERSION, refuseNewerFormat } from '../../shared/core/record-format.ts';

/** The message of what is thrown; undefined when nothing is. */
function failureOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const readNext = (): void => refuseNewerFormat(FORMAT_VERSION + 1, 'the record of deployment d-1');

const format = fc.integer({ min: 1, max: 1000 });

describe('a stored record', () => {
  it('is read exactly when its format is not newer than the reader', () => {
    fc.assert(
      fc.property(format, (written) => {
        const refused = failureOf(() => refuseNewerFormat(written, 'the record of deployment d-1'));
        const isNewer = written > FORMAT_VERSION;
        expect(refused === undefined).toBe(!isNewer);
      }),
    );
  });

  it('of a later release is refused by name, with what to do', () => {
    expect(readNext).toThrow(expect.objectContaining({ name: 'RecordTooNew' }));
    expect(readNext).toThrow(/the record of deployment d-1.*deploy the version of Teal/);
  });

  it('from before formats were written down is read', () => {
    expect(() => refuseNewerFormat(undefined, 'a record')).not.toThrow();
  });

  it('whose format is no number is refused rather than guessed', () => {
    expect(() => refuseNewerFormat('two', 'a record')).toThrow(/is of format two/);
  });
});
