/**
 * The moving picture of a deployment as text: both fleets with their share of the traffic, their
 * health and what they answer, and where the deployment is.
 */
import type { Ink } from '../terminal/ink.ts';

/** One fleet as it is now. */
export interface FleetStatus {
  readonly version: string;
  /** Percent of the traffic that the load balancer was last confirmed to give it. */
  readonly weightPercent: number;
  readonly healthy: number;
  /** Instances that it needs; 0 while that is unknown. */
  readonly needed: number;
  readonly answersPerSecond: number;
  /** Answers with status 5xx, which are in `answersPerSecond` as well. */
  readonly errorsPerSecond: number;
}

/** What the moving picture shows. */
export interface Status {
  readonly blue: FleetStatus;
  readonly green: FleetStatus;
  /** Where the deployment is, such as `step 2 of 5`. */
  readonly note: string;
  /** Requests since this deployment began. */
  readonly sent: number;
  /** Those of them that no version answered. */
  readonly lost: number;
}

/** Cells of a row besides its bar and the name of its version. */
const OTHER_CELLS = 57;

const BAR_CELLS = { min: 6, max: 40 };

/** Three lines, meant to fit into `columns`; a very narrow terminal cuts them. */
export function formatStatus(status: Status, columns: number, ink: Ink): string[] {
  const { blue, green, note, sent, lost } = status;
  const nameCells = Math.max(blue.version.length, green.version.length);
  const room = columns - OTHER_CELLS - nameCells;
  const barCells = Math.min(BAR_CELLS.max, Math.max(BAR_CELLS.min, room));
  const row = (fleet: FleetStatus, name: string, colour: (text: string) => string): string => {
    const filled = Math.round((fleet.weightPercent / 100) * barCells);
    const bar = colour('█'.repeat(filled)) + ink.dim('░'.repeat(barCells - filled));
    const errors = `${String(fleet.errorsPerSecond).padStart(3)} errors/s`;
    return [
      `  ${colour(name.padEnd(5))}`,
      fleet.version.padEnd(nameCells),
      `${bar} ${String(fleet.weightPercent).padStart(3)} %`,
      `${fleet.healthy}/${fleet.needed} healthy`,
      `${String(fleet.answersPerSecond).padStart(4)} req/s`,
      fleet.errorsPerSecond > 0 ? ink.red(errors) : ink.dim(errors),
    ].join('  ');
  };
  const losses = `${lost} lost`;
  return [
    row(blue, 'blue', ink.blue),
    row(green, 'green', ink.green),
    `  ${note}; ${sent} requests sent, ${lost > 0 ? ink.red(losses) : losses}`,
  ];
}

/** The same as one line of plain text, for logs. */
export function formatPlainStatus({ blue, green, note, sent, lost }: Status): string {
  return `${note}; ${inWords('blue', blue)}; ${inWords('green', green)}; ${sent} sent, ${lost} lost`;
}

function inWords(name: string, fleet: FleetStatus): string {
  const { version, weightPercent, healthy, needed, answersPerSecond, errorsPerSecond } = fleet;
  return (
    `${name} ${version} ${weightPercent} %, ${healthy}/${needed} healthy, ` +
    `${answersPerSecond} req/s, ${errorsPerSecond} errors/s`
  );
}
