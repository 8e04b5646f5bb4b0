/**
 * dynalite as the engine behind DynamoDB, asked in the same process: it is a server, but nobody
 * needs its socket.
 * Not for: what dynalite lacks; `dynamodb.ts` refuses or adds that.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import dynalite from 'dynalite';
import { ACCOUNT_ID, REGION_NAME } from '../../kernel/kernel.ts';

/** What dynalite answers, refusals included: those have a status of 400 or more. */
export interface EngineAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

/** dynalite without its socket; it refuses by status and never throws for a refusal. */
export interface Engine {
  /** Sends one operation with its input as JSON text. */
  ask(operation: string, body: string): Promise<EngineAnswer>;
}

/** Environment variables from which dynalite takes what it writes into ARNs. */
const IDENTITY: Readonly<Record<string, string>> = {
  AWS_ACCOUNT_ID: ACCOUNT_ID,
  AWS_REGION: REGION_NAME,
};

/** dynalite wants to see the parts of a signature, and checks none: the endpoint did that. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/x-amz-json-1.0',
  authorization: 'AWS4-HMAC-SHA256 Credential=region, SignedHeaders=host, Signature=checked',
  'x-amz-date': '20260101T000000Z',
};

/** Starts an empty engine in memory. It holds no socket, and nothing has to be closed. */
export function createEngine(): Engine {
  const server = withEnvironment(IDENTITY, () =>
    dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
  );
  return {
    ask: (operation, body) =>
      new Promise((resolve) => {
        const headers = { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` };
        const request = Object.assign(new EventEmitter(), { method: 'POST', url: '/', headers });
        const response = {
          statusCode: 200,
          setHeader: () => undefined,
          end: (text = '') => resolve({ status: response.statusCode, body: text }),
        };
        server.emit('request', request, response);
        request.emit('data', Buffer.from(body, 'utf8'));
        request.emit('end');
      }),
  };
}

const require = createRequire(import.meta.url);

/** What `heededMembers` has answered before, by operation: to find a file takes long. */
const heeded = new Map<string, ReadonlySet<string>>();

/** Names of the members of an operation's input that dynalite heeds; it ignores any other. */
export function heededMembers(operation: string): ReadonlySet<string> {
  const known = heeded.get(operation);
  if (known) return known;
  const file = operation.charAt(0).toLowerCase() + operation.slice(1);
  const { types } = require(`dynalite/validations/${file}`) as { types: object };
  const members = new Set(Object.keys(types));
  heeded.set(operation, members);
  return members;
}

function withEnvironment<T>(variables: Readonly<Record<string, string>>, run: () => T): T {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
