/**
 * The three ways to start a deployment, and what comes back from each when something is wrong.
 */
import { describe, expect, test } from 'vitest';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Executions that were ever started. */
async function executions(lab: Lab): Promise<readonly string[]> {
  const records = await lab.act(() => lab.items('RECORD'));
  return records.map(({ deploymentId }) => String(deploymentId));
}

function idOf({ body }: { body: Record<string, unknown> }): string {
  return String(body['deploymentId']);
}

describe('release tooling over the HTTP API', () => {
  test('is told where to look, and sees the deployment through', async () => {
    const lab = await openLab();
    const imageId = lab.addImage('v2');
    const request = { service: 'web', imageId, version: 'v2', reason: 'release 42' };
    const accepted = await lab.api.send('POST', '/deployments', { body: request });
    expect(accepted.status).toBe(202);
    expect(accepted.headers['location']).toBe(`/deployments/${idOf(accepted)}`);

    const id = idOf(accepted);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const { status, body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'succeeded',
      reason: 'Green serves v2.',
      request: { reason: 'release 42', requestedBy: expect.stringContaining('administrator') },
    });
    const timeline = await lab.api.send('GET', `/deployments/${id}/timeline`);
    const entries = timeline.body['entries'] as { state: string; reason: string }[];
    expect(entries[0]?.state).toBe('PlanDeployment');
    expect(entries.at(-1)).toMatchObject({ state: 'RecordOutcome', reason: 'Green serves v2.' });
    expect(entries.every(({ reason }) => reason.length > 0)).toBe(true);
  });

  test('may send the same request twice, and one key means one request', async () => {
    const lab = await openLab();
    const body = { service: 'web', imageId: lab.addImage('v2'), version: 'v2' };
    const headers = { 'idempotency-key': 'release-42' };
    const first = await lab.api.send('POST', '/deployments', { body, headers });
    const running = await lab.api.send('POST', '/deployments', { body, headers });
    expect(running).toMatchObject({ status: 202, body: first.body });
    await lab.end(idOf(first));
    const ended = await lab.api.send('POST', '/deployments', { body, headers });
    expect(ended).toMatchObject({ status: 202, body: first.body });
    const other = await lab.api.send('POST', '/deployments', {
      body: { ...body, version: 'v3' },
      headers,
    });
    expect(other).toMatchObject({ status: 409, body: { title: 'IdempotencyKeyReused' } });
    expect(await executions(lab)).toEqual([idOf(first)]);
  });

  test('aborts during a hold, and blue has everything within seconds', async () => {
    const lab = await openLab();
    const body = { service: 'web', imageId: lab.addImage('v2'), version: 'v2' };
    const id = idOf(await lab.api.send('POST', '/deployments', { body }));
    await lab.untilState(id, 'Hold');
    await lab.pass(30);
    const aborted = await lab.api.send('POST', `/deployments/${id}/abort`, {
      body: { reason: 'wrong image' },
    });
    expect(aborted.status).toBe(202);
    await lab.until(async () => (await lab.states(id)).includes('CleanUpGreen'), 10);
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringMatching(/administrator asked to abort: wrong image/),
    });
    expect(await leftovers(lab)).toEqual([]);
    const again = await lab.api.send('POST', `/deployments/${id}/abort`, { body: {} });
    expect(again).toMatchObject({ status: 409, body: { title: 'NotPossibleNow', possible: [] } });
  });

  test('is refused when it asks for nonsense, and nothing is started', async () => {
    const lab = await openLab();
    const imageId = lab.addImage('v2');
    const send = (body: unknown, isSigned = true) =>
      lab.api.send('POST', '/deployments', { body, isSigned });
    const good = { service: 'web', imageId };
    expect((await send(good, false)).status).toBe(403);
    expect(await send({ ...good, colour: 'teal' })).toMatchObject({
      status: 422,
      body: { title: 'SpecRefused', detail: expect.stringContaining('colour') },
    });
    expect(await send({ ...good, service: 'shop' })).toMatchObject({
      status: 404,
      body: { title: 'NotFound', detail: 'There is no service shop.' },
    });
    expect((await send({ service: 'web' })).status).toBe(422);
    expect((await lab.api.send('GET', '/deployments/none')).status).toBe(404);
    expect((await lab.api.send('POST', '/deployments/none/abort', { body: {} })).status).toBe(404);
    expect((await lab.api.send('GET', '/services/shop')).status).toBe(404);
    expect((await lab.api.send('PUT', '/services/shop', { body: { colour: 1 } })).status).toBe(422);
    await lab.pass(10);
    expect(await executions(lab)).toEqual([]);
  });
});

