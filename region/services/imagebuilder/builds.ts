/**
 * Image Builder's builds: what a pipeline makes of a recipe. A pipeline elsewhere would run them;
 * here they are begun and moved on from inside the process.
 * Not for: recipes, components, containers and workflows.
 */
import { ACCOUNT_ID, arn, type Kernel, REGION_NAME } from '../../kernel/kernel.ts';
import type { ImageSeed } from '../ec2/images.ts';

/**
 * The states of a build that the region knows, in the words of Image Builder.
 * @source https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageState.html
 */
export type BuildStatus =
  | 'BUILDING'
  | 'TESTING'
  | 'DISTRIBUTING'
  | 'AVAILABLE'
  | 'CANCELLED'
  | 'FAILED'
  | 'DEPRECATED';

/** An image that a build has put somewhere. */
export interface DistributedImage {
  readonly region: string;
  readonly accountId: string;
  readonly image: string;
  readonly name: string;
}

/** One build of a version of a recipe. */
export interface BuildRecord {
  readonly arn: string;
  /** Such as `web`. */
  readonly recipe: string;
  /** Such as `1.0.0`; the number of the build follows it in the ARN. */
  readonly version: string;
  readonly build: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly amis: readonly DistributedImage[];
  status: BuildStatus;
}

/** What a build makes. */
export interface BuildSeed {
  /** Name of the recipe: lower-case letters, digits, hyphens and underscores. */
  readonly recipe: string;
  /** Default `1.0.0`. */
  readonly version?: string;
  /** The image in this account and region; absent where none is distributed here. */
  readonly image?: ImageSeed;
  /** Images that are distributed elsewhere. Default: none. */
  readonly elsewhere?: readonly DistributedImage[];
}

/** Builds, seen by whoever owns the region. */
export interface Builds {
  /**
   * Begins a build whose image is there already, as it is while Image Builder tests it: EC2 tells
   * of the image, and Image Builder that it is `TESTING`. Answers the ARN of the build version.
   */
  begin(seed: BuildSeed): string;
  /** Moves a build on and tells of it. @throws Error for a build that was never begun */
  setStatus(buildArn: string, status: BuildStatus): void;
  /** The image of a build in this account and region; undefined where it has none. */
  imageOf(buildArn: string): string | undefined;
  /** By the ARN of a build version; undefined when there is none. */
  find(buildArn: string): BuildRecord | undefined;
  list(): readonly BuildRecord[];
}

/** Time and events, and where images are registered. */
export interface BuildDependencies {
  readonly kernel: Kernel;
  /** Registers an image with EC2. */
  readonly addImage: (seed: ImageSeed) => string;
}

/** Starts without builds. */
export function createBuilds({ kernel, addImage }: BuildDependencies): Builds {
  const builds = new Map<string, BuildRecord>();
  const announce = (build: BuildRecord, before: BuildStatus): void => {
    kernel.emit({
      source: 'aws.imagebuilder',
      detailType: 'EC2 Image Builder Image State Change',
      resources: [build.arn],
      detail: { 'previous-state': { status: before }, state: { status: build.status } },
    });
  };
  return {
    find: (buildArn) => builds.get(buildArn),
    list: () => [...builds.values()],
    imageOf: (buildArn) => builds.get(buildArn)?.amis.find(isHere)?.image,
    begin: ({ recipe, version = '1.0.0', image, elsewhere = [] }) => {
      const earlier = [...builds.values()].filter(
        (one) => one.recipe === recipe && one.version === version,
      );
      const build = earlier.length + 1;
      const buildArn = arn('imagebuilder', `image/${recipe}/${version}/${build}`);
      const here = image && distribute(image, buildArn, addImage);
      const record: BuildRecord = {
        arn: buildArn,
        recipe,
        version,
        build,
        createdAt: kernel.clock.now(),
        amis: [...(here ? [here] : []), ...elsewhere],
        status: 'TESTING',
      };
      builds.set(buildArn, record);
      announce(record, 'BUILDING');
      return buildArn;
    },
    setStatus: (buildArn, status) => {
      const build = builds.get(buildArn);
      if (!build) throw new Error(`There is no build ${buildArn}.`);
      const before = build.status;
      build.status = status;
      announce(build, before);
    },
  };
}

function isHere({ region, accountId }: DistributedImage): boolean {
  return region === REGION_NAME && accountId === ACCOUNT_ID;
}

/**
 * Image Builder signs the images that it makes.
 * @source https://docs.aws.amazon.com/imagebuilder/latest/userguide/tag-resources.html
 */
function distribute(
  seed: ImageSeed,
  buildArn: string,
  addImage: BuildDependencies['addImage'],
): DistributedImage {
  const signature = { CreatedBy: 'EC2 Image Builder', Ec2ImageBuilderArn: buildArn };
  const image = addImage({ ...seed, tags: { ...seed.tags, ...signature } });
  return { region: REGION_NAME, accountId: ACCOUNT_ID, image, name: seed.name };
}
