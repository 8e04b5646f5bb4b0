/**
 * What a person sees of a rehearsal, on standard error: a line for everything that was decided,
 * and a picture below it that moves.
 */
import { createInk, type Ink } from '../terminal/ink.ts';
import { cut, plainText, wrap } from '../terminal/layout.ts';
import { canMove, columnsOf, createPicture, type Screen } from '../terminal/picture.ts';
import { formatPlainStatus, formatStatus, type Status } from './status-lines.ts';
import type { TimelineEntry } from '../answers.ts';

/** Writes to the terminal; a line pushes the moving picture down instead of tearing it. */
export interface Presenter {
  readonly ink: Ink;
  headline(text: string): void;
  /** A sentence, broken into lines where the terminal ends. It may have no colours. */
  line(text: string): void;
  /** A sentence under a name, set in. */
  row(name: string, text: string): void;
  /** Lines as they are: with colours, or for copying. */
  verbatim(text: string): void;
  /** What a program wrote, set off from what Teal says. */
  quote(text: string): void;
  entry(entry: TimelineEntry): void;
  status(status: Status): void;
  /** Removes the moving picture. */
  clear(): void;
}

/** Cells before the text of an entry, and what is left of them on a narrow terminal. */
const ENTRY_INDENT = { cells: 25, narrowCells: 4, narrowBelow: 64 };

/** The longest state is ConfirmRollback. */
const STATE_CELLS = 15;

/** Cells before the text of a row. */
const ROW_INDENT_CELLS = 14;

/** Real milliseconds between two lines of status where nothing can move. */
const PLAIN_STATUS_MILLISECONDS = 5000;

/** Starts presenting. A terminal gets a moving picture, anything else a line now and then. */
export function createPresenter(
  screen: Screen,
  environment: Readonly<Record<string, string | undefined>>,
  now: () => number = () => performance.now(),
): Presenter {
  const ink = createInk(screen, environment);
  const startedAt = now();
  const isMoving = canMove(screen, environment);
  const columns = (): number => (isMoving ? columnsOf(screen) : Infinity);
  const time = (): string => `${((now() - startedAt) / 1000).toFixed(1)} s`.padStart(7);
  const picture = createPicture(screen);
  const write = (lines: readonly string[]): void => picture.say(lines);
  let plainStatusAt = now();

  const paragraph = (text: string, indent: string): string[] =>
    plainText(text)
      .split('\n')
      .flatMap((part) => wrap(part, columns() - indent.length - 1))
      .map((part) => indent + part);

  return {
    ink,
    headline: (text) => write(['', ink.bold(text)]),
    line: (text) => write(paragraph(text, '  ')),
    row: (name, text) => {
      const [first = '', ...rest] = paragraph(text, ' '.repeat(ROW_INDENT_CELLS));
      write([`    ${name}`.padEnd(ROW_INDENT_CELLS) + first.trimStart(), ...rest]);
    },
    verbatim: (text) => write([text]),
    quote: (text) => write(paragraph(text, '  | ').map((part) => ink.dim(part))),
    entry: (entry) => write(formatEntry(entry, { time: time(), columns: columns(), ink })),
    status: (status) => {
      if (isMoving) {
        picture.paint(formatStatus(status, columns(), ink).map((line) => cut(line, columns() - 1)));
      } else if (now() - plainStatusAt >= PLAIN_STATUS_MILLISECONDS) {
        plainStatusAt = now();
        screen.write(`${time()}  ${formatPlainStatus(status)}\n`);
      }
    },
    clear: () => picture.clear(),
  };
}

/** One entry: when, which state, why. The reason goes on under itself. */
function formatEntry(
  { state, event, reason }: TimelineEntry,
  { time, columns, ink }: { time: string; columns: number; ink: Ink },
): string[] {
  const isNarrow = columns < ENTRY_INDENT.narrowBelow;
  const indent = ' '.repeat(isNarrow ? ENTRY_INDENT.narrowCells : ENTRY_INDENT.cells);
  const [first = '', ...rest] = wrap(
    plainText(reason).replaceAll('\n', ' '),
    columns - indent.length - 1,
  );
  const head = `${ink.dim(time)}  ${colourOf(event, ink)(state.padEnd(STATE_CELLS))}`;
  if (isNarrow) return [head.trimEnd(), ...[first, ...rest].map((line) => indent + line)];
  return [`${head} ${first}`, ...rest.map((line) => indent + line)];
}

function colourOf(event: string, ink: Ink): (text: string) => string {
  if (event === 'succeeded' || event === 'advance' || event === 'retire') return ink.green;
  if (event === 'rollBack' || event === 'failed' || event === 'giveUp') return ink.red;
  if (event === 'rolledBack' || event === 'shiftBack') return ink.yellow;
  return ink.cyan;
}
