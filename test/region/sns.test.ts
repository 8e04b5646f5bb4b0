import type { GetTopicAttributesCommandOutput, ListTopicsCommandOutput } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { createSns } from '../../region/services/sns/sns.ts';
import { createTestRegion, permissionsOf, refusal, run } from './monitoring-region.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:pager';

async function withTopic() {
  const region = createTestRegion();
  const sns = createSns({ kernel: region.kernel });
  await run(sns.service, 'CreateTopic', { Name: 'pager' });
  return { ...region, sns };
}

describe('topics', () => {
  it('gives the same topic when it is created twice', async () => {
    const { sns } = await withTopic();
    expect(await run(sns.service, 'CreateTopic', { Name: 'pager' })).toEqual({ TopicArn: TOPIC });
    const { Topics: topics } = await run<ListTopicsCommandOutput>(sns.service, 'ListTopics', {});
    expect(topics).toEqual([{ TopicArn: TOPIC }]);
  });

  it('refuses a second creation that asks for other attributes', async () => {
    const { sns } = await withTopic();
    const input = { Name: 'pager', Attributes: { DisplayName: 'Pager' } };
    expect(await refusal(sns.service, 'CreateTopic', input)).toMatchObject({
      code: 'InvalidParameter',
      message:
        'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    });
  });

  it('refuses FIFO topics, because nothing here would keep their order', async () => {
    const { sns } = await withTopic();
    const answer = await refusal(sns.service, 'CreateTopic', { Name: 'pager.fifo' });
    expect(answer.code).toBe('InvalidParameter');
  });

  it('lists more topics than fit on one page', async () => {
    const { sns } = await withTopic();
    for (let index = 0; index < 100; index += 1) {
      await run(sns.service, 'CreateTopic', { Name: `topic-${index}` });
    }
    const first = await run<ListTopicsCommandOutput>(sns.service, 'ListTopics', {});
    const second = await run<ListTopicsCommandOutput>(sns.service, 'ListTopics', {
      NextToken: first.NextToken,
    });
    expect([first.Topics?.length, second.Topics?.length]).toEqual([100, 1]);
    expect(second.NextToken).toBeUndefined();
  });

  it('counts subscriptions, and says which endpoints it does not know', async () => {
    const { sns } = await withTopic();
    const endpoint = { TopicArn: TOPIC, Protocol: 'email', Endpoint: 'ops@example.com' };
    const first = await run(sns.service, 'Subscribe', endpoint);
    expect(await run(sns.service, 'Subscribe', endpoint)).toEqual(first);
    const { Attributes: attributes } = await run<GetTopicAttributesCommandOutput>(
      sns.service,
      'GetTopicAttributes',
      { TopicArn: TOPIC },
    );
    expect(attributes?.['SubscriptionsConfirmed']).toBe('1');
    const wrong = { TopicArn: TOPIC, Protocol: 'email', Endpoint: 'nobody' };
    expect((await refusal(sns.service, 'Subscribe', wrong)).code).toBe('InvalidParameter');
  });
});

describe('publishing', () => {
  it('keeps what was published, with the time', async () => {
    const { sns, advance, clock } = await withTopic();
    await advance(30);
    await run(sns.service, 'Publish', { TopicArn: TOPIC, Subject: 'ALARM', Message: 'too hot' });
    expect(sns.messages(TOPIC)).toMatchObject([
      { subject: 'ALARM', message: 'too hot', at: clock.now() },
    ]);
  });

  it('refuses to publish to a topic that does not exist', async () => {
    const { sns } = await withTopic();
    const input = { TopicArn: `${TOPIC}-gone`, Message: 'hello' };
    expect(await refusal(sns.service, 'Publish', input)).toMatchObject({
      code: 'NotFound',
      message: 'Topic does not exist',
      httpStatus: 404,
    });
  });

  it.each([
    ['an empty message', { Message: '' }],
    ['a message of more than 256 KiB', { Message: 'x'.repeat(262_145) }],
    ['a subject of 100 characters', { Message: 'm', Subject: 'x'.repeat(100) }],
    ['a subject with a line break', { Message: 'm', Subject: 'a\nb' }],
    ['a structured message without a default', { Message: '{}', MessageStructure: 'json' }],
    ['a text message to a phone', { Message: 'm', PhoneNumber: '+10000000000' }],
  ])('refuses %s', async (_, input) => {
    const { sns } = await withTopic();
    const answer = await refusal(sns.service, 'Publish', { TopicArn: TOPIC, ...input });
    expect(answer.code).toBe('InvalidParameter');
    expect(sns.messages(TOPIC)).toEqual([]);
  });

  it('needs sns:Publish on the topic itself', async () => {
    const { sns } = await withTopic();
    expect(permissionsOf(sns.service, 'Publish', { TopicArn: TOPIC })).toEqual([
      { action: 'sns:Publish', resources: [TOPIC] },
    ]);
  });
});
