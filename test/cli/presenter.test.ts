import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, cut, plainText, wrap } from '../../cli/terminal/layout.ts';
import { createPresenter } from '../../cli/rehearsal/presenter.ts';
import type { Status } from '../../cli/rehearsal/status-lines.ts';

const STATUS: Status = {
  blue: {
    version: 'v1',
    weightPercent: 80,
    healthy: 2,
    needed: 2,
    answersPerSecond: 200,
    errorsPerSecond: 0,
  },
  green: {
    version: 'v2',
    weightPercent: 20,
    healthy: 1,
    needed: 2,
    answersPerSecond: 50,
    errorsPerSecond: 12,
  },
  note: 'step 2 of 5, held for 41 s more',
  sent: 3742,
  lost: 0,
};

const LONG_REASON =
  'Alarm web-5xx went into ALARM: Threshold Crossed: 1 out of the last 1 datapoints [48.0 ' +
  '(21/11/26 10:27:00)] was greater than the threshold (20.0).';

function createScreen(columns?: number, environment: Record<string, string> = {}) {
  let text = '';
  const time = { now: 0 };
  const screen = {
    isTTY: columns !== undefined,
    columns,
    write: (part: string) => {
      text += part;
    },
  };
  const presenter = createPresenter(screen, environment, () => time.now);
  return { presenter, screen, time, text: () => text };
}

const entry = (reason: string) => ({
  at: '2026-01-01T00:00:00.000Z',
  state: 'DecideNextStep',
  event: 'shift',
  reason,
});

describe('a terminal', () => {
  it.each([40, 80, 120])('gets no line longer than its %d columns', (columns) => {
    const { presenter, text } = createScreen(columns);
    presenter.entry(entry(LONG_REASON));
    presenter.line(LONG_REASON);
    presenter.row('reason', LONG_REASON);
    presenter.quote(`${'x'.repeat(300)}\nshort`);
    presenter.status(STATUS);
    for (const line of stripVTControlCharacters(text()).split('\n')) {
      expect(cellsOf(line)).toBeLessThanOrEqual(columns - 1);
    }
  });

  it('sets the rest of a long reason under its beginning', () => {
    const { presenter, text } = createScreen(80);
    presenter.entry(entry(LONG_REASON));
    const [first, second] = stripVTControlCharacters(text()).split('\n');
    expect(first).toBe(
      '  0.0 s  DecideNextStep  Alarm web-5xx went into ALARM: Threshold Crossed: 1',
    );
    expect(second).toBe(`${' '.repeat(25)}out of the last 1 datapoints [48.0 (21/11/26`);
  });

  it('shows both fleets with their share, health and rates, and where the deployment is', () => {
    const { presenter, text } = createScreen(80);
    presenter.status(STATUS);
    expect(stripVTControlCharacters(text()).split('\n')).toEqual([
      '  blue   v1  █████████████████░░░░  80 %  2/2 healthy   200 req/s    0 errors/s',
      '  green  v2  ████░░░░░░░░░░░░░░░░░  20 %  1/2 healthy    50 req/s   12 errors/s',
      '  step 2 of 5, held for 41 s more; 3742 requests sent, 0 lost',
    ]);
  });

  it('has the moving picture below whatever is said', () => {
    const { presenter, text } = createScreen(80, { NO_COLOR: '1' });
    presenter.status(STATUS);
    const before = text().length;
    presenter.line('A line.');
    const after = text().slice(before);
    expect(after.startsWith('\r\u001B[2A\u001B[J  A line.\n  blue ')).toBe(true);
    presenter.clear();
    expect(text().endsWith('\r\u001B[2A\u001B[J')).toBe(true);
  });

  it('is coloured unless NO_COLOR is set', () => {
    const coloured = createScreen(80);
    coloured.presenter.headline('Hello');
    expect(coloured.text()).toContain('\u001B[1m');
    const plain = createScreen(80, { NO_COLOR: '1' });
    plain.presenter.headline('Hello');
    plain.presenter.entry(entry('Because.'));
    expect(plain.text()).not.toContain('\u001B');
  });
});

describe('a log file', () => {
  it('gets plain lines, unbroken', () => {
    const { presenter, text } = createScreen();
    presenter.entry(entry(LONG_REASON));
    expect(text()).toBe(`  0.0 s  DecideNextStep  ${LONG_REASON}\n`);
  });

  it('gets a line of status now and then', () => {
    const { presenter, time, text } = createScreen();
    for (time.now = 0; time.now <= 12_000; time.now += 500) presenter.status(STATUS);
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(
      '  5.0 s  step 2 of 5, held for 41 s more; blue v1 80 %, 2/2 healthy, 200 req/s, ' +
        '0 errors/s; green v2 20 %, 1/2 healthy, 50 req/s, 12 errors/s; 3742 sent, 0 lost',
    );
  });
});

describe('text', () => {
  it('of a program cannot move the cursor or ring a bell', () => {
    expect(plainText('\u001B[2J\u001B[31mred\u0007\tend\r\n')).toBe('red  end\n');
  });

  it('loses no word when it is broken, and no line is too long', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9.,]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 80 }), (said, cells) => {
        const lines = wrap(said.join(' '), cells);
        expect(lines.join(' ')).toBe(said.join(' '));
        expect(Math.max(...lines.map(cellsOf))).toBeLessThanOrEqual(cells);
      }),
    );
  });

  it('keeps a number and its percent sign together', () => {
    expect(wrap('Green had 20 % of it', 13)).toEqual(['Green had', '20 % of it']);
  });

  it('that is cut keeps its colours and ends in an ellipsis', () => {
    expect(cut('\u001B[31mabcdef\u001B[39m', 4)).toBe('\u001B[31mabc\u001B[39m…');
    expect(cut('abc', 4)).toBe('abc');
  });
});
