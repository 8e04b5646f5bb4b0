/**
 * esbuild rules that keep what no function uses out of the bundles. Together they take a function
 * that makes plans from 1,217 kB to about 400 kB; each says what it saves there.
 * Not for: changing what Teal sees of the SDK; the tests in `test/build` compare both.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Loader, Plugin } from 'esbuild';
import { forgetQueryNames, forgetUnreadMembers, type Reading, wordsOfTeal } from './slim-shapes.ts';
import { shareTwins } from './slim-twins.ts';

/** One shape: a variable that is an array. Keys of its members are computed from variables. */
const SHAPE = /^(export )?(?:var|const) ([\w$]+) = (\[[\s\S]*?\]);$/gm;

/** What makes the SDK throw a class of its own for one error of a service. */
const ERROR_REGISTRATION = /^n0_registry\.registerError\(.*\);$/gm;

/**
 * esbuild keeps every shape whose members have computed keys, because computing a key could have
 * a side effect. Inside a function that is marked pure, shapes that nobody uses go.
 */
export function markShapesPure(source: string): string {
  return source.replace(
    SHAPE,
    (_all, exported: string | undefined, name: string, value: string) =>
      `${exported ?? ''}var ${name} = /* @__PURE__ */ (() => ${value})();`,
  );
}

/**
 * Leaves out the class of each error: the SDK then throws the service's base exception with AWS's
 * own code, as it does for errors that it does not know. Teal tells errors by their codes alone.
 */
export function forgetErrorClasses(source: string): string {
  return source.replace(ERROR_REGISTRATION, '');
}

interface Rule {
  /** Which files it is about; never one of Teal's. */
  readonly filter: RegExp;
  readonly loader?: Loader;
  readonly rewrite: (source: string) => string | Promise<string>;
}

const RULES: readonly Rule[] = [
  {
    // The shapes of a service: 640 kB less, and 42 kB of error classes.
    filter: /client-[a-z0-9-]+\/dist-es\/schemas\/schemas_0\.js$/,
    rewrite: (source) => markShapesPure(forgetErrorClasses(source)),
  },
  {
    // Ways to change a client's settings from outside, which Teal does not use: 0.6 kB less for
    // each client, and 1.5 kB that they share.
    filter: /client-[a-z0-9-]+\/dist-es\/runtimeExtensions\.js$/,
    rewrite: () => 'export const resolveRuntimeExtensions = (config) => config;',
  },
  {
    // A client's package.json is bundled for its version alone: 11 kB less.
    filter: /client-[a-z0-9-]+\/package\.json$/,
    loader: 'json',
    rewrite: (source) =>
      JSON.stringify({ version: (JSON.parse(source) as { version: string }).version }),
  },
  {
    // Streams of events, which no operation that Teal calls answers with: 20 kB less.
    filter: /@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/,
    rewrite: () =>
      'throw new Error("Event streams were left out of this bundle."); ' +
      'export const EventStreamSerde = undefined, eventStreamSerdeProvider = undefined;',
  },
  {
    // Where Amazon Timestream says it is; DynamoDB's client makes room for it too: 8 kB less.
    filter: /@aws-sdk\/endpoint-cache\/dist-es\/EndpointCache\.js$/,
    rewrite: () => 'export class EndpointCache {}',
  },
  {
    // Retries that slow down by themselves; Teal's clients ask for the standard ones: 3 kB less.
    filter: /@smithy\/core\/dist-es\/submodules\/retry\/util-retry\/AdaptiveRetryStrategy\.js$/,
    rewrite: () =>
      'export class AdaptiveRetryStrategy { constructor() ' +
      '{ throw new Error("Adaptive retries were left out of this bundle."); } }',
  },
  {
    // SHA-256 for runtimes without one; Node.js has its own: 3 kB less.
    filter: /@smithy\/core\/dist-es\/submodules\/checksum\/sha256\/Sha256Js\.js$/,
    rewrite: () => 'export const Sha256Js = undefined;',
  },
  {
    // Settings in files of a home directory, which a function does not have: 2 kB less, and no
    // search for them at each start.
    filter:
      /@smithy\/core\/dist-es\/submodules\/config\/node-config-provider\/fromSharedConfigFiles\.js$/,
    rewrite: () =>
      'import { CredentialsProviderError } from "../property-provider/CredentialsProviderError"; ' +
      'export const fromSharedConfigFiles = () => async () => ' +
      '{ throw new CredentialsProviderError("There are no configuration files."); };',
  },
  {
    // The region as an EC2 instance is told it; a function has it in AWS_REGION: 1 kB less.
    filter:
      /@smithy\/core\/dist-es\/submodules\/config\/config-resolver\/regionConfig\/getInstanceMetadataRegion\.js$/,
    rewrite: () => 'export const getInstanceMetadataRegion = async () => undefined;',
  },
  {
    // Bodies that are read bit by bit, which no operation that Teal calls answers with: 2 kB less.
    filter: /@smithy\/core\/dist-es\/submodules\/serde\/util-stream\/sdk-stream-mixin\.js$/,
    rewrite: () =>
      'export const sdkStreamMixin = () => ' +
      '{ throw new Error("Streamed bodies were left out of this bundle."); };',
  },
];

/**
 * Lambda hands a function its role's credentials in the environment, always; the providers for
 * laptops, clusters and single sign-on that the SDK would try after that are left out.
 * @source https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const LAMBDA_CREDENTIALS =
  "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';";

const ROOT = path.resolve(import.meta.dirname, '..');

/** What EC2's answers are to functions that read them in this way: 35 kB less for a planner. */
function slimEc2(reading: Reading): Rule {
  return {
    filter: /client-ec2\/dist-es\/schemas\/schemas_0\.js$/,
    async rewrite(source) {
      const read = forgetUnreadMembers(source, reading, await wordsOfTeal(ROOT));
      return markShapesPure(forgetErrorClasses(forgetQueryNames(read)));
    },
  };
}

/** All rules as a plugin, for functions that read EC2 in this way. */
export const slimSdk = (reading: Reading): Plugin => ({
  name: 'slim-sdk',
  setup(build) {
    shareTwins(build);
    // The first rule for a file is the one that counts.
    for (const { filter, loader = 'js', rewrite } of [slimEc2(reading), ...RULES]) {
      build.onLoad({ filter }, async ({ path: file }) => ({
        contents: await rewrite(await readFile(file, 'utf8')),
        loader,
        resolveDir: path.dirname(file),
      }));
    }
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: 'lambda-credentials',
      namespace: 'slim-sdk',
      pluginData: { resolveDir },
    }));
    build.onLoad({ filter: /.*/, namespace: 'slim-sdk' }, ({ pluginData }) => ({
      contents: LAMBDA_CREDENTIALS,
      resolveDir: (pluginData as { resolveDir: string }).resolveDir,
    }));
  },
});
