/**
 * Many deployments of one service that are started at the same instant, and what each was told.
 */
import type { OnBusy } from '../../shared/core/busy-policy.ts';
import type { Lab } from './lab.ts';

/** What one of them came to, or is at. */
export interface Started {
  readonly deploymentId: string;
  /** Phase of its record; undefined when it has none yet. */
  readonly phase: string | undefined;
  readonly isRunning: boolean;
  /** Of the execution, once it has failed. */
  readonly error?: string;
  readonly cause?: string;
}

/** Starts so many deployments of the lab's service with the same image, all at once. */
export async function startAtOnce(
  lab: Lab,
  { count, onBusy }: { readonly count: number; readonly onBusy: OnBusy },
): Promise<readonly string[]> {
  const input = toInput(lab, onBusy);
  const names = Array.from({ length: count }, (_, index) => `d${String(index).padStart(3, '0')}`);
  await lab.act(() => Promise.all(names.map((name) => lab.start(name, input))));
  return names;
}

/** What the API answered to many who asked at about the same time. */
export interface Asked {
  /** Ids of those that were accepted. */
  readonly accepted: readonly string[];
  /** What the others were told, none of which has an execution or a record. */
  readonly turnedAway: readonly { readonly heldBy: string; readonly detail: string }[];
}

/**
 * Asks for so many deployments over the API: one half at the same instant, when nobody has the lock,
 * and the other half a region second later, when one of them has.
 */
export async function askOverApi(lab: Lab, count: number): Promise<Asked> {
  const body = toInput(lab, 'refuse');
  const answers = await lab.act(() =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        if (index >= count / 2) await lab.clock.sleep(1000);
        const headers = { 'idempotency-key': `d${index}` };
        return lab.api.send('POST', '/deployments', { body, headers });
      }),
    ),
  );
  return {
    accepted: answers
      .filter(({ status }) => status === 202)
      .map(({ body: { deploymentId } }) => String(deploymentId)),
    turnedAway: answers
      .filter(({ status, body: { title } }) => status === 409 && title === 'ServiceBusy')
      .map(({ body: { heldBy, detail } }) => ({ heldBy: String(heldBy), detail: String(detail) })),
  };
}

/** How each stands now. */
export async function readStarted(lab: Lab, names: readonly string[]): Promise<readonly Started[]> {
  return lab.act(async () => {
    const phases = await readPhases(lab);
    const all: Started[] = [];
    for (const deploymentId of names) {
      const isRunning = lab.isRunning(deploymentId);
      const { error, cause } = isRunning ? {} : await lab.execution(deploymentId);
      const phase = phases.get(deploymentId);
      all.push({
        deploymentId,
        phase,
        isRunning,
        ...(error && { error }),
        ...(cause && { cause }),
      });
    }
    return all;
  });
}

/** Lets time pass until each has begun, waits, or is over, and `atMost` of them run or wait. */
export async function untilTold(
  lab: Lab,
  names: readonly string[],
  atMost = names.length,
): Promise<void> {
  // First what costs nothing to ask: a look at every record is a scan.
  await lab.until(() => names.filter((name) => lab.isRunning(name)).length <= atMost, 900);
  await lab.until(async () => {
    const running = names.filter((name) => lab.isRunning(name));
    const phases = await readPhases(lab);
    return running.every((name) => ![undefined, 'planned'].includes(phases.get(name)));
  }, 900);
}

function toInput(lab: Lab, onBusy: OnBusy) {
  return {
    service: lab.estate.service,
    imageId: lab.addImage('v2'),
    version: 'v2',
    onBusy,
    strategy: { type: 'allAtOnce' },
    bakeTimeSeconds: 60,
    alarms: [],
  };
}

async function readPhases(lab: Lab): Promise<ReadonlyMap<string, string>> {
  const records = await lab.items('RECORD');
  return new Map(
    records.map((record) => [
      String(record['deploymentId']),
      (record['progress'] as { phase: string }).phase,
    ]),
  );
}
