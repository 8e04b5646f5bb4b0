/**
 * What a service of the region is to the rest of the region: named operations, each with the IAM
 * permissions it needs and the code that answers it.
 * Not for: how bytes become inputs (see `region/wire`) or who may call (see `region/iam`).
 */

/** Who makes a call, after its credentials were recognised. */
export interface Caller {
  /** ARN as `sts:GetCallerIdentity` would say: a user, an assumed role, or a service principal. */
  readonly arn: string;
  /** ARN of the role whose policies decide; absent for the account's administrator. */
  readonly roleArn?: string;
  /** The function or service that holds these credentials, for logs and faults. */
  readonly label: string;
}

/** One call on its way through the region. */
export interface Call {
  readonly caller: Caller;
  readonly requestId: string;
  /** True when the caller itself, rather than a service acting on its behalf, is allowed `permission`. */
  isAllowed(permission: Permission): boolean;
}

/** One question to the caller's policies. Every permission an operation names must be allowed. */
export interface Permission {
  /** IAM action such as `elasticloadbalancing:ModifyListener`. */
  readonly action: string;
  /**
   * ARNs that the action touches. Actions without resource-level permissions name `*`, and then
   * only a statement whose Resource is `*` matches, as on AWS.
   */
  readonly resources: readonly string[];
  /** Condition keys and their values, such as `aws:ResourceTag/teal:service`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** One operation. Input and output have the shapes of the operation in the AWS SDK. */
export interface Operation<Input = never, Output = unknown> {
  /** The permissions that the caller needs; `[]` only where AWS itself asks for none. */
  permissions(input: Input): readonly Permission[];
  /** Answers the call. @throws AwsError for everything AWS would refuse */
  run(input: Input, call: Call): Output | Promise<Output>;
}

/** A service's operations by their AWS names. An operation that is not here is refused. */
export type Operations = Readonly<Record<string, Operation>>;

/** An operation with typed input and output, as `Service` wants it. */
export function operation<Input, Output>(
  permissions: (input: Input) => readonly Permission[],
  run: (input: Input, call: Call) => Output | Promise<Output>,
): Operation {
  return { permissions, run };
}

/** Names of the AWS SDK packages (`@aws-sdk/client-<name>`) that the region speaks. */
export type ServiceName =
  | 'auto-scaling'
  | 'cloudwatch'
  | 'dynamodb'
  | 'ec2'
  | 'elastic-load-balancing-v2'
  | 'eventbridge'
  | 'imagebuilder'
  | 'kms'
  | 'lambda'
  | 'route-53'
  | 'service-quotas'
  | 'sfn'
  | 'sns'
  | 'sqs'
  | 'ssm'
  | 'sts';

/** A service as the endpoint sees it. */
export interface Service {
  readonly name: ServiceName;
  readonly operations: Operations;
}
