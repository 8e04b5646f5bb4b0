/**
 * The HTTP API as its document describes it: every operation is asked, granted and refused, and
 * every answer is held against the document.
 */
import { ListTablesCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { ACCOUNT_ID } from '../../region/kernel/kernel.ts';
import { OPERATIONS } from '../../shared/core/api/operations.ts';
import { VERBS } from '../../shared/core/orders.ts';
import type { ServiceDefinition } from '../../shared/core/spec.ts';
import { conforming, createConformity } from '../lab/conformity.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { useLabs } from '../lab/use-labs.ts';

const openPlainLab = useLabs();
const conformity = createConformity();

/** A lab whose API is held against the document. */
async function openLab(options?: LabOptions): Promise<Lab> {
  const lab = await openPlainLab(options);
  return { ...lab, api: conforming(lab.api, conformity) };
}

const idOf = ({ body }: { body: Record<string, unknown> }) => String(body['deploymentId']);

const start = async (lab: Lab, version: string, more: object = {}) => {
  const body = { service: 'web', imageId: lab.addImage(version), version, ...more };
  return idOf(await lab.api.send('POST', '/deployments', { body }));
};

/** Over within minutes; an alarm could not see anything in that time. */
const QUICK = {
  strategy: { type: 'allAtOnce' },
  bakeTimeSeconds: 0,
  alarms: [],
} satisfies Partial<ServiceDefinition>;

const verb = (lab: Lab, id: string, name: string, body?: unknown) =>
  lab.api.send('POST', `/deployments/${id}/${name}`, { body });

describe('services', () => {
  const definition = { autoScalingGroupName: 'shop-blue' };

  test('are listed by name, page by page', async () => {
    const lab = await openLab();
    for (const name of ['shop', 'auth', 'mail']) {
      const body = { autoScalingGroupName: `${name}-blue` };
      await lab.api.send('PUT', `/services/${name}`, { body });
    }
    const names: string[] = [];
    let cursor = '';
    do {
      const { body } = await lab.api.send('GET', `/services?limit=3${cursor}`);
      const { services, nextCursor } = body as {
        services: { service: string }[];
        nextCursor?: string;
      };
      names.push(...services.map(({ service }) => service));
      cursor = nextCursor === undefined ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    expect(names).toEqual(['auth', 'mail', 'shop', 'web']);
    expect((await lab.api.send('GET', '/services?limit=3&cursor=bm9uZQ')).status).toBe(422);
    expect((await lab.api.send('GET', '/services?limit=0')).status).toBe(422);
    expect((await lab.api.send('GET', '/services?colour=teal')).status).toBe(422);
  });

  test('are shown as they were defined, and say what is wrong with a definition', async () => {
    const lab = await openLab();
    const put = await lab.api.send('PUT', '/services/shop', { body: definition });
    expect(put).toMatchObject({ status: 200, body: { service: 'shop', bakeTimeSeconds: 600 } });
    expect((await lab.api.send('GET', '/services/shop')).body).toEqual(put.body);
    const wrong = { ...definition, healthGate: { consecutiveReading: 3 } };
    expect(await lab.api.send('PUT', '/services/shop', { body: wrong })).toMatchObject({
      status: 422,
      body: {
        title: 'SpecRefused',
        issues: [{ path: 'healthGate.consecutiveReading', message: expect.any(String) }],
      },
    });
    const other = { ...definition, service: 'mail' };
    expect(await lab.api.send('PUT', '/services/shop', { body: other })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('must be shop') },
    });
    expect((await lab.api.send('GET', '/services/shop')).body).toEqual(put.body);
  });

  test('do not share a group, which two deployments would move at once', async () => {
    const lab = await openLab();
    const shared = { autoScalingGroupName: 'web-blue' };
    expect(await lab.api.send('PUT', '/services/shop', { body: shared })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('web-blue is what serves web') },
    });
    expect((await lab.api.send('GET', '/services/shop')).status).toBe(404);
    expect((await lab.api.send('PUT', '/services/web', { body: shared })).status).toBe(200);
  });

  test('keep their group while a deployment runs that decides which one serves', async () => {
    const lab = await openLab({ service: QUICK });
    const id = await lab.deploy({ version: 'v2' });
    await lab.until(async () => (await lab.states(id)).includes('PrepareGreen'));
    const moved = { ...QUICK, autoScalingGroupName: 'web-other' };
    expect(await lab.api.send('PUT', '/services/web', { body: moved })).toMatchObject({
      status: 409,
      body: { title: 'ServiceBusy', detail: expect.stringContaining(id) },
    });
    const longer = { ...QUICK, autoScalingGroupName: 'web-blue', bakeTimeSeconds: 60 };
    expect((await lab.api.send('PUT', '/services/web', { body: longer })).status).toBe(200);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect((await lab.api.send('PUT', '/services/web', { body: moved })).status).toBe(200);
  });

  test('are deleted with all that is known of them, once', async () => {
    const lab = await openLab();
    await lab.api.send('PUT', '/services/shop', { body: definition });
    expect(await lab.api.send('DELETE', '/services/shop')).toMatchObject({
      status: 200,
      body: { service: 'shop' },
    });
    expect((await lab.api.send('DELETE', '/services/shop')).status).toBe(404);
    expect((await lab.api.send('GET', '/services/shop')).status).toBe(404);
    const items = await lab.act(() => lab.items());
    expect(items.filter(({ pk, sk }) => `${String(pk)} ${String(sk)}`.includes('shop'))).toEqual(
      [],
    );
  });

  test('are not deleted while anything is done or owed for them', async () => {
    const lab = await openLab({ service: { retain: { blue: 'full', seconds: 3600 } } });
    const id = await start(lab, 'v2');
    await lab.untilState(id, 'Hold');
    expect(await lab.api.send('DELETE', '/services/web')).toMatchObject({
      status: 409,
      body: { title: 'ServiceBusy', detail: expect.stringContaining(`${id} of web is under way`) },
    });
    await lab.end(id);
    expect(await lab.api.send('DELETE', '/services/web')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(`retainedBlue of deployment ${id}`) },
    });
    await lab.pass(3600);
    await lab.until(async () => (await lab.leases()).length === 0);
    expect((await lab.api.send('DELETE', '/services/web')).status).toBe(200);
  });
});

