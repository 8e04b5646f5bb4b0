/** The commands besides `watch`: what they send, what they print, and how they end. */
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { ApiRefused, ApiUnreachable } from '../../cli/api-client.ts';
import type { Deployment, Summary } from '../../cli/answers.ts';
import { VERBS as ROWS } from '../../cli/verbs.ts';
import { VERBS } from '../../shared/core/orders.ts';
import { type Answering, createTestShell, runTeal, type TestShell } from './test-shell.ts';
import { deployment, sight } from './watched.ts';

const ID = 'web-3f2a91c0';

/** A deployment in a list. */
function summary(deploymentId: string, status: string): Summary {
  return {
    deploymentId,
    service: 'web',
    version: 'v2',
    status,
    reason: 'Green was confirmed at 20 % on 1 route.',
    startedAt: '2026-01-05T09:00:00.000Z',
    greenWeightPercent: 20,
  };
}

const notFound = () => {
  throw new ApiRefused('answered with 404: There is no such thing.', 404, { title: 'NotFound' });
};

const forbidden = () => {
  throw new ApiRefused('GET was answered with 403', 403);
};

interface Sent {
  readonly asked: string;
  readonly body: unknown;
  readonly key: string | undefined;
}

/** Runs `teal` against an API that answers by method and path; what is not there is not found. */
async function run(
  answers: Readonly<Record<string, unknown>>,
  ...lines: readonly (string | readonly string[])[]
) {
  const words = lines.flat();
  const sent: Sent[] = [];
  const answering: Answering = (method, path, body, key) => {
    const asked = `${method} ${path}`;
    sent.push({ asked, body, key });
    const answer = asked in answers ? answers[asked] : notFound();
    return typeof answer === 'function' ? (answer as () => unknown)() : answer;
  };
  const shell: TestShell = createTestShell(answering);
  await runTeal(shell, ...words);
  return { shell, sent, out: shell.written(), err: shell.complaints(), status: shell.status() };
}

const KNOWN = { [`GET /deployments/${ID}`]: deployment };
const RUNNING = 'GET /deployments?service=web&status=running&limit=20';
const NEWEST = 'GET /deployments?service=web&limit=1';
const SUCCEEDED = 'GET /deployments?service=web&status=succeeded&limit=1';
const NONE = { deployments: [] };

