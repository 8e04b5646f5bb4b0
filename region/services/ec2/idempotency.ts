/**
 * Client tokens: the same token with the same request gives the first answer again.
 * @source https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { invalidParameter } from './errors.ts';

const TOKEN_LENGTH = 128;

/** Runs `create` once per token. */
export type Once = <Output>(
  token: string | undefined,
  request: object,
  create: () => Output,
) => Output;

/** The tokens of one operation. */
export function createOnce(): Once {
  const answers = new Map<string, { readonly request: string; readonly output: unknown }>();
  return <Output>(token: string | undefined, request: object, create: () => Output): Output => {
    if (token === undefined) return create();
    if (token.length > TOKEN_LENGTH) {
      throw invalidParameter(`The client token is longer than ${TOKEN_LENGTH} characters`);
    }
    const text = JSON.stringify(request);
    const known = answers.get(token);
    if (known && known.request !== text) {
      throw new AwsError(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous ' +
          'request(s).',
      );
    }
    if (known) return known.output as Output;
    const output = create();
    answers.set(token, { request: text, output });
    return output;
  };
}
