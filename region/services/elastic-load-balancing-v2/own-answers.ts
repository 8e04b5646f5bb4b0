/**
 * Answers that come from the load balancer itself: redirects, fixed responses, the door in front of
 * actions that ask for a login, and its error pages.
 * Not for: answers of targets.
 */
import type { Action, RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RoutableRequest } from './matching.ts';
import type { ListenerView } from './propagation.ts';

/** An answer for which no target is asked. */
export interface OwnAnswer {
  readonly type: 'own';
  readonly kind: 'redirect' | 'fixedResponse' | 'login' | 'unauthorized';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The answer that a rule's actions give without a target; undefined when they forward.
 * Nobody can log in at the region, so a login never leads any further than to the provider.
 */
export function decideOwnAnswer(
  actions: readonly Action[],
  view: ListenerView,
  request: RoutableRequest,
): OwnAnswer | undefined {
  for (const action of actions) {
    if (action.Type === 'redirect') return redirect(action.RedirectConfig, view, request);
    if (action.Type === 'fixed-response') return fixedResponse(action);
    if (action.Type === 'jwt-validation') return UNAUTHORIZED;
    const login = action.AuthenticateOidcConfig ?? action.AuthenticateCognitoConfig;
    if (login?.OnUnauthenticatedRequest === 'deny') return UNAUTHORIZED;
    if (login && login.OnUnauthenticatedRequest !== 'allow') {
      return {
        type: 'own',
        kind: 'login',
        status: 302,
        headers: { Location: loginEndpoint(action) },
        body: '',
      };
    }
  }
  return undefined;
}

const UNAUTHORIZED: OwnAnswer = {
  type: 'own',
  kind: 'unauthorized',
  status: 401,
  headers: {},
  body: '',
};

function loginEndpoint(action: Action): string {
  const oidc = action.AuthenticateOidcConfig?.AuthorizationEndpoint;
  const domain = action.AuthenticateCognitoConfig?.UserPoolDomain ?? '';
  return oidc ?? `https://${domain}/oauth2/authorize`;
}

function fixedResponse(action: Action): OwnAnswer {
  const config = action.FixedResponseConfig;
  return {
    type: 'own',
    kind: 'fixedResponse',
    status: Number(config?.StatusCode),
    headers: config?.ContentType ? { 'Content-Type': `${config.ContentType}; charset=utf-8` } : {},
    body: config?.MessageBody ?? '',
  };
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { HTTP: '80', HTTPS: '443' };

function redirect(
  config: RedirectActionConfig | undefined,
  view: ListenerView,
  request: RoutableRequest,
): OwnAnswer {
  const known: Readonly<Record<string, string>> = {
    protocol: view.protocol,
    host: request.host.replace(/:\d+$/, ''),
    port: String(view.port),
    path: request.path.slice(1),
    query: request.query,
  };
  const fill = (template = ''): string =>
    template.replaceAll(/#\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole);
  const protocol = fill(config?.Protocol);
  const port = fill(config?.Port);
  const shownPort = DEFAULT_PORTS[protocol] === port ? '' : `:${port}`;
  const query = fill(config?.Query);
  const target = `${fill(config?.Host)}${shownPort}${fill(config?.Path)}`;
  const location = `${protocol.toLowerCase()}://${target}${query === '' ? '' : `?${query}`}`;
  return {
    type: 'own',
    kind: 'redirect',
    status: config?.StatusCode === 'HTTP_301' ? 301 : 302,
    headers: { Location: location },
    body: '',
  };
}

/** The header by which clients tell the load balancer's answers from a target's. */
export const SERVER_HEADER = 'awselb/2.0';

const TITLES: Readonly<Record<number, string>> = {
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

/** The page of an error that the load balancer itself reports. */
export function errorPage(status: 502 | 503 | 504): string {
  const title = TITLES[status] ?? '';
  const head = `<head><title>${title}</title></head>`;
  const body = `<body>\r\n<center><h1>${title}</h1></center>\r\n</body>`;
  return `<html>\r\n${head}\r\n${body}\r\n</html>\r\n`;
}
