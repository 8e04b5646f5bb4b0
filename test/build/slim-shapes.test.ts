/**
 * Bundles leave out members of EC2's shapes. Of an answer in which every member is set, Teal must
 * make the same with them as without, and a comparison of whole templates must still see them all.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as ec2 from '@aws-sdk/client-ec2';
import { NormalizedSchema } from '@smithy/core/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  EC2_BY_NAME,
  EC2_WITH_WHOLE_TEMPLATES,
  forgetQueryNames,
  forgetUnreadMembers,
  type Reading,
} from '../../scripts/slim-shapes.ts';
import { slimSdk } from '../../scripts/slim-sdk.ts';
import { type Answerer, loadBundle, openAnswerer } from './bundled.ts';
import * as whole from './ec2-readings.ts';

type Readings = typeof whole;

/** Milliseconds to make bundles on a machine that is busy with other tests. */
const BUNDLING_MAX = 60_000;

/** Values that let the readers go on to what they read next. */
const VALUES: Readonly<Record<string, string>> = {
  InstanceType: 't3.micro',
  InstanceLifecycle: 'spot',
  ImageId: 'ami-1',
  EbsOptimized: 'true',
  Architecture: 'x86_64',
};

/** XML in which every member of a shape is set, and every list has one item. */
function fill(schema: NormalizedSchema, name: string): string {
  if (schema.isStructSchema()) {
    return [...schema.structIterator()]
      .filter(([member]) => member !== 'NextToken')
      .map(([member, inner]) => {
        const tag = inner.getMergedTraits().xmlName ?? member;
        return `<${tag}>${fill(inner, member)}</${tag}>`;
      })
      .join('');
  }
  if (schema.isListSchema()) return `<item>${fill(schema.getValueSchema(), name)}</item>`;
  if (schema.isBooleanSchema()) return 'true';
  if (schema.isNumericSchema()) return '7';
  if (schema.isTimestampSchema()) return '2026-11-21T10:00:00.000Z';
  return VALUES[name] ?? name;
}

function answerTo(operation: string): string {
  const schema = (ec2 as unknown as Record<string, Parameters<typeof NormalizedSchema.of>[0]>)[
    `${operation}Result$`
  ];
  if (!schema) throw new Error(`The SDK has no answer to ${operation}.`);
  return `<Response>${fill(NormalizedSchema.of(schema), operation)}</Response>`;
}

function bundle(folder: string, name: string, reading: Reading): Promise<Readings> {
  return loadBundle<Readings>(path.join(folder, `${name}.mjs`), {
    entryPoints: [path.join(import.meta.dirname, 'ec2-readings.ts')],
    plugins: [slimSdk(reading)],
  });
}

describe('an answer of EC2 in which everything is said', () => {
  let folder: string;
  let server: Answerer;
  let endpoint: string;
  let byName: Readings;
  let withTemplates: Readings;
  let requests: string[] = [];

  async function requestsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
    requests = [];
    await run();
    return requests;
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'teal-shapes-'));
    [byName, withTemplates] = await Promise.all([
      bundle(folder, 'by-name', EC2_BY_NAME),
      bundle(folder, 'with-templates', EC2_WITH_WHOLE_TEMPLATES),
    ]);
    server = await openAnswerer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        requests.push(body);
        response.end(answerTo(new URLSearchParams(body).get('Action') ?? ''));
      });
    });
    ({ endpoint } = server);
  }, BUNDLING_MAX);

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('is read as with the whole SDK, and leads to the same questions', async () => {
    let expected: unknown;
    let found: unknown;
    const questions = await requestsOf(async () => (expected = await whole.readAll(endpoint)));
    expect(await requestsOf(async () => (found = await byName.readAll(endpoint)))).toEqual(
      questions,
    );
    expect(found).toEqual(expected);
    const asked = questions.map((body) => new URLSearchParams(body).get('Action'));
    expect([...new Set(asked)].map((operation) => `${operation}Result$`)).toEqual(
      expect.arrayContaining(EC2_BY_NAME.byName.filter((shape) => shape.startsWith('Describe'))),
    );
  });

  it('of a template reaches a comparison with every member', async () => {
    const expected = await whole.readTemplate(endpoint);
    expect(await withTemplates.readTemplate(endpoint)).toEqual(expected);
    expect(await byName.readTemplate(endpoint)).not.toEqual(expected);
  });

  it('of a new version was asked for in the same words', async () => {
    const expected = await requestsOf(() => whole.writeVersion(endpoint));
    expect(await requestsOf(() => withTemplates.writeVersion(endpoint))).toEqual(expected);
    expect(expected[0]).toContain('LaunchTemplateData.ImageId=ami-2');
  });
});

const SHAPES = `const _a = "Read";
const _b = "Unread";
const _c = "read";
export var Answer$ = [3, n0, _Answer,
    0,
    [_a, _b],
    [[0, { [_eQN]: \`Read\`,
                [_xN]: _c }], () => Other$]
];
export var Other$ = [3, n0, _Other,
    0,
    [_b],
    [0]
];
`;

describe('a member of a shape', () => {
  const words = new Set(['Read']);
  const reading = { byName: ['Answer$'], whole: [] };

  it('goes when no word of Teal is its name', () => {
    const source = forgetUnreadMembers(SHAPES, reading, words);
    expect(source).toContain('[3, n0, _Answer, 0, [_a], [[0, {');
    expect(source).toContain('[3, n0, _Other, 0, [], []]');
  });

  it('stays where its shape is compared whole', () => {
    const comparing = { byName: ['Answer$'], whole: ['Other$'] };
    expect(forgetUnreadMembers(SHAPES, comparing, words)).toContain('[_b],\n    [0]');
  });

  it('of a shape that the SDK no longer has stops the build', () => {
    const gone = { byName: ['Gone$'], whole: [] };
    expect(() => forgetUnreadMembers(SHAPES, gone, words)).toThrow('The SDK has no shape Gone$');
  });

  it('keeps a name in requests that does not follow from its name in XML', () => {
    expect(forgetQueryNames(SHAPES)).toContain('[[0, { [_xN]: _c }]');
    const odd = SHAPES.replace('`Read`', '`Red`');
    expect(forgetQueryNames(odd)).toBe(odd);
  });
});
