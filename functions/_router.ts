/**
 * Routes of the function that answers most operations. API Gateway has found the route already and
 * decoded what stands in the path; the router here is told which route that was, so that the two
 * can never disagree about what a caller was allowed to do.
 */
import { Router } from '@aws-lambda-powertools/event-handler/http';
import {
  methodsOf,
  type Operation,
  type OperationId,
  OPERATIONS,
} from '../shared/core/api/operations.ts';
import { attempt, type HttpEvent, type Run } from './_http.ts';
import { problem } from './_problem.ts';

/** What API Gateway calls the route of everything that has no route of its own. */
const OTHERS = '$default';

/** Longest path that is repeated in a refusal. */
const TOLD_PATH_LENGTH_MAX = 200;

/** An event as the router gets it: which route it took, and the event as it came. */
interface Routed {
  readonly asItCame: HttpEvent;
}

/** Answers the operations of one function, each by its `operationId`. */
export function createRouter(
  answeredBy: Operation['answeredBy'],
  runs: Readonly<Partial<Record<OperationId, Run>>>,
) {
  const router = new Router();
  for (const { operationId, method, path, answeredBy: owner } of OPERATIONS) {
    const run = runs[operationId];
    if (owner !== answeredBy || !run) continue;
    const answer = ({ event }: { readonly event: unknown }) =>
      attempt(toEvent(event), operationId, run);
    router.route(answer, { method, path: toFixed(path) });
  }
  router.notFound(async (_error, { event }) => refuseUnknown(toEvent(event)));
  return {
    resolve: async (event: HttpEvent, context: Parameters<typeof router.resolve>[1]) =>
      router.resolve(toRouted(event), context),
  };
}

/** Nothing of what the caller sent takes part in routing: no header, no query, no name. */
function toRouted(event: HttpEvent): Routed {
  const { routeKey } = event;
  const [method = '', path = ''] = routeKey === OTHERS ? ['GET', '/no-route'] : routeKey.split(' ');
  const routed = {
    version: '2.0',
    routeKey,
    rawPath: toFixed(path),
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext: { domainName: 'teal', http: { method } },
    asItCame: event,
  };
  return routed;
}

/** A path's parameters stand for themselves. */
function toFixed(path: string): `/${string}` {
  return path.replace(/[{}]/g, '') as `/${string}`;
}

function toEvent(event: unknown): HttpEvent {
  return (event as Routed).asItCame;
}

/** Tells a path that is not there from a method that a path does not have. */
function refuseUnknown({ requestContext: { http } }: HttpEvent): Response {
  const path = http.path.slice(0, TOLD_PATH_LENGTH_MAX);
  const methods = methodsOf(http.path);
  if (methods.length === 0) {
    return problem(404, 'NotFound', `Teal's API has no path ${path}; its document lists them.`);
  }
  const allow = methods.join(', ');
  return problem(405, 'MethodNotAllowed', `${path} has ${allow}, and not ${http.method}.`, {
    headers: { allow },
  });
}
