/**
 * An API that is held against its document: every answer must have a status that the document knows
 * for its operation, the content type that goes with it, and a body that its schema takes.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describeApi } from '../../scripts/openapi.ts';
import { OPERATIONS } from '../../shared/core/api/operations.ts';
import type { ApiAnswer, LabApi } from './api.ts';

/** The document's id among the schemas. */
const DOCUMENT = 'https://teal.invalid/openapi.json';

/** API Gateway's own answers, which no operation can help. */
const GATEWAY_STATUSES = [403, 413];

/** Holds answers against the document. */
export interface Conformity {
  /** What is wrong with an answer, in words; empty when nothing is. */
  complain(method: string, path: string, answer: ApiAnswer): readonly string[];
  /** What was answered so far, as `operationId status`. */
  readonly seen: ReadonlySet<string>;
  /** Everything that the document knows, as `operationId status`. */
  readonly known: readonly string[];
}

/** Reads the document as the code makes it. */
export function createConformity(): Conformity {
  const document = describeApi('0.0.0');
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  ajv.addSchema({ ...document, $id: DOCUMENT });
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (pointer: string) => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `${DOCUMENT}#${pointer}` });
    validators.set(pointer, known);
    return known;
  };
  const seen = new Set<string>();
  const known = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ operationId, responses }) =>
      Object.keys(responses).map((status) => `${operationId} ${status}`),
    ),
  );
  return {
    seen,
    known,
    complain: (method, path, { status, headers, body }) => {
      const operation = findOperation(method, path);
      if (!operation) return complainAboutOthers(status, body);
      const label = `${operation.operationId} ${status}`;
      seen.add(label);
      if (!known.includes(label)) return [`${label} is not in the document`];
      const where = `/paths/${escape(operation.path)}/${method.toLowerCase()}/responses/${status}`;
      const pointer = status < 300 ? where : `/components/responses/Refused${status}`;
      const type = contentTypeOf(status, body);
      const validate = validatorOf(`${pointer}/content/${escape(type)}/schema`);
      const errors = validate(body) ? [] : (validate.errors ?? []);
      return [
        ...(headers['content-type'] === type ? [] : [`${label} is not ${type}`]),
        ...(status === 202 && headers['location'] === undefined ? [`${label} has no place`] : []),
        ...errors.map(({ instancePath, message }) => `${label}: ${instancePath} ${message ?? ''}`),
      ];
    },
  };
}

/** The same API; an answer that does not conform is a failure. */
export function conforming(api: LabApi, conformity: Conformity): LabApi {
  return {
    send: async (method, path, options) => {
      const answer = await api.send(method, path, options);
      const complaints = conformity.complain(method, path, answer);
      if (complaints.length > 0) {
        throw new Error(
          `${method} ${path}: ${complaints.join('; ')}: ${JSON.stringify(answer.body)}`,
        );
      }
      return answer;
    },
  };
}

function contentTypeOf(status: number, body: Readonly<Record<string, unknown>>): string {
  const isGateway = GATEWAY_STATUSES.includes(status) && 'message' in body;
  return status < 300 || isGateway ? 'application/json' : 'application/problem+json';
}

/** Whatever has no route is a problem as well, or API Gateway's own word. */
function complainAboutOthers(
  status: number,
  body: Readonly<Record<string, unknown>>,
): readonly string[] {
  const isRefusal = [403, 404, 405].includes(status);
  const isTold = typeof body['detail'] === 'string' || typeof body['message'] === 'string';
  return isRefusal && isTold ? [] : [`what is not there was answered with ${status}`];
}

function findOperation(method: string, url: string) {
  const [path = ''] = url.split('?');
  const segments = path.split('/');
  return OPERATIONS.find((operation) => {
    const wanted = operation.path.split('/');
    return (
      operation.method === method &&
      wanted.length === segments.length &&
      wanted.every((part, index) =>
        part.startsWith('{') ? segments[index] !== '' : part === segments[index],
      )
    );
  });
}

function escape(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
