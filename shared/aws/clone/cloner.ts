/**
 * Gives green everything that hangs on blue's group, item by item, and reads it back.
 * Not for: making the group itself (see `green-builder.ts`).
 */
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Plan } from '../../core/plan.ts';
import type { GreenCloner, GreenParts } from '../../ports/fleets.ts';
import { describeGroup } from '../groups.ts';
import { type ReadingClients, readWithAttachments } from './attachments.ts';
import { compareGroups } from './compare-groups.ts';
import { compareTargetGroups, compareTemplates } from './compare-launch.ts';
import { type FleetNames, metricNameOf, metricNameOfBalancer } from './green-names.ts';
import { listItems } from './items.ts';
import { warnAboutPolicies } from './policies.ts';

interface Dependencies extends ReadingClients {
  readonly ec2: EC2Client;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
}

/** Makes the cloner of the account's region. */
export function createGreenCloner(dependencies: Dependencies): GreenCloner {
  const { ec2, loadBalancing } = dependencies;
  const readBoth = async ({ blue, green }: Plan) => ({
    blue: await readWithAttachments(dependencies, blue.autoScalingGroupName),
    green: await readWithAttachments(dependencies, green.autoScalingGroupName),
  });
  return {
    async list(plan, parts, now) {
      const { autoScalingGroupName } = plan.green;
      if (!(await describeGroup(dependencies.autoScaling, autoScalingGroupName))) return undefined;
      const names = fleetNames(plan, parts);
      return listItems({ clients: dependencies, plan, names, now, ...(await readBoth(plan)) });
    },
    async compare(plan, parts, now) {
      const both = await readBoth(plan);
      const names = fleetNames(plan, parts);
      return {
        differences: [
          ...compareGroups({ plan, parts, names, now, ...both }),
          ...(await compareTargetGroups(loadBalancing, plan, parts)),
          ...(await compareTemplates(ec2, plan, parts)),
        ],
        warnings: warnAboutPolicies(both.blue.policies),
      };
    },
  };
}

function fleetNames(
  { blue, green, standby }: Plan,
  { greenTargetGroupArn }: GreenParts,
): FleetNames {
  return {
    blueGroupName: blue.autoScalingGroupName,
    greenGroupName: green.autoScalingGroupName,
    blueTargetGroup: metricNameOf(blue.targetGroupArn),
    greenTargetGroup: metricNameOf(greenTargetGroupArn),
    ...(standby && {
      loadBalancers: {
        blue: metricNameOfBalancer(standby.blueLoadBalancerArn),
        green: metricNameOfBalancer(standby.loadBalancerArn),
      },
    }),
  };
}
