/**
 * Records `teal watch` for the README: a deployment on a local region whose time is virtual, so that
 * the same session comes out every time. Needs `npm run package`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ApiClient, ApiRefused } from '../cli/api-client.ts';
import { createInk } from '../cli/terminal/ink.ts';
import { follow } from '../cli/watch/follow.ts';
import { render } from '../cli/watch/render.ts';
import { isFinal, type Sight } from '../cli/watch/sight.ts';
import { createLab, type Lab } from '../test/lab/lab.ts';
import { ROOT } from './run.ts';
import { type Frame, toSvg } from './terminal-svg.ts';

const FILE = 'docs/watch.svg';
const DEPLOYMENT = 'web-release-42';
const SIZE = { columns: 88, rows: 23 };

/** Real seconds of the shortest frame. */
const SECONDS_PER_BEAT = 0.25;

/** Region seconds between two frames in which only the countdown differs. */
const COUNTDOWN_SECONDS = 20;

/** Beats of a frame that says something new, and of the last. */
const BEATS = { countdown: 1, news: 4, last: 16 };

const lab = await createLab({
  seed: 5,
  service: {
    strategy: {
      type: 'steps',
      steps: [
        { greenWeightPercent: 10, holdSeconds: 180 },
        { greenWeightPercent: 50, holdSeconds: 180 },
      ],
    },
    bakeTimeSeconds: 300,
  },
});
try {
  const svg = toSvg(await record(lab), {
    ...SIZE,
    title: 'teal watch web',
    secondsPerBeat: SECONDS_PER_BEAT,
  });
  mkdirSync(path.join(ROOT, 'docs'), { recursive: true });
  writeFileSync(path.join(ROOT, FILE), svg);
  console.log(`Wrote ${FILE}, ${Math.round(svg.length / 1000)} kB.`);
} finally {
  await lab.stop();
}

/** Follows one deployment, and keeps the pictures that differ. */
async function record(stage: Lab): Promise<readonly Frame[]> {
  const { api, clock } = stage;
  const deploymentId = await stage.deploy({ version: 'v2', name: DEPLOYMENT });
  const frames: Frame[] = [];
  const ink = createInk({}, { FORCE_COLOR: '1' });
  let keptAt = 0;
  let news = '';
  const show = (sight: Sight): void => {
    const now = clock.now();
    const said = JSON.stringify([sight.entries.length, { ...sight.observation, at: '' }]);
    const isNews = said !== news;
    if (!isNews && now - keptAt < COUNTDOWN_SECONDS * 1000) return;
    news = said;
    keptAt = now;
    const beats = isFinal(sight) ? BEATS.last : isNews ? BEATS.news : BEATS.countdown;
    frames.push({ lines: render(sight, { ...SIZE, rows: SIZE.rows + 1, ink, now }), beats });
  };
  const client: ApiClient = {
    send: async (method, url, body) => {
      const answer = await api.send(method, url, { body });
      const { status, body: told } = answer;
      if (status >= 400) throw new ApiRefused(`${url} was answered with ${status}`, status, told);
      return told;
    },
  };
  const sleep = (milliseconds: number): Promise<void> => stage.pass(milliseconds / 1000);
  await follow(client, deploymentId, {
    clock: { now: () => clock.now(), sleep },
    signal: new AbortController().signal,
    isNew: true,
    show,
  });
  return frames;
}
