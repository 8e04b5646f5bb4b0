/**
 * One deployment of the rehearsal: started the way release tooling or an image pipeline would,
 * followed to its end, and shown.
 */
import type { ApiClient } from '../api-client.ts';
import type { Estate } from './estate.ts';
import type { HealthWatch } from './health-watch.ts';
import { measure } from './measure.ts';
import type { Presenter } from './presenter.ts';
import { createLastWords } from './programs.ts';
import { type DeploymentReport, toOutcome } from './report.ts';
import { countsBetween, type Scoreboard } from './scoreboard.ts';
import type { RunningRegion } from './start-region.ts';
import { startStatus } from './status.ts';
import type { Traffic } from './traffic.ts';
import { watchDeployment } from './watch.ts';

/** Everything a deployment of the rehearsal plays on. */
export interface Stage {
  readonly running: RunningRegion;
  readonly api: ApiClient;
  readonly estate: Estate;
  readonly scoreboard: Scoreboard;
  readonly traffic: Traffic;
  readonly health: HealthWatch;
  readonly presenter: Presenter;
  readonly signal: AbortSignal;
}

/** What is deployed, onto what, and by which of the ways in. */
export interface Release {
  readonly version: string;
  readonly blueVersion: string;
  /** Shell command that serves the version. */
  readonly command: string;
  readonly by: 'api' | 'image';
}

/** Deploys a version and waits for the end, whatever that is. */
export async function deploy(stage: Stage, release: Release): Promise<DeploymentReport> {
  const { running, api, presenter, traffic, scoreboard } = stage;
  const before = { traffic: await traffic.settle(), versions: scoreboard.counts() };
  const since = running.region.clock.now();
  const deploymentId = await start(stage, release);
  const lastWords = createLastWords(running, presenter, release.version);
  const status = startStatus(stage, {
    lastWords,
    blueVersion: release.blueVersion,
    greenVersion: release.version,
    before: before.traffic,
  });
  try {
    const { deployment, entries } = await watchDeployment(api, deploymentId, {
      signal: stage.signal,
      onEntry: (entry) => presenter.entry(entry),
      onLook: (seen) => status.look(seen),
    });
    const after = { traffic: await traffic.settle(), versions: scoreboard.counts() };
    const { steps, ...figures } = await measure(stage, deployment, entries, since);
    const group = deployment.plan?.green.autoScalingGroupName;
    if (group && deployment.status !== 'succeeded' && steps.length === 0) {
      await lastWords.show(group);
    }
    return {
      deploymentId,
      outcome: toOutcome(deployment.status),
      reason: deployment.reason,
      steps,
      requests: {
        sent: after.traffic.sent - before.traffic.sent,
        failed: after.traffic.failed - before.traffic.failed,
        byVersion: countsBetween(before.versions, after.versions),
      },
      ...figures,
    };
  } finally {
    await status.stop();
  }
}

async function start(
  { running, api, presenter }: Stage,
  { version, command, by }: Release,
): Promise<string> {
  const { region } = running;
  const tags = { 'teal:service': 'web', 'teal:version': version };
  const program = { type: 'process', command } as const;
  if (by === 'image') {
    const imageId = region.ec2.addImage({ name: `web-${version}`, program, tags });
    presenter.headline(`Deploying ${version}, because image ${imageId} became available`);
    return `web-${imageId}`;
  }
  // Without the tag, so that only the API starts it.
  const imageId = region.ec2.addImage({ name: `web-${version}`, program });
  presenter.headline(`Deploying ${version}, asked for over the API`);
  const body = { service: 'web', imageId, version, reason: 'rehearsal' };
  const answer = await api.send('POST', '/deployments', body);
  return (answer as { deploymentId: string }).deploymentId;
}
