/** A new image is available: the service named by its tag is deployed. */
import { SERVICE_TAG, VERSION_TAG } from '../shared/core/names.ts';
import type { Images } from '../shared/ports/estate.ts';
import type { Services } from '../shared/ports/ledger.ts';
import type { Executions } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import * as world from './_ports.ts';

/**
 * The part of EC2's event that counts here.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-ami-events.html
 */
export interface ImageStateChange {
  readonly detail: { readonly ImageId: string; readonly State: string };
}

/** The image's tags, the service that they name, and the start of its deployment. */
export interface OnImageAvailablePorts {
  readonly images: Images;
  readonly services: Services;
  readonly executions: Executions;
}

/**
 * Makes the function. The deployment is named after the image, so that an event that comes twice
 * is one deployment. Images without our tag, or for services nobody defined, are none of ours.
 */
export const onImageAvailable =
  ({ images, services, executions }: OnImageAvailablePorts) =>
  async ({ detail }: ImageStateChange) => {
    const { ImageId: imageId, State: state } = detail;
    if (state !== 'available') return ignore(`Image ${imageId} was ${state}.`);
    const tags = await images.readTags(imageId);
    const service = tags?.[SERVICE_TAG];
    if (!service) return ignore(`Image ${imageId} had no tag ${SERVICE_TAG}.`);
    if (!(await services.load(service))) {
      return ignore(`Image ${imageId} was for ${service}, which nobody has defined.`);
    }
    const version = tags[VERSION_TAG];
    const deploymentId = `${service}-${imageId}`;
    const { type } = await executions.start({
      deploymentId,
      input: {
        service,
        imageId,
        ...(version && { version }),
        requestedBy: 'EventBridge',
        reason: `Image ${imageId} became available.`,
      },
    });
    return {
      deploymentId,
      directive: { type, reason: `Deployment ${deploymentId} of ${imageId} ${type}.` },
    };
  };

function ignore(reason: string) {
  return { directive: { type: 'ignored', reason } } as const;
}

export const handler = withStack(
  onImageAvailable({
    images: world.images(),
    services: world.services(),
    executions: world.executions(),
  }),
);