describe('deployments', () => {
  test('are listed newest first, by service and status, page by page', async () => {
    const lab = await openLab({ service: QUICK });
    const imageId = lab.addImage('v0');
    const ids: string[] = [];
    for (const version of ['v2', 'v3', 'v4']) {
      const id = await start(lab, version);
      await lab.end(id);
      ids.unshift(id);
    }
    await lab.start('other', { service: 'shop', imageId });
    await lab.pass(10);
    const list = async (query: string) => {
      const { body } = await lab.api.send('GET', `/deployments${query}`);
      return body as { deployments: { deploymentId: string }[]; nextCursor?: string };
    };
    const idsIn = ({ deployments }: Awaited<ReturnType<typeof list>>) =>
      deployments.map(({ deploymentId }) => deploymentId);
    expect(idsIn(await list(''))).toEqual(['other', ...ids]);
    expect(idsIn(await list('?service=web&status=succeeded'))).toEqual(ids);
    expect(idsIn(await list('?status=refused'))).toEqual(['other']);
    expect(idsIn(await list('?service=none'))).toEqual([]);
    const first = await list('?service=web&limit=2');
    expect(idsIn(first)).toEqual(ids.slice(0, 2));
    const rest = await list(`?service=web&limit=2&cursor=${first.nextCursor ?? ''}`);
    expect([idsIn(rest), rest.nextCursor]).toEqual([ids.slice(2), undefined]);
    const stolen = await lab.api.send('GET', `/deployments?cursor=${first.nextCursor ?? ''}`);
    expect(stolen).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/other filters/) },
    });
    expect((await lab.api.send('GET', '/deployments?status=done')).status).toBe(422);
  });

  test('that were asked for and have not begun are told from those nobody asked for', async () => {
    const lab = await openPlainLab();
    const body = { service: 'web', imageId: lab.addImage('v2') };
    const id = idOf(await lab.api.send('POST', '/deployments', { body }));
    // Step Functions has not come to the first task yet.
    const early = await lab.api.send('GET', `/deployments/${id}`);
    expect(early).toMatchObject({
      status: 404,
      headers: { 'retry-after': '1' },
      body: { detail: expect.stringContaining('has not begun yet') },
    });
    await lab.untilState(id, 'AwaitGreen');
    expect((await lab.api.send('GET', `/deployments/${id}`)).status).toBe(200);
    const none = await lab.api.send('GET', '/deployments/none');
    expect(none).toMatchObject({ status: 404, body: { detail: 'There is no deployment none.' } });
    expect(none.headers['retry-after']).toBeUndefined();
  });

  test('tell their timeline in pages', async () => {
    const lab = await openLab();
    const id = await start(lab, 'v2');
    await lab.end(id);
    const read = async (query: string) =>
      (await lab.api.send('GET', `/deployments/${id}/timeline${query}`)).body as {
        entries: unknown[];
        nextCursor?: string;
      };
    const whole = await read('');
    const first = await read('?limit=3');
    const rest = await read(`?cursor=${first.nextCursor ?? ''}`);
    expect(whole.nextCursor).toBeUndefined();
    expect(first.entries).toHaveLength(3);
    expect([...first.entries, ...rest.entries]).toEqual(whole.entries);
  });

  test('are observed live: both fleets, weights, alarms and the way back', async () => {
    const lab = await openLab();
    const id = await start(lab, 'v2');
    await lab.untilState(id, 'Hold');
    await lab.pass(30);
    const { body } = await lab.api.send('GET', `/deployments/${id}/observation`);
    expect(body).toMatchObject({
      service: 'web',
      version: 'v2',
      stepIndex: 0,
      greenWeightPercent: 10,
      holdUntil: expect.any(String),
      blue: { autoScalingGroupName: 'web-blue', healthyCount: 2, exists: true },
      green: { healthyCount: 2, exists: true, complaints: [] },
      alarms: { type: 'read', alarms: [{ alarmName: 'web-5xx', state: 'OK' }] },
      routes: [{ greenWeightPercent: 10 }],
      revertReadiness: { percent: 100 },
    });
    await lab.end(id);
    const after = await lab.api.send('GET', `/deployments/${id}/observation`);
    expect(after.body).toMatchObject({ status: 'succeeded', blue: { exists: false } });
    expect(after.body).not.toHaveProperty('revertReadiness');
    const refused = await lab.start('typo', { service: 'web', imageID: 'ami-1' });
    await lab.end(refused);
    const seen = await lab.api.send('GET', `/deployments/${refused}/observation`);
    expect(seen.body).toMatchObject({ status: 'refused', steps: [], stepIndex: -1 });
  });
});

