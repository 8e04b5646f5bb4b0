/**
 * The three ways to start a deployment, and what comes back from each when something is wrong.
 */
import { describe, expect, test } from 'vitest';
import type { Lab } from '../lab/lab.ts';
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
    expect(again).toMatchObject({ status: 409, body: { title: 'TooLate' } });
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
});
