/**
 * What callers send that is nobody's business ends in no log, no record and no execution's input:
 * signatures and session tokens, keys that nobody asked for, and bodies that cannot be read.
 */
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { ACCOUNT_ID } from '../../region/kernel/kernel.ts';
import type { Lab } from '../lab/lab.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Real milliseconds: each of the bundles is loaded into a thread of its own. */
const TIMEOUT_MILLISECONDS = 180_000;

const SECRET = 'hunter2-c0rrect-h0rse';

const FUNCTIONS = ['api', 'show-plan', 'show-deployment', 'draft-definition', 'plan-deployment'];

/** Session keys of a role that may call everything. */
function signIn({ region: { identities } }: Lab) {
  const roleArn = `arn:aws:iam::${ACCOUNT_ID}:role/releaser`;
  const Resource = `arn:aws:execute-api:us-east-1:${ACCOUNT_ID}:*`;
  const Statement = [{ Effect: 'Allow' as const, Action: 'execute-api:Invoke', Resource }];
  identities.addRole({ arn: roleArn, trust: ['tests'], policies: [{ Statement }] });
  return identities.assume({ roleArn, principal: 'tests', sessionName: 'release-42' });
}

/** Everything that is kept anywhere, as text. */
async function everythingKept(lab: Lab): Promise<string> {
  const items = await lab.act(() => lab.items());
  const inputs = await lab.act(async () => {
    const client = lab.aws.stepFunctions();
    const { executions = [] } = await client.send(new ListExecutionsCommand(lab.stack));
    return Promise.all(
      executions.map(({ executionArn }) =>
        client.send(new DescribeExecutionCommand({ executionArn })),
      ),
    );
  });
  const logs = FUNCTIONS.flatMap((name) => lab.region.lambda.logs(`teal-dev-${name}`));
  return JSON.stringify([items, inputs, logs.map(({ text }) => text)]);
}

test(
  'what is secret is kept nowhere',
  async () => {
    const lab = await openLab({ runtime: 'packaged' });
    const as = signIn(lab);
    const headers = { 'x-api-key': SECRET, cookie: `session=${SECRET}` };
    const good = { service: 'web', imageId: lab.addImage('v2'), version: 'v2' };
    const send = (method: string, path: string, options: object) =>
      lab.api.send(method, path, { as, headers, ...options });
    const answers = [
      await send('POST', '/deployments', { body: { ...good, password: SECRET } }),
      await send('POST', '/deployments', { body: { ...good, strategy: { type: SECRET } } }),
      await send('POST', '/deployments', { rawBody: `{"password": "${SECRET}"` }),
      await send('PUT', '/services/web', { body: { token: SECRET, healthGate: { key: SECRET } } }),
      await send('POST', '/services/web/plan', { body: { ...good, secret: SECRET } }),
      await send('GET', `/deployments?token=${SECRET}`, {}),
      await send('GET', `/deployments/none/observation?token=${SECRET}`, {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 400, 422, 422, 422, 422]);
    const started = await send('POST', '/deployments', { body: good });
    expect(started.status).toBe(202);
    await lab.untilState(String(started.body['deploymentId']), 'AwaitGreen');
    const kept = await everythingKept(lab);
    // The logs are there, so that what follows says something.
    expect(kept).toContain('release-42');
    expect(kept).toContain('was planned');
    expect(kept).not.toContain(SECRET);
    expect(kept).not.toContain(as.secretAccessKey);
    expect(kept).not.toContain(as.sessionToken);
    expect(kept).not.toMatch(/AWS4-HMAC|Signature=/);
    expect(answers.map(({ body }) => JSON.stringify(body)).join()).not.toContain(SECRET);
  },
  TIMEOUT_MILLISECONDS,
);
