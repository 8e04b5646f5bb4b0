/**
 * Subscriptions, recorded so that a template which has them loads and lists them.
 * Not for: delivery; nothing is ever sent to an endpoint.
 */
import type {
  ListSubscriptionsByTopicCommandInput,
  ListSubscriptionsCommandInput,
  ListSubscriptionsCommandOutput,
  SubscribeCommandInput,
  SubscribeCommandOutput,
  Subscription as SubscriptionShape,
  UnsubscribeCommandInput,
} from '@aws-sdk/client-sns';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation } from '../../kernel/service.ts';
import { takePage } from '../pages.ts';
import { invalidParameter } from './topics.ts';
import type { Topic, Topics } from './topics.ts';

type Answer<T> = Omit<T, '$metadata'>;

/** @source https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html */
const SUBSCRIPTIONS_PER_PAGE = 100;

/** How an endpoint of each protocol has to look. */
const ENDPOINTS: Readonly<Record<string, RegExp>> = {
  email: /^[^@\s]+@[^@\s]+$/,
  'email-json': /^[^@\s]+@[^@\s]+$/,
  http: /^http:\/\//,
  https: /^https:\/\//,
  lambda: /^arn:aws:lambda:/,
  sqs: /^arn:aws:sqs:/,
};

/** The operations on subscriptions. */
export function createSubscriptionOperations(options: {
  kernel: Kernel;
  topics: Topics;
}): Record<string, Operation> {
  const { kernel, topics } = options;
  const subscribe: Operation<SubscribeCommandInput, Answer<SubscribeCommandOutput>> = {
    permissions: (input) => [{ action: 'sns:Subscribe', resources: [input.TopicArn ?? ''] }],
    run: (input) => {
      const topic = topics.require(input.TopicArn);
      return { SubscriptionArn: addSubscription(topic, input, kernel) };
    },
  };
  const unsubscribe: Operation<UnsubscribeCommandInput, object> = {
    permissions: (input) => [
      { action: 'sns:Unsubscribe', resources: [topicOf(input.SubscriptionArn ?? '')] },
    ],
    run: (input) => {
      const subscriptionArn = input.SubscriptionArn ?? '';
      topics.find(topicOf(subscriptionArn))?.subscriptions.delete(subscriptionArn);
      return {};
    },
  };
  const listAll: Operation<
    ListSubscriptionsCommandInput,
    Answer<ListSubscriptionsCommandOutput>
  > = {
    permissions: () => [{ action: 'sns:ListSubscriptions', resources: ['*'] }],
    run: (input) => list(topics.all(), input.NextToken),
  };
  const listOne: Operation<
    ListSubscriptionsByTopicCommandInput,
    Answer<ListSubscriptionsCommandOutput>
  > = {
    permissions: (input) => [
      { action: 'sns:ListSubscriptionsByTopic', resources: [input.TopicArn ?? ''] },
    ],
    run: (input) => list([topics.require(input.TopicArn)], input.NextToken),
  };
  return {
    Subscribe: subscribe,
    Unsubscribe: unsubscribe,
    ListSubscriptions: listAll,
    ListSubscriptionsByTopic: listOne,
  };
}

/** A subscription's ARN is its topic's ARN and an id. */
function topicOf(subscriptionArn: string): string {
  return subscriptionArn.split(':').slice(0, 6).join(':');
}

function addSubscription(topic: Topic, input: SubscribeCommandInput, kernel: Kernel): string {
  const protocol = input.Protocol ?? '';
  const endpoint = input.Endpoint ?? '';
  const form = ENDPOINTS[protocol];
  if (!form) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
  if (!form.test(endpoint)) throw invalidParameter(`Endpoint Reason: not valid for ${protocol}`);
  const known = [...topic.subscriptions.values()].find(
    (other) => other.protocol === protocol && other.endpoint === endpoint,
  );
  if (known) return known.arn;
  const id = [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-');
  const subscriptionArn = `${topic.arn}:${id}`;
  topic.subscriptions.set(subscriptionArn, { arn: subscriptionArn, protocol, endpoint });
  return subscriptionArn;
}

function list(
  topics: readonly Topic[],
  token: string | undefined,
): Answer<ListSubscriptionsCommandOutput> {
  const shapes = topics.flatMap((topic) =>
    [...topic.subscriptions.values()].map((subscription): SubscriptionShape => ({
      SubscriptionArn: subscription.arn,
      Owner: ACCOUNT_ID,
      Protocol: subscription.protocol,
      Endpoint: subscription.endpoint,
      TopicArn: topic.arn,
    })),
  );
  const page = takePage(shapes, {
    size: SUBSCRIPTIONS_PER_PAGE,
    token,
    refuse: () => invalidParameter('NextToken'),
  });
  return { Subscriptions: [...page.items], NextToken: page.nextToken };
}
