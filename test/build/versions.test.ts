/** Which versions of functions the template has: a new one exactly when there is something new. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Versions {
  readonly template: { readonly Resources: Readonly<Record<string, { Properties: unknown }>> };
  readonly substitutions: Readonly<Record<string, { Ref: string }>>;
  readonly invocable: readonly { 'Fn::Sub': string }[];
}

type Configuration = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const makeVersions = createRequire(import.meta.url)(
  path.join(ROOT, 'resources/versions.cjs'),
) as (framework: {
  resolveConfigurationProperty: (keys: readonly [string]) => Promise<unknown>;
}) => Promise<Versions>;

/** Every function there could be; those that are no tasks are left out by themselves. */
function functionsWith(changes: Configuration): Configuration {
  const named = new Proxy<Record<string, Readonly<Record<string, unknown>>>>(
    {},
    {
      get: (_target, name: string) => {
        const file = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        return { handler: `dist/functions/${file}.handler`, role: name, ...changes[name] };
      },
    },
  );
  return named;
}

async function versionsOf(changes: Configuration = {}, provider: object = {}) {
  const configuration: Readonly<Record<string, unknown>> = {
    functions: functionsWith(changes),
    provider: { runtime: 'nodejs24.x', timeout: 30, environment: { TABLE: 'a' }, ...provider },
  };
  const versions = await makeVersions({
    resolveConfigurationProperty: ([key]) => Promise.resolve(configuration[key]),
  });
  return { ...versions, ids: Object.keys(versions.template.Resources) };
}

const MISSING = existsSync(path.join(ROOT, 'dist/functions/hold.mjs'))
  ? undefined
  : 'there are no bundles in dist: npm run build makes them';

describe("the versions behind a deployment's execution", () => {
  beforeEach(({ skip }) => skip(MISSING !== undefined, MISSING));

  it('are the same for the same code and configuration', async () => {
    const { ids } = await versionsOf();
    expect(ids.length).toBeGreaterThan(0);
    expect((await versionsOf()).ids).toEqual(ids);
    const reordered = { environment: { TABLE: 'a' }, timeout: 30 };
    expect((await versionsOf({}, reordered)).ids).toEqual(ids);
  });

  it('are new for the function that changed, and for no other', async () => {
    const { ids } = await versionsOf();
    const changed = (await versionsOf({ hold: { timeout: 31 } })).ids;
    expect(changed.filter((id) => !ids.includes(id))).toEqual([
      expect.stringMatching(/^HoldVersion[0-9a-f]{16}$/),
    ]);
  });

  it('are the same when a function says what the provider says already', async () => {
    const { ids } = await versionsOf();
    const same = { hold: { timeout: 30, environment: { TABLE: 'a' }, events: ['none'] } };
    expect((await versionsOf(same)).ids).toEqual(ids);
  });

  it('are all new when what all functions have has changed', async () => {
    const { ids } = await versionsOf();
    const others = (await versionsOf({}, { environment: { TABLE: 'b' } })).ids;
    expect(others.filter((id) => ids.includes(id))).toEqual([]);
  });

  it('stand for the placeholders of the definition, and any of them may be called', async () => {
    const { substitutions, invocable, ids } = await versionsOf();
    expect(Object.values(substitutions).map(({ Ref }) => Ref)).toEqual(ids);
    expect(substitutions['HoldArn']?.Ref).toMatch(/^HoldVersion/);
    expect(invocable).toContainEqual({ 'Fn::Sub': '${HoldLambdaFunction.Arn}:*' });
  });
});
