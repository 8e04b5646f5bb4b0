/**
 * The rehearsal: a region, an estate, traffic, a good deployment and a broken one, and the figures
 * of both. It touches nothing outside this machine, and leaves nothing on it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Region } from '../../region/region.ts';
import { createApiClient } from '../api-client.ts';
import { BlueIsUnfit, BOOT_SECONDS_MAX, waitForBlue } from './blue.ts';
import { deploy, type Release, type Stage } from './deploy.ts';
import { BLUE_INSTANCES, buildEstate, type Estate, findServing } from './estate.ts';
import { watchHealth } from './health-watch.ts';
import { Interrupted, type Interruption, watchInterruptions } from './interruption.ts';
import type { RehearsalOptions } from './options.ts';
import { createPresenter, type Presenter } from './presenter.ts';
import { endedAsMeant, type PlayedDeployment, type RehearsalReport } from './report.ts';
import { createScoreboard } from './scoreboard.ts';
import { openRegion, PACKAGE_FOLDER, prepareRegion, type RunningRegion } from './start-region.ts';
import { describeKeptRegion, printSummary } from './summary.ts';
import { startTraffic } from './traffic.ts';

/** The service that is rehearsed. */
const SERVICE = 'web';

/** Real milliseconds that what still plays may take to notice that it is over. */
const CURTAIN_MILLISECONDS = 3000;

/** A rehearsal under way. */
interface Rehearsal {
  readonly options: RehearsalOptions;
  readonly presenter: Presenter;
  readonly interruption: Interruption;
  readonly startedAt: number;
  /** What was deployed so far, in order. */
  readonly played: PlayedDeployment[];
}

/** Runs the rehearsal and answers the exit status: 0 when everything ended as it should. */
export async function rehearse(options: RehearsalOptions): Promise<number> {
  // The SDK warns of old Node.js versions once per process; here the reader cannot act on it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const presenter = createPresenter(process.stderr, process.env);
  const interruption = watchInterruptions(() =>
    presenter.line('Interrupted again: everything is killed.'),
  );
  const startedAt = performance.now();
  const rehearsal: Rehearsal = { options, presenter, interruption, startedAt, played: [] };
  try {
    return await runInRegion(rehearsal);
  } catch (error) {
    return await explain(error, rehearsal);
  } finally {
    interruption.close();
  }
}

/** Runs everything in a region that is gone afterwards, however it ends. */
async function runInRegion(rehearsal: Rehearsal): Promise<number> {
  const { options, presenter, interruption, played } = rehearsal;
  let isOver = false;
  const region = prepareRegion({
    packageFolder: PACKAGE_FOLDER,
    speed: options.speed,
    onFailure: (error) => interruption.fail(error),
    log: (line) => {
      if (options.verbose && !isOver) presenter.line(`· ${line}`);
    },
  });
  const playing = play(region, rehearsal);
  try {
    await Promise.race([playing, interruption.ended]);
    return isAsMeant(played, options) ? 0 : 1;
  } catch (error) {
    presenter.clear();
    if (error instanceof Interrupted) {
      presenter.line(`${error.message}: the traffic, the programs and the region are ended.`);
    }
    throw error;
  } finally {
    isOver = true;
    // What still plays notices by itself that it is over; it must not open anything afterwards.
    await withinCurtain(playing);
    await region.stop();
  }
}

/** Waits for something to settle, and not longer than it may take. */
async function withinCurtain(playing: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const tooLong = sleep(CURTAIN_MILLISECONDS, undefined, waiting).catch(() => undefined);
  await Promise.race([playing.catch(() => undefined), tooLong]);
  waiting.abort();
}

async function play(region: Region, rehearsal: Rehearsal): Promise<void> {
  const { options, presenter, interruption, played } = rehearsal;
  const { signal } = interruption;
  presenter.headline('Starting a region on this machine');
  const running = await openRegion(region, PACKAGE_FOLDER);
  signal.throwIfAborted();
  const { endpoint } = running.settings;
  presenter.line(`AWS answers at ${endpoint}, ${options.speed} times as fast as on the wall.`);
  presenter.line(`The packaged service was loaded; its API is ${running.stack.apiEndpoint}`);
  const estate = await putUpBlue(running, rehearsal);
  signal.throwIfAborted();
  const address = region.loadBalancing.listenerAddress(estate.listenerArn);
  const url = `http://${address?.host}:${address?.port}${options.path}`;
  const unplayed = await deployAll(running, estate, url, rehearsal);
  printSummary(played, { ...figuresOf(rehearsal), unplayed }, presenter);
  if (options.json) await printJson(rehearsal);
  signal.throwIfAborted();
  if (!options.keep) return;
  const deploymentId = played.at(-1)?.report.deploymentId;
  const targetGroupArn = await findServing(running.settings, estate.listenerArn);
  presenter.verbatim(describeKeptRegion(running, { deploymentId, targetGroupArn, url }));
  await interruption.ended;
}

