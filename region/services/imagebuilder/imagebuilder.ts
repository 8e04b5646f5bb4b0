/**
 * EC2 Image Builder, as far as asking what became of a build.
 * Not for: pipelines, recipes, components, and whatever changes any of them.
 */
import type { GetImageCommandInput, Image } from '@aws-sdk/client-imagebuilder';
import { AwsError } from '../../kernel/aws-error.ts';
import { operation, type Service } from '../../kernel/service.ts';
import { type BuildDependencies, type BuildRecord, type Builds, createBuilds } from './builds.ts';

/** The service, and its builds as whoever owns the region sees them. */
export interface ImageBuilder extends Builds {
  readonly service: Service;
}

/** Starts without builds. */
export function createImageBuilder(dependencies: BuildDependencies): ImageBuilder {
  const builds = createBuilds(dependencies);
  return {
    ...builds,
    service: {
      name: 'imagebuilder',
      operations: {
        GetImage: operation(
          ({ imageBuildVersionArn = '' }: GetImageCommandInput) => [
            { action: 'imagebuilder:GetImage', resources: [imageBuildVersionArn] },
          ],
          ({ imageBuildVersionArn = '' }) => {
            const build = resolve(builds, imageBuildVersionArn);
            if (!build) {
              throw new AwsError(
                'ResourceNotFoundException',
                `The resource with ARN '${imageBuildVersionArn}' does not exist.`,
                { httpStatus: 404 },
              );
            }
            return { image: describe(build) };
          },
        ),
      },
    },
  };
}

/**
 * A version without the number of a build, or with an x in it, is the latest build that fits and is
 * available.
 * @source https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_GetImage.html
 */
function resolve(builds: Builds, asked: string): BuildRecord | undefined {
  const [, recipe = '', version = '', build] = asked.split(':').at(-1)?.split('/') ?? [];
  if (build !== undefined) return builds.find(asked);
  const wanted = version.split('.');
  return builds
    .list()
    .filter((one) => one.recipe === recipe && one.status === 'AVAILABLE')
    .filter((one) =>
      one.version.split('.').every((part, index) => ['x', part].includes(wanted[index] ?? '')),
    )
    .toSorted((one, other) => compareVersions(other, one))[0];
}

function compareVersions(one: BuildRecord, other: BuildRecord): number {
  const [left, right] = [one, other].map((build) => [
    ...build.version.split('.').map(Number),
    build.build,
  ]);
  const index = left?.findIndex((part, place) => part !== right?.[place]) ?? -1;
  return index < 0 ? 0 : (left?.[index] ?? 0) - (right?.[index] ?? 0);
}

function describe({ arn, recipe, version, build, createdAt, amis, status }: BuildRecord): Image {
  return {
    arn,
    type: 'AMI',
    name: recipe,
    version: `${version}/${build}`,
    platform: 'Linux',
    state: { status },
    dateCreated: new Date(createdAt).toISOString(),
    outputResources: { amis: amis.map((ami) => ({ ...ami })) },
    buildType: 'USER_INITIATED',
    imageSource: 'CUSTOM',
  };
}
