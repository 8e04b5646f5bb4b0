/**
 * A client of the SDK that answers from a script and writes down what it was asked, for adapters
 * whose requests and answers are the point of a test.
 */

/** What was asked: the operation's name, and the request. */
export interface Asked {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Answers by operation; a thrown value is AWS's refusal. */
export type Script = Readonly<Record<string, (input: never, asked: readonly Asked[]) => unknown>>;

/**
 * Makes a client that passes for one of any service; an operation without an answer in the script
 * fails the test.
 */
export function scriptedClient(script: Script): {
  readonly client: never;
  readonly asked: Asked[];
} {
  const asked: Asked[] = [];
  const send = (command: { readonly constructor: { readonly name: string }; input: object }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    asked.push({ operation, input: command.input as Record<string, unknown> });
    const answer = script[operation];
    if (!answer) return Promise.reject(new Error(`The script has no answer to ${operation}.`));
    try {
      return Promise.resolve(answer(command.input as never, asked));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return { client: { send } as never, asked };
}

/** An error as the SDK throws it for AWS's XML protocols. */
export function awsError(code: string, message = `${code} happened.`, httpStatusCode = 400): Error {
  const $metadata = { httpStatusCode, requestId: 'request-1' };
  return Object.assign(new Error(message), { name: `${code}Exception`, Code: code, $metadata });
}

/** Names of the operations that were asked, in order. */
export function operations(asked: readonly Asked[]): string[] {
  return asked.map(({ operation }) => operation);
}

/** The requests of one operation, in order. */
export function inputsOf(asked: readonly Asked[], operation: string): unknown[] {
  return asked.filter((one) => one.operation === operation).map(({ input }) => input);
}
