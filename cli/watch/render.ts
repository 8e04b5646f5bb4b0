/**
 * The picture of a deployment as lines for a terminal: pure, and as much as there is room for.
 * Not for: when it is painted; see `viewers.ts`.
 */
import type { Ink } from '../terminal/ink.ts';
import { cellsOf, cut, plainText, wrap } from '../terminal/layout.ts';
import { formatSeconds } from '../duration.ts';
import { commandOf } from '../verbs.ts';
import { type FleetRow, fleetRows } from './fleets.ts';
import { isFinal, type Sight, stateOf } from './sight.ts';
import { markOf, stepLines } from './steps.ts';
import { sayPause, sayStatus, sayWayBack, versionsOf } from './words.ts';

/** Where the picture goes. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly ink: Ink;
  /** The API's time, in milliseconds since 1970. */
  readonly now: number;
}

/** How much is shown; the first that fits into the rows is taken. */
const DETAILS = [
  { entries: 4, steps: 12, isAiry: true, hasFooter: true },
  { entries: 3, steps: 8, isAiry: true, hasFooter: true },
  { entries: 2, steps: 5, isAiry: false, hasFooter: true },
  { entries: 1, steps: 3, isAiry: false, hasFooter: false },
  { entries: 1, steps: 0, isAiry: false, hasFooter: false },
] as const;

type Detail = (typeof DETAILS)[number];

/** Columns below which names and values stand under each other. */
const NARROW_BELOW = 60;

/** Lines that fit into the frame, none longer than its columns. */
export function render(sight: Sight, frame: Frame): readonly string[] {
  const room = { columns: frame.columns - 1, rows: frame.rows - 1 };
  const pictures = DETAILS.map((detail) => compose(sight, frame, detail));
  const fitting = pictures.find((lines) => lines.length <= room.rows) ?? pictures.at(-1) ?? [];
  return fitting.slice(0, room.rows).map((line) => cut(line, room.columns));
}

function compose(sight: Sight, frame: Frame, detail: Detail): readonly string[] {
  const sections = [
    headLines(sight, frame),
    stepLines(sight, frame, detail.steps),
    fleetRows(sight).map((row, _, rows) => fleetLine(row, rows, frame)),
    noteLines(sight, frame),
    entryLines(sight, frame, detail.entries),
    detail.hasFooter ? footLines(sight, frame) : [],
  ].filter((lines) => lines.length > 0);
  return sections.flatMap((lines, index) => (detail.isAiry && index > 0 ? ['', ...lines] : lines));
}

function headLines(sight: Sight, { ink, columns, now }: Frame): readonly string[] {
  const { deployment, deploymentId } = sight;
  const state = stateOf(sight);
  if (!deployment || !state) return [`${ink.bold(deploymentId)}  ${ink.dim('has no record yet')}`];
  const { green, blue } = versionsOf(deployment);
  const replaces = blue ? ` replaces ${blue}` : '';
  const title = `${ink.bold(deployment.service)}  ${plainText(`${green}${replaces}`)}`;
  const mark = markOf(state.status, ink);
  const since = ink.dim(
    `begun ${formatSeconds((now - Date.parse(deployment.startedAt)) / 1000)} ago`,
  );
  const ended = isFinal(sight) ? '' : `  ${since}`;
  const status = `${mark} ${sayStatus(state.status)}${ended}`;
  const gap = columns - 1 - cellsOf(title) - cellsOf(deploymentId);
  if (gap < 2) return [title, ink.dim(deploymentId), status];
  return [`${title}${' '.repeat(gap)}${ink.dim(deploymentId)}`, status];
}

/** Cells of a bar. */
const BAR_CELLS = { min: 6, max: 30 };

/** Cells of a fleet's row besides its bar, its version and what it is made of. */
const ROW_CELLS = 18;

function fleetLine(row: FleetRow, rows: readonly FleetRow[], { ink, columns }: Frame): string {
  const colour = row.name === 'blue' ? ink.blue : ink.green;
  const widest = (read: (one: FleetRow) => string): number =>
    Math.max(...rows.map((one) => cellsOf(read(one))));
  const versionCells = columns < NARROW_BELOW ? 0 : widest(({ version }) => version);
  const room = columns - ROW_CELLS - versionCells - widest(({ made }) => made);
  const cells = Math.max(BAR_CELLS.min, Math.min(BAR_CELLS.max, room));
  const filled = Math.round((row.weightPercent / 100) * cells);
  return [
    colour(row.name.padEnd(5)),
    ...(versionCells > 0 ? [row.version.padEnd(versionCells)] : []),
    `${String(row.weightPercent).padStart(3)} %`,
    colour('█'.repeat(filled)) + ink.dim('░'.repeat(cells - filled)),
    row.isWhole ? row.made : ink.yellow(row.made),
  ].join(' ');
}