describe('a verb', () => {
  it('is there for each that the API has, under the same name in lower case', () => {
    expect(ROWS.map(({ verb }) => verb)).toEqual(VERBS);
    for (const { command, verb } of ROWS) {
      expect(command).toBe(verb.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
    }
  });

  it.each([
    [['approve', ID], 'approve', {}],
    [['promote-all', ID, '-m', 'looks good'], 'promoteAll', { reason: 'looks good' }],
    [['pause', ID], 'pause', {}],
    [
      ['pause', ID, '--timeout', '30m', '--on-timeout', 'roll-back'],
      'pause',
      { timeoutSeconds: 1800, onTimeout: 'rollBack' },
    ],
    [['extend-hold', ID, '--by', '10m'], 'extendHold', { seconds: 600 }],
    [
      ['rollback', ID, '--strategy', 'canary:10:5m', '--bake', '1h'],
      'rollback',
      {
        strategy: { type: 'canary', greenWeightPercent: 10, holdSeconds: 300 },
        bakeTimeSeconds: 3600,
      },
    ],
  ])('%j is sent once under a key of its own', async (words, verb, body) => {
    const path = `POST /deployments/${ID}/${verb}`;
    const answer = { deploymentId: ID, verb, reason: 'Somebody asked for it.' };
    const { sent, out, status } = await run({ ...KNOWN, [path]: answer }, ...words);
    const posts = sent.filter(({ asked }) => asked === path);
    expect(posts).toEqual([{ asked: path, body, key: expect.stringMatching(/^[\da-f-]{36}$/) }]);
    expect(out).toBe(`${ID}: Somebody asked for it.\n`);
    expect(status).toBe(0);
  });

  it('is sent again under the same key where its answer was lost', async () => {
    let attempts = 0;
    const { sent, status } = await run(
      {
        ...KNOWN,
        [`POST /deployments/${ID}/abort`]: () => {
          attempts += 1;
          if (attempts === 1) throw new ApiUnreachable('POST was not answered.');
          return { deploymentId: ID, verb: 'abort', reason: 'Stopped.' };
        },
      },
      'abort',
      ID,
    );
    const keys = sent.filter(({ asked }) => asked.startsWith('POST')).map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(status).toBe(0);
  });

  it('that is refused ends with 1, and with what is possible, in words that one can type', async () => {
    const problem = { title: 'VerbRefused', possible: ['promoteAll', 'abort'] };
    const { err, out, status } = await run(
      {
        ...KNOWN,
        [`POST /deployments/${ID}/resume`]: () => {
          throw new ApiRefused('It was answered with 409: Nothing is paused.', 409, problem);
        },
      },
      'resume',
      ID,
    );
    expect([status, out]).toEqual([1, '']);
    expect(err).toBe(
      'It was answered with 409: Nothing is paused. Possible now: promote-all, abort.\n',
    );
  });

  it('rollback of a running deployment says which options count only when it is over', async () => {
    const message = 'no such key; known are reason';
    const problem = { title: 'SpecRefused', issues: [{ path: 'bakeTimeSeconds', message }] };
    const refused = () => {
      throw new ApiRefused('It was answered with 422: --bake: not here.', 422, problem);
    };
    const { err, status } = await run({ ...KNOWN, [`POST /deployments/${ID}/rollback`]: refused }, [
      'rollback',
      ID,
      '--bake',
      '5m',
    ]);
    expect(status).toBe(1);
    expect(err).toContain(
      '--bake: not here. --bake: only for a deployment that is over; a running one gives everything back at once.',
    );
  });

  it('says a status as people say it', async () => {
    const back = summary('web-1', 'rolledBack');
    const answers = { [RUNNING]: NONE, [NEWEST]: { deployments: [back] } };
    await expect(run(answers, 'pause', 'web')).rejects.toThrow('web-1, is rolled back: Green');
    const shown = await run({ ...answers, 'GET /deployments/web-1': deployment }, 'get', 'web');
    expect(shown.err).toBe('web means web-1 (v2, rolled back).\n');
  });

  it('by the name of a service means its running deployment, and says which', async () => {
    const queued = summary('web-queued', 'queued');
    const { err, out } = await run(
      {
        [RUNNING]: { deployments: [queued], nextCursor: 'a b' },
        [`${RUNNING}&cursor=a+b`]: { deployments: [summary(ID, 'holding')], nextCursor: 'c' },
        [`POST /deployments/${ID}/pause`]: { deploymentId: ID, reason: 'Paused.' },
      },
      'pause',
      'web',
    );
    expect(err).toBe(`web means ${ID} (v2, holding).\n`);
    expect(out).toBe(`${ID}: Paused.\n`);
  });

  it('is not given to a deployment that has ended because somebody named the service', async () => {
    const answers = { [RUNNING]: NONE, [NEWEST]: { deployments: [summary('web-no', 'refused')] } };
    await expect(run(answers, 'abort', 'web')).rejects.toThrow(
      'No deployment of web is running. The last one, web-no, is refused',
    );
    const unserved = { ...answers, [SUCCEEDED]: NONE };
    await expect(run(unserved, 'rollback', 'web')).rejects.toThrow(/none has succeeded, so that/);
  });

  it.each([
    ['the one before, where there is one', [summary('web-old', 'succeeded')], 'web-old'],
    ['that one, where there is no other', [], 'web-busy'],
  ])(
    'by the name of a service does not mean one that was turned away by another: %s',
    async (_what, older, meant) => {
      const busy = { ...summary('web-busy', 'refused'), error: 'ServiceBusy' };
      const answers = {
        [RUNNING]: NONE,
        [NEWEST]: { deployments: [busy] },
        'GET /deployments?service=web&limit=20': { deployments: [busy, ...older] },
        [`GET /deployments/${meant}`]: deployment,
      };
      const { err } = await run(answers, 'get', 'web');
      expect(err).toContain(`web means ${meant} `);
    },
  );

  it('rollback by the name of a service means the deployment that serves, not the last refused', async () => {
    const { out } = await run(
      {
        [RUNNING]: NONE,
        [NEWEST]: { deployments: [summary('web-no', 'refused')] },
        [SUCCEEDED]: { deployments: [], nextCursor: 'c' },
        [`${SUCCEEDED}&cursor=c`]: { deployments: [summary('web-ended', 'succeeded')] },
        'GET /deployments/web-ended': deployment,
        'POST /deployments/web-ended/rollback': { deploymentId: 'web-back', executionArn: 'arn' },
      },
      ['rollback', 'web'],
    );
    expect(out).toContain('Deployment web-back was started; it takes web-ended back.');
  });

  it.each([
    ['succeeded', /web-back is a rollback itself: it took web-2 back, and was not taken back/],
    ['holding', /web-back is a rollback itself: it takes web-2 back, and was not stopped/],
  ])('rollback by the name of a service undoes no rollback that is %s', async (status, said) => {
    const back = { ...deployment, status, request: { service: 'web', rollbackOf: 'web-2' } };
    const found = { deployments: [summary('web-back', status)] };
    const answers = {
      [RUNNING]: status === 'holding' ? found : NONE,
      [NEWEST]: found,
      [SUCCEEDED]: found,
      'GET /deployments/web-back': back,
      'POST /deployments/web-back/rollback': { deploymentId: 'web-on' },
    };
    const byName = await run(answers, 'rollback', 'web');
    expect([byName.status, byName.out]).toEqual([1, '']);
    expect(byName.err).toMatch(said);
    expect(byName.err).toContain('teal rollback web-back\n');
    expect(byName.sent.filter(({ asked }) => asked.startsWith('POST'))).toEqual([]);
    expect((await run(answers, 'rollback', 'web-back')).status).toBe(0);
  });

  it('for something nobody knows says where to look', async () => {
    await expect(run({}, 'pause', 'nothing')).rejects.toThrow('`teal list` shows what there is');
  });

  it.each([
    [['pause', ID, '--timeout', 'soon'], /a time such as 90s, 10m, 2h or 1d/],
    [['pause', ID, '--on-timeout', 'explode'], /resume or roll-back/],
    [['extend-hold', ID], /required option '--by <time>'/],
    [['rollback', ID, '--strategy', 'fast'], /all-at-once, canary:10:10m/],
    [['pause'], /missing required argument/],
    [['list', '--limit', '0'], /whole number from 1 to 100/],
    [['start', '--service', 'web'], /required option '--image <id>'/],
    [
      ['start', '--service', 'web', '--image', 'a', '--on-busy', 'wait'],
      /refuse, queue, supersede/,
    ],
    [['start', '--service', 'web', '--image', 'a', '--key', ''], /1 to 255 characters/],
    [['start', '--service', 'web', '--image', 'a', '--key', 'k'.repeat(256)], /1 to 255 char/],
    [['start', '--service', '', '--image', 'a'], /This one is empty/],
    [['list', '--cursor', ''], /This one is empty/],
    [['pause', ''], /This one is empty/],
    [['plan', '--service', 'web', '--image', 'a', '--consent', 'foo'], /Allowed choices are/],
    [['list', '--status', 'nonsense'], /Allowed choices are queued, .*, running\./],
    [['bogus'], /unknown command 'bogus'/],
    [['help', 'bogus'], /unknown command 'bogus'/],
  ])('%j is refused as words that are off', async (words, said) => {
    const failure = await run({}, ...words).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommanderError);
    expect(failure).toMatchObject({ message: expect.stringMatching(said), exitCode: 1 });
  });
});

