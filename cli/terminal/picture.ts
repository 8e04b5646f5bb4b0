/**
 * A picture that moves at the foot of a terminal: it is painted over itself, and lines that are
 * said meanwhile push it down instead of tearing it.
 * Not for: what is in it.
 */
import { cellsOf } from './layout.ts';

/** Where text goes. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/** The picture of one screen. */
export interface Picture {
  /** Paints these lines in place of the last ones; each must fit into the columns. */
  paint(lines: readonly string[]): void;
  /** Says lines above the picture; where there is none they are simply written. */
  say(lines: readonly string[]): void;
  /** Takes the picture away. */
  clear(): void;
}

/** Columns of a terminal that does not say how many it has. */
const COLUMNS_DEFAULT = 80;

/** Rows of a terminal that does not say how many it has. */
const ROWS_DEFAULT = 24;

/** Escape sequences; the first two let a terminal that knows them show a change all at once. */
const CODE = {
  begin: '\u001B[?2026h',
  end: '\u001B[?2026l',
  eraseLine: '\u001B[K',
  eraseBelow: '\u001B[J',
} as const;

/** Says whether something can be painted over on a screen. */
export function canMove(
  screen: Screen,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return Boolean(screen.isTTY) && environment['TERM'] !== 'dumb';
}

/** Cells in a line of a terminal. */
export function columnsOf(screen: Screen): number {
  return screen.columns || COLUMNS_DEFAULT;
}

/** Lines of a terminal. */
export function rowsOf(screen: Screen): number {
  return screen.rows || ROWS_DEFAULT;
}

/** Starts with no picture. */
export function createPicture(screen: Screen): Picture {
  let picture: readonly string[] = [];
  // Lines of a terminal that became narrower take more rows than were painted.
  const rowsPainted = (): number =>
    picture.reduce((sum, line) => sum + Math.ceil((cellsOf(line) || 1) / columnsOf(screen)), 0);
  const toTop = (): string => {
    const rows = rowsPainted();
    return rows === 0 ? '' : `\r${rows > 1 ? `\u001B[${rows - 1}A` : ''}`;
  };
  const erasure = (): string => (picture.length === 0 ? '' : `${toTop()}${CODE.eraseBelow}`);
  return {
    paint: (lines) => {
      // Over the old one and not after erasing it: an empty moment is what people see as flicker.
      const painted = lines.map((line) => `${line}${CODE.eraseLine}`).join('\n');
      const top = toTop();
      picture = lines;
      screen.write(`${CODE.begin}${top}${painted}${CODE.eraseBelow}${CODE.end}`);
    },
    say: (lines) => {
      screen.write(`${erasure()}${lines.map((line) => `${line}\n`).join('')}${picture.join('\n')}`);
    },
    clear: () => {
      const before = erasure();
      picture = [];
      if (before) screen.write(before);
    },
  };
}
