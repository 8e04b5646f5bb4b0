/**
 * What EC2 Image Builder says of its builds.
 * Not for: the images themselves, of which EC2 knows more.
 */
import { GetImageCommand, type ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import type { ImageBuilds } from '../ports/estate.ts';
import { call, unlessRefused } from './call.ts';

/** How Image Builder says that it knows no such build. */
const NO_SUCH_BUILD = ['ResourceNotFoundException'];

/** Makes the builds of the account's region. */
export function createImageBuilds(client: ImagebuilderClient): ImageBuilds {
  return {
    async read(buildArn) {
      const command = new GetImageCommand({ imageBuildVersionArn: buildArn });
      const calling = call('GetImage', buildArn, () => client.send(command));
      const build = (await unlessRefused(NO_SUCH_BUILD, calling))?.image;
      return (
        build && {
          buildArn,
          status: build.state?.status ?? 'unknown',
          images: (build.outputResources?.amis ?? []).flatMap(({ image, region = '', accountId }) =>
            image === undefined
              ? []
              : [{ imageId: image, region, ...(accountId !== undefined && { accountId }) }],
          ),
        }
      );
    },
  };
}