describe('a plan', () => {
  test('is shown for what could be deployed, and refused while something is', async () => {
    const lab = await openLab();
    const body = { imageId: lab.addImage('v2'), version: 'v2' };
    const headers = { 'idempotency-key': 'planned' };
    const shown = await lab.api.send('POST', '/services/web/plan', { body, headers });
    expect(shown).toMatchObject({ status: 200, body: { service: 'web', version: 'v2' } });
    const started = await lab.api.send('POST', '/deployments', {
      body: { service: 'web', ...body },
      headers,
    });
    expect(idOf(started)).toBe(shown.body['deploymentId']);
    await lab.untilState(idOf(started), 'AwaitGreen');
    expect(await lab.api.send('POST', '/services/web/plan', { body })).toMatchObject({
      status: 409,
      body: { title: 'ServiceBusy' },
    });
    expect(await lab.api.send('POST', '/services/shop/plan', { body })).toMatchObject({
      status: 404,
      body: { title: 'NotFound' },
    });
    const unknown = { service: 'shop', imageId: body.imageId };
    expect((await lab.api.send('POST', '/deployments', { body: unknown })).status).toBe(404);
    expect((await lab.api.send('GET', '/leftovers')).body).toEqual({ leftovers: [] });
    const draft = await lab.api.send('GET', '/groups/web-blue/definition?service=web');
    expect(draft).toMatchObject({
      status: 200,
      body: { definition: { autoScalingGroupName: 'web-blue' } },
    });
  });
});

const key = (value: string) => ({ 'idempotency-key': value });

