/**
 * The region's one endpoint: every call of every service comes in here, over a socket or without.
 * A call is authenticated, decoded, let in at AWS's pace, authorised, perhaps spoilt on purpose,
 * answered and recorded.
 */
import type { IdentityStore } from '../iam/identities.ts';
import { authenticate } from '../iam/signature.ts';
import type { FindCredential } from '../iam/signature.ts';
import { AwsError } from '../kernel/aws-error.ts';
import { createHex, createRandom } from '../kernel/chance.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Caller, Service, ServiceName } from '../kernel/service.ts';
import { decode } from '../wire/decode.ts';
import type { DecodedCall, WireAnswer, WireRequest } from '../wire/message.ts';
import { serviceModel } from '../wire/model.ts';
import { createCallRecords } from './call-record.ts';
import type { CallListener, CallRecord, CallRecords } from './call-record.ts';
import { ConnectionLost } from './faults.ts';
import type { Faults } from './faults.ts';
import { createPerform } from './perform.ts';
import type { Performance } from './perform.ts';
import { internalFailure, notAuthenticated } from './refusals.ts';
import { createRequestHandler } from './request-handler.ts';
import type { SdkRequestHandler } from './request-handler.ts';
import { createServer } from './server.ts';
import { createThrottle } from './throttle.ts';

/** The way into the region, over a socket, as an SDK's request handler, or in process. */
export interface Endpoint {
  /** Answers one request. @throws ConnectionLost when a fault loses the request or its answer */
  handle(request: WireRequest): Promise<WireAnswer>;
  /**
   * Makes a call without bytes, for services that act under somebody's role. AWS's own services
   * have request rates of their own: such a call is never throttled.
   * @throws AwsError, ConnectionLost
   */
  perform(call: Omit<Performance, 'requestId'>): Promise<unknown>;
  /** The region as the `requestHandler` of an SDK client. */
  readonly requestHandler: SdkRequestHandler;
  /** Opens a socket on 127.0.0.1 and answers its origin. No port, or 0, means any free one. */
  listen(port?: number): Promise<string>;
  /** Closes the socket and its connections; harmless when there is none. */
  close(): Promise<void>;
  /** Names of the operations that are answered, by service; every other one is refused. */
  readonly served: ReadonlyMap<ServiceName, readonly string[]>;
  /** The latest calls, oldest first. */
  calls(): readonly CallRecord[];
  /** Tells every call from now on. Answers how to stop. */
  onCall(listener: CallListener): () => void;
}

/** What stands behind an endpoint. */
export interface EndpointOptions {
  readonly kernel: Kernel;
  readonly services: readonly Service[];
  readonly identities: IdentityStore;
  /** Absent means that nothing goes wrong. */
  readonly faults?: Faults;
  /** Whether AWS's request rates hold for requests. Absent means that they do. */
  readonly isThrottled?: boolean;
  /**
   * Whether a caller is itself counted as work of the clock while it waits for the answer, so that
   * a delayed call must let go of the caller's hold on virtual time too. Absent means that callers
   * with a role are: functions and executions run as work.
   */
  readonly holdsTime?: (caller: Caller) => boolean;
}

/** Seed of the request ids: a stream of their own, so that a poll more does not change chance. */
const REQUEST_ID_SEED = 1;

/** Builds the endpoint of a region. It listens to nothing yet. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { kernel } = options;
  const records = createCallRecords(kernel.clock, (line) => kernel.log(line));
  const nextRequestId = createRequestIds();
  const perform = createRecordedPerform(options, records);
  const answer = createAnswer({ ...options, records, nextRequestId, perform });
  const handle = (request: WireRequest): Promise<WireAnswer> =>
    kernel.clock.work(() => answer(request));
  const server = createServer(handle, () => kernel.clock.now());
  return {
    handle,
    perform: (call) => kernel.clock.work(() => perform({ ...call, requestId: nextRequestId() })),
    requestHandler: createRequestHandler(handle),
    listen: (port) => server.listen(port),
    close: () => server.close(),
    served: new Map(
      options.services.map(({ name, operations }) => [name, Object.keys(operations).sort()]),
    ),
    calls: () => records.list(),
    onCall: (listener) => records.onCall(listener),
  };
}

type Perform = (performance: Performance) => Promise<unknown>;

/** Calls operations and records how each call ended. Rejects with AwsError or ConnectionLost. */
function createRecordedPerform(options: EndpointOptions, records: CallRecords): Perform {
  const perform = createPerform({
    ...options,
    faults: options.faults ?? (() => undefined),
    holdsTime: options.holdsTime ?? ((caller) => caller.roleArn !== undefined),
  });
  return async (performance) => {
    const { caller } = performance;
    try {
      const output = await perform(performance);
      record(records, performance, caller);
      return output;
    } catch (error) {
      const lost = error instanceof ConnectionLost;
      const refused = lost ? error : asRefusal(options.kernel, performance, error);
      record(records, performance, caller, refused.code);
      throw refused;
    }
  };
}

