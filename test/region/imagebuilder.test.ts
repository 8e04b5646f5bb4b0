/** What Image Builder says of a build, and what it tells of it. */
import {
  GetImageCommand,
  type GetImageCommandOutput,
  ImagebuilderClient,
} from '@aws-sdk/client-imagebuilder';
import { afterEach, describe, expect, it } from 'vitest';
import { ACCOUNT_ID } from '../../region/kernel/kernel.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createRegion, type Region } from '../../region/region.ts';
import { createImageBuilder } from '../../region/services/imagebuilder/imagebuilder.ts';
import { createTestRegion, permissionsOf, run } from './monitoring-region.ts';

const ARN = `arn:aws:imagebuilder:us-east-1:${ACCOUNT_ID}:image/web/1.0.0`;
const image = { name: 'web-1', program: { type: 'model', bootSeconds: 5 } as const };

const regions: Region[] = [];
afterEach(async () => {
  await Promise.all(regions.splice(0).map((region) => region.stop()));
});

function open() {
  const clock = createVirtualClock({ start: Date.parse('2026-01-05T09:00:00.000Z') });
  const region = createRegion({ clock });
  regions.push(region);
  const client = new ImagebuilderClient({
    region: 'us-east-1',
    endpoint: 'http://in-process',
    credentials: region.administrator,
    requestHandler: region.endpoint.requestHandler as never,
    maxAttempts: 1,
  });
  const ask = (imageBuildVersionArn: string): Promise<GetImageCommandOutput> =>
    clock.runUntil(client.send(new GetImageCommand({ imageBuildVersionArn })));
  return { region, ask };
}

describe('a build of Image Builder', () => {
  it('has its image in this account and region, signed, while it is still tested', async () => {
    const { region, ask } = open();
    const build = region.imageBuilder.begin({ recipe: 'web', image });
    expect(build).toBe(`${ARN}/1`);
    const answer = await ask(build);
    expect(answer.image).toMatchObject({
      arn: build,
      name: 'web',
      version: '1.0.0/1',
      state: { status: 'TESTING' },
      outputResources: {
        amis: [
          {
            region: 'us-east-1',
            accountId: ACCOUNT_ID,
            image: region.imageBuilder.imageOf(build),
            name: 'web-1',
          },
        ],
      },
    });
  });

  it('is the latest available one where no build is named', async () => {
    const { region, ask } = open();
    const first = region.imageBuilder.begin({ recipe: 'web', image });
    const second = region.imageBuilder.begin({ recipe: 'web' });
    const newer = region.imageBuilder.begin({ recipe: 'web', version: '1.1.0' });
    region.imageBuilder.setStatus(first, 'AVAILABLE');
    region.imageBuilder.setStatus(second, 'AVAILABLE');
    expect((await ask(ARN)).image?.arn).toBe(second);
    expect((await ask(ARN.replace('1.0.0', 'x.x.x'))).image?.arn).toBe(second);
    region.imageBuilder.setStatus(newer, 'AVAILABLE');
    expect((await ask(ARN.replace('1.0.0', '1.x.x'))).image?.arn).toBe(newer);
  });

  it('is refused by the words of Image Builder where it is none', async () => {
    const { ask } = open();
    await expect(ask(`${ARN}/9`)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(ask('web')).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining(
        "The value supplied for parameter 'imageBuildVersionArn' is not valid.",
      ),
    });
  });

  it('is told of, with the state before, by its ARN alone', () => {
    const { kernel, events } = createTestRegion();
    const builder = createImageBuilder({ kernel, addImage: () => 'ami-1' });
    const build = builder.begin({ recipe: 'web', image });
    builder.setStatus(build, 'AVAILABLE');
    expect(events.map(({ event }) => event)).toEqual([
      {
        source: 'aws.imagebuilder',
        detailType: 'EC2 Image Builder Image State Change',
        resources: [build],
        detail: { 'previous-state': { status: 'BUILDING' }, state: { status: 'TESTING' } },
      },
      {
        source: 'aws.imagebuilder',
        detailType: 'EC2 Image Builder Image State Change',
        resources: [build],
        detail: { 'previous-state': { status: 'TESTING' }, state: { status: 'AVAILABLE' } },
      },
    ]);
    expect(() => builder.setStatus(`${build}9`, 'FAILED')).toThrow(/There is no build/);
  });

  it('may be read by who is allowed this very one', async () => {
    const builder = createImageBuilder({
      kernel: createTestRegion().kernel,
      addImage: () => 'ami-1',
    });
    const build = builder.begin({ recipe: 'web' });
    expect(permissionsOf(builder.service, 'GetImage', { imageBuildVersionArn: build })).toEqual([
      { action: 'imagebuilder:GetImage', resources: [build] },
    ]);
    const { image: read } = await run<GetImageCommandOutput>(builder.service, 'GetImage', {
      imageBuildVersionArn: build,
    });
    expect(read?.outputResources?.amis).toEqual([]);
  });
});
