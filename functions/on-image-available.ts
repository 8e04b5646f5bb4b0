/** A new image is available: the service named by its tag is deployed. */
import { type Home, isBuiltHere } from '../shared/core/image-builds.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import { withStack } from './_handler.ts';
import * as world from './_ports.ts';
import { type Release, releaseImage, type ReleaseImagePorts } from './_release-image.ts';

/**
 * The part of EC2's event that counts here.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-ami-events.html
 */
export interface ImageStateChange {
  readonly time: IsoInstant;
  readonly detail: { readonly ImageId: string; readonly State: string };
}

/** The image's tags, the service that they name, and the start of its deployment. */
export interface OnImageAvailablePorts extends ReleaseImagePorts {
  readonly home: Home;
}

/**
 * Makes the function. What Image Builder makes here is left to `on-image-built.ts`: EC2 tells of
 * such an image before it was tested.
 */
export const onImageAvailable =
  (ports: OnImageAvailablePorts) =>
  async ({ time: now, detail }: ImageStateChange): Promise<Release> => {
    const { ImageId: imageId, State: state } = detail;
    const ignore = (reason: string) =>
      ({ imageId, directive: { type: 'ignored', reason } }) as const;
    if (state !== 'available') return ignore(`Image ${imageId} was ${state}.`);
    const image = await ports.images.read(imageId);
    if (image && isBuiltHere(image.tags, ports.home)) {
      return ignore(`Image ${imageId} was Image Builder's, which tells when it has tested it.`);
    }
    return releaseImage(ports, {
      imageId,
      image,
      requestedBy: 'EventBridge',
      reason: `Image ${imageId} became available.`,
      now,
    });
  };

export const handler = withStack(
  onImageAvailable({
    images: world.images(),
    services: world.services(),
    executions: world.executions(),
    home: world.home(),
  }),
);
