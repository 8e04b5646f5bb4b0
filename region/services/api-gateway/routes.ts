/**
 * Which route of an HTTP API a request takes.
 * Not for: what happens on it.
 */
import { AwsError } from '../../kernel/aws-error.ts';

/** @source botocore apigatewayv2, Route, RouteKey; http-api-develop-routes page of the guide */
const ROUTE_KEY = /^(?<method>ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?<path>\/\S*)$/;

const DEFAULT_ROUTE = '$default';

/** A key that requests are matched against, and what answers them. */
export interface Route {
  readonly routeId: string;
  /** `METHOD /path/{parameter}` or `$default`. */
  readonly routeKey: string;
  readonly integrationId: string;
  readonly requiresIam: boolean;
}

/** The route that a request takes, with what its path says. */
export interface Match {
  readonly route: Route;
  /** Decoded values of the path's parameters. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Refuses what is no route key. @throws AwsError BadRequestException */
export function checkRouteKey(routeKey: string): void {
  const { path } = ROUTE_KEY.exec(routeKey)?.groups ?? {};
  const greedy = path
    ?.split('/')
    .slice(0, -1)
    .some((segment) => segment.includes('+}'));
  if (routeKey === DEFAULT_ROUTE || (path !== undefined && !greedy)) return;
  throw new AwsError(
    'BadRequestException',
    `The provided route key is not formatted properly: ${routeKey}`,
  );
}

/** The resource part of the ARN under which a route invokes its function. */
export function routeResource(routeKey: string, method: string): string {
  const { path } = ROUTE_KEY.exec(routeKey)?.groups ?? {};
  return path === undefined ? routeKey : `${method}${path}`;
}

/**
 * The most specific route of a request: one with its method before `ANY`, more fixed segments
 * before fewer, a greedy parameter last, and `$default` after all.
 * @source https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): Match | undefined {
  const candidates = routes.flatMap((route) => {
    const groups = ROUTE_KEY.exec(route.routeKey)?.groups;
    if (!groups || (groups['method'] !== 'ANY' && groups['method'] !== method)) return [];
    const pathParameters = matchPath(groups['path'] ?? '', path);
    if (!pathParameters) return [];
    return [{ route, pathParameters, rank: rank(groups['method'] ?? '', groups['path'] ?? '') }];
  });
  candidates.sort((one, other) => (one.rank < other.rank ? -1 : 1));
  const fallback = routes.find(({ routeKey }) => routeKey === DEFAULT_ROUTE);
  return candidates[0] ?? (fallback && { route: fallback, pathParameters: {} });
}

/** A text that sorts before that of every less specific route. */
function rank(method: string, path: string): string {
  const segments = path.split('/').map((segment) => {
    if (!segment.startsWith('{')) return 'a';
    return segment.endsWith('+}') ? 'c' : 'b';
  });
  return `${segments.join('')}${method === 'ANY' ? 'z' : 'y'}`;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const actual = path.split('/');
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = actual[index];
    const [, name, greedy] = /^\{([\w.-]+)(\+?)\}$/.exec(segment) ?? [];
    if (value === undefined || (name !== undefined && value === '')) return undefined;
    if (name === undefined && segment !== value) return undefined;
    if (name !== undefined) parameters[name] = decode(value);
    if (name !== undefined && greedy === '+') {
      parameters[name] = actual.slice(index).map(decode).join('/');
      return parameters;
    }
  }
  return wanted.length === actual.length ? parameters : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign without two digits is no encoding; it stays what it is.
    return text;
  }
}
