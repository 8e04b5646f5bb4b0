/** What becomes of the failures of AWS, the SDK and the network. */
import { describe, expect, it } from 'vitest';
import { call, hasCode, unlessRefused } from '../../shared/aws/call.ts';
import { toFailure } from '../../shared/aws/failures.ts';
import { AwsRefused } from '../../shared/core/errors.ts';
import { awsError } from './scripted-client.ts';

const attempt = { operation: 'ModifyRule', on: 'arn:rule' };

describe('a failure of AWS', () => {
  const passing: readonly (readonly [what: string, error: unknown])[] = [
    ['Auto Scaling throttles', awsError('Throttling', 'Rate exceeded')],
    ['EC2 throttles', awsError('RequestLimitExceeded', 'Request limit exceeded.', 503)],
    ['DynamoDB throttles', { name: 'ProvisionedThroughputExceededException', message: 'x' }],
    ['Step Functions throttles', { name: 'ThrottlingException', message: 'x' }],
    ['a proxy throttles', { name: 'Unknown', message: 'x', $metadata: { httpStatusCode: 429 } }],
    ['AWS fails inside', awsError('InternalFailure', 'We failed.', 500)],
    ['an update is pending', awsError('ResourceContention', 'pending update', 500)],
    ['an activity is in progress', awsError('ScalingActivityInProgress')],
    ['a rule has just let go', awsError('ResourceInUse')],
    ['the connection is cut', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['nobody answers', Object.assign(new Error('late'), { name: 'TimeoutError' })],
  ];
  it.each(passing)('is worth another try when %s', (_what, error) => {
    expect(toFailure(attempt, error).name).toBe('AwsUnavailable');
  });

  const final: readonly (readonly [what: string, error: unknown])[] = [
    ['a role may not', awsError('AccessDenied', 'not authorized', 403)],
    ['a value is wrong', awsError('ValidationError')],
    ['a name is taken', awsError('AlreadyExists')],
    [
      'credentials are missing',
      Object.assign(new Error('x'), { name: 'CredentialsProviderError' }),
    ],
    ['something else was thrown', 'boom'],
  ];
  it.each(final)('is final when %s', (_what, error) => {
    expect(toFailure(attempt, error).name).toBe('AwsRefused');
  });

  it('says what was tried, on what, what came back, and what to do', () => {
    const failure = toFailure(attempt, awsError('TargetGroupNotFound', 'No such group.'));
    expect(failure.message).toBe(
      'Tried ModifyRule on arn:rule; AWS answered TargetGroupNotFound: No such group; ' +
        'correct what AWS names and start again.',
    );
    expect(failure.facts).toMatchObject({ code: 'TargetGroupNotFound', httpStatus: 400 });
  });

  it('points at the role when AWS denies', () => {
    const failure = toFailure(attempt, awsError('UnauthorizedOperation', 'No.', 403));
    expect(failure.message).toContain("allow it in the function's role");
  });

  it('keeps the error of the SDK as its cause', () => {
    const error = awsError('ValidationError');
    expect(toFailure(attempt, error).cause).toBe(error);
  });
});

const refuse = (code: string) => call('DeleteRule', 'arn', () => Promise.reject(awsError(code)));

describe('a call', () => {
  it('passes the answer on', async () => {
    await expect(call('DescribeRules', 'arn', () => Promise.resolve(7))).resolves.toBe(7);
  });

  it('answers undefined to a refusal that its caller expects, and throws any other', async () => {
    await expect(unlessRefused(['RuleNotFound'], refuse('RuleNotFound'))).resolves.toBeUndefined();
    await expect(unlessRefused(['RuleNotFound'], refuse('Throttling'))).rejects.toMatchObject({
      name: 'AwsUnavailable',
    });
  });

  it('knows codes of calls only', async () => {
    const failure: unknown = await refuse('RuleNotFound').catch((error: unknown) => error);
    expect(hasCode(failure, 'RuleNotFound', 'Other')).toBe(true);
    expect(hasCode(new AwsRefused('x'), 'RuleNotFound')).toBe(false);
    expect(hasCode(new Error('RuleNotFound'), 'RuleNotFound')).toBe(false);
  });
});
