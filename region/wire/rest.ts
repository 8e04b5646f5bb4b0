/**
 * What the REST protocols share: method and path name the operation, and some members of inputs
 * and outputs stand in path, query and headers.
 * Not for: bodies (`rest-json.ts`, `rest-xml.ts`).
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { WireRequest } from './message.ts';
import { serviceModels } from './model.ts';
import type { OperationModel, Protocol, ServiceModel, Shape } from './model.ts';
import { toText } from './value.ts';

/** One operation's place on the wire. */
export interface RestRoute {
  readonly service: ServiceModel;
  readonly operation: OperationModel;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** Query parameters that the template itself names. */
  readonly query: readonly string[];
  /** Characters that are not labels: of two routes that match, the more literal one is meant. */
  readonly literal: number;
}

/** Members of an input or output by name. */
export type Members = Record<string, unknown>;

/** The places of all operations of the services that speak a protocol, the most literal first. */
export function restRoutes(protocol: Protocol): readonly RestRoute[] {
  return serviceModels
    .filter((service) => service.protocols.includes(protocol))
    .flatMap((service) => [...service.operations.values()].map((it) => routeOf(service, it)))
    .sort((a, b) => b.literal - a.literal);
}

/** The route that a request means; undefined when there is none. */
export function findRoute(
  routes: readonly RestRoute[],
  request: WireRequest,
): { readonly route: RestRoute; readonly url: URL } | undefined {
  const url = new URL(`http://region${request.url}`);
  const route = routes.find(
    (it) =>
      it.method === request.method &&
      it.path.test(url.pathname) &&
      it.query.every((name) => url.searchParams.has(name)),
  );
  return route && { route, url };
}

function routeOf(service: ServiceModel, operation: OperationModel): RestRoute {
  const [method = '', template = ''] = operation.http ?? [];
  const [path = '', query = ''] = template.split('?');
  const labels: string[] = [];
  const pattern = path.replace(/\{(\w+)(\+?)\}/g, (_, label: string, greedy: string) => {
    labels.push(label);
    return greedy ? '(.+)' : '([^/]+)';
  });
  return {
    service,
    operation,
    method,
    path: new RegExp(`^${pattern}/?$`),
    labels,
    query: [...new URLSearchParams(query).keys()],
    literal: path.replace(/\{\w+\+?\}/g, '').length + query.length,
  };
}

/**
 * The members that stand in path, query and headers.
 * @throws AwsError SerializationException when one has another type than its shape
 */
export function readPlaced(route: RestRoute, url: URL, request: WireRequest): Members {
  const placed: Members = {};
  const shape = route.operation.input;
  if (!shape.isStructSchema()) return placed;
  const labels = route.path.exec(url.pathname) ?? [];
  for (const [name, member] of shape.structIterator()) {
    const traits = member.getMergedTraits();
    const label = labels[1 + route.labels.indexOf(name)];
    if (traits.httpLabel && label !== undefined) {
      placed[name] = readText(member, decodeURIComponent(label), name);
    } else if (traits.httpQuery) {
      const values = url.searchParams.getAll(traits.httpQuery);
      if (values.length > 0) placed[name] = readTexts(member, values, name);
    } else if (traits.httpHeader) {
      const value = request.headers[traits.httpHeader.toLowerCase()];
      if (value !== undefined) placed[name] = readText(member, value, name);
    }
  }
  return placed;
}

/** Whether a member stands elsewhere than in the body. */
export function isPlaced(member: Shape): boolean {
  const { httpLabel, httpQuery, httpHeader, httpResponseCode } = member.getMergedTraits();
  return Boolean(httpLabel || httpQuery || httpHeader || httpResponseCode);
}

/** Status and headers of an answer, from the operation and the members that stand there. */
export function writePlaced(
  operation: OperationModel,
  output: Members,
): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = operation.http?.[2] ?? 200;
  if (!operation.output.isStructSchema()) return { status, headers };
  for (const [name, member] of operation.output.structIterator()) {
    const { httpHeader, httpResponseCode } = member.getMergedTraits();
    const value = output[name];
    if (value === undefined) continue;
    if (httpHeader) headers[httpHeader.toLowerCase()] = headerText(value);
    if (httpResponseCode) status = Number(value);
  }
  return { status, headers };
}

function readTexts(member: Shape, values: readonly string[], name: string): unknown {
  if (!member.isListSchema()) return readText(member, values[0] ?? '', name);
  return values.map((value) => readText(member.getValueSchema(), value, name));
}

function readText(shape: Shape, text: string, name: string): unknown {
  if (shape.isBooleanSchema()) return text === 'true';
  if (shape.isTimestampSchema()) return new Date(text);
  if (!shape.isNumericSchema()) return text;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  throw new AwsError('SerializationException', `Expected a number at '${name}'.`);
}

function headerText(value: unknown): string {
  return value instanceof Date ? value.toUTCString() : toText(value);
}
