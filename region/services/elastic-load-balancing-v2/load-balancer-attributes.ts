/**
 * DescribeLoadBalancerAttributes and ModifyLoadBalancerAttributes for Application and Network
 * Load Balancers.
 * Not for: what the data plane makes of them; it reads `idle_timeout.timeout_seconds` and
 * `routing.http.xff_header_processing.mode` and leaves the others alone.
 */
import type {
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { changeAttributes, listAttributes, text, whole, word } from './attributes.ts';
import type { AttributeRules } from './attributes.ts';
import type { LoadBalancer } from './model.ts';
import { operation } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { toChange, toDescribe } from './permissions.ts';
import { invalidConfiguration, required } from './refusals.ts';

const anyText = text('', (value) =>
  value.length > 1024 ? "is too long; the limit is '1024'" : undefined,
);

/** @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const LOAD_BALANCER_ATTRIBUTES: AttributeRules = {
  'access_logs.s3.enabled': word('false', 'true'),
  'access_logs.s3.bucket': anyText,
  'access_logs.s3.prefix': anyText,
  'client_keep_alive.seconds': whole('3600', { min: 60, max: 604_800 }),
  'connection_logs.s3.enabled': word('false', 'true'),
  'connection_logs.s3.bucket': anyText,
  'connection_logs.s3.prefix': anyText,
  'deletion_protection.enabled': word('false', 'true'),
  'health_check_logs.s3.enabled': word('false', 'true'),
  'health_check_logs.s3.bucket': anyText,
  'health_check_logs.s3.prefix': anyText,
  'idle_timeout.timeout_seconds': whole('60', { min: 1, max: 4000 }),
  'ipv6.deny_all_igw_traffic': word('false', 'true'),
  'load_balancing.cross_zone.enabled': word('true'),
  'routing.http.desync_mitigation_mode': word('defensive', 'monitor', 'strictest'),
  'routing.http.drop_invalid_header_fields.enabled': word('false', 'true'),
  'routing.http.preserve_host_header.enabled': word('false', 'true'),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': word('false', 'true'),
  'routing.http.xff_client_port.enabled': word('false', 'true'),
  'routing.http.xff_header_processing.mode': word('append', 'preserve', 'remove'),
  'routing.http2.enabled': word('true', 'false'),
  'waf.fail_open.enabled': word('false', 'true'),
  'zonal_shift.config.enabled': word('false', 'true'),
};

/** @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const NETWORK_ATTRIBUTES: AttributeRules = {
  'access_logs.s3.enabled': word('false', 'true'),
  'access_logs.s3.bucket': anyText,
  'access_logs.s3.prefix': anyText,
  'deletion_protection.enabled': word('false', 'true'),
  'dns_record.client_routing_policy': word(
    'any_availability_zone',
    'availability_zone_affinity',
    'partial_availability_zone_affinity',
  ),
  'ipv6.deny_all_igw_traffic': word('false', 'true'),
  'load_balancing.cross_zone.enabled': word('false', 'true'),
  'zonal_shift.config.enabled': word('false', 'true'),
};

/** The attributes of a type of load balancer. */
export function attributeRulesOf(type: LoadBalancer['type']): AttributeRules {
  return type === 'network' ? NETWORK_ATTRIBUTES : LOAD_BALANCER_ATTRIBUTES;
}

const LOG_KINDS = ['access_logs', 'connection_logs', 'health_check_logs'];

/** The two attribute operations of load balancers. */
export function loadBalancerAttributeOperations({ store }: ControlPlane): Operations {
  return {
    DescribeLoadBalancerAttributes: operation<
      DescribeLoadBalancerAttributesInput,
      DescribeLoadBalancerAttributesOutput
    >(toDescribe('DescribeLoadBalancerAttributes'), (input) => ({
      Attributes: listAttributes(store.loadBalancer(input.LoadBalancerArn).attributes),
    })),
    ModifyLoadBalancerAttributes: operation<
      ModifyLoadBalancerAttributesInput,
      ModifyLoadBalancerAttributesOutput
    >(
      (input) => toChange(store, 'ModifyLoadBalancerAttributes', [input.LoadBalancerArn]),
      (input) => {
        const loadBalancer = store.loadBalancer(input.LoadBalancerArn);
        const changes = required(input.Attributes, 'Load balancer attributes');
        const attributes = changeAttributes(
          loadBalancer.attributes,
          changes,
          attributeRulesOf(loadBalancer.type),
          'Load balancer',
        );
        refuseLogsWithoutBucket(attributes);
        store.loadBalancers.set(loadBalancer.arn, { ...loadBalancer, attributes });
        return { Attributes: listAttributes(attributes) };
      },
    ),
  };
}

function refuseLogsWithoutBucket(attributes: ReadonlyMap<string, string>): void {
  for (const kind of LOG_KINDS) {
    const enabled = attributes.get(`${kind}.s3.enabled`) === 'true';
    if (enabled && attributes.get(`${kind}.s3.bucket`) === '') {
      throw invalidConfiguration(`The value of '${kind}.s3.bucket' cannot be empty`);
    }
  }
}
