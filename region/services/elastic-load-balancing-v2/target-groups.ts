/**
 * CreateTargetGroup, DescribeTargetGroups, ModifyTargetGroup and DeleteTargetGroup.
 * Not for: targets (see `targets.ts`).
 */
import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
  DeleteTargetGroupInput,
  DeleteTargetGroupOutput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
  TargetGroup as Described,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn as arnOf } from '../../kernel/kernel.ts';
import { inRange, isOneOf } from '../constraints.ts';
import { initialAttributes } from './attributes.ts';
import { completeHealthCheck, defaultHealthCheck } from './health-check-settings.ts';
import type { Protocol, TargetGroup } from './model.ts';
import { isNetwork } from './model.ts';
import { ID_DIGITS, refuseName } from './names.ts';
import { operation, page } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { toChange, toCreate, toDescribe } from './permissions.ts';
import { notImplemented, refuseViolations, required, validationError } from './refusals.ts';
import type { Store } from './store.ts';
import { completeTags } from './tags.ts';
import { attributeRulesOf } from './target-group-attributes.ts';

const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'];
const TARGET_TYPES = ['instance', 'ip', 'lambda', 'alb'];

/** The target group operations. */
export function targetGroupOperations(plane: ControlPlane): Operations {
  const { store, health } = plane;
  return {
    CreateTargetGroup: operation<CreateTargetGroupInput, CreateTargetGroupOutput>(
      (input) => {
        const created = arnOf('elasticloadbalancing', `targetgroup/${input.Name ?? ''}/*`);
        const action = 'CreateTargetGroup';
        return toCreate(store, { action, on: created, created, tags: input.Tags });
      },
      (input) => ({ TargetGroups: [describe(store, createTargetGroup(plane, input))] }),
    ),
    DescribeTargetGroups: operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput>(
      toDescribe('DescribeTargetGroups'),
      (input) => {
        const { items, next } = page(select(store, input), input);
        return { TargetGroups: items.map((item) => describe(store, item)), ...next };
      },
    ),
    ModifyTargetGroup: operation<ModifyTargetGroupInput, ModifyTargetGroupOutput>(
      (input) => toChange(store, 'ModifyTargetGroup', [input.TargetGroupArn]),
      (input) => {
        const before = store.targetGroup(input.TargetGroupArn);
        const healthCheck = completeHealthCheck(input, before.healthCheck, before);
        const after: TargetGroup = { ...before, healthCheck };
        store.targetGroups.set(after.arn, after);
        return { TargetGroups: [describe(store, after)] };
      },
    ),
    DeleteTargetGroup: operation<DeleteTargetGroupInput, DeleteTargetGroupOutput>(
      (input) => toChange(store, 'DeleteTargetGroup', [input.TargetGroupArn]),
      (input) => {
        const { arn } = store.targetGroup(input.TargetGroupArn);
        if (store.rulesUsing(arn).length > 0) {
          throw new AwsError(
            'ResourceInUse',
            `Target group '${arn}' is currently in use by a listener or a rule`,
          );
        }
        store.targetGroups.delete(arn);
        store.tags.delete(arn);
        health.drop(arn);
        return {};
      },
    ),
  };
}

function createTargetGroup(plane: ControlPlane, input: CreateTargetGroupInput): TargetGroup {
  const { store, kernel } = plane;
  const settings = completeRequest(plane, input);
  const tags = completeTags(input.Tags);
  const existing = [...store.targetGroups.values()].find(({ name }) => name === settings.name);
  if (existing) return unlessDifferent(existing, settings);
  const limit = store.limits['target-groups'];
  if (store.targetGroups.size >= limit) {
    throw new AwsError(
      'TooManyTargetGroups',
      `The maximum number of target groups has been reached: [${limit}]`,
    );
  }
  const id = kernel.hex(ID_DIGITS);
  const group: TargetGroup = {
    ...settings,
    arn: arnOf('elasticloadbalancing', `targetgroup/${settings.name}/${id}`),
    attributes: initialAttributes(attributeRulesOf(settings.protocol)),
  };
  store.targetGroups.set(group.arn, group);
  store.tags.set(group.arn, tags);
  return group;
}

type Settings = Omit<TargetGroup, 'arn' | 'attributes'>;

/** The same target group twice is one; tags are not compared, so a retry adopts what it finds. */
function unlessDifferent(existing: TargetGroup, settings: Settings): TargetGroup {
  const { arn: _arn, attributes: _attributes, ...before } = existing;
  if (isDeepStrictEqual(before, settings)) return existing;
  throw new AwsError(
    'DuplicateTargetGroupName',
    `A target group with the same name '${settings.name}' exists, but with different settings`,
  );
}

