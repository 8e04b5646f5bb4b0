/** What is checked before a deployment, one concern after the other. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupReading, ImageReading } from '../../shared/core/estate.ts';
import { runChecks } from '../../shared/core/preflight/checks.ts';
import {
  askConsent,
  compareFootprints,
  CONSENTS,
  type Footprint,
} from '../../shared/core/preflight/consent.ts';
import type { Surroundings } from '../../shared/core/preflight/surroundings.ts';
import { parseDeploymentRequest, parseServiceDefinition, toSpec } from '../../shared/core/spec.ts';
import { NOW } from './situations.ts';

const IMAGE = 'ami-00000000000000002';
const spec = toSpec(
  parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue' }),
  parseDeploymentRequest({ service: 'web', imageId: IMAGE }),
);
const root = { deviceName: '/dev/xvda', snapshotId: 'snap-2', sizeGib: 8 };
const image: ImageReading = {
  imageId: IMAGE,
  state: 'available',
  architecture: 'x86_64',
  ownerId: '111111111111',
  virtualization: 'hvm',
  hasEna: true,
  rootDeviceName: '/dev/xvda',
  volumes: [root],
};
const group: GroupReading = {
  autoScalingGroupName: 'web-blue',
  minSize: 1,
  maxSize: 4,
  desiredCapacity: 3,
  inServiceCount: 3,
  zones: ['us-east-1a', 'us-east-1b'],
  suspendedProcesses: [],
  targetGroupArns: ['arn:blue'],
  unsupported: [],
  isCreatedByTeal: true,
};
const type = {
  instanceType: 't3.micro',
  architectures: ['x86_64'],
  virtualizationTypes: ['hvm'],
  bootModes: ['legacy-bios', 'uefi'],
  needsEna: true,
  hasTpm: false,
  vcpus: 2,
};
const snapshot = { snapshotId: 'snap-2', state: 'completed', sizeGib: 8, isArchived: false };
const key = { keyArn: 'arn:key', state: 'Enabled', isManagedByAws: false, isUsedByBlue: true };
const launch: Surroundings['launch'] = {
  instanceTypes: ['t3.micro'],
  cpuManufacturers: [],
  volumes: [],
  networkInterfaceCount: 1,
  securityGroupIds: ['sg-1'],
  onDemand: { baseCount: 0, percentAboveBase: 100 },
  warmCount: 0,
  reservation: { isRequired: false, reservationIds: [], resourceGroupArns: [] },
};
const unread = {
  type: 'unknown',
  purchase: 'onDemand',
  instanceTypes: ['t3.micro'],
  reason: 'AWS answered AccessDeniedException to GetServiceQuota on L-1216C47A',
} as const;
const surroundings: Surroundings = {
  accountId: '111111111111',
  blueImage: { ...image, imageId: 'ami-00000000000000001' },
  launch,
  instanceTypes: [type],
  snapshots: [snapshot],
  keys: [],
  subnets: [
    { subnetId: 'subnet-a', zone: 'us-east-1a', freeAddresses: 200 },
    { subnetId: 'subnet-b', zone: 'us-east-1b', freeAddresses: 200 },
  ],
  reservations: [],
  quotas: [{ name: 'autoScalingGroups', limit: 500, used: 20 }],
  processors: [unread],
};

interface Over {
  readonly image?: Partial<ImageReading>;
  readonly launch?: Partial<Surroundings['launch']>;
  readonly around?: Partial<Surroundings>;
}

function check(over: Over = {}) {
  const around = { ...surroundings, ...over.around };
  return runChecks({
    spec,
    image: { ...image, ...over.image },
    group,
    surroundings: { ...around, launch: { ...around.launch, ...over.launch } },
    greenCapacity: 3,
    now: NOW,
  });
}

const PROCESSORS = 'Whether the quota of running vCPUs has room for green';

it('an image that fits has nothing said against it but what nobody can know', () => {
  expect(check()).toEqual([
    { type: 'unknown', sentence: expect.stringContaining(`${PROCESSORS} (up to 6 vCPUs more)`) },
  ]);
});

const arm = { ...type, instanceType: 'm7g.large', architectures: ['arm64'] };
const small = { deviceName: '/dev/xvda', sizeGib: 6 };
const reserved = { isRequired: true, reservationIds: ['cr-1'], resourceGroupArns: [] };
const reservation = {
  reservationId: 'cr-1',
  instanceType: 't3.micro',
  zone: 'us-east-1a',
  isOpen: false,
  availableCount: 2,
};
const [first, second] = surroundings.subnets;

const CASES: readonly (readonly [string, Over, string, RegExp])[] = [
  [
    'an image that is past its time',
    { image: { deprecatedAt: '2026-01-01T00:00:00Z' } },
    'warning',
    /deprecated since/,
  ],
  [
    'an image that belongs to somebody else',
    { image: { ownerId: '222222222222' } },
    'warning',
    /belongs to account 222222222222/,
  ],
  [
    'an image that the account does not allow',
    { image: { isAllowed: false } },
    'warning',
    /allowed images settings/,
  ],
  [
    'one type of several for another processor',
    { around: { instanceTypes: [type, arm] } },
    'complaint',
    /built for x86_64, which does not fit m7g\.large \(arm64\)/,
  ],
  [
    'an image without the network adapter',
    { image: { hasEna: false } },
    'complaint',
    /Elastic Network Adapter, which does not fit t3\.micro/,
  ],
  [
    'an image for hardware of the past',
    { image: { virtualization: 'paravirtual' } },
    'complaint',
    /paravirtual virtualization/,
  ],
  [
    'a boot mode that no type has',
    {
      image: { bootMode: 'uefi' },
      around: { instanceTypes: [{ ...type, bootModes: ['legacy-bios'] }] },
    },
    'complaint',
    /boots by uefi only/,
  ],
  ['an image that wants a TPM', { image: { needsTpm: true } }, 'complaint', /needs a NitroTPM/],
  [
    'requirements that no processor of its kind meets',
    {
      launch: { instanceTypes: [], cpuManufacturers: [['amazon-web-services']] },
      around: { instanceTypes: [] },
    },
    'complaint',
    /only processors by amazon-web-services/,
  ],
  [
    'a group that names no type at all',
    { launch: { instanceTypes: [] }, around: { instanceTypes: [] } },
    'unknown',
    /blue names none/,
  ],
  [
    'a root device that blue maps elsewhere',
    { image: { rootDeviceName: '/dev/sda1' }, launch: { volumes: [small] } },
    'complaint',
    /root at \/dev\/sda1, but blue's template maps its root at \/dev\/xvda/,
  ],
  [
    'a root device beside what is mapped when blue’s image is gone',
    {
      image: { rootDeviceName: '/dev/sda1' },
      launch: { volumes: [{ deviceName: '/dev/xvda' }] },
      around: { blueImage: undefined },
    },
    'warning',
    /blue's own image is gone/,
  ],
  [
    'a volume that is smaller than its snapshot',
    { launch: { volumes: [small] } },
    'complaint',
    /with 6 GiB, but .* has 8 GiB/,
  ],
  [
    'a volume that may be smaller than a snapshot that is not shared',
    { launch: { volumes: [small] }, around: { snapshots: [] } },
    'warning',
    /with 6 GiB/,
  ],
  [
    'a snapshot that is archived',
    { around: { snapshots: [{ ...snapshot, isArchived: true }] } },
    'complaint',
    /snap-2 of \/dev\/xvda .* is archived/,
  ],
  [
    'a snapshot that is still being made',
    { around: { snapshots: [{ ...snapshot, state: 'pending' }] } },
    'complaint',
    /is pending/,
  ],
  [
    'a key that is disabled',
    { around: { keys: [{ ...key, state: 'Disabled' }] } },
    'complaint',
    /Key arn:key, .* is Disabled/,
  ],
  [
    'a key that KMS hides',
    { around: { keys: [{ ...key, state: 'unreadable', isUsedByBlue: false }] } },
    'unknown',
    /KMS does not let Teal read it/,
  ],
  [
    'a key that blue has never used',
    { around: { keys: [{ ...key, isUsedByBlue: false }] } },
    'unknown',
    /grant it to AWSServiceRoleForAutoScaling/,
  ],
  [
    'an encrypted volume of a shared image',
    { image: { volumes: [{ ...root, isEncrypted: true }] }, around: { snapshots: [] } },
    'unknown',
    /Which key encrypts \/dev\/xvda/,
  ],
  [
    'subnets without room for green',
    {
      around: {
        subnets: [
          { ...first!, freeAddresses: 1 },
          { ...second!, freeAddresses: 1 },
        ],
      },
    },
    'complaint',
    /have 2 of the 3 addresses/,
  ],
  [
    'subnets without room for green’s second interfaces',
    {
      launch: { networkInterfaceCount: 3 },
      around: {
        subnets: [
          { ...first!, freeAddresses: 4 },
          { ...second!, freeAddresses: 4 },
        ],
      },
    },
    'complaint',
    /have 8 of the 9 addresses/,
  ],
  [
    'a zone without a free address',
    { around: { subnets: [first!, { ...second!, freeAddresses: 0 }] } },
    'complaint',
    /free address left in us-east-1b/,
  ],
  [
    'subnets without room to grow',
    {
      around: {
        subnets: [
          { ...first!, freeAddresses: 2 },
          { ...second!, freeAddresses: 2 },
        ],
      },
    },
    'warning',
    /not for both fleets to grow to their maximum of 4/,
  ],
  [
    'zones that nobody named subnets for',
    { around: { subnets: [] } },
    'unknown',
    /names zones, not subnets/,
  ],
  [
    'a reservation that blue has filled',
    { launch: { reservation: reserved }, around: { reservations: [reservation] } },
    'complaint',
    /\(cr-1\) have room for 2 instances while blue holds its own, and green needs 3/,
  ],
  [
    'a reservation that is only preferred',
    {
      launch: { reservation: { ...reserved, isRequired: false } },
      around: { reservations: [reservation] },
    },
    'warning',
    /launched outside of them/,
  ],
  [
    'a group of reservations',
    { launch: { reservation: { ...reserved, resourceGroupArns: ['arn:rg'] } } },
    'unknown',
    /does not read groups of reservations/,
  ],
  [
    'a quota that is used up',
    { around: { quotas: [{ name: 'targetsOfLoadBalancer', of: 'web', limit: 10, used: 8 }] } },
    'complaint',
    /quota of targets of web is 10, of which 8 are used, and green needs 3 more/,
  ],
  [
    'a quota that takes too long to count',
    {
      around: {
        quotas: [{ name: 'targetsOfLoadBalancer', of: 'web', limit: 10, used: undefined }],
      },
    },
    'unknown',
    /targets of web has room is not known/,
  ],
  [
    'Spot',
    { launch: { onDemand: { baseCount: 0, percentAboveBase: 50 } } },
    'unknown',
    /Spot capacity/,
  ],
];

describe('before a deployment', () => {
  it.each(CASES)('says something about %s', (_what, over, expected, sentence) => {
    const found = check(over).filter((one) => sentence.test(one.sentence));
    expect(found).toHaveLength(1);
    expect(found[0]?.type).toBe(expected);
  });

  it('takes an image that prefers UEFI, and a reservation with enough room', () => {
    const full = { ...reservation, availableCount: 3 };
    const found = check({
      image: { bootMode: 'uefi-preferred' },
      launch: { reservation: reserved },
      around: { reservations: [full], instanceTypes: [{ ...type, bootModes: ['legacy-bios'] }] },
    });
    expect(found.filter((one) => one.type !== 'unknown')).toEqual([]);
  });
});

const before: Footprint = {
  subnetIds: ['subnet-a'],
  securityGroupIds: ['sg-1'],
  instanceTypes: ['t3.micro'],
  size: 4,
};

describe('what has changed since the last release', () => {
  it('is asked about by name, unless the request agrees', () => {
    const now = { ...before, subnetIds: ['subnet-z'], size: 40 };
    const differences = compareFootprints(before, now);
    expect(differences).toEqual([
      { consent: 'subnets', was: 'subnet-a', is: 'subnet-z' },
      { consent: 'size', was: '4', is: '40' },
    ]);
    const asked = askConsent(differences, ['size'], 'web-1');
    expect(asked.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/subnets are subnet-z, and subnet-a when web-1 succeeded.*"subnets"/),
    ]);
  });

  it('is nothing where a fleet follows its load', () => {
    expect(compareFootprints(before, { ...before, size: 16 })).toEqual([]);
    expect(compareFootprints(before, { ...before, size: 1 })).toEqual([]);
    expect(compareFootprints(before, { ...before, size: 17 })).toHaveLength(1);
  });

  it('never stops anybody who agrees to all of it, and never goes unasked', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 });
    const anyFootprint = fc.record({
      subnetIds: names,
      securityGroupIds: names,
      instanceTypes: names,
      size: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(anyFootprint, anyFootprint, (was, is) => {
        const differences = compareFootprints(was, is);
        expect(askConsent(differences, CONSENTS, 'd')).toEqual([]);
        expect(askConsent(differences, [], 'd')).toHaveLength(differences.length);
      }),
    );
  });
});
