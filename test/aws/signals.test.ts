/** How Teal reaches its executions, its people, its images and the time. */
import { describe, expect, it } from 'vitest';
import { ATTEMPTS_MAX, createClients } from '../../shared/aws/clients.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { createImageBuilds } from '../../shared/aws/image-builds.ts';
import { createImages } from '../../shared/aws/images.ts';
import { createNotifier, toSubject } from '../../shared/aws/notifier.ts';
import { chunksOf, readPages } from '../../shared/aws/pages.ts';
import { createTimepiece } from '../../shared/aws/timepiece.ts';
import { awsError, inputsOf, type Script, scriptedClient } from './scripted-client.ts';

const MACHINE = 'arn:aws:states:us-east-1:1:stateMachine:deploy';
const EXECUTION = 'arn:aws:states:us-east-1:1:execution:deploy:d-1';

const refuse = (name: string): Script => ({
  StartExecution: () => {
    throw Object.assign(new Error('No.'), { name });
  },
  SendTaskSuccess: () => {
    throw Object.assign(new Error('No.'), { name });
  },
});

const executions = (script: Script) => {
  const { client, asked } = scriptedClient(script);
  return { executions: createExecutions(client, MACHINE), asked };
};

describe('an execution', () => {
  it("starts under the deployment's id", async () => {
    const { executions: tested, asked } = executions({
      StartExecution: () => ({ executionArn: EXECUTION }),
    });
    const started = await tested.start({ deploymentId: 'd-1', input: { service: 'web' } });
    expect(started).toEqual({ type: 'started', executionArn: EXECUTION });
    expect(inputsOf(asked, 'StartExecution')).toEqual([
      { stateMachineArn: MACHINE, name: 'd-1', input: '{"service":"web"}' },
    ]);
  });

  it('exists when its name was used for something else', async () => {
    const { executions: tested } = executions(refuse('ExecutionAlreadyExists'));
    await expect(tested.start({ deploymentId: 'd-1', input: {} })).resolves.toEqual({
      type: 'exists',
      executionArn: EXECUTION,
    });
  });

  it('is woken with the signal as its output', async () => {
    const { executions: tested, asked } = executions({ SendTaskSuccess: () => ({}) });
    const signal = { type: 'alarm', reason: 'Too many errors.' } as const;
    await expect(tested.signal('token', signal)).resolves.toBe('delivered');
    expect(inputsOf(asked, 'SendTaskSuccess')).toEqual([
      { taskToken: 'token', output: JSON.stringify(signal) },
    ]);
  });

  it.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
    'is past waking when Step Functions says %s',
    async (code) => {
      const { executions: tested } = executions(refuse(code));
      const signal = { type: 'abort', reason: 'x' } as const;
      await expect(tested.signal('token', signal)).resolves.toBe('gone');
    },
  );

  it('keeps its token out of the message of a failure', async () => {
    const { executions: tested } = executions(refuse('AccessDeniedException'));
    const failure = await tested.signal('secret', { type: 'abort', reason: 'x' }).catch(String);
    expect(failure).toContain('a waiting Hold');
    expect(failure).not.toContain('secret');
  });
});

describe('a notification', () => {
  it('carries its body as JSON, and what subscriptions filter by', async () => {
    const { client, asked } = scriptedClient({ Publish: () => ({}) });
    const news = { service: 'web', event: 'paused', subject: 'web', body: { a: 1 } } as const;
    await createNotifier(client, 'arn:topic').publish(news);
    expect(inputsOf(asked, 'Publish')).toEqual([
      {
        TopicArn: 'arn:topic',
        Subject: 'web',
        Message: '{\n  "a": 1\n}',
        MessageAttributes: {
          service: { DataType: 'String', StringValue: 'web' },
          event: { DataType: 'String', StringValue: 'paused' },
        },
      },
    ]);
  });

  it('has a subject that SNS takes, whatever it is about', () => {
    expect(toSubject('  blue → green\n done ')).toBe('blue ? green done');
    expect(toSubject('x'.repeat(101))).toBe(`${'x'.repeat(97)}...`);
    expect(toSubject('x'.repeat(100))).toHaveLength(100);
  });
});

