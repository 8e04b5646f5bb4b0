/**
 * The HTTP API as data: every operation with its method, its path and what answers it. Routes,
 * permissions, documents and tests are made from this table, or compared with it.
 * Not for: what requests and answers look like (see `requests.ts` and `answers.ts`).
 */
import { type Verb, VERBS } from '../orders.ts';

/** What each verb does, in one sentence. */
const VERB_SUMMARIES: Readonly<Record<Verb, string>> = {
  approve: 'Lets a deployment that asks for approval go on.',
  reject: 'Refuses the approval that a deployment asks for, which rolls it back.',
  promote: 'Ends the current hold and a pause, so that the next step is taken now.',
  promoteAll: 'Skips all holds before 100 %; gates still judge, and the bake stays.',
  pause: 'Keeps further weight from being written until it is resumed.',
  resume: 'Ends a pause.',
  skipHold: 'Ends the current hold, the bake included.',
  extendHold: 'Makes the current hold last longer.',
  abort: 'Stops a deployment and rolls it back.',
  rollback: 'Takes back a deployment that has succeeded; one that runs is aborted.',
};

/** The function that answers an operation, by its key in `serverless.yml`. */
export type ApiFunction = 'api' | 'showPlan' | 'showDeployment' | 'draftDefinition';

/** One operation. */
export interface Operation {
  readonly operationId: OperationId;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** With parameters in braces, as API Gateway writes them. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly answeredBy: ApiFunction;
  /** Status of what was granted. */
  readonly status: 200 | 202;
  /** Statuses of what is refused although the request could be read. */
  readonly refusals: readonly number[];
  /** True where an idempotency key counts. */
  readonly takesKey?: boolean;
}

/** Names of operations; each verb is one. */
export type OperationId =
  | 'listServices'
  | 'putService'
  | 'showService'
  | 'deleteService'
  | 'showPlan'
  | 'draftDefinition'
  | 'startDeployment'
  | 'listDeployments'
  | 'describeDeployment'
  | 'readTimeline'
  | 'showDeployment'
  | 'listLeftovers'
  | Verb;

/** The operations besides the verbs. */
const NOUNS: readonly Operation[] = [
  {
    operationId: 'listServices',
    method: 'GET',
    path: '/services',
    summary: 'Lists the services that are defined, by name.',
    answeredBy: 'api',
    status: 200,
    refusals: [],
  },
  {
    operationId: 'putService',
    method: 'PUT',
    path: '/services/{service}',
    summary: 'Defines a service, or replaces its definition.',
    answeredBy: 'api',
    status: 200,
    refusals: [409],
  },
  {
    operationId: 'showService',
    method: 'GET',
    path: '/services/{service}',
    summary: "Shows a service's definition.",
    answeredBy: 'api',
    status: 200,
    refusals: [404],
  },
  {
    operationId: 'deleteService',
    method: 'DELETE',
    path: '/services/{service}',
    summary: 'Forgets a service that nobody deploys and for which nothing is left to do.',
    answeredBy: 'api',
    status: 200,
    refusals: [404, 409],
  },
  {
    operationId: 'showPlan',
    method: 'POST',
    path: '/services/{service}/plan',
    summary: 'Shows what a deployment would do, touching nothing.',
    answeredBy: 'showPlan',
    status: 200,
    refusals: [404, 409],
    takesKey: true,
  },
  {
    operationId: 'draftDefinition',
    method: 'GET',
    path: '/groups/{group}/definition',
    summary: 'Drafts a definition from an Auto Scaling group as it is live.',
    answeredBy: 'draftDefinition',
    status: 200,
    refusals: [404],
  },
  {
    operationId: 'startDeployment',
    method: 'POST',
    path: '/deployments',
    summary: 'Starts a deployment.',
    answeredBy: 'api',
    status: 202,
    refusals: [404, 409],
    takesKey: true,
  },
  {
    operationId: 'listDeployments',
    method: 'GET',
    path: '/deployments',
    summary: 'Lists deployments, the newest first.',
    answeredBy: 'api',
    status: 200,
    refusals: [],
  },
  {
    operationId: 'describeDeployment',
    method: 'GET',
    path: '/deployments/{deploymentId}',
    summary: 'Shows what was asked for, what was planned, and how far it came.',
    answeredBy: 'api',
    status: 200,
    refusals: [404, 409],
  },
  {
    operationId: 'readTimeline',
    method: 'GET',
    path: '/deployments/{deploymentId}/timeline',
    summary: 'Tells what happened, in sentences, the oldest first.',
    answeredBy: 'api',
    status: 200,
    refusals: [404, 409],
  },
  {
    operationId: 'showDeployment',
    method: 'GET',
    path: '/deployments/{deploymentId}/observation',
    summary: 'Shows a deployment as it is live: fleets, weights and alarms.',
    answeredBy: 'showDeployment',
    status: 200,
    refusals: [404, 409],
  },
  {
    operationId: 'listLeftovers',
    method: 'GET',
    path: '/leftovers',
    summary: 'Lists what could not be removed, and what should be undone by now and is not.',
    answeredBy: 'api',
    status: 200,
    refusals: [],
  },
];

/** Every operation of the API. */
export const OPERATIONS: readonly Operation[] = [...NOUNS, ...VERBS.map(toOperation)];

function toOperation(verb: Verb): Operation {
  return {
    operationId: verb,
    method: 'POST',
    path: `/deployments/{deploymentId}/${verb}`,
    summary: VERB_SUMMARIES[verb],
    answeredBy: 'api',
    status: 202,
    refusals: [404, 409],
    takesKey: true,
  };
}

/** How API Gateway names the route of an operation, such as `GET /deployments/{deploymentId}`. */
export function routeKeyOf({ method, path }: Pick<Operation, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** The methods that a path has, such as `/deployments/web-1`; empty where there is no such path. */
export function methodsOf(path: string): readonly string[] {
  const segments = path.split('/');
  const fits = (pattern: string): boolean => {
    const wanted = pattern.split('/');
    return (
      wanted.length === segments.length &&
      wanted.every((part, index) =>
        part.startsWith('{') ? segments[index] !== '' : part === segments[index],
      )
    );
  };
  return OPERATIONS.filter((operation) => fits(operation.path)).map(({ method }) => method);
}
