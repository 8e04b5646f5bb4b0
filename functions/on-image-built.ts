/**
 * Image Builder has built, tested and distributed an image: the service named by its tag is deployed.
 * A function of its own, because its role may ask Image Builder, and its bundle can.
 */
import { type Home, pickBuilt } from '../shared/core/image-builds.ts';
import { invariant } from '../shared/core/errors.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { ImageBuilds } from '../shared/ports/estate.ts';
import { withStack } from './_handler.ts';
import * as world from './_ports.ts';
import { type Release, releaseImage, type ReleaseImagePorts } from './_release-image.ts';

/**
 * The part of Image Builder's event that counts here. It names the build, and none of its images.
 * @source https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-eventbridge.html
 */
export interface BuildStateChange {
  readonly time: IsoInstant;
  /** The ARN of the build version. */
  readonly resources: readonly string[];
  readonly detail: { readonly state: { readonly status: string } };
}

/** The build and its images, the service that their tags name, and the start of its deployment. */
export interface OnImageBuiltPorts extends ReleaseImagePorts {
  readonly imageBuilds: ImageBuilds;
  readonly home: Home;
}

/** Makes the function. The build is read anew: what the event told may be over. */
export const onImageBuilt =
  (ports: OnImageBuiltPorts) =>
  async ({ time: now, resources: [buildArn] }: BuildStateChange) => {
    invariant(buildArn, 'an event of Image Builder names its build.');
    const build = await ports.imageBuilds.read(buildArn);
    if (!build) return ignore(`Image Builder knew no build ${buildArn} any more.`);
    const built = pickBuilt(build, ports.home);
    if (built.type === 'ignored') return ignore(built.reason);
    const releases: Release[] = [];
    for (const imageId of built.imageIds) {
      const image = await ports.images.read(imageId);
      const reason = `Image Builder finished build ${buildArn}.`;
      const told = { imageId, image, requestedBy: 'EC2 Image Builder', reason, now };
      releases.push(await releaseImage(ports, told));
    }
    const type = releases.find(({ deploymentId }) => deploymentId)?.directive.type ?? 'ignored';
    const reason = releases.map(({ directive }) => directive.reason).join(' ');
    return { releases, directive: { type, reason } };
  };

function ignore(reason: string) {
  return { releases: [], directive: { type: 'ignored', reason } } as const;
}

export const handler = withStack(
  onImageBuilt({
    imageBuilds: world.imageBuilds(),
    images: world.images(),
    services: world.services(),
    executions: world.executions(),
    home: world.home(),
  }),
);
