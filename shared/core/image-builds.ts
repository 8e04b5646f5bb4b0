/**
 * What EC2 Image Builder makes: an image that EC2 calls available while Image Builder still tests it.
 * So Image Builder's own word is waited for, and EC2's is passed over.
 */

/**
 * The tag by which Image Builder names the build that made an image.
 * @source https://docs.aws.amazon.com/imagebuilder/latest/userguide/tag-resources.html
 */
const BUILD_TAG = 'Ec2ImageBuilderArn';

/** The state of a build that is tested and distributed. */
const DONE = 'AVAILABLE';

/** One build as Image Builder tells of it. */
export interface ImageBuild {
  /** ARN of the build version. */
  readonly buildArn: string;
  /**
   * `BUILDING`, `TESTING`, `DISTRIBUTING`, `AVAILABLE`, `FAILED`, `CANCELLED`, …
   * @source https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageState.html
   */
  readonly status: string;
  /** Where its images went. */
  readonly images: readonly {
    readonly imageId: string;
    readonly region: string;
    /** Absent where Image Builder does not say. */
    readonly accountId?: string;
  }[];
}

/** Where Teal runs. */
export interface Home {
  readonly accountId: string;
  readonly region: string;
}

/** The images of a build that Teal can launch, or why there is none. */
export type BuiltImages =
  | { readonly type: 'built'; readonly imageIds: readonly string[] }
  | { readonly type: 'ignored'; readonly reason: string };

/**
 * Says whether Image Builder makes an image here, and will tell when it is done with it. Of a build
 * in another account or region only EC2 tells here, and so it does of a copy without that tag.
 */
export function isBuiltHere(
  tags: Readonly<Record<string, string>>,
  { accountId, region }: Home,
): boolean {
  const [, , service, builtIn, builtBy] = (tags[BUILD_TAG] ?? '').split(':');
  return service === 'imagebuilder' && builtIn === region && builtBy === accountId;
}

/** Picks the images of a build that went to this account and region. */
export function pickBuilt({ buildArn, status, images }: ImageBuild, home: Home): BuiltImages {
  if (status !== DONE) return { type: 'ignored', reason: `Build ${buildArn} was ${status}.` };
  const here = images.filter(
    ({ region, accountId = home.accountId }) =>
      region === home.region && accountId === home.accountId,
  );
  return here.length > 0
    ? { type: 'built', imageIds: here.map(({ imageId }) => imageId) }
    : {
        type: 'ignored',
        reason: `Build ${buildArn} left no image in ${home.region} of account ${home.accountId}.`,
      };
}
