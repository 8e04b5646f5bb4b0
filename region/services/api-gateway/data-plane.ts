/**
 * A request's way through an HTTP API: stage, route, identity, function, answer.
 * Not for: what the API consists of (see `http-api.ts`).
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Functions, Identities } from '../../kernel/contracts.ts';
import { arn } from '../../kernel/kernel.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Caller } from '../../kernel/service.ts';
import { limitOn } from '../lambda/deadline.ts';
import { ownAnswer } from './messages.ts';
import type { ApiAnswer, ApiRequest } from './messages.ts';
import { proxyAnswer, proxyEvent, splitUrl } from './proxy-event.ts';
import { matchRoute, routeResource } from './routes.ts';
import type { Match, Route } from './routes.ts';

/** The stage whose name is not part of the path. */
const DEFAULT_STAGE = '$default';

/** What requests of an API need on their way: functions to call, and who is allowed to. */
export interface HttpApiOptions {
  readonly kernel: Kernel;
  readonly functions: Functions;
  readonly identities: Pick<Identities, 'isAllowed'>;
  /**
   * Who signed a request for the service `execute-api`; undefined when nobody did, or the
   * signature is wrong.
   */
  readonly verify: (request: ApiRequest) => Caller | undefined;
}

/** A function behind routes. */
export interface Integration {
  readonly functionArn: string;
  /** Region milliseconds. */
  readonly timeoutMilliseconds: number;
}

/** An API as it was defined. */
export interface Api {
  readonly apiId: string;
  readonly stages: Set<string>;
  readonly routes: Route[];
  readonly integrations: Map<string, Integration>;
}

/** Answers one request to an API, whatever happens behind it. */
export async function answer(
  options: HttpApiOptions,
  api: Api,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const requestId = options.kernel.hex(16);
  const { status, headers, body } = await route(options, api, request, requestId);
  return { status, headers: { ...headers, 'apigw-requestid': requestId }, body };
}

async function route(
  options: HttpApiOptions,
  api: Api,
  request: ApiRequest,
  requestId: string,
): Promise<ApiAnswer> {
  const [path] = splitUrl(request.url);
  const stage = stageOf(api, path);
  const match = stage && matchRoute(api.routes, request.method, stage.path);
  if (!stage || !match) return ownAnswer(404);
  const base = `${api.apiId}/${stage.name}`;
  const resource = arn('execute-api', `${base}/${request.method}${stage.path}`);
  const caller = match.route.requiresIam ? options.verify(request) : undefined;
  if (match.route.requiresIam && !isAllowed(options, caller, resource)) return ownAnswer(403);
  const integration = api.integrations.get(match.route.integrationId);
  if (!integration) return ownAnswer(500);
  const sourceArn = arn(
    'execute-api',
    `${base}/${routeResource(match.route.routeKey, request.method)}`,
  );
  const event = describe(options.kernel, {
    api,
    match,
    request,
    requestId,
    stage: stage.name,
    caller,
  });
  return withinLimit(options.kernel, integration.timeoutMilliseconds, () =>
    callFunction(options, integration.functionArn, { event, sourceArn }),
  );
}

function stageOf(api: Api, path: string): { name: string; path: string } | undefined {
  const [, first = ''] = path.split('/');
  if (api.stages.has(first)) return { name: first, path: path.slice(first.length + 1) || '/' };
  return api.stages.has(DEFAULT_STAGE) ? { name: DEFAULT_STAGE, path } : undefined;
}

function isAllowed(
  { identities }: HttpApiOptions,
  caller: Caller | undefined,
  resource: string,
): boolean {
  if (!caller) return false;
  if (caller.roleArn === undefined) return true;
  const permission = { action: 'execute-api:Invoke', resources: [resource] };
  return identities.isAllowed(caller.roleArn, permission);
}

function describe(
  kernel: Kernel,
  options: {
    readonly api: Api;
    readonly match: Match;
    readonly request: ApiRequest;
    readonly requestId: string;
    readonly stage: string;
    readonly caller: Caller | undefined;
  },
): object {
  const { api, match, request, requestId, stage, caller } = options;
  return proxyEvent({
    request,
    match,
    apiId: api.apiId,
    stageName: stage,
    requestId,
    at: kernel.clock.now(),
    ...(caller && { caller }),
  });
}

async function callFunction(
  { kernel, functions }: HttpApiOptions,
  functionArn: string,
  { event, sourceArn }: { readonly event: object; readonly sourceArn: string },
): Promise<ApiAnswer> {
  try {
    const { payload, functionError } = await functions.invoke({
      functionArn,
      payload: JSON.stringify(event),
      caller: { type: 'service', principal: 'apigateway.amazonaws.com', sourceArn },
    });
    return functionError === undefined ? proxyAnswer(payload) : ownAnswer(500);
  } catch (error) {
    kernel.log(`api gateway: ${functionArn} could not be invoked: ${String(error)}`);
    // A body that API Gateway takes may still be more than Lambda does.
    const isTooLarge = error instanceof AwsError && error.code === 'RequestTooLargeException';
    return ownAnswer(isTooLarge ? 413 : 500);
  }
}

/** Gives up waiting, not the function: that goes on, as on AWS. */
async function withinLimit(
  { clock }: Kernel,
  milliseconds: number,
  run: () => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const limit = new AbortController();
  const late = clock.sleep(limitOn(clock, milliseconds), limit.signal).then(
    () => ownAnswer(503),
    () => ownAnswer(503), // Aborted: the function was in time.
  );
  try {
    return await Promise.race([run(), late]);
  } finally {
    limit.abort(new Error('The integration has answered.'));
  }
}
