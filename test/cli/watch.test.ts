/** `teal watch`: what is seen on a terminal, in a log and by a program, and how it ends. */
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiRefused, ApiUnreachable } from '../../cli/api-client.ts';
import type { Observation } from '../../cli/answers.ts';
import { createInk } from '../../cli/terminal/ink.ts';
import { cellsOf } from '../../cli/terminal/layout.ts';
import { render } from '../../cli/watch/render.ts';
import type { Sight } from '../../cli/watch/sight.ts';
import { type Answering, createTestShell, runTeal, type TestShell } from './test-shell.ts';
import { AT, deployment, entry, observation, sight } from './watched.ts';

const ID = 'web-3f2a91c0';
const NOW = Date.parse(AT);

function picture(seen: Sight, columns = 80, rows = 30): readonly string[] {
  return render(seen, { columns, rows, ink: createInk({}, {}), now: NOW });
}

const withStatus = (status: string, more: Partial<Observation> = {}): Sight => ({
  ...sight,
  deployment: { ...deployment, status },
  observation: { ...observation, status, ...more },
});

describe('the picture of a deployment', () => {
  it('shows steps, weights, targets, alarms, the time left, the way back and the reasons', () => {
    expect(picture(sight)).toEqual([
      'web  v2 replaces v1                                                web-3f2a91c0',
      '◐ holding  begun 10 min ago',
      '',
      '├ ✔ green  is built beside blue',
      '├ ✔   5 %  hold 4 min',
      '├ ●  20 %  hold 4 min ━━━━━━━━━━ 1 min left',
      '├ ○  50 %  hold 4 min',
      '├ ○ 100 %  bake 10 min',
      '└ ○ blue   retires',
      '',
      'blue  v1  80 % ████████████████████████░░░░░░ 4/4 healthy',
      'green v2  20 % ██████░░░░░░░░░░░░░░░░░░░░░░░░ 3/4 healthy, 1 draining',
      '',
      'alarms    ✔ web-5xx  ✖ web-latency ALARM  ? web-saturation INSUFFICIENT_DATA',
      'way back  100 %. Blue could take everything back with 4 healthy targets.',
      '',
      '09:00:01Z The deployment of v2 was planned.',
      '09:06:40Z Green held 5 % with 4 healthy targets; 20 % was next.',
      '09:06:41Z Green was given 20 % on 1 route.',
      '09:07:00Z Green was confirmed at 20 % on 1 route.',
      '',
      'possible: pause, promote-all',
      'Ctrl-C stops watching, not the deployment.',
    ]);
  });

  it('fits into every terminal, and never loses the status or the newest reason', () => {
    const sizes = fc.record({
      columns: fc.integer({ min: 30, max: 200 }),
      rows: fc.integer({ min: 16, max: 60 }),
    });
    fc.assert(
      fc.property(sizes, ({ columns, rows }) => {
        const lines = picture(sight, columns, rows);
        expect(lines.length).toBeLessThan(rows);
        expect(Math.max(...lines.map(cellsOf))).toBeLessThan(columns);
        expect(lines.some((line) => line.startsWith('◐ holding'))).toBe(true);
        expect(lines.some((line) => line.startsWith('09:07:00Z'))).toBe(true);
      }),
    );
  });

  it('shows the steps around the current one where there are many', () => {
    const steps = Array.from({ length: 99 }, (_, index) => ({
      greenWeightPercent: index + 1,
      holdSeconds: 60,
    }));
    const lines = picture(withStatus('holding', { steps, stepIndex: 60, greenWeightPercent: 61 }));
    expect(lines).toContain('├ ●  61 %  hold 1 min ━━━━━━━━━━ 1 min left');
    expect(lines.some((line) => /✔ … +\d+ more before/.test(line))).toBe(true);
    expect(lines.some((line) => /○ … +\d+ more after/.test(line))).toBe(true);
  });

  it('shows a rollback as such', () => {
    const back = withStatus('rollingBack', { greenWeightPercent: 0 });
    const lines = picture(back);
    expect(lines[1]).toBe('↩ going back to blue  begun 10 min ago');
    expect(lines).toContain('├ ↩  20 %  taken back');
    expect(lines).toContain('└ ● blue   takes everything back, green is removed');
  });

  it('says what paused it, until when, and what happens then', () => {
    const pause = { by: 'a foreign change on arn:rule', since: '09:00', until: '10:00' };
    const lines = picture(
      withStatus('paused', { pause: { ...pause, onTimeout: 'rollBack' } }),
      200,
    );
    expect(lines[1]).toContain('paused');
    expect(lines).toContain(
      'paused by a foreign change on arn:rule since 09:00, until 10:00: blue takes everything back then',
    );
  });

  it('says where people will be asked', () => {
    const plan = {
      ...deployment.plan!,
      approval: { afterSteps: [-1, 2], timeoutSeconds: 60, onTimeout: 'reject' as const },
    };
    const lines = picture({ ...sight, deployment: { ...deployment, plan } });
    expect(lines).toContain('├ ✔ green  is built beside blue, then approval');
    expect(lines).toContain('├ ○  50 %  hold 4 min, then approval');
  });

  it('names a route that is not where the others are, and alarms that could not be read', () => {
    const lines = picture(
      withStatus('holding', {
        routes: [{ routeId: 'arn:rule/7', weights: { blue: 50, green: 50 } }],
        alarms: { type: 'unreadable', because: 'throttled' },
      }),
    );
    expect(lines).toContain('routes    arn:rule/7 is at 50 %');
    expect(lines).toContain('alarms    not readable: throttled');
  });

  it('quotes nothing that could move the cursor', () => {
    const evil = { ...sight, entries: [entry(1, 'Hold', 'a\u001B[2Jb\u0007\nc')] };
    expect(picture(evil).some((line) => line.endsWith('ab c'))).toBe(true);
  });
});

