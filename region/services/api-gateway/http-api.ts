/**
 * API Gateway HTTP APIs: each listens on its own port of this machine, and hands requests to
 * functions after it has checked who asks.
 * Not for: REST and WebSocket APIs, JWT and Lambda authorizers, CORS, custom domains and
 * throttling, which are refused or absent; and not for API Gateway's own control plane.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { answer } from './data-plane.ts';
import type { Api, HttpApiOptions, Integration } from './data-plane.ts';
import { listen } from './listener.ts';
import type { Listener } from './listener.ts';
import type { ApiAnswer, ApiRequest } from './messages.ts';
import { checkRouteKey } from './routes.ts';
import type { Route } from './routes.ts';

export type { HttpApiOptions } from './data-plane.ts';
export type { ApiAnswer, ApiRequest } from './messages.ts';

/** The other way in which an integration names a function. */
const INVOCATION_URI =
  /^arn:aws:apigateway:[\w-]+:lambda:path\/2015-03-31\/functions\/arn:aws:lambda:[^/]+\/invocations$/;

/** Region milliseconds that an integration may take. @source http-api-quotas page of the guide */
const INTEGRATION_LIMITS = { min: 50, max: 30_000 } as const;

/** The HTTP APIs of the region, defined as CloudFormation defines them. */
export interface HttpApis {
  /** Opens a port for an API, which answers 404 until it has a stage and routes. */
  addApi(options: { readonly name: string }): Promise<{
    readonly apiId: string;
    /** Where it really listens, such as `http://127.0.0.1:40001`. */
    readonly endpoint: string;
  }>;
  addStage(options: { readonly apiId: string; readonly stageName: string }): void;
  /** @throws AwsError BadRequestException for what is no Lambda proxy of payload format 2.0 */
  addIntegration(options: {
    readonly apiId: string;
    readonly integrationType: string;
    readonly integrationUri: string;
    readonly payloadFormatVersion: string;
    /** 50 to 30000 region milliseconds; absent means 30000. */
    readonly timeoutMilliseconds?: number;
  }): { readonly integrationId: string };
  /** @throws AwsError BadRequestException, ConflictException, NotFoundException */
  addRoute(options: {
    readonly apiId: string;
    readonly routeKey: string;
    readonly integrationId: string;
    /** `AWS_IAM`, or `NONE` when absent. */
    readonly authorizationType?: string;
  }): { readonly routeId: string };
  /** Answers a request without a socket. */
  handle(apiId: string, request: ApiRequest): Promise<ApiAnswer>;
  /** Closes all ports. */
  close(): Promise<void>;
}

/** Starts without any API. */
export function createHttpApi(options: HttpApiOptions): HttpApis {
  const { kernel } = options;
  const apis = new Map<string, Api>();
  const listeners: Listener[] = [];
  const find = (apiId: string): Api => {
    const api = apis.get(apiId);
    if (!api) throw new AwsError('NotFoundException', `Invalid API identifier specified ${apiId}`);
    return api;
  };
  const handle = (apiId: string, request: ApiRequest): Promise<ApiAnswer> =>
    answer(options, find(apiId), request);

  return {
    addApi: async () => {
      const apiId = kernel.hex(10);
      apis.set(apiId, { apiId, stages: new Set(), routes: [], integrations: new Map() });
      const listener = await listen((request) => handle(apiId, request));
      listeners.push(listener);
      return { apiId, endpoint: listener.origin };
    },
    addStage: ({ apiId, stageName }) => void find(apiId).stages.add(stageName),
    addIntegration: ({ apiId, ...wanted }) => {
      const integrationId = kernel.hex(7);
      find(apiId).integrations.set(integrationId, readIntegration(wanted));
      return { integrationId };
    },
    addRoute: ({ apiId, ...wanted }) => {
      const api = find(apiId);
      const added = readRoute(api, { ...wanted, routeId: kernel.hex(7) });
      api.routes.push(added);
      return { routeId: added.routeId };
    },
    handle,
    close: async () => {
      await Promise.all(listeners.splice(0).map((listener) => listener.close()));
    },
  };
}

function readIntegration(wanted: {
  readonly integrationType: string;
  readonly integrationUri: string;
  readonly payloadFormatVersion: string;
  readonly timeoutMilliseconds?: number;
}): Integration {
  const { integrationType, integrationUri, payloadFormatVersion: version } = wanted;
  const { timeoutMilliseconds = INTEGRATION_LIMITS.max } = wanted;
  const [functionArn] = /arn:aws:lambda:[^/]+/.exec(integrationUri) ?? [];
  const isKnown = integrationUri === functionArn || INVOCATION_URI.test(integrationUri);
  if (
    integrationType !== 'AWS_PROXY' ||
    functionArn === undefined ||
    !isKnown ||
    version !== '2.0'
  ) {
    throw badRequest(
      `The region's integrations are Lambda proxies of payload format 2.0, not ` +
        `${integrationType} ${version} to ${integrationUri}.`,
    );
  }
  const { min, max } = INTEGRATION_LIMITS;
  if (!(timeoutMilliseconds >= min && timeoutMilliseconds <= max)) {
    throw badRequest(`Timeout should be between ${min} ms and ${max} ms`);
  }
  return { functionArn, timeoutMilliseconds };
}

function readRoute(
  api: Api,
  wanted: {
    readonly routeId: string;
    readonly routeKey: string;
    readonly integrationId: string;
    readonly authorizationType?: string;
  },
): Route {
  const { routeId, routeKey, integrationId, authorizationType = 'NONE' } = wanted;
  checkRouteKey(routeKey);
  if (authorizationType !== 'NONE' && authorizationType !== 'AWS_IAM') {
    throw badRequest(`The region's routes have no authorization ${authorizationType}.`);
  }
  if (api.routes.some((other) => other.routeKey === routeKey)) {
    throw new AwsError(
      'ConflictException',
      `Route with key ${routeKey} already exists for this API`,
      {
        httpStatus: 409,
      },
    );
  }
  if (!api.integrations.has(integrationId)) {
    throw badRequest(`Invalid integration identifier specified ${integrationId}`);
  }
  return { routeId, routeKey, integrationId, requiresIam: authorizationType === 'AWS_IAM' };
}

function badRequest(message: string): AwsError {
  return new AwsError('BadRequestException', message);
}