describe('an idempotency key', () => {
  test('makes one deployment of requests that come at the same instant', async () => {
    const lab = await openLab();
    const body = { service: 'web', imageId: lab.addImage('v2'), version: 'v2' };
    const send = (more: object = {}) =>
      lab.api.send('POST', '/deployments', { body: { ...body, ...more }, headers: key('one') });
    const answers = await lab.act(() =>
      Promise.all([send(), send(), send({ version: 'v3' }), send()]),
    );
    const accepted = answers.filter(({ status }) => status === 202);
    expect(new Set(accepted.map(idOf)).size).toBe(1);
    // Whichever of the two requests came first is the one that counts.
    expect([1, 3]).toContain(accepted.length);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.map((one) => one.body['title'])).toEqual(
      refused.map(() => 'IdempotencyKeyReused'),
    );
    await lab.end(idOf(accepted[0]!));
    expect(await lab.act(() => lab.items('RECORD'))).toHaveLength(1);
  });

  test('is the same request also when the definition has changed, or keys stand elsewhere', async () => {
    const lab = await openLab({ service: QUICK });
    const imageId = lab.addImage('v2');
    const headers = key('two');
    const first = await lab.api.send('POST', '/deployments', {
      body: { service: 'web', imageId, version: 'v2' },
      headers,
    });
    await lab.end(idOf(first));
    await lab.pass(60);
    await lab.api.send('DELETE', '/services/web');
    const again = await lab.api.send('POST', '/deployments', {
      body: { version: 'v2', imageId, service: 'web' },
      headers,
    });
    expect([again.status, again.body]).toEqual([202, first.body]);
  });

  test('that no log could print is refused', async () => {
    const lab = await openLab();
    const body = { service: 'web', imageId: lab.addImage('v2') };
    for (const unfit of ['', 'x'.repeat(256), 'caf\u00e9']) {
      const answer = await lab.api.send('POST', '/deployments', { body, headers: key(unfit) });
      expect(answer).toMatchObject({
        status: 422,
        body: { detail: expect.stringMatching(/idempotency-key/) },
      });
    }
    await lab.pass(10);
    expect(await lab.act(() => lab.items('RECORD'))).toEqual([]);
  });
});

describe('operators', () => {
  test('are told what is possible where an order is not', async () => {
    const lab = await openLab({ service: { retain: { blue: 'full', seconds: 3600 } } });
    const id = await start(lab, 'v2');
    await lab.untilState(id, 'Hold');
    await lab.pass(10);
    expect(await verb(lab, id, 'resume')).toMatchObject({
      status: 409,
      body: { title: 'NotPossibleNow', possible: expect.arrayContaining(['pause', 'abort']) },
    });
    const extended = await verb(lab, id, 'extendHold', { seconds: 60, reason: 'lunch' });
    expect(extended).toMatchObject({ status: 202, body: { deploymentId: id, verb: 'extendHold' } });
    expect(await verb(lab, id, 'extendHold', { seconds: 'x' })).toMatchObject({ status: 422 });
    await lab.end(id);
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body['possible']).toEqual([{ verb: 'rollback', sentence: expect.any(String) }]);
    for (const name of VERBS.filter((one) => one !== 'rollback' && one !== 'extendHold')) {
      expect(await verb(lab, id, name)).toMatchObject({
        status: 409,
        body: { possible: ['rollback'] },
      });
    }
    const back = await verb(lab, id, 'rollback', { reason: 'v2 forgets carts' });
    expect(back).toMatchObject({ status: 202 });
    expect(await lab.end(idOf(back))).toEqual({ status: 'SUCCEEDED' });
    const entries = (await lab.api.send('GET', `/deployments/${id}/timeline`)).body['entries'];
    expect(entries).toContainEqual(
      expect.objectContaining({
        event: 'extendHold',
        by: expect.stringContaining('administrator'),
        reason: expect.stringContaining('lunch'),
      }),
    );
  });

  test('may use every verb where it makes sense', async () => {
    const lab = await openLab({
      service: {
        strategy: { type: 'linear', stepPercent: 20, holdSeconds: 600 },
        approval: { before: ['traffic'] },
      } as never,
    });
    const granted = async (id: string, name: string, body?: unknown) => {
      const answer = await verb(lab, id, name, body);
      expect([name, answer.status, answer.body]).toEqual([
        name,
        202,
        { deploymentId: id, verb: name, reason: expect.any(String) },
      ]);
    };
    const id = await start(lab, 'v2');
    await lab.untilState(id, 'RequestApproval');
    await lab.pass(5);
    await granted(id, 'approve');
    await lab.untilState(id, 'Hold');
    await lab.pass(5);
    await granted(id, 'pause', { timeoutSeconds: 600, onTimeout: 'rollBack' });
    await granted(id, 'resume');
    await granted(id, 'skipHold');
    await lab.pass(60);
    await granted(id, 'promote');
    await lab.pass(60);
    await granted(id, 'promoteAll');
    await lab.pass(60);
    await granted(id, 'abort');
    await lab.end(id);
    const next = await start(lab, 'v3');
    await lab.untilState(next, 'RequestApproval');
    await lab.pass(5);
    await granted(next, 'reject');
    await lab.end(next);
  });
});