describe('an image that becomes available', () => {
  test('is deployed when it is tagged for the service, however often it is announced', async () => {
    const lab = await openLab({ deliveryFaults: () => 'duplicate' });
    const tags = { 'teal:service': 'web', 'teal:version': 'v2' };
    const imageId = lab.addImage('v2', { tags, state: 'pending' });
    await lab.pass(60);
    expect(await executions(lab)).toEqual([]);
    lab.region.ec2.setImageState(imageId, 'available');
    await lab.until(async () => (await lab.items('RECORD')).length > 0, 10);
    expect(await lab.end(`web-${imageId}`)).toEqual({ status: 'SUCCEEDED' });
    expect(await executions(lab)).toEqual([`web-${imageId}`]);
    await lab.pass(60);
    lab.traffic.sinceLast();
    await lab.pass(10);
    expect(Object.keys(lab.traffic.sinceLast().byVersion)).toEqual(['v2']);
  });

  test('is left alone without the tag, for a service nobody defined, and when it failed', async () => {
    const lab = await openLab();
    lab.addImage('v2');
    lab.addImage('v3', { tags: { 'teal:service': 'shop' } });
    lab.addImage('v4', { tags: { 'teal:service': 'web' }, state: 'failed' });
    await lab.pass(120);
    expect(await executions(lab)).toEqual([]);
    expect(lab.region.eventBridge.deadLetters()).toEqual([]);
  });
});

/** Tags of an image that is meant for the lab's service. */
const FOR_WEB = { 'teal:service': 'web', 'teal:version': 'v2' };

/** What the functions behind an event answered, as far as they ignored it. */
function listen() {
  const reasons: string[] = [];
  const around: LabOptions['around'] = async ({ task }, run) => {
    const answer = (await run()) as { directive?: { type: string; reason: string } };
    if (task.startsWith('on-image') && answer.directive?.type === 'ignored') {
      reasons.push(answer.directive.reason);
    }
    return answer;
  };
  return { reasons, around };
}

describe('an image that does not qualify', () => {
  test('is left alone with a reason, and nothing is started or lost', async () => {
    const { reasons, around } = listen();
    const lab = await openLab({ around });
    const tags = FOR_WEB;
    lab.addImage('foreign', { tags, ownerId: '210987654321' });
    lab.addImage('arm', { tags, architecture: 'arm64' });
    lab.addImage('deprecated', { tags, deprecatedAt: lab.clock.now() - 1000 });
    lab.addImage('nobody', { tags: { 'teal:service': 'shop' } });
    lab.addImage('untagged');
    await lab.pass(60);
    const expected = [
      /belonged to account 210987654321, and web takes images of self/,
      /was built for arm64, and web runs ami-\w+ on x86_64/,
      /was deprecated at/,
      /was for shop, which nobody has defined/,
      /had no tag teal:service/,
    ];
    for (const reason of expected) {
      expect(reasons).toContainEqual(expect.stringMatching(reason));
    }
    expect(await executions(lab)).toEqual([]);
    expect(lab.region.eventBridge.deadLetters()).toEqual([]);
  });

  test('because a newer one was deployed meanwhile is refused when its turn comes', async () => {
    const lab = await openLab({ service: { onBusy: 'queue' } });
    const older = lab.addImage('v2', { tags: FOR_WEB, state: 'pending' });
    await lab.pass(60);
    const newer = lab.addImage('v3', { tags: { ...FOR_WEB, 'teal:version': 'v3' } });
    await lab.until(async () => (await lab.items('RECORD')).length === 1, 60);
    await lab.untilState(`web-${newer}`, 'Hold');
    lab.region.ec2.setImageState(older, 'available');
    await lab.until(async () => (await lab.items('RECORD')).length === 2, 60);
    expect(await lab.end(`web-${older}`)).toMatchObject({
      error: 'NotNewer',
      cause: expect.stringMatching(new RegExp(`Image ${older} .* is not newer than ${newer}`)),
    });
    expect(await lab.end(`web-${newer}`)).toEqual({ status: 'SUCCEEDED' });
  });
});

/** Begins a build whose image is meant for the lab's service. */
function begin(lab: Lab) {
  const { imageBuilder } = lab.region;
  const program = { type: 'model', bootSeconds: 5 } as const;
  const image = { name: 'web-built', program, tags: FOR_WEB };
  const build = imageBuilder.begin({ recipe: 'web', image });
  return { build, imageId: imageBuilder.imageOf(build) };
}

