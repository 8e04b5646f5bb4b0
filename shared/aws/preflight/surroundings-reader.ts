/**
 * Everything that the checks before a deployment look at besides blue itself. Only functions that
 * make plans carry it. Calls come one after the other, so that the same world is read the same way.
 */
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { Estate } from '../../core/estate.ts';
import { greenCapacityOf } from '../../core/plan.ts';
import type { SurroundingsReader } from '../../ports/estate.ts';
import { describeGroup } from '../groups.ts';
import { readImage } from '../images.ts';
import { describeVersion } from '../launch-templates.ts';
import { toLaunchReading } from './launch.ts';
import { readProcessors } from './processors.ts';
import { readQuotas } from './quotas.ts';
import { readInstanceTypes, readReservations, readSubnets } from './room.ts';
import { readKeys, readSnapshots } from './storage.ts';

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly ec2: EC2Client;
  readonly kms: KMSClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly serviceQuotas: ServiceQuotasClient;
}

/** How the id of an image begins; anything else is resolved at each launch. */
const IMAGE_ID_PREFIX = 'ami-';

/** Makes the reader. */
export function createSurroundingsReader(dependencies: Dependencies): SurroundingsReader {
  const { autoScaling, ec2, kms } = dependencies;
  return {
    async read(estate, now) {
      const { image, group } = estate;
      const template = group?.launchTemplate;
      if (!image || !group || !template) return undefined;
      const described = await describeGroup(autoScaling, group.autoScalingGroupName);
      if (!described) return undefined;
      const { launchTemplateId, version } = template;
      const found = await describeVersion(ec2, launchTemplateId, String(version));
      const data = found?.LaunchTemplateData ?? {};
      const launch = toLaunchReading(described, data);
      const blueImage = data.ImageId?.startsWith(IMAGE_ID_PREFIX)
        ? await readImage(ec2, data.ImageId)
        : undefined;
      const volumes = [image, blueImage].flatMap((one) => one?.volumes ?? []);
      const snapshots = await readSnapshots(ec2, [...volumes, ...launch.volumes]);
      const images = { green: image, blue: blueImage };
      const instanceTypes = await readInstanceTypes(ec2, launch.instanceTypes);
      return {
        accountId: described.AutoScalingGroupARN?.split(':')[4] ?? '',
        blueImage,
        launch,
        instanceTypes,
        snapshots,
        keys: await readKeys(kms, images, launch.volumes, snapshots),
        subnets: await readSubnets(ec2, subnetsOf(described.VPCZoneIdentifier)),
        reservations: await readReservations(ec2, launch),
        quotas: await readQuotas(dependencies, {
          launchTemplateId,
          loadBalancerArns: loadBalancersOf(estate),
        }),
        processors: await readProcessors(dependencies, {
          demand: { launch, instanceTypes, greenCapacity: greenCapacityOf(estate) },
          isOnHosts: data.Placement?.Tenancy === 'host',
          now,
        }),
      };
    },
  };
}

/** Those that green is to stand behind: where names split the traffic, the side that stands by. */
function loadBalancersOf({ routes, sides }: Estate): readonly string[] {
  const standby = sides?.green?.loadBalancer.loadBalancerArn ?? '';
  const arns = [...routes.map(({ loadBalancerArn }) => loadBalancerArn), standby];
  return [...new Set(arns)].filter((arn) => arn !== '');
}

/** AWS keeps subnets as one text with commas between them. */
function subnetsOf(identifier = ''): readonly string[] {
  return identifier.split(',').filter((id) => id !== '');
}
