/**
 * RegisterTargets, DeregisterTargets and DescribeTargetHealth, for instances.
 * Not for: IP addresses, functions and load balancers as targets.
 */
import type {
  DeregisterTargetsInput,
  DeregisterTargetsOutput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  RegisterTargetsOutput,
  TargetDescription,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { TargetGroup } from './model.ts';
import { operation } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { toChange, toDescribe } from './permissions.ts';
import { notImplemented, required } from './refusals.ts';
import type { TargetState } from './target-states.ts';
import { NOT_REGISTERED } from './target-states.ts';

/** The target operations. */
export function targetOperations(plane: ControlPlane): Operations {
  const { store, health } = plane;
  return {
    RegisterTargets: operation<RegisterTargetsInput, RegisterTargetsOutput>(
      (input) => toChange(store, 'RegisterTargets', [input.TargetGroupArn]),
      (input) => {
        const group = store.targetGroup(input.TargetGroupArn);
        const ids = instancesOf(group, required(input.Targets, 'Targets'));
        for (const id of ids) refuseUnfit(plane, group, id);
        refuseTooMany(plane, group, ids);
        health.register(group.arn, ids);
        return {};
      },
    ),
    DeregisterTargets: operation<DeregisterTargetsInput, DeregisterTargetsOutput>(
      (input) => toChange(store, 'DeregisterTargets', [input.TargetGroupArn]),
      (input) => {
        const group = store.targetGroup(input.TargetGroupArn);
        const ids = instancesOf(group, required(input.Targets, 'Targets'));
        const known = health.states(group.arn);
        for (const id of ids) if (!known.has(id)) refuseUnknown(plane, id);
        health.deregister(group.arn, ids);
        return {};
      },
    ),
    DescribeTargetHealth: operation<DescribeTargetHealthInput, DescribeTargetHealthOutput>(
      toDescribe('DescribeTargetHealth'),
      (input) => {
        const group = store.targetGroup(input.TargetGroupArn);
        const known = health.states(group.arn);
        if (!input.Targets?.length) {
          const all = [...known].map(([id, state]) => describe(group, id, state));
          return { TargetHealthDescriptions: all };
        }
        const asked = instancesOf(group, input.Targets).map((id) => {
          const state = known.get(id);
          if (!state) refuseUnknown(plane, id);
          return describe(group, id, state ?? NOT_REGISTERED);
        });
        return { TargetHealthDescriptions: asked };
      },
    ),
  };
}

/** An instance has one port in the region, the target group's: an override would be ignored. */
function instancesOf(group: TargetGroup, targets: readonly TargetDescription[]): readonly string[] {
  if (group.targetType !== 'instance') {
    throw notImplemented(`targets of target type '${group.targetType}'`);
  }
  return targets.map((target) => {
    const id = required(target.Id, 'A target ID');
    if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) {
      throw new AwsError('ValidationError', `Instance ID '${id}' is not valid`);
    }
    if (target.Port !== undefined && target.Port !== group.port) {
      throw notImplemented("targets on another port than the target group's");
    }
    return id;
  });
}

function refuseUnknown({ machines }: ControlPlane, id: string): void {
  if (machines.placement(id)) return;
  throw new AwsError('InvalidTarget', `The following targets are invalid instances: '${id}'`);
}

function refuseUnfit(plane: ControlPlane, group: TargetGroup, id: string): void {
  refuseUnknown(plane, id);
  const placement = plane.machines.placement(id);
  if (placement?.vpcId !== group.vpcId) {
    throw new AwsError(
      'InvalidTarget',
      `The following targets are not in the VPC '${group.vpcId}' of the target group: '${id}'`,
    );
  }
  if (placement.state !== 'running') {
    throw new AwsError(
      'InvalidTarget',
      `The following targets are not in a running state and cannot be registered: '${id}'`,
    );
  }
}

function refuseTooMany(plane: ControlPlane, group: TargetGroup, ids: readonly string[]): void {
  const { store, health } = plane;
  const count = (arn: string): number => health.states(arn).size;
  const known = health.states(group.arn);
  const added = ids.filter((id) => !known.has(id)).length;
  const most = store.limits['targets-per-target-group'];
  if (count(group.arn) + added > most) {
    throw new AwsError(
      'TooManyTargets',
      `The maximum number of targets per target group '${most}' has been ` +
        `reached on target group '${group.arn}'`,
    );
  }
  const loadBalancerArn = store.loadBalancerOf(group.arn);
  if (loadBalancerArn === undefined) return;
  const total = [...store.targetGroupsOf(loadBalancerArn)].reduce(
    (sum, arn) => sum + count(arn),
    0,
  );
  const type = store.loadBalancer(loadBalancerArn).type;
  const limit = store.limits[`targets-per-${type}-load-balancer`];
  if (total + added > limit) {
    throw new AwsError(
      'TooManyTargets',
      `The maximum number of targets per load balancer '${limit}' has been ` +
        `reached on load balancer '${loadBalancerArn}'`,
    );
  }
}

function describe(group: TargetGroup, id: string, state: TargetState): TargetHealthDescription {
  const checkPort = group.healthCheck.port;
  return {
    Target: { Id: id, Port: group.port },
    HealthCheckPort: checkPort === 'traffic-port' ? String(group.port) : checkPort,
    TargetHealth: {
      State: state.state,
      ...(state.reason === undefined ? {} : { Reason: state.reason }),
      ...(state.description === undefined ? {} : { Description: state.description }),
    },
    AdministrativeOverride: {
      State: 'no_override',
      Reason: 'AdministrativeOverride.NoOverride',
      Description: 'No override is currently active on target',
    },
  };
}
