/**
 * The SDK's clients. One of each is enough for a process: they keep connections open between
 * calls, and their retry budget works only when it is shared.
 * Not for: names of tables, topics and machines; each port takes its own.
 */
import { AutoScalingClient, type AutoScalingClientConfig } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { KMSClient } from '@aws-sdk/client-kms';
import { Route53Client } from '@aws-sdk/client-route-53';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * Attempts for each call. ELB's write bucket refills with three calls a second for the whole
 * account: the SDK's default of three attempts gives up within a burst.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
 */
export const ATTEMPTS_MAX = 8;

/** Attempts for a call that a plan can do without. */
const QUOTA_ATTEMPTS_MAX = 3;

/** What may be set from outside; what is absent is found the way the SDK finds it. */
export interface ClientOptions {
  readonly region?: string;
  /** Absent on AWS; the local region's address otherwise. */
  readonly endpoint?: string;
  readonly credentials?: AutoScalingClientConfig['credentials'];
  readonly requestHandler?: AutoScalingClientConfig['requestHandler'];
  /** 1 or more; `ATTEMPTS_MAX` when absent. */
  readonly maxAttempts?: number;
}

/** Makes the client of EC2 Auto Scaling. */
export function createAutoScalingClient(options: ClientOptions = {}): AutoScalingClient {
  return new AutoScalingClient(toConfig(options));
}

/** Makes the client of CloudWatch. */
export function createCloudWatchClient(options: ClientOptions = {}): CloudWatchClient {
  return new CloudWatchClient(toConfig(options));
}

/** Makes the client of DynamoDB. */
export function createDynamoDbClient(options: ClientOptions = {}): DynamoDBClient {
  return new DynamoDBClient(toConfig(options));
}

/** Makes the client of EC2. Its code is larger than that of all others together. */
export function createEc2Client(options: ClientOptions = {}): EC2Client {
  return new EC2Client(toConfig(options));
}

/** Makes the client of Elastic Load Balancing. */
export function createLoadBalancingClient(
  options: ClientOptions = {},
): ElasticLoadBalancingV2Client {
  return new ElasticLoadBalancingV2Client(toConfig(options));
}

/** Makes the client of EC2 Image Builder. */
export function createImageBuilderClient(options: ClientOptions = {}): ImagebuilderClient {
  return new ImagebuilderClient(toConfig(options));
}

/** Makes the client of KMS. */
export function createKmsClient(options: ClientOptions = {}): KMSClient {
  return new KMSClient(toConfig(options));
}

/** Makes the client of Route 53, which has one endpoint for all regions. */
export function createRoute53Client(options: ClientOptions = {}): Route53Client {
  return new Route53Client(toConfig(options));
}

/**
 * Makes the client of Service Quotas, which lets an account ask five times a second. What it does
 * not tell is left to the launch, so that no plan waits long for it.
 */
export function createServiceQuotasClient(options: ClientOptions = {}): ServiceQuotasClient {
  return new ServiceQuotasClient(toConfig({ maxAttempts: QUOTA_ATTEMPTS_MAX, ...options }));
}

/** Makes the client of Step Functions. */
export function createStepFunctionsClient(options: ClientOptions = {}): SFNClient {
  return new SFNClient(toConfig(options));
}

/** Makes the client of SNS. */
export function createSnsClient(options: ClientOptions = {}): SNSClient {
  return new SNSClient(toConfig(options));
}

/** Makes the client of Systems Manager. */
export function createSsmClient(options: ClientOptions = {}): SSMClient {
  return new SSMClient(toConfig(options));
}

/** Every client that a port may need. */
export interface Clients {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly dynamoDb: DynamoDBClient;
  readonly ec2: EC2Client;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly imageBuilder: ImagebuilderClient;
  readonly kms: KMSClient;
  readonly route53: Route53Client;
  readonly serviceQuotas: ServiceQuotasClient;
  readonly stepFunctions: SFNClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
}

/** Makes them all. A bundle that is to stay small makes only those it uses. */
export function createClients(options: ClientOptions = {}): Clients {
  return {
    autoScaling: createAutoScalingClient(options),
    cloudWatch: createCloudWatchClient(options),
    dynamoDb: createDynamoDbClient(options),
    ec2: createEc2Client(options),
    loadBalancing: createLoadBalancingClient(options),
    imageBuilder: createImageBuilderClient(options),
    kms: createKmsClient(options),
    route53: createRoute53Client(options),
    serviceQuotas: createServiceQuotasClient(options),
    stepFunctions: createStepFunctionsClient(options),
    sns: createSnsClient(options),
    ssm: createSsmClient(options),
  };
}

/** Leaves out what is absent: an undefined endpoint would not be the same as none. */
function toConfig({ maxAttempts = ATTEMPTS_MAX, ...options }: ClientOptions) {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Omit<ClientOptions, 'maxAttempts'>;
  return { ...given, maxAttempts, retryMode: 'standard' } as const;
}