describe('an image that Image Builder makes', () => {
  test('is deployed once it is tested, and not when EC2 first calls it available', async () => {
    const { reasons, around } = listen();
    const lab = await openLab({ around, deliveryFaults: () => 'duplicate' });
    const { build, imageId } = begin(lab);
    await lab.pass(60);
    expect(await executions(lab)).toEqual([]);
    expect(reasons).toContain(
      `Image ${imageId} was Image Builder's, which tells when it has tested it.`,
    );
    lab.region.imageBuilder.setStatus(build, 'AVAILABLE');
    await lab.until(async () => (await lab.items('RECORD')).length > 0, 10);
    const id = `web-${imageId}`;
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await executions(lab)).toEqual([id]);
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body).toMatchObject({
      request: {
        version: 'v2',
        requestedBy: 'EC2 Image Builder',
        reason: `Image Builder finished build ${build}.`,
      },
    });
  });

  test('is not deployed when its tests fail', async () => {
    const lab = await openLab();
    const { build } = begin(lab);
    lab.region.imageBuilder.setStatus(build, 'FAILED');
    await lab.pass(60);
    expect(await executions(lab)).toEqual([]);
    expect(lab.region.eventBridge.deadLetters()).toEqual([]);
  });

  test('is nothing to Teal where it went to another account or region only', async () => {
    const { reasons, around } = listen();
    const lab = await openLab({ around });
    const elsewhere = [
      { region: 'eu-west-1', accountId: '000000000000', image: 'ami-00000000000000009', name: 'x' },
    ];
    const build = lab.region.imageBuilder.begin({ recipe: 'web', elsewhere });
    lab.region.imageBuilder.setStatus(build, 'AVAILABLE');
    await lab.pass(10);
    expect(reasons).toContain(`Build ${build} left no image in us-east-1 of account 000000000000.`);
  });
});

describe('an operator in the Step Functions console', () => {
  test('needs a service and an image, and the name that the console makes up', async () => {
    const lab = await openLab();
    const imageId = lab.addImage('v2');
    const id = await lab.start('3f0d5a1e-8a53-4c0e-9a0b-b1f5c1a2d3e4', { service: 'web', imageId });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body).toMatchObject({ status: 'succeeded', reason: `Green serves ${imageId}.` });
  });

  test('reads what was wrong in the execution itself', async () => {
    const lab = await openLab();
    const imageId = lab.addImage('v2');
    const typo = await lab.start('typo', { service: 'web', imageID: imageId });
    expect(await lab.end(typo)).toEqual({
      status: 'FAILED',
      error: 'SpecRefused',
      cause: expect.stringMatching(/imageID.*nothing was changed/is),
    });
    const text = await lab.start('text', 'web');
    expect(await lab.end(text)).toMatchObject({ status: 'FAILED', error: 'SpecRefused' });
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', {}, /service: .*imageId: .*nothing was changed/i],
    ['a list', ['web'], /expected object.*nothing was changed/i],
    ['a number', 7, /expected object.*nothing was changed/i],
    ['null', null, /expected object.*nothing was changed/i],
    ['a service of 3,000 letters', { service: 'x'.repeat(3000) }, /service: must be 1 to 40/],
    ['no image', { service: 'web' }, /imageId.*nothing was changed/i],
    ['an image that is none', { service: 'web', imageId: 'v2' }, /imageId: must look like ami-/],
    [
      'a service that is none',
      { service: 'Web!', imageId: 'ami-12345678' },
      /service: must be 1 to/,
    ],
    [
      'a key that is misspelt',
      { service: 'web', imageId: 'ami-12345678', bakeTimeSecond: 60 },
      /bakeTimeSecond.*did you mean bakeTimeSeconds/,
    ],
    [
      'a policy that is none',
      { service: 'web', imageId: 'ami-12345678', onBusy: 'wait' },
      /onBusy.*nothing was changed/i,
    ],
    [
      'a service that nobody has defined',
      { service: 'shop', imageId: 'ami-12345678' },
      /Nobody has defined the service shop; define it first \(PUT \/services\/shop\)/,
    ],
  ])('is told what is wrong with %s', async (_what, input, cause) => {
    const lab = await openLab();
    const id = await lab.start('wrong', input);
    expect(await lab.end(id)).toEqual({
      status: 'FAILED',
      error: 'SpecRefused',
      cause: expect.stringMatching(cause),
    });
    expect((await lab.states(id)).at(-1)).toBe('Refused');
    expect(await lab.act(() => lab.leases())).toEqual([]);
  });

  test('may name the execution as it pleases, as far as Step Functions lets it', async () => {
    const lab = await openLab();
    const name = `Release(42)!'é+${'x'.repeat(65)}`;
    const imageId = lab.addImage('v2');
    const version = 'v2 (hot fix)!';
    const id = await lab.start(name, { service: 'web', imageId, version });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const { groups } = await lab.act(() => lab.belongings());
    expect(Object.keys(groups).filter((group) => group !== 'web-blue')).toEqual([
      expect.stringMatching(/^web-[0-9a-f]{8}$/),
    ]);
    const { body } = await lab.api.send('GET', `/deployments/${encodeURIComponent(id)}`);
    expect(body).toMatchObject({ status: 'succeeded', reason: `Green serves ${version}.` });
  });
});
