/**
 * How an image that became available becomes a deployment, whoever told of it: it has to be tagged
 * for a service, and to qualify for it. The deployment is named after the image, so that one image
 * is one deployment however often it is told of.
 */
import { SERVICE_TAG, VERSION_TAG } from '../shared/core/names.ts';
import { qualifyImage } from '../shared/core/qualify-image.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Images, TaggedImage } from '../shared/ports/estate.ts';
import type { Services } from '../shared/ports/ledger.ts';
import type { Executions } from '../shared/ports/signals.ts';

/** The image and what runs, the service that its tag names, and the start of its deployment. */
export interface ReleaseImagePorts {
  readonly images: Images;
  readonly services: Pick<Services, 'load'>;
  readonly executions: Pick<Executions, 'start'>;
  /** The account that Teal runs in. */
  readonly home: { readonly accountId: string };
}

/** What became of an image. */
export interface Release {
  readonly imageId: string;
  /** Absent when none was started. */
  readonly deploymentId?: string;
  readonly directive: {
    readonly type: 'started' | 'exists' | 'ignored';
    readonly reason: string;
  };
}

/** Who told of an image, and what is known of it. */
export interface Announcement {
  readonly imageId: string;
  /** Undefined when EC2 knows no such image. */
  readonly image: TaggedImage | undefined;
  readonly requestedBy: string;
  /** Kept in the deployment's record. */
  readonly reason: string;
  readonly now: IsoInstant;
}

/** Starts the deployment of an image, or says why it is none of ours. */
export async function releaseImage(
  { images, services, executions, home }: ReleaseImagePorts,
  { imageId, image, requestedBy, reason, now }: Announcement,
): Promise<Release> {
  if (!image) return ignore(imageId, `EC2 knew no image ${imageId} that this account may launch.`);
  const service = image.tags[SERVICE_TAG];
  if (!service) return ignore(imageId, `Image ${imageId} had no tag ${SERVICE_TAG}.`);
  const definition = await services.load(service);
  if (!definition) {
    return ignore(imageId, `Image ${imageId} was for ${service}, which nobody has defined.`);
  }
  const serving = await images.readServing(definition.autoScalingGroupName);
  const qualification = qualifyImage({ image, definition, serving, ...home, now });
  if (qualification.type === 'ignored') return ignore(imageId, qualification.reason);
  const version = image.tags[VERSION_TAG];
  const deploymentId = `${service}-${imageId}`;
  const { type } = await executions.start({
    deploymentId,
    input: {
      service,
      imageId,
      ...(version && { version }),
      requestedBy,
      reason,
      // Whether it is still newer is asked again when its turn has come.
      ...(definition.images?.onlyNewer !== false && { onlyNewer: true }),
    },
  });
  const became = type === 'started' ? 'was started' : 'had been started before';
  const told = `Deployment ${deploymentId} of ${imageId} ${became}.`;
  return { imageId, deploymentId, directive: { type, reason: told } };
}

function ignore(imageId: string, reason: string): Release {
  return { imageId, directive: { type: 'ignored', reason } };
}