/** Something of the right kind for each parameter of a path. */
const fill = (path: string, id: string) =>
  path.replace('{service}', 'web').replace('{deploymentId}', id).replace('{group}', 'web-blue');

/** Bodies that no operation takes. */
const UNREADABLE: readonly (readonly [number, object])[] = [
  [400, { rawBody: '{"service": "web",' }],
  [400, { rawBody: '["web"]' }],
  [400, { rawBody: Buffer.from([0x7b, 0xff, 0x7d]) }],
  [415, { rawBody: 'a=b', headers: { 'content-type': 'text/plain' } }],
  [413, { body: { reason: 'x'.repeat(200_000) } }],
  [422, { body: { colour: 'teal' } }],
];

describe('every operation', () => {
  test.each(['/deployments', '/services/web/plan'])(
    'says in words what is wrong with a body: POST %s',
    async (path) => {
      const lab = await openLab();
      const sayOf = async (options: object) =>
        (await lab.api.send('POST', path, options)).body['detail'];
      const notJson = 'The body is not JSON; send a JSON object.';
      expect(await sayOf({ rawBody: '{"service": "web",' })).toBe(notJson);
      expect(await sayOf({ rawBody: Buffer.from([0x7b, 0xff, 0x7d]) })).toBe(notJson);
      expect(await sayOf({ rawBody: '["web"]' })).toBe('The body is an array; send a JSON object.');
      expect(await sayOf({ rawBody: '"web"' })).toBe('The body is a string; send a JSON object.');
      expect(await sayOf({ body: { reason: 'x'.repeat(200_000) } })).toMatch(/bytes, and 131072/);
    },
  );

  test('refuses what it cannot read, each in its own words', async () => {
    const lab = await openLab();
    const id = await start(lab, 'v2');
    await lab.end(id);
    const long = 'x'.repeat(300);
    const asked = { body: { imageId: 'ami-00000000' } };
    for (const { operationId, method, path, takesKey } of OPERATIONS) {
      const url = fill(path, id);
      const hasBody = method === 'PUT' || method === 'POST';
      const named = fill(path, long).replace(/web-blue|web(?=\/|$)/, long);
      // What is sent, and the status that it gets.
      const cases: readonly (readonly [number, object, string?])[] = [
        [403, { isSigned: false }],
        ...(path.includes('{') ? [[404, {}, named] as const] : []),
        ...(takesKey
          ? [[422, { ...asked, headers: { 'idempotency-key': '\u0007' } }] as const]
          : []),
        [422, {}, `${url}?colour=teal`],
        ...(hasBody ? UNREADABLE : []),
      ];
      for (const [status, options, where = url] of cases) {
        const answer = await lab.api.send(method, where, options);
        expect([operationId, options, answer.status]).toEqual([operationId, options, status]);
        if (!where.includes('?')) continue;
        // A word in the query that nobody reads would be taken for heard.
        const { issues } = answer.body;
        expect([operationId, issues]).toMatchObject([operationId, [{ path: 'colour' }]]);
      }
    }
    expect(await lab.act(() => lab.items('RECORD'))).toHaveLength(1);
  });

  test('says of a record from a later version that it cannot read it', async () => {
    const lab = await openLab();
    const id = await start(lab, 'v2');
    await lab.end(id);
    await lab.act(async () =>
      lab.aws.dynamoDb().send(
        new UpdateItemCommand({
          TableName: (await lab.aws.dynamoDb().send(new ListTablesCommand({}))).TableNames?.[0],
          Key: { pk: { S: `DEPLOYMENT#${id}` }, sk: { S: 'RECORD' } },
          UpdateExpression: 'SET formatVersion = :later',
          ExpressionAttributeValues: { ':later': { N: '99' } },
        }),
      ),
    );
    for (const { method, path } of OPERATIONS.filter(({ path: one }) => one.includes('{deploy'))) {
      const body = path.endsWith('extendHold') ? { seconds: 1 } : undefined;
      const { status, body: said } = await lab.api.send(method, fill(path, id), { body });
      expect([path, status, said['title']]).toEqual([path, 409, 'RecordTooNew']);
    }
  });

  test('that is not there is refused as a problem, and a wrong method names the right ones', async () => {
    const lab = await openLab();
    expect(await lab.api.send('GET', '/colours')).toMatchObject({
      status: 404,
      body: { title: 'NotFound', detail: expect.stringContaining('/colours') },
    });
    expect(await lab.api.send('PATCH', '/services/web')).toMatchObject({
      status: 405,
      headers: { allow: 'PUT, GET, DELETE' },
      body: { title: 'MethodNotAllowed' },
    });
    // API Gateway tells these from `/deployments`, and so must everything behind it.
    expect((await lab.api.send('GET', '/deployments/')).status).toBe(404);
    expect((await lab.api.send('POST', '/deployments/web-1/explode')).status).toBe(404);
    expect((await lab.api.send('GET', '/colours', { isSigned: false })).status).toBe(403);
  });
});

