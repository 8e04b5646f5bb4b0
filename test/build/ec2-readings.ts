/**
 * All that Teal reads of EC2's answers, to be run with the whole SDK and out of a bundle. Other
 * services answer what leads there.
 */
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { createImages, readImage } from '../../shared/aws/images.ts';
import { createVersion, describeVersion, readVersion } from '../../shared/aws/launch-templates.ts';
import { createSurroundingsReader } from '../../shared/aws/preflight/surroundings-reader.ts';
import type { Estate } from '../../shared/core/estate.ts';
import type { Plan } from '../../shared/core/plan.ts';

const TEMPLATE = 'lt-1';

const GROUP = {
  AutoScalingGroupName: 'web',
  VPCZoneIdentifier: 'subnet-1',
  LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '1' },
  CapacityReservationSpecification: {
    CapacityReservationPreference: 'capacity-reservations-only',
  },
};

const client = (answer: object) => ({ send: async () => answer });

const autoScaling = client({ AutoScalingGroups: [GROUP] }) as unknown as AutoScalingClient;
/** A quota without any room: then instances are counted. */
const cloudWatch = client({
  MetricDataResults: [{ Timestamps: [new Date('2026-01-05T08:59:00Z')], Values: [1] }],
}) as unknown as CloudWatchClient;
const serviceQuotas = client({
  Quota: { Value: 1, UsageMetric: {} },
}) as unknown as ServiceQuotasClient;
const kms = client({ KeyMetadata: { KeyId: 'key' } }) as unknown as KMSClient;
const loadBalancing = client({}) as unknown as ElasticLoadBalancingV2Client;

const open = (endpoint: string) =>
  new EC2Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  });

/** What the planner, the trigger by an image and the outcome read. */
export async function readAll(endpoint: string) {
  const ec2 = open(endpoint);
  const image = await readImage(ec2, 'ami-1');
  const launchTemplate = { launchTemplateId: TEMPLATE, version: 1 };
  const group = { autoScalingGroupName: 'web', launchTemplate, desiredCapacity: 1 };
  const estate = { image, routes: [], group } as unknown as Estate;
  const reader = createSurroundingsReader({
    autoScaling,
    cloudWatch,
    ec2,
    kms,
    loadBalancing,
    serviceQuotas,
  });
  return {
    image,
    tagged: await createImages({ autoScaling, ec2 }).read('ami-1'),
    surroundings: await reader.read(estate, '2026-01-05T09:00:00.000Z'),
    version: await readVersion(ec2, TEMPLATE, '1'),
  };
}

/** What a comparison of templates reads. */
export async function readTemplate(endpoint: string) {
  const version = await describeVersion(open(endpoint), TEMPLATE, '1');
  return version?.LaunchTemplateData;
}

/** Asks for green's version; what AWS answers is not looked at. */
export async function writeVersion(endpoint: string): Promise<string | number> {
  const blue = { launchTemplateId: TEMPLATE, launchTemplateVersion: 1 };
  const plan = { blue, deploymentId: 'web-1', imageId: 'ami-2' } as unknown as Plan;
  return createVersion(open(endpoint), plan).catch((error: Error) => error.message);
}
