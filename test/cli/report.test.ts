import { describe, expect, it } from 'vitest';
import type { RunningRegion } from '../../cli/rehearsal/start-region.ts';
import { describeKeptRegion } from '../../cli/rehearsal/summary.ts';
import {
  countCalls,
  endedAsMeant,
  firstExit,
  type PlayedDeployment,
  readSteps,
  realMilliseconds,
  toOutcome,
} from '../../cli/rehearsal/report.ts';
import {
  countsBetween,
  createRateMeter,
  createScoreboard,
} from '../../cli/rehearsal/scoreboard.ts';

const at = '2026-01-01T00:00:00.000Z';
const entry = (state: string, event: string, greenWeightPercent?: number) => ({
  at,
  state,
  event,
  reason: 'Because.',
  ...(greenWeightPercent !== undefined && { greenWeightPercent }),
});

it('a region that is kept can be reached by teal with the lines that are printed', () => {
  const running = {
    region: { administrator: { accessKeyId: 'AKIA', secretAccessKey: 'secret' } },
    settings: { endpoint: 'http://127.0.0.1:1', region: 'us-east-1' },
    stack: { apiEndpoint: 'http://127.0.0.1:2', stateMachineArn: 'arn:stateMachine:teal' },
  } as unknown as RunningRegion;
  const kept = { deploymentId: undefined, targetGroupArn: 'arn', url: 'http://127.0.0.1:3' };
  expect(describeKeptRegion(running, kept)).toContain('\n  export TEAL_API=http://127.0.0.1:2\n');
  expect(describeKeptRegion(running, kept)).toContain('\n  npm run --silent teal -- list\n');
});

const played = (expected: PlayedDeployment['expected'], status: string): PlayedDeployment => ({
  version: 'v3',
  expected,
  report: { outcome: toOutcome(status) } as PlayedDeployment['report'],
});
const call = (operation: string) => ({ service: 'ec2', operation });
const exit = (name: string, time: number) => ({
  timestamp: new Date(time),
  stateExitedEventDetails: { name },
});
const answer = (targetGroupArn: string, targetStatusCode?: number) => ({
  targetGroupArn,
  targetStatusCode,
});

describe('the report', () => {
  it('names confirmed weights only, and the way back at the end', () => {
    const steps = readSteps([
      entry('ShiftTraffic', 'shifted', 5),
      entry('ConfirmTraffic', 'shiftAgain', 5),
      entry('ConfirmTraffic', 'hold', 5),
      entry('ConfirmTraffic', 'decide', 50),
      entry('ConfirmRollback', 'cleanUp', 0),
    ]);
    expect(steps.map(({ greenWeightPercent }) => greenWeightPercent)).toEqual([5, 50, 0]);
  });

  it('has no steps when green never had traffic', () => {
    expect(readSteps([entry('ConfirmRollback', 'cleanUp', 0)])).toEqual([]);
  });

  it('knows three outcomes; a refusal counts as a failure', () => {
    expect(['succeeded', 'rolledBack', 'failed', 'refused'].map(toOutcome)).toEqual([
      'succeeded',
      'rolledBack',
      'failed',
      'failed',
    ]);
  });

  it('is as meant only when the broken version was taken back', () => {
    expect(endedAsMeant(played('rolledBack', 'rolledBack'))).toBe(true);
    expect(endedAsMeant(played('rolledBack', 'succeeded'))).toBe(false);
    expect(endedAsMeant(played('succeeded', 'rolledBack'))).toBe(false);
  });

  it('counts calls by service and operation', () => {
    expect(countCalls([call('B'), call('A'), call('B')])).toEqual({ 'ec2:A': 1, 'ec2:B': 2 });
  });

  it('tells region time in real milliseconds, and nothing where one end is missing', () => {
    const history = [
      exit('Hold', 1000),
      exit('ConfirmTraffic', 4000),
      exit('ConfirmTraffic', 9000),
    ];
    expect(realMilliseconds(1000, firstExit(history, 'ConfirmTraffic'), 30)).toBe(100);
    expect(realMilliseconds(1000, firstExit(history, 'ConfirmRollback'), 30)).toBeNull();
    expect(realMilliseconds(undefined, 4000, 30)).toBeNull();
  });
});

describe('the scoreboard', () => {
  it('counts what each version answered, errors among them', () => {
    const scoreboard = createScoreboard();
    scoreboard.add(answer('tg-green', 500));
    scoreboard.name('tg-blue', 'v1');
    scoreboard.name('tg-green', 'v2');
    scoreboard.add(answer('tg-blue', 200));
    scoreboard.add(answer('tg-blue', 404));
    scoreboard.add(answer('tg-blue'));
    expect(scoreboard.counts()).toEqual({
      v1: { answered: 2, errors: 0 },
      v2: { answered: 1, errors: 1 },
    });
  });

  it('leaves out versions that answered nothing in between', () => {
    const before = { v1: { answered: 5, errors: 1 } };
    const after = { v1: { answered: 5, errors: 1 }, v2: { answered: 3, errors: 2 } };
    expect(countsBetween(before, after)).toEqual({ v2: { answered: 3, errors: 2 } });
  });

  it('tells rates of the last second, not since the beginning', () => {
    const scoreboard = createScoreboard();
    scoreboard.name('tg', 'v1');
    const rates = createRateMeter(scoreboard);
    expect(rates(0)).toEqual({});
    for (let count = 0; count < 100; count += 1) scoreboard.add(answer('tg', 200));
    expect(rates(500)).toEqual({ v1: { answersPerSecond: 200, errorsPerSecond: 0 } });
    for (let count = 0; count < 30; count += 1) scoreboard.add(answer('tg', 503));
    rates(1000);
    rates(1500);
    expect(rates(2000)).toEqual({});
  });
});
