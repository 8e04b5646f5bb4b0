/**
 * Text for a terminal: how wide it is, where it breaks, and what it may not contain.
 * Not for: what is said.
 */
import { stripVTControlCharacters } from 'node:util';

/** Begins a colour. */
const ESCAPE = '\u001B';

/** Takes out what would move the cursor or change colours: text of programs is only quoted. */
export function plainText(text: string): string {
  // Without bells first: one of them would be taken for the end of a sequence that began before.
  return stripVTControlCharacters(text.replaceAll('\u0007', ''))
    .replaceAll('\t', '  ')
    .replaceAll(/[^\P{Cc}\n]/gu, '');
}

/** Cells that a text takes; colours take none. Wide characters are not known here. */
export function cellsOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/**
 * Breaks text without colours into lines of at most `cells`, between words where it can; a number
 * keeps its percent sign.
 */
export function wrap(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?!%)/).flatMap((part) => chop(part, cells))) {
    if (line !== '' && cellsOf(line) + 1 + cellsOf(word) > cells) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Cuts a line, which may have colours, to at most `cells`; what was cut ends in an ellipsis. */
export function cut(line: string, cells: number): string {
  if (cellsOf(line) <= cells) return line;
  let kept = '';
  let used = 0;
  let isInColour = false;
  for (const character of line) {
    if (character === ESCAPE) isInColour = true;
    if (isInColour || used < cells - 1) kept += character;
    if (!isInColour) used += 1;
    if (character === 'm') isInColour = false;
  }
  return `${kept}…`;
}

function chop(word: string, cells: number): string[] {
  const characters = Array.from(word);
  if (characters.length <= cells) return [word];
  const parts = Math.ceil(characters.length / cells);
  return Array.from({ length: parts }, (_, index) =>
    characters.slice(index * cells, (index + 1) * cells).join(''),
  );
}
