import { describe, expect, it } from 'vitest';
import type { TreatMissingData, Watch } from '../../region/services/cloudwatch/alarms.ts';
import { evaluate } from '../../region/services/cloudwatch/evaluation.ts';
import { readSources } from '../../region/services/cloudwatch/queries.ts';

const TREATMENTS: readonly TreatMissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

function watchOf(treatMissingData: TreatMissingData, datapointsToAlarm: number): Watch {
  const sources = readSources([
    {
      Id: 'm',
      MetricStat: {
        Metric: { Namespace: 'Shop', MetricName: 'Errors' },
        Period: 60,
        Stat: 'Sum',
      },
    },
  ]);
  return {
    sources,
    watched: sources[0]!,
    periodSeconds: 60,
    evaluationPeriods: 3,
    datapointsToAlarm,
    threshold: 5,
    comparison: 'GreaterThanThreshold',
    treatMissingData,
    samplesNeeded: 0,
  };
}

/** `0` is a good datapoint, `X` a breaching one and `-` a missing one, as in AWS's tables. */
function outcome(range: string, watch: Watch): string {
  const finding = evaluate(
    watch,
    range
      .split(' ')
      .map((sign, index) =>
        sign === '-' ? undefined : { at: index * 60_000, value: sign === 'X' ? 9 : 1 },
      ),
  );
  return finding.type === 'keep' ? 'keeps its state' : finding.value;
}

const KEEP = 'keeps its state';
const NO_DATA = 'INSUFFICIENT_DATA';

describe('three out of three datapoints', () => {
  // The rows of the first table of "How alarm state is evaluated when data is missing".
  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', [NO_DATA, KEEP, 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', KEEP, 'ALARM', 'OK']],
  ])('treats %s as AWS does', (range, expected) => {
    expect(TREATMENTS.map((treatment) => outcome(range, watchOf(treatment, 3)))).toEqual(expected);
  });

  it('does not alarm early when a single bad datapoint is the newest of few', () => {
    expect(outcome('- - - - X', watchOf('missing', 3))).toBe(KEEP);
    expect(outcome('- - - X -', watchOf('missing', 3))).toBe(KEEP);
  });
});

describe('two out of three datapoints', () => {
  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', KEEP, 'ALARM', 'OK']],
  ])('treats %s as AWS does', (range, expected) => {
    expect(TREATMENTS.map((treatment) => outcome(range, watchOf(treatment, 2)))).toEqual(expected);
  });
});

it('looks further back than N, so a metric that stopped keeps its alarm for a while', () => {
  expect(outcome('X X X - -', watchOf('notBreaching', 3))).toBe('ALARM');
  expect(outcome('X X - - -', watchOf('notBreaching', 3))).toBe('OK');
});
