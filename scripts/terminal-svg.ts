/**
 * A terminal session as an animated picture: frames of text with colours in, one SVG out. It moves by
 * CSS alone, so that a page that shows pictures shows it, and stands still for readers who ask for that.
 * Not for: what the frames show.
 */

/** One picture of the session. */
export interface Frame {
  /** May have colours, as escape sequences. */
  readonly lines: readonly string[];
  /** How long it is shown, 1 being the shortest. */
  readonly beats: number;
}

/** How the session looks. */
export interface SvgOptions {
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
  readonly secondsPerBeat: number;
}

/** A piece of a line in one style, and the cell where it begins. */
interface Run {
  readonly cell: number;
  readonly text: string;
  readonly classes: readonly string[];
}

/** Pixels of a cell, of the edge, and of the bar on top. */
const SIZE = { cell: 8.4, line: 19, edge: 14, bar: 30, font: 14 } as const;

/** Classes of the parameters of SGR sequences; 39 and 22 end a colour and a weight. */
const CLASSES: Readonly<Record<string, string>> = {
  1: 'b',
  2: 'd',
  31: 'r',
  32: 'g',
  33: 'y',
  34: 'u',
  36: 'c',
};

const STYLE = `text{font:${SIZE.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dde4;white-space:pre}
.b{font-weight:700}.d{fill:#7d8794}.r{fill:#ff7b72}.g{fill:#56d364}.y{fill:#e3b341}.u{fill:#79c0ff}.c{fill:#39c5cf}`;

/** The picture as text of an SVG file. */
export function toSvg(frames: readonly Frame[], options: SvgOptions): string {
  const width = Math.ceil(options.columns * SIZE.cell + 2 * SIZE.edge);
  const height = SIZE.bar + options.rows * SIZE.line + 2 * SIZE.edge;
  const lines = new Map<string, string>();
  const groups = frames.map(({ lines: shown }, index) => {
    const uses = shown.flatMap((line, row) => {
      const drawn = drawLine(line);
      if (drawn === '') return [];
      const id = lines.get(drawn) ?? `l${lines.size}`;
      lines.set(drawn, id);
      return [`<use href="#${id}" y="${row * SIZE.line}"/>`];
    });
    return `<g class="f f${index}">${uses.join('')}</g>`;
  });
  const defs = [...lines].map(([drawn, id]) => `<text id="${id}">${drawn}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(options.title)}</title>
<style>${STYLE}
${animate(frames, options.secondsPerBeat)}</style>
<defs>
${defs.join('\n')}
</defs>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="18" cy="16" r="5" fill="#ff7b72"/><circle cx="36" cy="16" r="5" fill="#e3b341"/><circle cx="54" cy="16" r="5" fill="#56d364"/>
<text class="d" x="${width / 2}" y="21" text-anchor="middle">${escape(options.title)}</text>
<g transform="translate(${SIZE.edge} ${SIZE.bar + SIZE.edge + SIZE.font - 4})">
${groups.join('\n')}
</g>
</svg>
`;
}

/** Each frame is visible in its part of the whole, which begins again at its end. */
function animate(frames: readonly Frame[], secondsPerBeat: number): string {
  const beats = frames.reduce((sum, frame) => sum + frame.beats, 0);
  const percent = (beat: number): string => `${((100 * beat) / beats).toFixed(3)}%`;
  let begun = 0;
  const rules = frames.map((frame, index) => {
    const from = percent(begun);
    begun += frame.beats;
    const hidden = index === 0 ? '' : '0%{visibility:hidden}';
    const after = begun < beats ? `${percent(begun)}{visibility:hidden}` : '';
    return `@keyframes k${index}{${hidden}${from}{visibility:visible}${after}}.f${index}{animation-name:k${index}}`;
  });
  const seconds = (beats * secondsPerBeat).toFixed(1);
  return `.f{visibility:hidden;animation:${seconds}s step-end infinite}
${rules.join('\n')}
@media(prefers-reduced-motion:reduce){.f{animation:none}.f:last-child{visibility:visible}}`;
}

function drawLine(line: string): string {
  return runsOf(line)
    .filter(({ text }) => text.trim() !== '')
    .map(({ cell, text, classes }) => {
      const style = classes.length > 0 ? ` class="${classes.join(' ')}"` : '';
      // Every piece has a place of its own: what a font draws wider moves nothing behind it.
      return `<tspan x="${(cell * SIZE.cell).toFixed(1)}"${style}>${escape(text)}</tspan>`;
    })
    .join('');
}

/** Splits a line where its style changes, and at wide gaps. */
function runsOf(line: string): readonly Run[] {
  const runs: Run[] = [];
  const style = new Set<string>();
  let cell = 0;
  // eslint-disable-next-line no-control-regex
  for (const [, codes, text = ''] of line.matchAll(/\u001B\[([\d;]*)m|([^\u001B]+)/g)) {
    if (codes !== undefined) {
      for (const code of codes.split(';')) restyle(style, code);
      continue;
    }
    for (const piece of text.split(/(?<= {2})(?=[^ ])/)) {
      const blank = piece.length - piece.trimStart().length;
      runs.push({ cell: cell + blank, text: piece.trim(), classes: [...style].toSorted() });
      cell += Array.from(piece).length;
    }
  }
  return runs;
}

/** Applies one parameter of a sequence. */
function restyle(style: Set<string>, code: string): void {
  const name = CLASSES[code];
  const isColour = /^3\d$/.test(code);
  for (const old of style) {
    const isWeight = old === 'b' || old === 'd';
    if (code === '0' || code === '' || (isColour && !isWeight) || (code === '22' && isWeight)) {
      style.delete(old);
    }
  }
  if (name !== undefined) style.add(name);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