/** Alarms, the way back, a pause, routes that are not as they should be, and the connection. */
function noteLines(sight: Sight, frame: Frame): readonly string[] {
  const { observation, deployment, lost } = sight;
  const { ink, now } = frame;
  const readiness = observation?.revertReadiness;
  const notes: (readonly [name: string, text: string, colour: (text: string) => string])[] = [];
  if (readiness) {
    const colour = readiness.missingTargets === 0 ? ink.green : ink.yellow;
    notes.push(['way back', `${readiness.percent} %. ${readiness.sentence}`, colour]);
  }
  const kept = deployment && isFinal(sight) ? sayWayBack(deployment) : undefined;
  if (kept !== undefined) notes.push(['way back', kept, ink.green]);
  if (observation?.pause) notes.push(['paused by', sayPause(observation.pause), ink.yellow]);
  for (const text of strayRoutes(observation)) notes.push(['routes', text, ink.yellow]);
  if (lost) {
    const ago = formatSeconds((now - lost.since) / 1000);
    notes.push(['API', `not reached for ${ago}; trying again. ${lost.because}`, ink.yellow]);
  }
  return [...alarmLines(observation, frame), ...notes.flatMap((note) => noteOf(note, frame))];
}

/** Cells of a note's name. */
const NAME_CELLS = 10;

function noteOf(
  [name, text, colour]: readonly [string, string, (text: string) => string],
  { columns, ink }: Frame,
): readonly string[] {
  const isNarrow = columns < NARROW_BELOW;
  const indent = ' '.repeat(isNarrow ? 2 : NAME_CELLS);
  const lines = wrap(plainText(text).replaceAll('\n', ' '), columns - 1 - indent.length);
  const coloured = lines.map((line) => indent + colour(line));
  if (isNarrow) return [ink.dim(name), ...coloured];
  return [ink.dim(name.padEnd(NAME_CELLS)) + colour(lines[0] ?? ''), ...coloured.slice(1)];
}

function strayRoutes(observation: Sight['observation']): readonly string[] {
  const { routes = [], greenWeightPercent = 0 } = observation ?? {};
  return routes
    .filter(({ weights }) => weights && !isAt(weights, greenWeightPercent))
    .map(({ routeId, weights }) => {
      const { blue = 0, green = 0 } = weights ?? {};
      const share = Math.round((100 * green) / Math.max(1, blue + green));
      return `${routeId} is at ${share} %`;
    });
}

function isAt(
  { blue = 0, green = 0 }: { blue?: number | undefined; green?: number | undefined },
  percent: number,
): boolean {
  return green * 100 === percent * (blue + green);
}

/** Marks of alarms by their state; one that is not here is unknown. */
const ALARM_MARKS = { OK: '✔', ALARM: '✖' } as const;

function alarmLines(observation: Sight['observation'], { ink, columns }: Frame): readonly string[] {
  const reading = observation?.alarms;
  if (!reading) return [];
  const name = ink.dim('alarms'.padEnd(NAME_CELLS));
  if (reading.type === 'unreadable') {
    return [`${name}${ink.yellow(`not readable: ${plainText(reading.because)}`)}`];
  }
  if (reading.alarms.length === 0) return [`${name}${ink.dim('none')}`];
  const colours = { OK: ink.green, ALARM: ink.red } as Record<string, (text: string) => string>;
  const words = reading.alarms.map(({ alarmName, state }) => {
    const mark = ALARM_MARKS[state as keyof typeof ALARM_MARKS] ?? '?';
    const said = state === 'OK' ? alarmName : `${alarmName} ${state}`;
    return (colours[state] ?? ink.yellow)(`${mark} ${said}`);
  });
  return flow(words, columns - 1 - NAME_CELLS).map(
    (line, index) => (index === 0 ? name : ' '.repeat(NAME_CELLS)) + line,
  );
}

/** Sets words, which may have colours, beside each other as far as there is room. */
function flow(words: readonly string[], cells: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && cellsOf(last) + 2 + cellsOf(word) <= cells) {
      lines[lines.length - 1] = `${last}  ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/** The last reasons, the newest at the bottom and the only bright one. */
function entryLines({ entries }: Sight, { columns, ink }: Frame, most: number): readonly string[] {
  const shown = entries.slice(-most);
  return shown.flatMap(({ at, reason }, index) => {
    const colour = index === shown.length - 1 ? (text: string) => text : ink.dim;
    const time = `${at.slice(11, 19)}Z`;
    const isNarrow = columns < NARROW_BELOW;
    const indent = ' '.repeat(isNarrow ? 2 : NAME_CELLS);
    const lines = wrap(plainText(reason).replaceAll('\n', ' '), columns - 1 - indent.length);
    if (isNarrow) return [ink.dim(time), ...lines.map((line) => indent + colour(line))];
    const [first = '', ...rest] = lines;
    return [`${ink.dim(time)} ${colour(first)}`, ...rest.map((line) => indent + colour(line))];
  });
}

function footLines(sight: Sight, { ink, columns }: Frame): readonly string[] {
  if (isFinal(sight)) return [];
  const possible = (sight.observation?.possible ?? []).map(({ verb }) => commandOf(verb));
  const stops = 'Ctrl-C stops watching, not the deployment.';
  const asked = possible.length > 0 ? [`possible: ${possible.join(', ')}`] : [];
  return [...asked, stops].flatMap((text) => wrap(text, columns - 1)).map((text) => ink.dim(text));
}