/** Keys of a role that may make these requests, as `METHOD/path`. */
const roleWith = (lab: Lab, ...requests: string[]) => {
  const roleArn = `arn:aws:iam::${ACCOUNT_ID}:role/${requests.length > 0 ? 'approver' : 'nobody'}`;
  const { identities } = lab.region;
  identities.addRole({
    arn: roleArn,
    trust: ['tests'],
    policies: [
      {
        Statement: requests.map((request) => ({
          Effect: 'Allow',
          Action: 'execute-api:Invoke',
          Resource: `arn:aws:execute-api:us-east-1:${ACCOUNT_ID}:*/$default/${request}`,
        })),
      },
    ],
  });
  return identities.assume({ roleArn, principal: 'tests', sessionName: 'somebody' });
};

describe('a caller', () => {
  test('is refused by every route that its policy does not name, before Teal hears of it', async () => {
    const lab = await openLab();
    const id = await start(lab, 'v2');
    await lab.untilState(id, 'Hold');
    const nobody = roleWith(lab);
    const approver = roleWith(lab, 'POST/deployments/*/approve', 'GET/deployments/*');
    const forbidden = { status: 403, body: { message: 'Forbidden' } };
    for (const { method, path } of OPERATIONS) {
      const url = fill(path, id);
      expect(await lab.api.send(method, url, { as: nobody })).toMatchObject(forbidden);
      const isHis =
        path.endsWith('/approve') || (path.startsWith('/deployments/{') && method === 'GET');
      const { status } = await lab.api.send(method, url, { as: approver });
      expect([method, path, status === 403]).toEqual([method, path, !isHis]);
    }
    expect(await lab.api.send('GET', '/deployments', { as: approver })).toMatchObject(forbidden);
    expect(await lab.api.send('GET', '/deployments/', { as: approver })).not.toMatchObject({
      body: { deployments: expect.anything() },
    });
    expect(await lab.api.send('GET', '/colours', { as: approver })).toMatchObject(forbidden);
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body).toMatchObject({ status: 'holding' });
  });
});

test('every answer that the document promises was seen, but for those nobody can ask for', () => {
  const rare = /(?:500|503)$/;
  const missing = conformity.known.filter((one) => !conformity.seen.has(one) && !rare.test(one));
  expect(missing).toEqual([]);
});
