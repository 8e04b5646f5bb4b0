/** Rows under headings, as wide as what is in them; the last column takes what is left. */
import type { Shell } from './shell.ts';
import { createInk } from './terminal/ink.ts';
import { cellsOf, cut, plainText } from './terminal/layout.ts';
import { columnsOf } from './terminal/picture.ts';

/** The table as text. With `isCut`, a terminal gets lines that fit, and anything else whole ones. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { screen, environment }: Pick<Shell, 'screen' | 'environment'>,
  isCut = true,
): string {
  const ink = createInk(screen, environment);
  const cells = [headings, ...rows.map((row) => row.map((text) => toCell(text)))];
  const widths = headings.map((_, column) =>
    Math.max(...cells.map((row) => cellsOf(row[column] ?? ''))),
  );
  const room = isCut && screen.isTTY ? columnsOf(screen) : Infinity;
  return cells
    .map((row) =>
      row
        .map((text, column) => (column === row.length - 1 ? text : pad(text, widths[column] ?? 0)))
        .join('  '),
    )
    .map((line) => cut(line.trimEnd(), room))
    .map((line, index) => (index === 0 ? ink.bold(line) : line))
    .join('\n');
}

function toCell(text: string): string {
  return plainText(text).replaceAll('\n', ' ');
}

function pad(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)));
}
