/**
 * Figures as plain text: a heading that says what was measured on what, and tables.
 * Not for: judging figures; a benchmark prints, and whoever reads it judges.
 */
import os from 'node:os';

/** What a cell of a table holds; missing figures are printed as a dash. */
export type Cell = string | number | null | undefined;

/** Prints what is measured, with which settings, and on what machine. */
export function printHeading(title: string, settings: Readonly<Record<string, Cell>> = {}): void {
  const machine = {
    node: process.version,
    cores: os.availableParallelism(),
    // Above the number of cores, somebody else was measured as well.
    'load average': os.loadavg()[0]?.toFixed(1),
    ...settings,
  };
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value ?? '-'}`);
  console.log(`\n${title}\n${facts.join(', ')}`);
}

/** Prints rows under the names of their columns: text to the left, numbers to the right. */
export function printTable(rows: readonly Readonly<Record<string, Cell>>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const isNumeric = (column: string): boolean =>
    rows.every((row) => typeof row[column] !== 'string');
  const widths = new Map(
    columns.map((column) => [
      column,
      Math.max(column.length, ...rows.map((row) => toText(row[column]).length)),
    ]),
  );
  const pad = (column: string, text: string): string =>
    isNumeric(column)
      ? text.padStart(widths.get(column) ?? 0)
      : text.padEnd(widths.get(column) ?? 0);
  printLine(columns.map((column) => pad(column, column)));
  printLine(columns.map((column) => '-'.repeat(widths.get(column) ?? 0)));
  for (const row of rows) printLine(columns.map((column) => pad(column, toText(row[column]))));
}

/** The value below which a share (0 to 1) of the values lies, by nearest rank; null for none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** Count, least, median, 95th percentile and greatest of some milliseconds, rounded. */
export function spreadOf(values: readonly number[]): Readonly<Record<string, Cell>> {
  const rounded = (share: number): number | null => {
    const value = quantile(values, share);
    return value === null ? null : Math.round(value);
  };
  return {
    n: values.length,
    'min ms': rounded(0),
    'median ms': rounded(0.5),
    'p95 ms': rounded(0.95),
    'max ms': rounded(1),
  };
}

function printLine(cells: readonly string[]): void {
  console.log(`  ${cells.join('  ').trimEnd()}`);
}

function toText(cell: Cell): string {
  if (cell === null || cell === undefined) return '-';
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