describe('starting', () => {
  const IMAGE = 'ami-00000000000000002';
  const started = { deploymentId: ID, executionArn: 'arn' };

  it('sends what was said and nothing else, and says where to look', async () => {
    const words = ['start', '--service', 'web', '--image', IMAGE];
    const { sent, out, status } = await run({ 'POST /deployments': started }, ...words);
    expect(sent.map(({ asked, body }) => ({ asked, body }))).toEqual([
      { asked: 'POST /deployments', body: { service: 'web', imageId: IMAGE } },
      { asked: `GET /deployments/${ID}`, body: undefined },
    ]);
    expect(out).toBe(`Deployment ${ID} was started. Follow it: teal watch ${ID}\n`);
    expect(status).toBe(0);
  });

  it.each([
    ['succeeded', 0, 'is over: succeeded. Because.'],
    ['rolledBack', 3, 'is over: rolled back. Because.'],
    ['refused', 1, 'is over: refused. Because.'],
    ['failed', 1, 'is over: failed. Because.'],
    ['queued', 0, `is queued at place 2: Because. Follow it: teal watch ${ID}`],
    ['planned', 0, `was started. Follow it: teal watch ${ID}`],
  ])('again by a key says where that deployment is: %s', async (status, expected, said) => {
    const record = { ...deployment, status, reason: 'Because.', place: 2 };
    const answers = { 'POST /deployments': started, [`GET /deployments/${ID}`]: record };
    const words = ['start', '--service', 'web', '--image', IMAGE, '--key', 'k'];
    const told = await run(answers, words);
    expect([told.status, told.out]).toEqual([expected, `Deployment ${ID} ${said}\n`]);
    const json = await run(answers, words, '--json');
    expect(json.status).toBe(expected);
    expect(JSON.parse(json.out)).toMatchObject({ ...started, status, reason: 'Because.' });
  });

  it('while another one runs says that it waits for that one, though it has no record yet', async () => {
    const answers = { 'POST /deployments': { ...started, queuedBehind: 'web-1' } };
    const words = ['start', '--service', 'web', '--image', IMAGE, '--on-busy', 'queue'];
    const { out, status } = await run(answers, words);
    const said = `Deployment ${ID} is queued behind web-1. Follow it: teal watch ${ID}\n`;
    expect([status, out]).toEqual([0, said]);
  });

  it('is told where nobody may read the record, because it was started all the same', async () => {
    const answers = { 'POST /deployments': started, [`GET /deployments/${ID}`]: forbidden };
    const { out, status } = await run(answers, ['start', '--service', 'web', '--image', IMAGE]);
    expect([status, out]).toEqual([0, expect.stringContaining('was started.')]);
  });

  it('takes everything that a request may say', async () => {
    const { sent } = await run(
      { 'POST /deployments': started },
      ['start', '--service', 'web', '--image', IMAGE, '--release', 'v2', '-m', 'release 42'],
      ['--strategy', 'steps:5:4m,20:10m', '--bake', '30m', '--green-deadline', '20m'],
      ['--consent', 'size', 'subnets', '--fix-forward', 'cures the latency'],
      ['--on-busy', 'queue', '--key', 'release-42'],
    );
    expect(sent[0]?.key).toBe('release-42');
    expect(sent[0]?.body).toEqual({
      service: 'web',
      imageId: IMAGE,
      version: 'v2',
      reason: 'release 42',
      strategy: {
        type: 'steps',
        steps: [
          { greenWeightPercent: 5, holdSeconds: 240 },
          { greenWeightPercent: 20, holdSeconds: 600 },
        ],
      },
      bakeTimeSeconds: 1800,
      greenHealthyDeadlineSeconds: 1200,
      consent: ['size', 'subnets'],
      fixForward: { reason: 'cures the latency' },
      onBusy: 'queue',
    });
  });

  it.each([
    ['succeeded', 0],
    ['rolledBack', 3],
    ['failed', 1],
    ['refused', 1],
  ])('with --wait ends as the deployment did: %s is %d', async (outcome, expected) => {
    let looks = 0;
    const born = () => {
      looks += 1;
      if (looks < 3) return notFound();
      return { ...deployment, status: outcome, reason: 'Because.' };
    };
    const { out, status } = await run(
      {
        'POST /deployments': started,
        [`GET /deployments/${ID}`]: born,
        [`GET /deployments/${ID}/timeline`]: { deploymentId: ID, entries: sight.entries },
      },
      ['start', '--service', 'web', '--image', IMAGE, '--wait'],
    );
    expect(status).toBe(expected);
    expect(out).toContain('Because.');
  });
});