const images = (script: Script) => {
  const { client } = scriptedClient(script);
  return createImages({ autoScaling: client, ec2: client });
};

describe('images', () => {
  it('have tags, or none, and an age', async () => {
    const Tags = [{ Key: 'teal:service', Value: 'web' }];
    const CreationDate = '2026-01-05T09:00:00.000Z';
    const tagged = images({ DescribeImages: () => ({ Images: [{ Tags, CreationDate }] }) });
    await expect(tagged.read('ami-1')).resolves.toMatchObject({
      tags: { 'teal:service': 'web' },
      createdAt: CreationDate,
    });
    const plain = images({ DescribeImages: () => ({ Images: [{}] }) });
    await expect(plain.read('ami-1')).resolves.toMatchObject({ tags: {}, state: 'unknown' });
  });

  it('that are not here are undefined, and a failure is a failure', async () => {
    const absent = images({
      DescribeImages: () => {
        throw awsError('InvalidAMIID.NotFound');
      },
    });
    await expect(absent.read('ami-1')).resolves.toBeUndefined();
    const malformed = images({
      DescribeImages: () => {
        throw awsError('InvalidAMIID.Malformed');
      },
    });
    await expect(malformed.read('ami-1')).rejects.toMatchObject({ name: 'AwsRefused' });
  });

  it('that a group launches are unknown where the group is gone, or names none', async () => {
    const gone = images({ DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) });
    await expect(gone.readServing('web-blue')).resolves.toBeUndefined();
    const bare = images({
      DescribeAutoScalingGroups: () => ({
        AutoScalingGroups: [{ AutoScalingGroupName: 'web-blue' }],
      }),
    });
    await expect(bare.readServing('web-blue')).resolves.toBeUndefined();
  });
});

const builds = (script: Script) => createImageBuilds(scriptedClient(script).client);

describe('a build of Image Builder', () => {
  const ARN = 'arn:aws:imagebuilder:us-east-1:123456789012:image/web/1.0.0/1';

  it('has a state and images, wherever they went', async () => {
    const amis = [{ image: 'ami-1', region: 'us-east-1', accountId: '123456789012' }, {}];
    const image = { state: { status: 'AVAILABLE' }, outputResources: { amis } };
    await expect(builds({ GetImage: () => ({ image }) }).read(ARN)).resolves.toEqual({
      buildArn: ARN,
      status: 'AVAILABLE',
      images: [{ imageId: 'ami-1', region: 'us-east-1', accountId: '123456789012' }],
    });
  });

  it('may be gone', async () => {
    const gone = builds({
      GetImage: () => {
        throw awsError('ResourceNotFoundException');
      },
    });
    await expect(gone.read(ARN)).resolves.toBeUndefined();
  });
});

describe('lists of AWS', () => {
  it('are read to their end, and a list without end is a defect', async () => {
    const two = await readPages((marker) =>
      Promise.resolve({ items: [marker ?? 'first'], next: marker ? undefined : 'second' }),
    );
    expect(two).toEqual(['first', 'second']);
    const endless = readPages(() => Promise.resolve({ items: [1], next: 'more' }));
    await expect(endless).rejects.toMatchObject({ name: 'BrokenInvariant' });
  });

  it('are split into parts that a call takes', () => {
    expect(chunksOf([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
    expect(chunksOf([], 2)).toEqual([]);
  });
});

describe('the clients', () => {
  it('try more often than the SDK by itself, in standard mode', async () => {
    const { autoScaling, ec2 } = createClients({ region: 'eu-north-1' });
    await expect(autoScaling.config.maxAttempts()).resolves.toBe(ATTEMPTS_MAX);
    await expect(autoScaling.config.region()).resolves.toBe('eu-north-1');
    expect(ec2.config.retryMode).toBe('standard');
  });
});

describe('the timepiece', () => {
  it('tells the time as an instant, and waits for none', async () => {
    const timepiece = createTimepiece();
    const now = timepiece.now();
    expect(new Date(now).toISOString()).toBe(now);
    await expect(timepiece.sleep(0)).resolves.toBeUndefined();
  });
});
