/**
 * The image against the instance types: EC2 finds out at the launch what does not fit.
 */
import type { ImageReading } from '../estate.ts';
import { admit, type Check, complain, type Finding, listNames } from './finding.ts';
import type { InstanceTypeReading } from './surroundings.ts';

/** One way in which an image does not fit a type, in words; undefined when it fits. */
interface Misfit {
  readonly applies: (image: ImageReading, type: InstanceTypeReading) => boolean;
  readonly image: (image: ImageReading) => string;
  readonly type: (type: InstanceTypeReading) => string;
  readonly advice: string;
}

const lacks = (known: readonly string[], wanted: string | undefined): boolean =>
  wanted !== undefined && known.length > 0 && !known.includes(wanted);

/**
 * In the order in which they are told.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-instance-boot-mode.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enhanced-networking-ena.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/nitrotpm.html
 */
const MISFITS: readonly Misfit[] = [
  {
    applies: ({ architecture }, { architectures }) => lacks(architectures, architecture),
    image: ({ architecture }) => `is built for ${architecture}`,
    type: ({ architectures }) => architectures.join(' or '),
    advice: 'build the image for the types of the group',
  },
  {
    applies: ({ virtualization }, { virtualizationTypes }) =>
      lacks(virtualizationTypes, virtualization),
    image: ({ virtualization }) => `has ${virtualization} virtualization`,
    type: ({ virtualizationTypes }) => virtualizationTypes.join(' or '),
    advice: 'build an image with hardware virtualization',
  },
  {
    applies: ({ hasEna }, { needsEna }) => needsEna && hasEna === false,
    image: () => 'has no support for the Elastic Network Adapter',
    type: () => 'needs it',
    advice: 'register the image with ENA support',
  },
  {
    // An image that prefers UEFI starts in either mode.
    applies: ({ bootMode }, { bootModes }) =>
      bootMode !== 'uefi-preferred' && lacks(bootModes, bootMode),
    image: ({ bootMode }) => `boots by ${bootMode} only`,
    type: ({ bootModes }) => bootModes.join(' or '),
    advice: 'build the image for a boot mode of these types',
  },
  {
    applies: ({ needsTpm }, { hasTpm }) => needsTpm === true && !hasTpm,
    image: () => 'needs a NitroTPM',
    type: () => 'has none',
    advice: 'use types that have one',
  },
];

/** Processors by their makers, as requirements name them. */
const MAKERS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['intel', 'amd'],
  arm64: ['amazon-web-services'],
};

/**
 * Complains about every type that could not launch the image. A group that chooses types by
 * attributes gets those that fit the image, if the makers that it names build any.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRequirements.html
 */
export const checkFit: Check = ({ image, surroundings }) => {
  const { launch, instanceTypes } = surroundings;
  if (launch.instanceTypes.length === 0 && launch.cpuManufacturers.length === 0) {
    return [admit('Which instance types green is launched as is not known: blue names none.')];
  }
  return [
    ...MISFITS.flatMap((misfit) => complainAboutMisfit(image, instanceTypes, misfit)),
    ...complainAboutMakers(image, launch.cpuManufacturers),
  ];
};

function complainAboutMisfit(
  image: ImageReading,
  types: readonly InstanceTypeReading[],
  misfit: Misfit,
): Finding[] {
  const unfit = types.filter((type) => misfit.applies(image, type));
  if (unfit.length === 0) return [];
  const told = listNames(unfit.map((type) => `${type.instanceType} (${misfit.type(type)})`));
  return [
    complain(
      `Image ${image.imageId} ${misfit.image(image)}, which does not fit ${told}; ${misfit.advice}.`,
    ),
  ];
}

function complainAboutMakers(
  { imageId, architecture }: ImageReading,
  requirements: readonly (readonly string[])[],
): Finding[] {
  const makers = MAKERS[architecture];
  if (!makers) return [];
  return requirements
    .filter((named) => named.length > 0 && !named.some((maker) => makers.includes(maker)))
    .map((named) =>
      complain(
        `Image ${imageId} is built for ${architecture}, and the group's requirements allow only processors by ${named.join(', ')}; build the image for those.`,
      ),
    );
}