/** What `teal get` prints of a deployment, as far as it is about the way back. */
async function showWayBack(record: Partial<Deployment>): Promise<string | undefined> {
  const readiness = { percent: 100, missingTargets: 0, secondsUntilReady: 0 };
  const progress = {
    ...deployment.progress,
    revertReadiness: { ...readiness, sentence: 'Blue could take everything back.' },
    ...record.progress,
  };
  const known = { [`GET /deployments/${ID}`]: { ...deployment, ...record, progress } };
  const { out } = await run(known, 'get', ID);
  return out.split('\n').find((line) => line.startsWith('way back'));
}

/** What `teal get` prints of a deployment that is paused. */
async function showPaused(pause: Deployment['pause']): Promise<string> {
  const paused = { ...deployment, status: 'paused', pause };
  return (await run({ [`GET /deployments/${ID}`]: paused }, 'get', ID)).out;
}

describe('reading', () => {
  it('lists deployments, and says how to go on', async () => {
    const answer = { deployments: [summary(ID, 'rolledBack')], nextCursor: 'abc' };
    const { out } = await run(
      { 'GET /deployments?limit=5&service=web&status=rolledBack': answer },
      ['list', '--limit', '5', '--service', 'web', '--status', 'rolledBack'],
    );
    expect(out.split('\n')).toEqual([
      'DEPLOYMENT    SERVICE  VERSION  STATUS       GREEN  STARTED            REASON',
      'web-3f2a91c0  web      v2       rolled back  20 %   2026-01-05T09:00Z  Green was confirmed at 20 % on 1 route.',
      'There are more: --cursor abc',
      '',
    ]);
  });

  it('shows a deployment with what is possible, in words that one can type', async () => {
    const possible = [{ verb: 'skipHold', sentence: 'The hold ends.' }];
    const known = { [`GET /deployments/${ID}`]: { ...deployment, possible } };
    const { out } = await run(known, 'get', ID);
    expect(out).toContain('release     web: v2 replaces v1\n');
    expect(out).toContain('steps       5 % for 4 min, 20 % for 4 min, 50 % for 4 min, 100 %');
    expect(out).toContain(`possible\n  teal skip-hold ${ID}\n    The hold ends.\n`);
  });

  it('shows a way back while there is one, and after the end only to a blue that is kept', async () => {
    const progress = { ...deployment.progress, retainedUntil: '2026-01-06T09:00:00Z' };
    const kept = (blue: 'full' | 'zero') => ({
      status: 'succeeded',
      progress,
      plan: {
        ...deployment.plan!,
        blue: { ...deployment.plan!.blue, retention: { blue, seconds: 86_400 } },
      },
    });
    const possible = [{ verb: 'rollback', sentence: 'Blue is back.' }];
    expect(await showWayBack({})).toBe('way back    Blue could take everything back.');
    for (const status of ['succeeded', 'rolledBack', 'failed']) {
      expect(await showWayBack({ status })).toBeUndefined();
    }
    const gone = { ...deployment.progress, retirementStartedAt: '2026-01-05T09:00:00Z' };
    expect(await showWayBack({ status: 'retiringBlue', progress: gone })).toBeUndefined();
    expect(await showWayBack(kept('zero'))).toBeUndefined();
    expect(await showWayBack({ ...kept('zero'), possible })).toBe(
      `way back    Blue is kept at zero until 2026-01-06T09:00:00Z; teal rollback ${ID}`,
    );
    expect(await showWayBack({ ...kept('full'), possible })).toContain('Blue is kept in full');
  });

  it('shows what paused a deployment, until when, and what happens then', async () => {
    const since = '2026-01-05T09:00:00Z';
    const until = '2026-01-06T09:00:00Z';
    const over = {
      by: 'a foreign change on arn:rule',
      since,
      until,
      onTimeout: 'rollBack',
    } as const;
    expect(await showPaused(over)).toContain(
      `paused by   a foreign change on arn:rule since ${since}, until ${until}: blue takes everything back then\n`,
    );
    expect(await showPaused({ by: 'arn:ada', since })).toContain(
      `paused by   arn:ada since ${since}, until somebody resumes it\n`,
    );
  });

  it('prints a timeline of several pages as one', async () => {
    const [first, ...others] = sight.entries;
    const path = `GET /deployments/${ID}/timeline`;
    const { out } = await run(
      {
        ...KNOWN,
        [path]: { deploymentId: ID, entries: [first], nextCursor: 'a/b' },
        [`${path}?cursor=a%2Fb`]: { deploymentId: ID, entries: others },
      },
      ['timeline', ID],
    );
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + sight.entries.length);
    expect(lines[1]).toMatch(/^2026-01-05T09:00:01Z {2}PlanDeployment +The deployment of v2/);
  });

  it('lists, shows and deletes services', async () => {
    const definition = {
      service: 'web',
      autoScalingGroupName: 'web-blue',
      strategy: { type: 'allAtOnce' },
      alarms: ['web-5xx'],
    };
    const answers = {
      'GET /services?limit=50': { services: [definition] },
      'GET /services/web': definition,
      'DELETE /services/web': { service: 'web' },
    };
    expect((await run(answers, 'services', 'list')).out).toContain(
      'web      web-blue  allAtOnce  1',
    );
    expect(JSON.parse((await run(answers, 'services', 'get', 'web')).out)).toEqual(definition);
    expect((await run(answers, 'services', 'delete', 'web')).out).toBe(
      'Service web was deleted.\n',
    );
  });

  it.each([
    [['list', '--json'], { 'GET /deployments?limit=20': { deployments: [] } }],
    [['get', ID, '--json'], KNOWN],
    [
      ['timeline', ID, '--json'],
      { ...KNOWN, [`GET /deployments/${ID}/timeline`]: { deploymentId: ID, entries: [] } },
    ],
    [['services', 'list', '--json'], { 'GET /services?limit=50': { services: [] } }],
    [
      ['abort', ID, '--json'],
      { ...KNOWN, [`POST /deployments/${ID}/abort`]: { deploymentId: ID } },
    ],
  ])('%j prints one JSON value', async (words, answers) => {
    const { out } = await run(answers, ...words);
    expect(JSON.parse(out)).toEqual(Object.values(answers).at(-1) ?? {});
  });
});
