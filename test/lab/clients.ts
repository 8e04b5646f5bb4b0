/**
 * SDK clients that reach a region without a socket, sign as somebody, and wait for retries in
 * region time.
 * Not for: choosing regions, endpoints or attempts differently from what Teal does on AWS.
 */
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { Clock } from '../../region/kernel/clock.ts';
import type { Credentials } from '../../region/kernel/contracts.ts';
import type { Region } from '../../region/region.ts';
import * as make from '../../shared/aws/clients.ts';

/** Region milliseconds before the first retry of a call; it doubles with each further one. */
const FIRST_RETRY_MILLISECONDS = 200;

/** Steps of the SDK's clients that only write logs and headers which the region does not read. */
const UNHEARD = ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'];

/** Who calls, and how a retry waits. */
export interface Caller {
  readonly region: Region;
  readonly credentials: Credentials;
  /** Lets region time pass: inside a function it must let go of the clock. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** One client of each service for a caller, made when it is first asked for. */
export function createLazyClients(caller: Caller) {
  const one = <Client extends Retrying>(create: (options: make.ClientOptions) => Client) =>
    once(() => {
      const client = create({
        region: 'us-east-1',
        endpoint: 'http://in-process',
        credentials: caller.credentials,
        requestHandler: caller.region.endpoint.requestHandler as never,
      });
      client.config.retryStrategy = once(() => Promise.resolve(createRetries(caller.sleep)));
      client.config.cacheMiddleware = true;
      for (const step of UNHEARD) client.middlewareStack.remove(step);
      return client;
    });
  return {
    autoScaling: one(make.createAutoScalingClient),
    cloudWatch: one(make.createCloudWatchClient),
    dynamoDb: one(make.createDynamoDbClient),
    ec2: one(make.createEc2Client),
    imageBuilder: one(make.createImageBuilderClient),
    kms: one(make.createKmsClient),
    loadBalancing: one(make.createLoadBalancingClient),
    route53: one(make.createRoute53Client),
    serviceQuotas: one(make.createServiceQuotasClient),
    stepFunctions: one(make.createStepFunctionsClient),
    sns: one(make.createSnsClient),
    ssm: one(make.createSsmClient),
  };
}

/** Waits of somebody whom the clock does not count as work. */
export function sleepOutside(clock: Clock): Caller['sleep'] {
  return (milliseconds) => clock.sleep(milliseconds);
}

/** Waits of a function, which the clock counts as work while it runs. */
export function sleepInside(clock: Clock): Caller['sleep'] {
  return (milliseconds) => clock.idle(() => clock.sleep(milliseconds));
}

interface Retrying {
  readonly config: { retryStrategy: () => Promise<unknown>; cacheMiddleware?: boolean };
  readonly middlewareStack: { remove(name: string): boolean };
}

/** The SDK decides what is retried and how often; the waits are in region time, without chance. */
function createRetries(sleep: Caller['sleep']): StandardRetryStrategy {
  const strategy = new StandardRetryStrategy({
    maxAttempts: make.ATTEMPTS_MAX,
    backoff: { computeNextBackoffDelay: () => 0, setDelayBase: () => undefined },
  });
  const refresh = strategy.refreshRetryTokenForRetry.bind(strategy);
  strategy.refreshRetryTokenForRetry = async (token, errorInfo) => {
    const next = await refresh(token, errorInfo);
    await sleep(FIRST_RETRY_MILLISECONDS * 2 ** token.getRetryCount());
    return next;
  };
  return strategy;
}

function once<Value>(makeIt: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= makeIt());
}