/** An API that shows one observation after the other, and then the end. */
function api(observations: readonly Observation[], status = 'succeeded'): Answering {
  let looks = 0;
  const reason = status === 'succeeded' ? 'Green serves v2.' : 'Alarm web-5xx went into ALARM.';
  return (_, path) => {
    const current = observations[Math.min(looks, observations.length) - 1] ?? observations[0]!;
    const isOver = looks > observations.length;
    if (path.endsWith('/observation')) {
      looks += 1;
      const next = observations[looks - 1];
      return next ?? { ...current, status, reason, at: '2026-01-05T09:30:00.000Z' };
    }
    if (path.endsWith('/timeline')) {
      const last = entry(1800, 'RecordOutcome', reason);
      const seen = sight.entries.slice(0, looks + 2);
      return { deploymentId: ID, entries: isOver ? [...sight.entries, last] : seen };
    }
    return isOver ? { ...deployment, status, reason } : deployment;
  };
}

const TWO = [observation, { ...observation, greenWeightPercent: 50, stepIndex: 2 }];

async function watch(
  answering: Answering,
  options?: Parameters<typeof createTestShell>[1],
  ...words: string[]
): Promise<TestShell> {
  const shell = createTestShell(answering, options);
  await runTeal(shell, 'watch', ID, ...words);
  return shell;
}

/** The last picture of a deployment that succeeded, from its status on. */
const lastOf = (shell: TestShell) => shell.written().split('✔ succeeded').at(-1);