/** Makes what an operator has before Teal comes, and tells Teal about it. */
async function putUpBlue(running: RunningRegion, rehearsal: Rehearsal): Promise<Estate> {
  const { options, presenter, interruption } = rehearsal;
  const { region, settings, stack } = running;
  const program = { type: 'process', command: options.blue } as const;
  const estate = await buildEstate(settings, {
    ...options,
    service: SERVICE,
    imageId: region.ec2.addImage({ name: `${SERVICE}-v1`, program }),
    bootSeconds: BOOT_SECONDS_MAX * options.speed,
  });
  await waitForBlue(running, estate, { ...options, signal: interruption.signal });
  presenter.line(`${BLUE_INSTANCES} instances of v1 answer in two zones.`);
  const api = createApiClient({ ...settings, endpoint: stack.apiEndpoint });
  await api.send('PUT', `/services/${SERVICE}`, definitionOf(options, estate));
  return estate;
}

/** Deploys one release after the other under traffic; answers a version that was left out. */
async function deployAll(
  running: RunningRegion,
  estate: Estate,
  url: string,
  { options, presenter, interruption, played }: Rehearsal,
): Promise<string | undefined> {
  const { signal } = interruption;
  const { region, settings, stack } = running;
  const scoreboard = createScoreboard();
  scoreboard.name(estate.blueTargetGroupArn, 'v1');
  region.loadBalancing.onAccess((entry) => scoreboard.add(entry));
  const health = watchHealth(region);
  const traffic = startTraffic({ url, requestsPerSecond: options.rate, signal });
  presenter.line(`${options.rate} requests a second go to ${url}`);
  const api = createApiClient({ ...settings, endpoint: stack.apiEndpoint });
  const stage: Stage = { running, api, estate, scoreboard, traffic, health, presenter, signal };
  try {
    for (const { expected, ...release } of releasesOf(options)) {
      signal.throwIfAborted();
      if (!played.every(endedAsMeant)) return release.version;
      const report = await deploy(stage, release);
      played.push({ version: release.version, expected, report });
    }
  } finally {
    health.stop();
    await traffic.stop();
  }
  return undefined;
}

function releasesOf({
  green,
  broken,
}: RehearsalOptions): readonly (Release & Pick<PlayedDeployment, 'expected'>)[] {
  const good = { version: 'v2', blueVersion: 'v1', command: green, by: 'api' } as const;
  const bad = { version: 'v3', blueVersion: 'v2', by: 'image' } as const;
  return [
    { ...good, expected: 'succeeded' },
    ...(broken ? [{ ...bad, command: broken, expected: 'rolledBack' } as const] : []),
  ];
}

function definitionOf(options: RehearsalOptions, estate: Estate) {
  return {
    autoScalingGroupName: estate.autoScalingGroupName,
    strategy: {
      type: 'steps',
      steps: options.steps.map((greenWeightPercent) => ({
        greenWeightPercent,
        holdSeconds: greenWeightPercent === 100 ? options.bake : options.hold,
      })),
    },
    bakeTimeSeconds: options.bake,
    alarms: estate.alarmNames,
    greenHealthyDeadlineSeconds: options.greenDeadline,
    retireBlue: 'delete',
  };
}

function isAsMeant(played: readonly PlayedDeployment[], options: RehearsalOptions): boolean {
  return played.length === releasesOf(options).length && played.every(endedAsMeant);
}

/** Says why the rehearsal ended early, and answers the exit status. */
async function explain(error: unknown, rehearsal: Rehearsal): Promise<number> {
  const { presenter, options, interruption } = rehearsal;
  const { aborted, reason } = interruption.signal;
  const cause: unknown = aborted ? reason : error;
  if (cause instanceof Interrupted) {
    presenter.line('Everything was stopped; no program and no port is left.');
    return cause.exitCode;
  }
  presenter.line(cause instanceof Error ? cause.message : String(cause));
  if (cause instanceof BlueIsUnfit) {
    presenter.line(cause.lastWords ? 'Its program wrote last:' : 'Its program wrote nothing.');
    if (cause.lastWords) presenter.quote(cause.lastWords);
  }
  // A failure of the region itself is a defect, and its place is what one needs to mend it.
  if (aborted && cause instanceof Error) presenter.verbatim(cause.stack ?? '');
  if (options.json) await printJson(rehearsal);
  return 1;
}

function figuresOf({ options, startedAt }: Rehearsal): RehearsalReport['region'] {
  const wallSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { speed: options.speed, wallSeconds };
}

/** Settles once the report was taken, or nobody takes it; the interruption hears of the latter. */
async function printJson(rehearsal: Rehearsal): Promise<void> {
  const deployments = rehearsal.played.map(({ report }) => report);
  const report: RehearsalReport = { deployments, region: figuresOf(rehearsal) };
  await new Promise<void>((resolve) => {
    process.stdout.write(`${JSON.stringify(report)}\n`, () => setImmediate(resolve));
  });
}
