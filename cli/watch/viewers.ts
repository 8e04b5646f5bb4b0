/**
 * Who shows a deployment: a picture on a terminal, plain lines in a log, JSON lines for programs.
 */
import type { Shell } from '../shell.ts';
import { createInk } from '../terminal/ink.ts';
import { plainText } from '../terminal/layout.ts';
import { canMove, columnsOf, createPicture, rowsOf } from '../terminal/picture.ts';
import { changesBetween } from './changes.ts';
import { render } from './render.ts';
import { apiTime, type Sight } from './sight.ts';

/** Shows sights as they come. */
export interface Viewer {
  /** Shows a sight, which may be the one before: time goes on. */
  show(sight: Sight): void;
  /** Leaves the screen as others expect it; what was shown last stays. */
  close(): void;
}

/** The viewer that fits: what was asked for, and what the screen can do. */
export function openViewer(shell: Shell, isJson: boolean): Viewer {
  if (isJson) return jsonViewer(shell);
  return canMove(shell.screen, shell.environment) ? pictureViewer(shell) : lineViewer(shell);
}

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';

function pictureViewer({ screen, environment, clock, onResize }: Shell): Viewer {
  const ink = createInk(screen, environment);
  const picture = createPicture(screen);
  let seen: Sight | undefined;
  const paint = (): void => {
    if (!seen) return;
    const frame = { columns: columnsOf(screen), rows: rowsOf(screen), ink };
    picture.paint(render(seen, { ...frame, now: apiTime(seen, clock) }));
  };
  const stopListening = onResize(paint);
  screen.write(HIDE_CURSOR);
  return {
    show: (sight) => {
      seen = sight;
      paint();
    },
    close: () => {
      stopListening();
      screen.write(`${seen ? '\n' : ''}${SHOW_CURSOR}`);
    },
  };
}

/** Cells of what a line is about; the longest state is ConfirmRollback. */
const ABOUT_CELLS = 15;

function lineViewer({ out, screen, environment, clock }: Shell): Viewer {
  const ink = createInk(screen, environment);
  let before: Sight | undefined;
  return {
    show: (sight) => {
      const now = new Date(apiTime(sight, clock)).toISOString();
      for (const { at, about, text } of changesBetween(before, sight, now)) {
        const said = plainText(text).replaceAll('\n', ' ');
        out(`${ink.dim(`${at.slice(0, 19)}Z`)}  ${ink.cyan(about.padEnd(ABOUT_CELLS))}  ${said}`);
      }
      before = sight;
    },
    close: () => undefined,
  };
}

function jsonViewer({ out }: Shell): Viewer {
  let before: Sight | undefined;
  const say = (type: string, value: object): void => out(JSON.stringify({ type, ...value }));
  return {
    show: (sight) => {
      const { observation, entries, lost } = sight;
      if (lost && lost.attempts === 1 && !before?.lost) say('lost', { because: lost.because });
      if (before?.lost && !lost) say('reached', {});
      for (const entry of entries.slice(before?.entries.length ?? 0)) say('entry', entry);
      if (observation && isNews(before?.observation, observation)) say('observation', observation);
      before = sight;
    },
    close: () => undefined,
  };
}

/** Says whether something is different but the time of the reading. */
function isNews(before: object | undefined, after: object): boolean {
  return JSON.stringify({ ...before, at: '' }) !== JSON.stringify({ ...after, at: '' });
}
