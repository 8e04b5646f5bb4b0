/**
 * Keeps the moving picture of a deployment up to date.
 */
import { setInterval as every } from 'node:timers/promises';
import type { Stage } from './deploy.ts';
import { countHealthy } from './estate.ts';
import type { LastWords } from './programs.ts';
import { createRateMeter, NO_RATE } from './scoreboard.ts';
import type { Status } from './status-lines.ts';
import type { TrafficCount } from './traffic.ts';
import type { Deployment } from '../answers.ts';

/** Real milliseconds between two pictures. */
const REDRAW_MILLISECONDS = 500;

/** Repaints by itself until it is stopped, from the newest state it was shown. */
export interface StatusPicture {
  /** Takes the newest state of the deployment. */
  look(deployment: Deployment): void;
  /** Takes the picture away and settles when nothing is under way any more. */
  stop(): Promise<void>;
}

/** What is painted. */
interface Subject {
  readonly blueVersion: string;
  readonly greenVersion: string;
  readonly lastWords: LastWords;
  /** Requests before this deployment. */
  readonly before: TrafficCount;
}

/** Starts painting. */
export function startStatus(stage: Stage, subject: Subject): StatusPicture {
  const { presenter, scoreboard } = stage;
  const stopping = new AbortController();
  const rates = createRateMeter(scoreboard);
  let latest: Deployment | undefined;

  rates(performance.now());
  const paint = async (): Promise<void> => {
    if (!latest?.plan) return;
    await subject.lastWords.look(latest.plan.green.autoScalingGroupName);
    const status = await readStatus(stage, subject, latest, rates(performance.now()));
    if (!stopping.signal.aborted) presenter.status(status);
  };
  const painting = repeat(stopping.signal, async () => {
    try {
      await paint();
    } catch (error) {
      // Once the rehearsal ends, nobody is there to be asked; it says itself why it ends.
      if (stage.signal.aborted || stopping.signal.aborted) return;
      presenter.line(`The status could not be read: ${String(error)}`);
    }
  });

  return {
    look: (deployment) => {
      const green = deployment.progress.greenTargetGroupArn;
      if (green) scoreboard.name(green, subject.greenVersion);
      const needed = deployment.plan?.green.desiredCapacity;
      if (green && needed) stage.health.follow(green, needed);
      latest = deployment;
    },
    stop: async () => {
      stopping.abort();
      await painting;
      presenter.clear();
    },
  };
}

async function readStatus(
  stage: Stage,
  { blueVersion, greenVersion, before }: Subject,
  deployment: Deployment,
  rates: ReturnType<ReturnType<typeof createRateMeter>>,
): Promise<Status> {
  const { plan, progress } = deployment;
  const [blueHealthy, greenHealthy] = await Promise.all([
    healthyOf(stage, plan?.blue.targetGroupArn),
    healthyOf(stage, progress.greenTargetGroupArn),
  ]);
  const weight = progress.confirmedGreenWeightPercent;
  const { sent, failed } = stage.traffic.count();
  return {
    blue: {
      version: blueVersion,
      weightPercent: 100 - weight,
      healthy: blueHealthy,
      needed: plan?.blue.desiredCapacity ?? 0,
      ...(rates[blueVersion] ?? NO_RATE),
    },
    green: {
      version: greenVersion,
      weightPercent: weight,
      healthy: greenHealthy,
      needed: plan?.green.desiredCapacity ?? 0,
      ...(rates[greenVersion] ?? NO_RATE),
    },
    note: describePlace(deployment, stage.running.region.clock.now()),
    sent: sent - before.sent,
    lost: failed - before.failed,
  };
}

/** Where a deployment is: its step, and how long that is still held. */
export function describePlace({ plan, progress, status }: Deployment, now: number): string {
  if (progress.rollbackStartedAt) return 'going back to blue';
  if (progress.retirementStartedAt) return 'blue is retired';
  if (progress.stepIndex < 0) return status === 'planned' ? 'planned' : 'green comes up';
  const step = `step ${progress.stepIndex + 1} of ${plan?.steps.length ?? 0}`;
  const seconds = progress.holdUntil ? Math.ceil((Date.parse(progress.holdUntil) - now) / 1000) : 0;
  return seconds > 0 ? `${step}, held for ${seconds} s more` : step;
}

async function repeat(signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  try {
    for await (const _ of every(REDRAW_MILLISECONDS, undefined, { signal })) await task();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A target group that is gone, or not yet there, has no healthy targets. */
async function healthyOf({ running }: Stage, targetGroupArn: string | undefined): Promise<number> {
  if (!targetGroupArn) return 0;
  try {
    return await countHealthy(running.settings, targetGroupArn);
  } catch (error) {
    if (error instanceof Error && error.name === 'TargetGroupNotFoundException') return 0;
    throw error;
  }
}
