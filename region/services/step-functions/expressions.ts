/**
 * Evaluates the JSONata of a definition as Step Functions does: without an input document, with
 * `$states`, with the variables of the execution, and with six functions of its own.
 * Not for: checking expressions before they run (see `check-expressions.ts`).
 */
import jsonata from 'jsonata';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Template } from './definition.ts';
import { expressionText, isExpression } from './expression-text.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { stepFunctionsJsonata } from './jsonata-functions.ts';

/** What an expression can read. */
export interface Scope {
  /** Members of `$states`; one that is missing evaluates to nothing. */
  readonly states: {
    readonly input: Json;
    readonly context: JsonObject;
    readonly result?: Json;
    readonly errorOutput?: Json;
  };
  readonly variables: JsonObject;
}

/** An expression that gave no value. The message is AWS's, without the state it happened in. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  /** Field of the expression, such as `Output/result`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Evaluates templates. */
export interface Expressions {
  /**
   * Fills a template in. Strings without marks, and values that are no strings, stay as they are.
   * @throws EvaluationError for the first expression that fails
   */
  fill(template: Template, field: string, scope: Scope): Promise<Json>;
}

/** Builds an evaluator whose time and chance are the region's. */
export function createExpressions(kernel: Kernel): Expressions {
  const compiled = new Map<string, jsonata.Expression>();

  const compile = (text: string): jsonata.Expression => {
    const known = compiled.get(text);
    if (known) return known;
    const expression = stepFunctionsJsonata(text, kernel);
    compiled.set(text, expression);
    return expression;
  };

  const evaluate = async (text: string, field: string, scope: Scope): Promise<Json> => {
    let value: unknown;
    try {
      value = await kernel.clock.work(() =>
        compile(text).evaluate(undefined, { ...scope.variables, states: scope.states }),
      );
    } catch (error) {
      throw new EvaluationError(field, failure(text, field, describe(error)));
    }
    if (value === undefined) {
      throw new EvaluationError(field, failure(text, field, 'returned nothing (undefined).'));
    }
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined || isFunction(value)) {
      throw new EvaluationError(
        field,
        failure(text, field, 'returned an unsupported result type.'),
      );
    }
    return JSON.parse(json) as Json;
  };

  const fill = async (template: Template, field: string, scope: Scope): Promise<Json> => {
    if (isExpression(template)) return evaluate(expressionText(template), field, scope);
    if (Array.isArray(template)) {
      const items: Json[] = [];
      for (const [index, item] of template.entries()) {
        // oxlint-disable-next-line no-await-in-loop -- the first failure has to be the first
        items.push(await fill(item as Template, `${field}[${index}]`, scope));
      }
      return items;
    }
    if (!isObject(template)) return template;
    const members: Record<string, Json> = {};
    for (const [key, value] of Object.entries(template)) {
      // oxlint-disable-next-line no-await-in-loop -- the first failure has to be the first
      members[key] = await fill(value, `${field}/${key}`, scope);
    }
    return members;
  };

  return { fill };
}

/** The failure of an expression that gave a value of another type than its field takes. */
export function unexpectedType(options: {
  readonly template: Template;
  readonly field: string;
  readonly expected: string;
  readonly value: Json;
}): EvaluationError {
  const { template, field, expected, value } = options;
  const text = isExpression(template) ? expressionText(template) : JSON.stringify(template);
  const what =
    `returned an unexpected result type. Expected '${expected}', ` +
    `but was '${typeName(value)}' for value: ${JSON.stringify(value)}`;
  return new EvaluationError(field, failure(text, field, what));
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function failure(text: string, field: string, what: string): string {
  return `The JSONata expression '${text}' specified for the field '${field}' ${what}`;
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const detail = [code, message].filter((part) => part !== undefined).join(': ');
  return `threw an error during evaluation. ${detail}`;
}

/** JSONata marks its lambdas and built-in functions with a member of their own. */
function isFunction(value: unknown): boolean {
  return isObject(value) && (value['_jsonata_lambda'] === true || '_jsonata_function' in value);
}