describe('watching on a terminal', () => {
  it('paints over the last picture, says how it ended, and gives the cursor back', async () => {
    const shell = await watch(api(TWO), { columns: 80 });
    const text = shell.written();
    expect(text.startsWith('\u001B[?25l')).toBe(true);
    expect(text.lastIndexOf('\u001B[?25h')).toBeGreaterThan(text.lastIndexOf('\u001B[?25l'));
    expect(stripVTControlCharacters(text)).toContain('green v2  50 %');
    expect(text.trimEnd().endsWith(`${ID} succeeded: Green serves v2.`)).toBe(true);
    // Never an erased screen between two pictures: that is what flickers.
    expect(text.slice(0, text.lastIndexOf('\u001B[?2026l'))).not.toContain('\u001B[2J');
    expect(shell.status()).toBe(0);
    expect(shell.listeners()).toBe(0);
  });

  it('leaves no way back in the last picture that is not there any more', async () => {
    // The first look is at the record alone; the deployment ends between the two reads of the third.
    let looks = 0;
    const plan = deployment.plan!;
    const retention = { blue: 'full', seconds: 3600 } as const;
    const ended = (isKept: boolean) => ({
      ...deployment,
      status: 'succeeded',
      plan: { ...plan, blue: { ...plan.blue, ...(isKept && { retention }) } },
      progress: { ...deployment.progress, retainedUntil: '2026-01-05T10:10:00Z' },
      possible: [{ verb: 'rollback', sentence: 'Blue is back.' }],
    });
    const ending =
      (isKept: boolean): Answering =>
      (_, path) => {
        if (path.endsWith('/timeline')) return { deploymentId: ID, entries: sight.entries };
        if (!path.endsWith('/observation')) return looks > 1 ? ended(isKept) : deployment;
        looks += 1;
        return looks > 1 ? { ...observation, status: 'succeeded' } : observation;
      };
    const gone = await watch(ending(false), { columns: 120 });
    expect(gone.written()).toContain('way back  100 %. Blue could take everything back');
    expect(lastOf(gone)).not.toContain('way back');
    looks = 0;
    expect(lastOf(await watch(ending(true), { columns: 120 }))).toContain(
      `way back  Blue is kept in full until 2026-01-05T10:10:00Z; teal rollback ${ID}`,
    );
  });

  it('leaves the deployment alone at Ctrl-C, and says so', async () => {
    const sent: string[] = [];
    const never: Answering = (method, path, ...rest) => {
      sent.push(`${method} ${path}`);
      return api([observation, ...TWO])(method, path, ...rest);
    };
    const shell = await watch(never, { columns: 80, onWait: (waiting) => waiting.interrupt() });
    expect(shell.status()).toBe(130);
    expect(shell.complaints()).toContain(`Stopped watching; deployment ${ID} goes on.`);
    expect(shell.written().endsWith('\n\u001B[?25h')).toBe(true);
    expect(sent.every((request) => request.startsWith('GET '))).toBe(true);
    expect(shell.listeners()).toBe(0);
  });

  it('does not wait at Ctrl-C for an answer that does not come', async () => {
    const shell = createTestShell(
      (_, path) => {
        if (!path.endsWith('/timeline')) return deployment;
        queueMicrotask(shell.interrupt);
        return new Promise(() => undefined);
      },
      { columns: 80 },
    );
    await runTeal(shell, 'watch', ID);
    expect(shell.status()).toBe(130);
  });

  it('is painted anew at once when the terminal gets another width', async () => {
    let isResized = false;
    const shell = await watch(api(TWO), {
      columns: 100,
      onWait: (waiting) => {
        if (isResized) return;
        isResized = true;
        const before = waiting.written().length;
        waiting.resize(40);
        const lines = stripVTControlCharacters(waiting.written().slice(before)).split('\n');
        expect(lines.length).toBeGreaterThan(5);
        expect(Math.max(...lines.map((line) => cellsOf(line.replace('\r', ''))))).toBeLessThan(40);
      },
    });
    expect([shell.status(), isResized]).toEqual([0, true]);
  });

  it('has colours unless NO_COLOR is set', async () => {
    const coloured = await watch(api(TWO), { columns: 80, environment: {} });
    expect(coloured.written()).toContain('\u001B[32m');
    const plain = await watch(api(TWO), { columns: 80, environment: { NO_COLOR: '1' } });
    expect(plain.written()).not.toContain('\u001B[3');
  });
});

describe('watching in a log', () => {
  it('gets a line for each change and its time, and nothing twice', async () => {
    const shell = await watch(api(TWO));
    const lines = shell.written().trimEnd().split('\n');
    expect(lines[0]).toBe(
      `2026-01-05T09:00:00Z  ${ID}     web: v2 replaces v1, by way of 5 %, 20 %, 50 %, 100 %.`,
    );
    expect(lines).toContain(
      '2026-01-05T09:06:41Z  ShiftTraffic     Green was given 20 % on 1 route.',
    );
    expect(lines).toContain('2026-01-05T09:10:00Z  green            3/4 healthy, 1 draining');
    expect(lines).toContain('2026-01-05T09:10:00Z  alarms           web-latency is ALARM');
    expect(lines.at(-1)).toBe(`${ID} succeeded: Green serves v2.`);
    expect(new Set(lines).size).toBe(lines.length);
    expect(shell.written()).not.toContain('\u001B');
  });

  it('has colours when FORCE_COLOR asks for them', async () => {
    const shell = await watch(api(TWO), { environment: { FORCE_COLOR: '1' } });
    expect(shell.written()).toContain('\u001B[');
  });
});