/** Answers requests. Rejects with ConnectionLost alone. */
function createAnswer(
  options: Pick<EndpointOptions, 'kernel' | 'identities' | 'isThrottled'> & {
    records: CallRecords;
    nextRequestId: () => string;
    perform: Perform;
  },
): (request: WireRequest) => Promise<WireAnswer> {
  const { kernel, identities, records, nextRequestId, perform } = options;
  const throttle =
    options.isThrottled === false ? undefined : createThrottle(kernel.clock, kernel.quotas);
  const find: FindCredential = (id, token) => identities.find(id, token);
  const callerOf = (call: DecodedCall, request: WireRequest): Caller => {
    const { signingName } = serviceModel(call.service);
    const result = authenticate(request, { signingName, find });
    if (result.type === 'caller') return result.caller;
    throw notAuthenticated(call.service, result.problem);
  };

  return async (request) => {
    const requestId = nextRequestId();
    const call = isWellFormed(request.url) ? decode(request, requestId) : undefined;
    if (!call) return notServed(request);
    let caller: Caller | undefined;
    let input: unknown;
    try {
      caller = callerOf(call, request);
      input = call.readInput();
      throttle?.(call.service, call.operation, input);
    } catch (error) {
      const refused = asRefusal(kernel, call, error);
      const { service, operation } = call;
      record(records, { service, operation, input }, caller, refused.code);
      return call.fail(refused);
    }
    const { service, operation } = call;
    try {
      return call.reply(await perform({ caller, service, operation, input, requestId }));
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      return call.fail(asRefusal(kernel, call, error));
    }
  };
}

function record(
  records: CallRecords,
  { service, operation, input }: Pick<Performance, 'service' | 'operation'> & { input?: unknown },
  caller?: Caller,
  errorCode?: string,
): void {
  const kept = {
    service,
    operation,
    callerLabel: caller?.label ?? 'unknown',
    ...(caller?.roleArn !== undefined && { roleArn: caller.roleArn }),
    ...(errorCode !== undefined && { errorCode }),
  };
  records.add(kept, input);
}

/** A refusal as it is; anything else is a defect of the region, told to the log alone. */
function asRefusal(
  kernel: Kernel,
  call: Pick<DecodedCall, 'service' | 'operation'>,
  error: unknown,
): AwsError {
  if (error instanceof AwsError) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  kernel.log(`defect in ${call.operation} of ${call.service}: ${detail}`);
  return internalFailure();
}

/** Request ids as AWS writes them, the same in every run. */
function createRequestIds(): () => string {
  const hex = createHex(createRandom(REQUEST_ID_SEED));
  return () => [8, 4, 4, 4, 12].map((digits) => hex(digits)).join('-');
}

/** AWS has another host for each service, so it has no answer to this; a host that is not there. */
function notServed(request: WireRequest): WireAnswer {
  const { method, url, headers } = request;
  const target = headers['x-amz-target'] ?? '';
  return {
    status: 404,
    headers: { 'content-type': 'text/plain' },
    body: `The region serves nothing at ${method} ${url} ${target}`.trimEnd() + '\n',
  };
}

function isWellFormed(url: string): boolean {
  try {
    decodeURIComponent(url);
    return url.startsWith('/');
  } catch {
    // A percent sign without two digits: no client of AWS sends it.
    return false;
  }
}
