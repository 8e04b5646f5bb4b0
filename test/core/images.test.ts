/** Which images are deployed by themselves, and why the others are left alone. */
import { describe, expect, it } from 'vitest';
import type { ImageReading } from '../../shared/core/estate.ts';
import { isBuiltHere, pickBuilt } from '../../shared/core/image-builds.ts';
import {
  type Candidacy,
  complainBeforeDisplacing,
  qualifyImage,
} from '../../shared/core/qualify-image.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { NOW } from './situations.ts';

const OWN = '123456789012';
const OTHER = '210987654321';

const image: ImageReading = {
  imageId: 'ami-00000000000000002',
  state: 'available',
  architecture: 'x86_64',
  ownerId: OWN,
  createdAt: NOW,
};
const serving: ImageReading = {
  ...image,
  imageId: 'ami-00000000000000001',
  createdAt: instantAfter(NOW, -3600),
};

function candidacy(
  over: { image?: Partial<ImageReading>; images?: object; serving?: ImageReading | undefined } = {},
): Candidacy {
  const definition = parseServiceDefinition({
    service: 'web',
    autoScalingGroupName: 'web-blue',
    ...(over.images && { images: over.images }),
  });
  return {
    image: { ...image, ...over.image },
    definition,
    serving: 'serving' in over ? over.serving : serving,
    accountId: OWN,
    now: NOW,
  };
}

describe('an image that became available', () => {
  it('is deployed when it is newer than what runs, and the account may launch it', () => {
    expect(qualifyImage(candidacy())).toEqual({ type: 'qualified' });
  });

  it('is deployed when nobody can say what runs', () => {
    expect(qualifyImage(candidacy({ serving: undefined }))).toEqual({ type: 'qualified' });
  });

  it.each<[string, Parameters<typeof candidacy>[0], RegExp]>([
    ['it has failed by now', { image: { state: 'failed' } }, /was failed\.$/],
    [
      'it belongs to another account',
      { image: { ownerId: OTHER } },
      /belonged to account 210987654321, and web takes images of self\.$/,
    ],
    [
      'it is our own, and the service takes those of another account alone',
      { images: { owners: [OTHER] } },
      /and web takes images of 210987654321\.$/,
    ],
    ['the account does not allow it', { image: { isAllowed: false } }, /could not be launched\.$/],
    ['it is deprecated', { image: { deprecatedAt: NOW } }, /was deprecated at/],
    ['it runs already', { serving: image }, /was what web runs\.$/],
    [
      'it was built for another processor',
      { image: { architecture: 'arm64' } },
      /was built for arm64, and web runs ami-00000000000000001 on x86_64\.$/,
    ],
    [
      'it is older than what runs',
      { image: { createdAt: instantAfter(NOW, -7200) } },
      /is not newer than ami-00000000000000001/,
    ],
    [
      'it is as old as what runs',
      { image: { createdAt: instantAfter(NOW, -3600) } },
      /is not newer than/,
    ],
  ])('is left alone when %s', (_why, over, reason) => {
    expect(qualifyImage(candidacy(over))).toMatchObject({
      type: 'ignored',
      reason: expect.stringMatching(reason),
    });
  });

  it('may come from accounts that the service names, and be old where it does not mind', () => {
    const images = { owners: ['self', OTHER], onlyNewer: false };
    const old = { ownerId: OTHER, createdAt: instantAfter(NOW, -7200) };
    expect(qualifyImage(candidacy({ images, image: old }))).toEqual({ type: 'qualified' });
  });

  it('is not deprecated before its time', () => {
    const soon = { deprecatedAt: instantAfter(NOW, 60) };
    expect(qualifyImage(candidacy({ image: soon }))).toEqual({ type: 'qualified' });
  });
});

describe('an image whose deployment would send another one back', () => {
  const { imageId } = image;

  it('may, where it can be launched on what runs', () => {
    expect(complainBeforeDisplacing({ imageId, image, serving })).toBeUndefined();
    expect(complainBeforeDisplacing({ imageId, image, serving: undefined })).toBeUndefined();
  });

  it.each<[string, Partial<ImageReading> | undefined, RegExp]>([
    ['it is not there', undefined, /^EC2 knows no image ami-00000000000000002/],
    ['it is not available', { state: 'pending' }, /is pending; wait until it is available/],
    ['it is for another processor', { architecture: 'arm64' }, /is built for arm64, and what runs/],
  ])('is refused when %s', (_why, over, complaint) => {
    const read = over && { ...image, ...over };
    expect(complainBeforeDisplacing({ imageId, image: read, serving })).toMatch(complaint);
  });
});

describe('a service that says whose images it takes', () => {
  it.each([[{ owners: [] }], [{ owners: ['amazon'] }], [{ owner: ['self'] }], [{ onlyNewer: 1 }]])(
    'is refused where it says nonsense: %j',
    (images) => {
      expect(() => candidacy({ images })).toThrow(/images/);
    },
  );
});

describe('a build of Image Builder', () => {
  const buildArn = `arn:aws:imagebuilder:us-east-1:${OWN}:image/web/1.0.0/1`;
  const home = { accountId: OWN, region: 'us-east-1' };
  const here = { imageId: 'ami-1', region: 'us-east-1', accountId: OWN };
  const build = { buildArn, status: 'AVAILABLE', images: [here] };

  it('tells of its images itself where it was made here, and nowhere else', () => {
    expect(isBuiltHere({ Ec2ImageBuilderArn: buildArn }, home)).toBe(true);
    expect(isBuiltHere({ Ec2ImageBuilderArn: buildArn }, { ...home, accountId: OTHER })).toBe(
      false,
    );
    expect(isBuiltHere({ Ec2ImageBuilderArn: buildArn }, { ...home, region: 'eu-west-1' })).toBe(
      false,
    );
    expect(isBuiltHere({ CreatedBy: 'EC2 Image Builder' }, home)).toBe(false);
    expect(isBuiltHere({ Ec2ImageBuilderArn: 'nonsense' }, home)).toBe(false);
    expect(isBuiltHere({}, home)).toBe(false);
  });

  it('has the images that went to this account and region, and no others', () => {
    const images = [
      { ...here, imageId: 'ami-2', region: 'eu-west-1' },
      { ...here, imageId: 'ami-3', accountId: OTHER },
      { imageId: 'ami-4', region: 'us-east-1' },
      here,
    ];
    expect(pickBuilt({ ...build, images }, home)).toEqual({
      type: 'built',
      imageIds: ['ami-4', 'ami-1'],
    });
  });

  it('is left alone while it is tested, and where it left nothing here', () => {
    expect(pickBuilt({ ...build, status: 'TESTING' }, home)).toMatchObject({
      reason: `Build ${buildArn} was TESTING.`,
    });
    expect(pickBuilt({ ...build, images: [] }, home)).toMatchObject({
      reason: `Build ${buildArn} left no image in us-east-1 of account ${OWN}.`,
    });
  });
});
