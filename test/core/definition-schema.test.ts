/** The JSON Schema of `teal.yml` says what the reader says, and the documents say what the schema says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { makeDefinitionDocuments } from '../../scripts/definition-documents.ts';
import { ROOT } from '../../scripts/run.ts';
import { makeTealFileSchema } from '../../shared/core/definition-schema.ts';
import { SpecRefused } from '../../shared/core/errors.ts';
import type { SpecIssue } from '../../shared/core/parse-strictly.ts';
import { parseTealFile } from '../../shared/core/teal-file.ts';

const schema = makeTealFileSchema();
const accepts = new Ajv({ strict: false }).compile(schema);

/** What only the reader can say, because it compares one value with another. */
const COMPARING = /must rise with every step|names an alarm more than once|two different set/;

const ARN = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';
const holdSeconds = fc.integer({ min: 0, max: 3000 });
const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' });
const weight = fc.integer({ min: 1, max: 99 });

const strategy = fc.oneof(
  fc.constant({ type: 'allAtOnce' }),
  fc.record({ type: fc.constant('canary'), greenWeightPercent: weight, holdSeconds }),
  fc.record({ type: fc.constant('linear'), stepPercent: weight, holdSeconds }),
  fc.record({
    type: fc.constant('steps'),
    steps: fc.array(
      fc.record(
        { greenWeightPercent: weight, holdSeconds, approval: fc.boolean() },
        { requiredKeys: ['greenWeightPercent', 'holdSeconds'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);

const alarm = fc.oneof(
  name,
  fc.record(
    {
      name,
      whenRed: fc.constantFrom('block', 'armWhenRecovered', 'ignore'),
      missingData: fc.constantFrom('breaching', 'notBreaching', 'ignore', 'missing'),
      mirror: fc.boolean(),
    },
    { requiredKeys: ['name'] },
  ),
);

/** Definitions with any of their keys, each of a kind that the reader takes. */
const body = fc.record(
  {
    autoScalingGroupName: name,
    targetGroupArn: fc.constant(`${ARN}:targetgroup/web/1`),
    listenerArns: fc.constant([`${ARN}:listener/app/web/1/2`]),
    ruleArns: fc.constant([`${ARN}:listener-rule/app/web/1/2/3`]),
    routing: fc.record({
      type: fc.constant('route53'),
      hostedZoneId: fc.constant('Z1'),
      recordName: name,
      blueSetIdentifier: name,
      greenSetIdentifier: name,
      greenListenerArn: fc.constant(`${ARN}:listener/app/web/1/2`),
    }),
    strategy,
    bakeTimeSeconds: holdSeconds,
    alarms: fc.array(alarm, { maxLength: 3 }),
    greenHealthyDeadlineSeconds: fc.integer({ min: 60, max: 600 }),
    onForeignChange: fc.constantFrom('pause', 'rollBack', 'reassert'),
    stickySessions: fc.constantFrom('waitOut', 'end'),
    healthGate: fc.record(
      { consecutiveReadings: fc.integer({ min: 1, max: 20 }) },
      { requiredKeys: [] },
    ),
    waivers: fc.constant(['ScalingPolicy.Cooldown']),
    retireBlue: fc.constantFrom('delete', 'scaleToZero', 'automatic'),
    retain: fc.oneof(
      fc.constant({ blue: 'none' }),
      fc.record({ blue: fc.constantFrom('full', 'zero'), seconds: fc.constant(60) }),
    ),
    instanceHourPrice: fc.constant({ amount: 0.1, currency: 'EUR' }),
    onBusy: fc.constantFrom('refuse', 'queue', 'supersede'),
    notifications: fc.record(
      { on: fc.subarray(['planned', 'paused', 'failed']) },
      { requiredKeys: [] },
    ),
    approval: fc.record(
      {
        before: fc.subarray(['traffic', 'retirement']),
        onTimeout: fc.constantFrom('approve', 'reject'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['autoScalingGroupName'] },
);

const file = fc.record({
  services: fc.dictionary(fc.constantFrom('web', 'api', 'shop-2'), body, {
    minKeys: 1,
    maxKeys: 2,
  }),
});

/** Whatever else could stand somewhere. */
const junk = fc.oneof(
  fc.constantFrom(null, true, '', 'none', [], {}, -1, 0, 0.5, 1, 59, 60, 100, 101, 2_592_001, 1e9),
  name,
);

/** One slip: which of the places, and what happens there. */
const slip = fc.record({
  at: fc.nat({ max: 400 }),
  kind: fc.constantFrom('drop', 'replace', 'add', 'repeat'),
  value: junk,
});

type Slip = typeof slip extends fc.Arbitrary<infer T> ? T : never;

/** Every object and list in a value, with each of its keys. */
function placesOf(value: unknown): readonly { readonly holder: object; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    { holder: value, key },
    ...placesOf(member),
  ]);
}

function applySlip(value: object, { at, kind, value: other }: Slip): void {
  const places = placesOf(value);
  const place = places[at % Math.max(1, places.length)];
  if (!place) return;
  const holder = place.holder as Record<string, unknown>;
  if (kind === 'replace') holder[place.key] = other;
  else if (Array.isArray(holder)) holder.push(kind === 'repeat' ? holder[0] : other);
  else if (kind === 'drop') delete holder[place.key];
  else holder[`${place.key}s`] = other;
}

function issuesOf(value: unknown): readonly SpecIssue[] {
  try {
    parseTealFile(value);
    return [];
  } catch (error) {
    if (error instanceof SpecRefused) return error.facts['issues'] as readonly SpecIssue[];
    throw error;
  }
}

describe('the schema for editors', () => {
  it('takes whatever the reader takes, and nothing else but what only a comparison can tell', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(file, fc.array(slip, { maxLength: 2 }), (valid, slips) => {
        const value = structuredClone(valid);
        for (const one of slips) applySlip(value, one);
        const issues = issuesOf(value);
        const isTaken = issues.every(({ message }) => COMPARING.test(message));
        seen[isTaken ? 'taken' : 'refused'] += 1;
        expect({ value, isTaken: accepts(value), issues }).toMatchObject({ isTaken });
      }),
      { numRuns: 800 },
    );
    // Neither kind is rare, so that both directions were tried.
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
  });

  it('says of every key what it means', () => {
    const silent: string[] = [];
    const look = (at: unknown, where: string): void => {
      if (typeof at !== 'object' || at === null) return;
      const { properties } = at as { properties?: Record<string, Record<string, unknown>> };
      for (const [key, value] of Object.entries(properties ?? {})) {
        const isFixed = 'const' in value;
        if (!isFixed && typeof value['description'] !== 'string') silent.push(`${where}.${key}`);
      }
      for (const [key, value] of Object.entries(at)) look(value, `${where}.${key}`);
    };
    look(schema, '');
    expect(silent).toEqual([]);
  });
});

const readExample = (example: string) => readFileSync(path.join(ROOT, 'examples', example), 'utf8');

describe('the examples', () => {
  it('are taken by the reader and by the schema', () => {
    const routed: unknown = JSON.parse(readExample('weighted-records.json'));
    for (const value of [
      parseYaml(readExample('teal.yml')) as unknown,
      { services: { www: routed } },
    ]) {
      expect(issuesOf(value)).toEqual([]);
      expect(accepts(value)).toBe(true);
    }
  });
});

describe('the documents that are made from it', () => {
  it('are up to date; npm run --silent docs makes them anew', async () => {
    for (const [document, text] of await makeDefinitionDocuments()) {
      expect(readFileSync(path.join(ROOT, document), 'utf8')).toBe(text);
    }
  });
});
