/**
 * What the region's services offer each other, besides their public operations. Small on purpose:
 * on AWS these are the seams between services, and each has only what the other side really uses.
 */
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { Permission } from './service.ts';

/** Temporary credentials, as a function's environment carries them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** IAM, for services that act under somebody's role. */
export interface Identities {
  /** Defines a role. `trust` lists the service principals that may assume it. */
  addRole(role: {
    readonly arn: string;
    readonly trust: readonly string[];
    readonly policies: readonly PolicyDocument[];
  }): void;
  /** Issues session credentials. @throws AwsError AccessDenied when `principal` is not trusted */
  assume(options: { roleArn: string; principal: string; sessionName: string }): Credentials;
  /** Says whether a role may do something. */
  isAllowed(roleArn: string, permission: Permission): boolean;
}

/**
 * A policy as IAM writes it; what IAM would refuse in it is refused when it is added.
 * @source https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}

/** One rule of a policy: of each pair such as `Action` and `NotAction`, one is present. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | readonly string[]>>>
  >;
}

/** EC2's networks, for load balancers and target groups. */
export interface Network {
  /** Undefined when there is no such VPC. */
  vpc(vpcId: string): { readonly defaultSecurityGroupId: string } | undefined;
  /** Undefined when there is no such subnet. */
  subnet(
    subnetId: string,
  ): { readonly vpcId: string; readonly availabilityZone: string } | undefined;
  /** Undefined when there is no such security group. */
  securityGroup(groupId: string): { readonly vpcId: string } | undefined;
}

/** ELBv2, for Auto Scaling. */
export interface TargetRegistry {
  /** Undefined when there is no such target group. */
  targetGroup(arn: string):
    | {
        readonly targetType: string;
        readonly vpcId: string;
        /** Load balancers that forward to it; absent means that nobody can tell. */
        readonly loadBalancerArns?: readonly string[];
      }
    | undefined;
  register(targetGroupArn: string, instanceIds: readonly string[]): void;
  /** Starts draining. The state says `draining` until the deregistration delay is over. */
  deregister(targetGroupArn: string, instanceIds: readonly string[]): void;
  /** State and reason of every registered or draining target, by instance id. */
  targetHealth(
    targetGroupArn: string,
  ): ReadonlyMap<string, { readonly state: string; readonly reason?: string }>;
}

/** An alarm as Auto Scaling sees it when the alarm names one of its policies as an action. */
export interface ScalingAlarm {
  readonly name: string;
  readonly arn: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Whether the alarm's actions are enabled and its present state calls for this action. */
  readonly calls: boolean;
  readonly threshold: number;
  /** The values that decided last, oldest first; empty when nothing was evaluated yet. */
  readonly datapoints: readonly number[];
}

/** CloudWatch, for Auto Scaling: the alarms that it keeps itself, and those that call it. */
export interface ScalingAlarms {
  /** Creates or replaces an alarm in Auto Scaling's name; answers its ARN. @throws AwsError */
  put(alarm: PutMetricAlarmCommandInput): string;
  /** Deletes an alarm; harmless when there is none. */
  remove(alarmName: string): void;
  /** Alarms that name an action, for whichever state. */
  withAction(actionArn: string): readonly ScalingAlarm[];
  /** Takes an action out of every alarm; `removeIdle` deletes alarms that are left without any. */
  dropAction(actionArn: string, options: { readonly removeIdle: boolean }): void;
}

/** ELBv2, for Route 53 and for clients that know a load balancer by its name. */
export interface LoadBalancerNames {
  /** Takes a DNS name without a dot at its end; undefined when no load balancer has it. */
  find(dnsName: string):
    | {
        readonly loadBalancerArn: string;
        readonly dnsName: string;
        /** `CanonicalHostedZoneId`. */
        readonly hostedZoneId: string;
        readonly addressTypes: readonly ('A' | 'AAAA')[];
        /** What an alias with `EvaluateTargetHealth` sees. */
        readonly isHealthy: boolean;
      }
    | undefined;
}

/** ELBv2, for modelled clients. */
export interface BalancerTraffic {
  /** Sends modelled requests that share one fate. Nothing happens where nothing listens. */
  send(request: {
    readonly loadBalancerArn: string;
    readonly port: number;
    readonly path: string;
    readonly host: string;
    /** How many requests; 1 or more. */
    readonly count: number;
  }): void;
}

/** Lambda, for EventBridge, Step Functions and API Gateway. */
export interface Functions {
  /**
   * Invokes a function and waits for its answer.
   * @throws AwsError ResourceNotFoundException, AccessDeniedException when the function's resource
   * policy does not let the principal in, TooManyRequestsException
   */
  invoke(invocation: {
    readonly functionArn: string;
    /** JSON text. */
    readonly payload: string;
    /**
     * `Event` answers with an empty payload as soon as the event is queued; Lambda then retries it
     * by itself. Absent means `RequestResponse`.
     */
    readonly invocationType?: 'RequestResponse' | 'Event';
    /** A service principal needs the function's resource policy; a role needs its own policy. */
    readonly caller:
      | { readonly type: 'service'; readonly principal: string; readonly sourceArn: string }
      | { readonly type: 'role'; readonly roleArn: string };
  }): Promise<Invoked>;
}

/** How a function's run ended, when it ran at all: refusals are thrown instead. */
export interface Invoked {
  /** JSON text: the function's result, or `{errorType, errorMessage, stackTrace}`. */
  readonly payload: string;
  /** Set when the function threw, timed out or was killed. */
  readonly functionError?: 'Unhandled';
}

/** SQS, for services that keep what they could not deliver. */
export interface MessageQueues {
  /** @throws AwsError QueueDoesNotExist, AccessDenied, and what SQS refuses about a message */
  send(message: {
    readonly queueArn: string;
    readonly body: string;
    /** Texts by name. Absent means none. */
    readonly attributes?: Readonly<Record<string, string>>;
    /** A service principal needs the queue's policy; a role needs its own policy. */
    readonly caller:
      | { readonly type: 'service'; readonly principal: string; readonly sourceArn: string }
      | { readonly type: 'role'; readonly roleArn: string };
  }): void;
}

/** Step Functions, for EventBridge. */
export interface Executions {
  start(options: {
    readonly stateMachineArn: string;
    readonly name?: string;
    /** JSON text. */
    readonly input: string;
    /** Role under which the caller acts; it needs `states:StartExecution`. */
    readonly roleArn: string;
  }): { readonly executionArn: string };
}

/** One line of the load balancer's access log, in the field names of AWS's access log. */
export interface AccessLogEntry {
  /** Region time, epoch milliseconds. */
  readonly at: number;
  readonly loadBalancerArn: string;
  /** Absent when no target was chosen. */
  readonly targetGroupArn?: string;
  readonly instanceId?: string;
  /** What the client got. */
  readonly elbStatusCode: number;
  /** What the target answered; absent when none did. */
  readonly targetStatusCode?: number;
  readonly requestMilliseconds: number;
}
