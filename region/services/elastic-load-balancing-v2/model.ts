/**
 * What the load balancing service remembers: load balancers, listeners, rules and target groups.
 * Not for: targets and their health (see `target-health.ts`) or what the data plane sees at the
 * moment (see `propagation.ts`).
 */
import type {
  Action,
  Certificate,
  MutualAuthenticationAttributes,
  RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** Protocols of listeners and target groups; the first two belong to Application Load Balancers. */
export type Protocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';

/** An Application or Network Load Balancer. */
export interface LoadBalancer {
  readonly arn: string;
  readonly type: 'application' | 'network';
  readonly name: string;
  readonly dnsName: string;
  readonly scheme: 'internet-facing' | 'internal';
  readonly vpcId: string;
  /** Enabled zones with their subnet, in the order of the request. */
  readonly zones: readonly { readonly zoneName: string; readonly subnetId: string }[];
  readonly securityGroups: readonly string[];
  readonly ipAddressType: string;
  /** Region time, epoch milliseconds. */
  readonly createdAt: number;
  readonly attributes: ReadonlyMap<string, string>;
}

/** A listener; its default actions are those of its default rule. */
export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Absent on listeners that end no encryption. */
  readonly sslPolicy?: string;
  readonly certificates: readonly Certificate[];
  readonly mutualAuthentication?: MutualAuthenticationAttributes;
}

/** A rule of a listener, the default rule included. */
export interface Rule {
  readonly arn: string;
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  /** 1 to 50000; the default rule is evaluated last whatever the numbers are. */
  readonly priority: number | 'default';
  readonly conditions: readonly RuleCondition[];
  /** Completed and in the order in which they are performed; the last one routes. */
  readonly actions: readonly Action[];
}

/** How the targets of a target group are checked. */
export interface HealthCheck {
  /** `TCP` asks for no more than a connection. */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** `traffic-port` or a number as text. */
  readonly port: string;
  /** Absent for TCP. */
  readonly path?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
  /** HTTP codes that pass, such as `200,202` or `200-299`; absent for TCP. */
  readonly matcher?: string;
}

/** A target group without its targets. */
export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly protocol: Protocol;
  /** Absent unless the protocol is HTTP or HTTPS. */
  readonly protocolVersion?: string;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: string;
  readonly ipAddressType: string;
  readonly healthCheck: HealthCheck;
  readonly attributes: ReadonlyMap<string, string>;
}

/** The last part of an ARN, as AWS uses it for metrics: `app/name/id`, `net/name/id` or `targetgroup/name/id`. */
export function metricDimension(arn: string): string {
  const resource = arn.slice(arn.lastIndexOf(':') + 1);
  return resource.startsWith('loadbalancer/') ? resource.slice('loadbalancer/'.length) : resource;
}

/** Whether a listener or target group of a protocol belongs to Network Load Balancers. */
export function isNetwork(protocol: Protocol): protocol is 'TCP' | 'TLS' {
  return protocol === 'TCP' || protocol === 'TLS';
}