function completeRequest(plane: ControlPlane, input: CreateTargetGroupInput): Settings {
  const name = required(input.Name, 'A target group name');
  refuseName(name, 'Target group');
  const targetType = input.TargetType ?? 'instance';
  refuseViolations(
    isOneOf(targetType, 'targetType', TARGET_TYPES),
    isOneOf(input.Protocol, 'protocol', PROTOCOLS),
    inRange(input.Port, 'port', { min: 1, max: 65_535 }),
    isOneOf(input.IpAddressType, 'ipAddressType', ['ipv4', 'ipv6']),
  );
  if (targetType === 'lambda' || targetType === 'alb') {
    throw notImplemented(`target groups with target type '${targetType}'`);
  }
  const protocol = required(input.Protocol, 'A protocol');
  const port = required(input.Port, 'A port');
  const vpcId = required(input.VpcId, 'A VPC ID');
  if (!isServed(protocol)) throw notImplemented(`target groups of protocol '${protocol}'`);
  if (!plane.network.vpc(vpcId)) throw validationError(`The VPC ID '${vpcId}' is not found`);
  return {
    name,
    protocol,
    ...(isNetwork(protocol) ? refuseVersion(input) : { protocolVersion: protocolVersion(input) }),
    port,
    vpcId,
    targetType,
    ipAddressType: ipv4Only(input),
    healthCheck: completeHealthCheck(
      input,
      defaultHealthCheck(protocol, input.HealthCheckProtocol),
      { protocol, port },
    ),
  };
}

const isServed = (protocol: string): protocol is Protocol =>
  ['HTTP', 'HTTPS', 'TCP', 'TLS'].includes(protocol);

function refuseVersion({ ProtocolVersion }: CreateTargetGroupInput): object {
  if (ProtocolVersion === undefined) return {};
  throw validationError('Protocol version can be specified only for HTTP and HTTPS target groups');
}

function protocolVersion(input: CreateTargetGroupInput): string {
  const version = input.ProtocolVersion ?? 'HTTP1';
  if (!['HTTP1', 'HTTP2', 'GRPC'].includes(version)) {
    throw validationError(`Protocol version '${version}' must be one of 'HTTP1, HTTP2, GRPC'`);
  }
  if (version !== 'HTTP1') throw notImplemented(`target groups of protocol version '${version}'`);
  if (input.TargetControlPort !== undefined) throw notImplemented('the target optimizer');
  return version;
}

function ipv4Only(input: CreateTargetGroupInput): string {
  if (input.IpAddressType === 'ipv6') throw notImplemented("targets of address type 'ipv6'");
  return input.IpAddressType ?? 'ipv4';
}

function select(store: Store, input: DescribeTargetGroupsInput): readonly TargetGroup[] {
  const { LoadBalancerArn: loadBalancerArn, TargetGroupArns: arns, Names: names } = input;
  const filters = [loadBalancerArn !== undefined, arns?.length, names?.length].filter(Boolean);
  if (filters.length > 1) {
    throw validationError(
      'Target group names, target group ARNs, and a load balancer ARN cannot be specified at the ' +
        'same time',
    );
  }
  const all = [...store.targetGroups.values()];
  if (arns?.length) return arns.map((arn) => store.targetGroup(arn));
  if (names?.length) return names.map((name) => named(all, name));
  if (loadBalancerArn === undefined) return all;
  const used = store.targetGroupsOf(store.loadBalancer(loadBalancerArn).arn);
  return all.filter((group) => used.has(group.arn));
}

function named(groups: readonly TargetGroup[], name: string): TargetGroup {
  const found = groups.find((group) => group.name === name);
  if (found) return found;
  throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
}

function describe(store: Store, group: TargetGroup): Described {
  const loadBalancerArn = store.loadBalancerOf(group.arn);
  const check = group.healthCheck;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThresholdCount,
    UnhealthyThresholdCount: check.unhealthyThresholdCount,
    ...(check.path !== undefined && { HealthCheckPath: check.path }),
    ...(check.matcher !== undefined && { Matcher: { HttpCode: check.matcher } }),
    LoadBalancerArns: loadBalancerArn === undefined ? [] : [loadBalancerArn],
    TargetType: group.targetType as Described['TargetType'],
    ...(group.protocolVersion !== undefined && { ProtocolVersion: group.protocolVersion }),
    IpAddressType: group.ipAddressType as Described['IpAddressType'],
  };
}
