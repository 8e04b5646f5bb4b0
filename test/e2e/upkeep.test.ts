/**
 * What keeps Teal itself in order: nothing that reached it is lost, and it can be upgraded while
 * deployments run.
 */
import { rmSync } from 'node:fs';
import { GetPolicyCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { packageNextRelease } from '../lab/upgrade.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/teal-dev-dead-letters';

const connect = ({ region }: Lab) => ({
  region: 'us-east-1',
  endpoint: 'http://in-process',
  credentials: region.administrator,
  requestHandler: region.endpoint.requestHandler as never,
});

/** What an operator finds in the dead-letter queue. */
async function deadLetters(lab: Lab): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: QUEUE_URL,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    MessageAttributeNames: ['All'],
  });
  const { Messages = [] } = await lab.act(() => new SQSClient(connect(lab)).send(command));
  return Messages;
}

/** Subjects of the messages that people were sent. */
function subjects(lab: Lab): readonly (string | undefined)[] {
  return lab.region.sns.messages(lab.stack.topicArn).map(({ subject }) => subject);
}

/** Takes away what lets EventBridge call a function. */
async function shutOut(lab: Lab, functionName: string): Promise<void> {
  const lambda = new LambdaClient(connect(lab));
  const { Policy = '{}' } = await lambda.send(new GetPolicyCommand({ FunctionName: functionName }));
  const { Statement } = JSON.parse(Policy) as { Statement: { Sid: string }[] };
  for (const { Sid } of Statement) {
    const removal = { FunctionName: functionName, StatementId: Sid };
    // oxlint-disable-next-line no-await-in-loop -- there is one, and Lambda allows few at once
    await lambda.send(new RemovePermissionCommand(removal));
  }
}

describe('an image that appeared', () => {
  test('is kept for a person, who is told, when the function fails on it to the end', async () => {
    const lab = await openLab({
      around: ({ task }, run) =>
        task === 'on-image-available' ? Promise.reject(new Error('out of order')) : run(),
    });
    const imageId = lab.addImage('v2', { tags: { 'teal:service': 'web' } });
    const lettersOfIt = async () =>
      (await deadLetters(lab)).filter(({ Body = '' }) => Body.includes(imageId));
    // Two retries, a minute and two minutes after the failure before.
    await lab.pass(150);
    expect(await lettersOfIt()).toEqual([]);
    await lab.pass(240);
    const [letter, ...others] = await lettersOfIt();
    expect(others).toEqual([]);
    expect(JSON.parse(letter?.Body ?? '')).toMatchObject({
      requestPayload: { detail: { ImageId: imageId, State: 'available' } },
      responsePayload: { errorMessage: 'out of order' },
    });
    expect(subjects(lab)).toContainEqual(expect.stringMatching(/^ALARM: "teal-dev-dead-letters"/));
  });

  test('is kept when EventBridge may not call the function any more', async () => {
    const lab = await openLab();
    await lab.act(() => shutOut(lab, 'teal-dev-on-image-available'));
    const imageId = lab.addImage('v2', { tags: { 'teal:service': 'web' } });
    await lab.pass(240);
    expect(await deadLetters(lab)).toMatchObject([
      {
        Body: expect.stringContaining(imageId),
        MessageAttributes: { ERROR_CODE: { StringValue: 'NO_PERMISSIONS' } },
      },
    ]);
    expect(subjects(lab)).toContainEqual(expect.stringMatching(/^ALARM: "teal-dev-dead-letters"/));
  });
});

const broken = () => Promise.reject(new Error('the next release is broken'));

describe('an upgrade of Teal while a deployment holds', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  /** Deploys a release of Teal whose functions all fail. */
  async function upgrade(lab: Lab): Promise<void> {
    const folder = packageNextRelease();
    folders.push(folder);
    await lab.act(() => lab.region.loadPackage(folder, { inProcess: () => broken }));
  }

  test('lets it end under the code that it began with', async () => {
    const lab = await openLab();
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    await upgrade(lab);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(lab.traffic.count().lost).toBe(0);
    const next = await lab.deploy({ version: 'v3' });
    expect(await lab.end(next)).toMatchObject({ status: 'FAILED' });
  });
});
