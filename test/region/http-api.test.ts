import { createHash, createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';

import { authenticate } from '../../region/iam/signature.ts';
import type { Caller } from '../../region/kernel/service.ts';
import { createHttpApi } from '../../region/services/api-gateway/http-api.ts';
import type { ApiRequest, HttpApis } from '../../region/services/api-gateway/http-api.ts';
import { matchRoute } from '../../region/services/api-gateway/routes.ts';
import { createFixture } from './lambda/fixture.ts';

const ACCOUNT = '000000000000';
const RELEASER = `arn:aws:iam::${ACCOUNT}:role/releaser`;

const CALLERS: Readonly<Record<string, Caller>> = {
  administrator: { arn: `arn:aws:iam::${ACCOUNT}:user/administrator`, label: 'administrator' },
  releaser: {
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/releaser/tool`,
    roleArn: RELEASER,
    label: 'tool',
  },
};

const apis: HttpApis[] = [];

afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

/** An API with one function behind it that answers as told. */
async function createApi(handler: (event: object) => Promise<unknown>, stageName = '$default') {
  const fixture = createFixture();
  const { lambda, kernel, identities, clock } = fixture;
  const find: typeof identities.find = (key, token) => identities.find(key, token);
  const { arn } = lambda.addFunction({ name: 'api', timeoutSeconds: 60, invoke: handler as never });
  const httpApis = createHttpApi({
    kernel,
    functions: lambda.functions,
    identities,
    verify: (request) => {
      const result = authenticate(request, { signingName: 'execute-api', find });
      if (result.type === 'caller') return result.caller;
      return CALLERS[request.headers['x-test-caller'] ?? ''];
    },
  });
  apis.push(httpApis);
  const { apiId, endpoint } = await httpApis.addApi({ name: 'teal' });
  httpApis.addStage({ apiId, stageName });
  const { integrationId } = httpApis.addIntegration({
    apiId,
    integrationType: 'AWS_PROXY',
    integrationUri: arn,
    payloadFormatVersion: '2.0',
  });
  const allow = (source: string) =>
    lambda.addPermission({
      FunctionName: 'api',
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${source}`,
    });
  const ask = async (method: string, url: string, changes: Partial<ApiRequest> = {}) => {
    const request = { method, url, headers: {}, body: Buffer.alloc(0), sourceIp: '127.0.0.1' };
    const answer = await clock.runUntil(httpApis.handle(apiId, { ...request, ...changes }));
    return { ...answer, body: String(answer.body) };
  };
  return { ...fixture, httpApis, apiId, endpoint, integrationId, allow, ask };
}

const echo = (event: object) => Promise.resolve(event);

describe('a request', () => {
  it('reaches the function as an event of format 2.0', async () => {
    const { httpApis, apiId, integrationId, allow, ask } = await createApi(echo);
    httpApis.addRoute({
      apiId,
      integrationId,
      routeKey: 'POST /deployments/{id}/promote',
      authorizationType: 'AWS_IAM',
    });
    allow(`${apiId}/*`);
    const { status, body } = await ask('POST', '/deployments/web%201/promote?step=1&step=2&x=', {
      headers: {
        'x-test-caller': 'administrator',
        'content-type': 'application/json',
        cookie: 'a=1; b=2',
        host: 'api.local',
        'user-agent': 'tool/1',
      },
      body: Buffer.from('{"reason":"ok"}'),
    });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      version: '2.0',
      routeKey: 'POST /deployments/{id}/promote',
      rawPath: '/deployments/web%201/promote',
      rawQueryString: 'step=1&step=2&x=',
      cookies: ['a=1', 'b=2'],
      headers: {
        'x-test-caller': 'administrator',
        'content-type': 'application/json',
        host: 'api.local',
        'user-agent': 'tool/1',
      },
      queryStringParameters: { step: '1,2', x: '' },
      requestContext: {
        accountId: ACCOUNT,
        apiId,
        authorizer: {
          iam: {
            accessKey: '',
            accountId: ACCOUNT,
            callerId: 'administrator',
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: `arn:aws:iam::${ACCOUNT}:user/administrator`,
            userId: 'administrator',
          },
        },
        domainName: 'api.local',
        domainPrefix: 'api',
        http: {
          method: 'POST',
          path: '/deployments/web%201/promote',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'tool/1',
        },
        requestId: expect.any(String),
        routeKey: 'POST /deployments/{id}/promote',
        stage: '$default',
        time: '01/Mar/2026:12:00:00 +0000',
        timeEpoch: Date.parse('2026-03-01T12:00:00Z'),
      },
      pathParameters: { id: 'web 1' },
      body: '{"reason":"ok"}',
      isBase64Encoded: false,
    });
  });

  it('arrives in base64 when its body is no text', async () => {
    const { httpApis, apiId, integrationId, allow, ask } = await createApi(echo);
    httpApis.addRoute({ apiId, integrationId, routeKey: '$default' });
    allow(`${apiId}/*`);
    const { body } = await ask('PUT', '/x', {
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from([0, 255]),
    });
    expect(JSON.parse(body)).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
  });

  it('finds its route below the name of a stage', async () => {
    const { httpApis, apiId, integrationId, allow, ask } = await createApi(echo, 'live');
    httpApis.addRoute({ apiId, integrationId, routeKey: 'GET /deployments' });
    allow(`${apiId}/live/GET/deployments`);
    expect(await ask('GET', '/deployments')).toMatchObject({ status: 404 });
    const { body } = await ask('GET', '/live/deployments');
    expect(JSON.parse(body)).toMatchObject({
      rawPath: '/live/deployments',
      requestContext: { stage: 'live' },
    });
  });

  it('that no route takes is not found', async () => {
    const { httpApis, apiId, integrationId, ask } = await createApi(echo);
    httpApis.addRoute({ apiId, integrationId, routeKey: 'GET /deployments' });
    expect(await ask('POST', '/deployments')).toMatchObject({
      status: 404,
      body: '{"message":"Not Found"}',
    });
  });
});