describe('watching by a program', () => {
  it('gets one JSON object on each line, the outcome last', async () => {
    const shell = await watch(api(TWO, 'rolledBack'), {}, '--json');
    const lines = shell.written().trimEnd().split('\n');
    const values = lines.map((line) => JSON.parse(line) as { type: string });
    expect(new Set(values.map(({ type }) => type))).toEqual(
      new Set(['entry', 'observation', 'outcome']),
    );
    expect(values.at(-1)).toEqual({
      type: 'outcome',
      deploymentId: ID,
      status: 'rolledBack',
      reason: 'Alarm web-5xx went into ALARM.',
      exitStatus: 3,
    });
    expect(shell.status()).toBe(3);
  });
});

describe('the exit status', () => {
  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['refused', 1],
    ['rolledBack', 3],
  ])('of a deployment that %s is %d', async (status, expected) => {
    expect((await watch(api([observation], status))).status()).toBe(expected);
  });
});

/** An API that cannot be reached for five requests, and comes back. */
function deafAfterSix(): Answering {
  let requests = 0;
  const inner = api(TWO);
  return (...request) => {
    requests += 1;
    if (requests > 6 && requests < 12) throw new ApiUnreachable('GET was not answered.');
    return inner(...request);
  };
}

describe('a connection that is lost', () => {
  it('is said once, waited out ever more patiently, and said when it is back', async () => {
    const shell = await watch(deafAfterSix());
    const lines = shell
      .written()
      .split('\n')
      .filter((line) => line.includes('connection'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('The API is not reached; trying again. GET was not answered.');
    expect(lines[1]).toContain('The API is reached again.');
    expect(shell.status()).toBe(0);
  });

  it.each([
    ['ahead', '2026-01-05T10:10:00.000Z'],
    ['behind', '2026-01-05T08:10:00.000Z'],
  ])('is timed by one clock where this machine is %s', async (_, startAt) => {
    const painted = await watch(deafAfterSix(), { columns: 80, startAt });
    const times = painted.written().match(/not reached for [^;]+/g) ?? [];
    expect(new Set(times)).toContain('not reached for 3 s');
    expect(times.filter((time) => !/^not reached for \d+ s$/.test(time))).toEqual([]);
    const said = (await watch(deafAfterSix(), { startAt })).written().split('\n');
    const connection = said.filter((line) => line.includes('connection'));
    expect(connection.map((line) => line.slice(0, 14))).toEqual(
      Array.from({ length: 2 }, () => '2026-01-05T09:'),
    );
  });

  it('ends the watching after a quarter of an hour, as a failure of the connection', async () => {
    let requests = 0;
    const shell = createTestShell((...request) => {
      requests += 1;
      if (requests > 6) throw new ApiUnreachable('GET was not answered.');
      return api(TWO)(...request);
    });
    await expect(runTeal(shell, 'watch', ID)).rejects.toThrow('GET was not answered.');
    const waited = shell.waits.reduce((sum, wait) => sum + wait, 0);
    expect(waited).toBeGreaterThan(15 * 60_000);
    expect(requests).toBeLessThan(60);
    expect(shell.listeners()).toBe(0);
  });

  it('is not waited out where the caller is refused', async () => {
    const shell = createTestShell(() => {
      throw new ApiRefused('GET was answered with 403: Forbidden', 403, { message: 'Forbidden' });
    });
    await expect(runTeal(shell, 'watch', ID)).rejects.toThrow('403');
    expect(shell.waits).toEqual([]);
  });
});

it('looks often while something moves, and seldom while nothing does', async () => {
  const shell = await watch(api([...Array.from({ length: 12 }, () => observation), ...TWO]));
  const pauses = shell.waits.filter((wait) => wait > 0);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1000);
  const looks = 14;
  const waited = pauses.reduce((sum, wait) => sum + wait, 0);
  expect(waited / looks).toBeGreaterThan(2000);
});
