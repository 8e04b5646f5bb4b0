/**
 * Deployments that always go the same way when nobody dies, each with the part of it in which
 * functions are killed.
 * Not for: the deaths, and judging what they changed (see `kill.ts`).
 */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { VirtualTimeExhausted } from '../../region/kernel/virtual-clock.ts';
import { hasEnded } from '../../shared/core/progress.ts';
import type { ServiceDefinition } from '../../shared/core/spec.ts';
import type { Lab } from './lab.ts';
import type { LawWatch } from './law-watch.ts';
import { BRIEF, greenOf } from './moments.ts';
import { PROGRAMS } from './programs.ts';
import type { ExecutionSight } from './sight.ts';

/**
 * A good version, a broken one, one that is stopped during its bake and recovered, a blue that is
 * kept for a while and then goes by itself, and a kept blue to which people go back.
 */
export type Story = 'success' | 'rollback' | 'recovery' | 'retain' | 'takeBack';

/** What a story needs to know of whoever plays it. */
interface Stage {
  /** From now on functions may be killed. */
  readonly arm: () => void;
  readonly laws: LawWatch;
}

interface Telling {
  /** What is different about the service; absent means nothing. */
  readonly service?: Partial<ServiceDefinition>;
  /** The function from whose first call on others may be killed; absent where the story says. */
  readonly armedAt?: string;
  /** Plays the story to its end, the recovery of whatever died in it included. */
  readonly tell: (lab: Lab, stage: Stage) => Promise<ExecutionSight>;
}

/** For how long blue is kept in the stories in which it is. */
const RETAIN_SECONDS = 300;

/** Times that whoever releases asks the API, as any client does that gets no answer. */
const START_ATTEMPTS = 3;

/** The canary's hold, and then the bake. */
const HOLDS_OF_BAKE = 2;

/** Region seconds in which everything must be over, whoever died in it: a few sweeps. */
const PATIENCE_SECONDS = 7200;

/** Region seconds between two looks for which nobody is in a hurry. */
const LOOK_SECONDS = 15;

const retaining = (blue: 'full' | 'zero') => ({
  ...BRIEF,
  retain: { blue, seconds: RETAIN_SECONDS },
});

/** Every story. */
export const STORIES: Readonly<Record<Story, Telling>> = {
  success: { tell: (lab, { arm }) => deploy(lab, 'sound', arm) },
  rollback: { tell: (lab, { arm }) => deploy(lab, 'broken', arm) },
  recovery: { tell: recover },
  retain: { service: retaining('zero'), armedAt: 'retire-blue', tell: retain },
  takeBack: { service: retaining('full'), tell: takeBack },
};

async function deploy(
  lab: Lab,
  program: keyof typeof PROGRAMS,
  arm: () => void,
): Promise<ExecutionSight> {
  arm();
  const imageId = lab.addImage('v2', { program: PROGRAMS[program] });
  const started = await start(lab, imageId);
  if (typeof started !== 'string') return started;
  try {
    return await lab.end(started);
  } catch (error) {
    // The lab's patience is a day and more; a deployment takes a quarter of an hour.
    if (error instanceof VirtualTimeExhausted) return { status: 'RUNNING' };
    throw error;
  }
}

/** Asks the API under one key until it answers; a refusal ends the story. */
async function start(lab: Lab, imageId: string): Promise<string | ExecutionSight> {
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
    const { status, body } = await lab.api.send('POST', '/deployments', {
      body: { service: lab.estate.service, imageId, version: 'v2' },
      headers: { 'idempotency-key': 'release-of-v2' },
    });
    if (status === 202) return String(body['deploymentId']);
    if (status < 500) return { status: 'REFUSED', cause: `${status} ${JSON.stringify(body)}` };
  }
  return { status: 'REFUSED', cause: `The API did not answer ${START_ATTEMPTS} times.` };
}

/** Stops a deployment during its bake, and waits until somebody has found out and cleaned up. */
async function recover(lab: Lab, { arm }: Stage): Promise<ExecutionSight> {
  const id = await lab.deploy({ version: 'v2' });
  await lab.until(async () => {
    const states = await lab.states(id);
    return states.filter((state) => state === 'Hold').length === HOLDS_OF_BAKE;
  });
  arm();
  const stop = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
  await lab.act(() => lab.aws.stepFunctions().send(stop));
  return untilFree(lab, id);
}

/** Waits until a blue that was kept at zero is gone, because its time was over. */
async function retain(lab: Lab): Promise<ExecutionSight> {
  return untilFree(lab, await lab.deploy({ version: 'v2' }));
}

/** Goes back to a blue that was kept, and waits until the fleet that was left has gone as well. */
async function takeBack(lab: Lab, { arm, laws }: Stage): Promise<ExecutionSight> {
  const first = await lab.deploy({ version: 'v2' });
  await lab.end(first);
  laws.turn(greenOf(lab, first));
  arm();
  const { service } = lab.estate;
  return untilFree(lab, await lab.start('web-back', { service, rollbackOf: first }));
}

/** Waits until a deployment has an outcome and nothing of any is frozen, kept or owed. */
async function untilFree(lab: Lab, id: string): Promise<ExecutionSight> {
  let isFree = false;
  for (let passed = 0; passed < PATIENCE_SECONDS && !isFree; passed += LOOK_SECONDS) {
    await lab.pass(LOOK_SECONDS);
    const progress = await lab.act(() => lab.progress(id));
    const open = await lab.act(() => lab.leases());
    isFree = progress !== undefined && hasEnded(progress) && open.length === 0;
  }
  if (!isFree) return { status: 'RUNNING' };
  const { phase, reason = '' } = (await lab.act(() => lab.progress(id))) ?? {};
  if (phase === 'succeeded') return { status: 'SUCCEEDED' };
  const error = phase === 'rolledBack' ? 'RolledBack' : 'DeploymentFailed';
  return { status: 'FAILED', error, cause: reason };
}