/** An API with one route that asks for an identity. */
const secured = async () => {
  const api = await createApi(() => Promise.resolve({ ok: true }));
  const { httpApis, apiId, integrationId } = api;
  const route = { apiId, integrationId, authorizationType: 'AWS_IAM' };
  httpApis.addRoute({ ...route, routeKey: 'GET /deployments/{id}' });
  api.allow(`${apiId}/*`);
  return api;
};
describe('who may call', () => {
  const releaser = { headers: { 'x-test-caller': 'releaser' } };

  it('nobody without a signature', async () => {
    const { ask } = await secured();
    expect(await ask('GET', '/deployments/1')).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
    });
  });

  it('a role only with execute-api:Invoke on that method and path', async () => {
    const { ask, apiId, identities } = await secured();
    const grant = (resource: string) =>
      identities.addRole({
        arn: RELEASER,
        trust: [],
        policies: [
          {
            Statement: [
              {
                Effect: 'Allow',
                Action: 'execute-api:Invoke',
                Resource: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${apiId}/${resource}`,
              },
            ],
          },
        ],
      });
    grant('$default/POST/deployments/*');
    expect((await ask('GET', '/deployments/1', releaser)).status).toBe(403);
    grant('$default/GET/deployments/*');
    expect((await ask('GET', '/deployments/1', releaser)).status).toBe(200);
  });

  it('a client that signs its request, over a socket', async () => {
    const { endpoint, identities } = await secured();
    const headers = signed(`${endpoint}/deployments/1`, identities.administrator);
    const response = await fetch(`${endpoint}/deployments/1`, { headers });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true });
    expect(response.headers.get('apigw-requestid')).toMatch(/^[0-9a-f]{16}$/);
    const forged = { ...headers, authorization: headers.authorization.replace(/.{4}$/, 'beef') };
    const refused = await fetch(`${endpoint}/deployments/1`, { headers: forged });
    expect(refused.status).toBe(403);
  });
});

/** What a client gets when the function returns `result`. */
const answering = async (result: unknown) => {
  const api = await createApi(() => Promise.resolve(result));
  api.httpApis.addRoute({
    apiId: api.apiId,
    integrationId: api.integrationId,
    routeKey: '$default',
  });
  api.allow(`${api.apiId}/*`);
  return api.ask('GET', '/');
};

describe('an answer', () => {
  it('is what the function says', async () => {
    const headers = { 'X-Trace': 7, 'Content-Type': 'text/html' };
    const answer = await answering({ statusCode: 202, headers, body: '<p>', cookies: ['a=1'] });
    expect(answer).toMatchObject({
      status: 202,
      headers: { 'x-trace': '7', 'content-type': 'text/html', 'set-cookie': ['a=1'] },
      body: '<p>',
    });
  });

  it('is decoded from base64 when the function says so', async () => {
    const answer = { statusCode: 200, body: 'aGk=', isBase64Encoded: true };
    expect((await answering(answer)).body).toBe('hi');
  });

  it('is JSON when the function returns a bare object', async () => {
    expect(await answering({ id: 1 })).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"id":1}',
    });
  });

  it.each([
    ['its status is no number', { statusCode: 'ok' }],
    ['its body is no text', { statusCode: 200, body: { a: 1 } }],
  ])('is an error of the API when %s', async (_what, result) => {
    expect(await answering(result)).toMatchObject({
      status: 500,
      body: '{"message":"Internal Server Error"}',
    });
  });

  it('is an error of the API when the function throws', async () => {
    const { httpApis, apiId, integrationId, allow, ask } = await createApi(() =>
      Promise.reject(new Error('no')),
    );
    httpApis.addRoute({ apiId, integrationId, routeKey: '$default' });
    allow(`${apiId}/*`);
    expect((await ask('GET', '/')).status).toBe(500);
  });

  it('says that the request is too large when it is more than Lambda takes', async () => {
    const { httpApis, apiId, integrationId, allow, ask } = await createApi(echo);
    httpApis.addRoute({ apiId, integrationId, routeKey: '$default' });
    allow(`${apiId}/*`);
    const body = Buffer.alloc(7_000_000, 'a');
    expect(await ask('POST', '/', { body })).toMatchObject({
      status: 413,
      body: '{"message":"Request Entity Too Large"}',
    });
  });

  it('is an error of the API when the function does not let it in', async () => {
    const { httpApis, apiId, integrationId, allow, ask } = await createApi(echo);
    httpApis.addRoute({ apiId, integrationId, routeKey: 'GET /a' });
    allow(`${apiId}/*/GET/b`);
    expect((await ask('GET', '/a')).status).toBe(500);
  });

  it('comes after thirty seconds at the latest', async () => {
    const api = await createApi(() => api.clock.idle(() => new Promise(() => undefined)));
    const { httpApis, apiId, integrationId, clock } = api;
    httpApis.addRoute({ apiId, integrationId, routeKey: '$default' });
    api.allow(`${apiId}/*`);
    const before = clock.now();
    expect(await api.ask('GET', '/')).toMatchObject({
      status: 503,
      body: '{"message":"Service Unavailable"}',
    });
    expect(clock.now() - before).toBe(30_000);
  });
});

describe('definitions that API Gateway refuses', () => {
  it.each([
    ['a route key without a method', { routeKey: '/deployments' }, /not formatted properly/],
    ['a greedy parameter in the middle', { routeKey: 'GET /{a+}/b' }, /not formatted properly/],
    ['a JWT authorizer', { routeKey: 'GET /a', authorizationType: 'JWT' }, /no authorization JWT/],
    ['an unknown integration', { routeKey: 'GET /a', integrationId: 'x' }, /Invalid integration/],
  ])('%s', async (_what, changes, message) => {
    const { httpApis, apiId, integrationId } = await createApi(echo);
    expect(() => httpApis.addRoute({ apiId, integrationId, ...changes })).toThrow(message);
  });

  it('the same route twice', async () => {
    const { httpApis, apiId, integrationId } = await createApi(echo);
    const route = { apiId, integrationId, routeKey: 'GET /a' };
    httpApis.addRoute(route);
    expect(() => httpApis.addRoute(route)).toThrow(/already exists/);
  });

  it('payload format 1.0 and limits over thirty seconds', async () => {
    const { httpApis, apiId } = await createApi(echo);
    const integration = {
      apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:api`,
      payloadFormatVersion: '2.0',
    };
    expect(() => httpApis.addIntegration({ ...integration, payloadFormatVersion: '1.0' })).toThrow(
      /payload format 2\.0/,
    );
    expect(() => httpApis.addIntegration({ ...integration, timeoutMilliseconds: 30_001 })).toThrow(
      /between 50 ms and 30000 ms/,
    );
  });
});

describe('of several routes that match', () => {
  it.each([
    ['GET', '/deployments/latest', 'GET /deployments/latest'],
    ['GET', '/deployments/7', 'GET /deployments/{id}'],
    ['PUT', '/deployments/7', 'ANY /deployments/{id}'],
    ['GET', '/deployments/7/steps', 'GET /{proxy+}'],
    ['PUT', '/deployments/7/steps', '$default'],
    ['GET', '/deployments/', 'GET /{proxy+}'],
  ])('%s %s takes the most specific', (method, path, expected) => {
    const routes = [
      '$default',
      'GET /{proxy+}',
      'ANY /deployments/{id}',
      'GET /deployments/{id}',
      'GET /deployments/latest',
    ].map((routeKey) => ({ routeId: 'r', routeKey, integrationId: 'i', requiresIam: false }));
    expect(matchRoute(routes, method, path)?.route.routeKey).toBe(expected);
  });
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** Signs a GET as clients do (Signature Version 4). */
function signed(url: string, keys: { accessKeyId: string; secretAccessKey: string }) {
  const { host, pathname } = new URL(url);
  const date = '20260301T120000Z';
  const scope = '20260301/us-east-1/execute-api/aws4_request';
  const signedHeaders = `host:${host}\nx-amz-date:${date}\n\nhost;x-amz-date`;
  const canonical = `GET\n${pathname}\n\n${signedHeaders}\n${sha256('')}`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`);
  return {
    host,
    'x-amz-date': date,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, ` +
      `SignedHeaders=host;x-amz-date, Signature=${signature.toString('hex')}`,
  };
}
