/**
 * Green's scaling policies as copies of blue's.
 * Not for: calling AWS.
 */
import type { PutScalingPolicyCommandInput, ScalingPolicy } from '@aws-sdk/client-auto-scaling';
import { POLICY_MEMBERS } from '../../core/clone/scaling-ledgers.ts';
import { type FleetNames, toGreenNames } from './green-names.ts';
import { copyMembers, hasWanted, isSet } from './members.ts';

/** Types whose alarms belong to the group's owner; AWS makes and keeps those of all others. */
const TYPES_WITH_OWN_ALARMS: ReadonlySet<string> = new Set(['SimpleScaling', 'StepScaling']);

/** The type of policy that needs history. */
const PREDICTIVE = 'PredictiveScaling';

/**
 * The request that makes green's policy. A target group's request count can be tracked only once
 * green's target group is attached to green and to the load balancer.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
 */
export function toGreenPolicy(
  blue: ScalingPolicy,
  names: FleetNames,
  enabled: boolean,
): PutScalingPolicyCommandInput {
  const magnitude = blue.MinAdjustmentMagnitude ?? blue.MinAdjustmentStep;
  const { TargetTrackingConfiguration: tracking, PredictiveScalingConfiguration: predictive } =
    toGreenNames(blue, names);
  return {
    ...copyMembers(POLICY_MEMBERS, blue),
    PolicyName: blue.PolicyName,
    AutoScalingGroupName: names.greenGroupName,
    ...(magnitude !== undefined && { MinAdjustmentMagnitude: magnitude }),
    ...(isSet(tracking) && { TargetTrackingConfiguration: tracking }),
    ...(isSet(predictive) && { PredictiveScalingConfiguration: predictive }),
    Enabled: enabled,
  };
}

/** Says whether a policy's alarms were made by the group's owner. */
export function hasOwnAlarms({ PolicyType = 'SimpleScaling' }: ScalingPolicy): boolean {
  return TYPES_WITH_OWN_ALARMS.has(PolicyType);
}

/** A policy that does not say so is enabled. */
export function isEnabled({ Enabled = true }: ScalingPolicy): boolean {
  return Enabled;
}

/** Says whether a policy is there already as it is wanted. */
export function isPolicyAs(
  wanted: PutScalingPolicyCommandInput,
  found: ScalingPolicy | undefined,
): boolean {
  return found !== undefined && hasWanted(wanted, { ...found, Enabled: isEnabled(found) });
}

/** What a copied policy cannot do as well as blue's, in sentences. */
export function warnAboutPolicies(policies: readonly ScalingPolicy[]): readonly string[] {
  const predictive = policies.filter(({ PolicyType }) => PolicyType === PREDICTIVE);
  return predictive.map(
    ({ PolicyName }) =>
      `Predictive scaling policy ${PolicyName} starts without history on green and forecasts ` +
      'nothing for about a day.',
  );
}

/** ARNs of green's policies by those of blue's policies of the same names. */
export function pairPolicyArns(
  bluePolicies: readonly ScalingPolicy[],
  greenArns: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    bluePolicies.flatMap(({ PolicyName = '', PolicyARN = '' }) => {
      const green = greenArns.get(PolicyName);
      return green ? [[PolicyARN, green] as const] : [];
    }),
  );
}
