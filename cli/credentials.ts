/**
 * Who signs: the keys that AWS's own tools would find, in the same places. Environment, profile
 * (`AWS_PROFILE` or `--profile`, with assumed roles, single sign-on and credential processes),
 * web identity, and the metadata of containers and instances.
 */

/** Keys that requests are signed with; the session token belongs to temporary ones only. */
export interface ApiCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Answers the keys that count now, which for temporary ones are new ones from time to time. */
export type CredentialSource = () => Promise<ApiCredentials>;

/** There is nothing to sign with; the message says what was tried and what to do. */
export class CredentialsMissing extends Error {
  override readonly name = 'CredentialsMissing';
}

/** Where to look. */
export interface Whereabouts {
  /** Absent means `AWS_PROFILE`, or else `default`. */
  readonly profile?: string | undefined;
  /** Region in which roles are assumed; absent means the profile's own. */
  readonly region?: string | undefined;
}

/**
 * Finds keys as AWS's own tools do.
 * @source https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function findCredentials({ profile, region }: Whereabouts): CredentialSource {
  let source: CredentialSource | undefined;
  return async () => {
    const name = profile ?? process.env['AWS_PROFILE'];
    try {
      source ??= await openChain(profile, region);
      // A slip in the name must not lead to the keys of the machine.
      if (name !== undefined) await refuseUnknownProfile(name);
      return await source();
    } catch (error) {
      if (error instanceof CredentialsMissing) throw error;
      throw new CredentialsMissing(explainMissing(error, name), { cause: error });
    }
  };
}

async function openChain(
  profile: string | undefined,
  region: string | undefined,
): Promise<CredentialSource> {
  // The SDK warns of old Node.js versions once per process; here the reader cannot act on it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // Loaded only now: help and refusals need no keys.
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider({
    ...(profile && { profile }),
    ...(region && { clientConfig: { region } }),
  });
}

async function refuseUnknownProfile(name: string): Promise<void> {
  const { configFile, credentialsFile } = await readProfiles();
  if (name in configFile || name in credentialsFile) return;
  throw new CredentialsMissing(
    `There is no AWS profile ${name} in ~/.aws/config or ~/.aws/credentials to sign the request ` +
      'with; `aws configure list-profiles` names those that are there.',
  );
}

async function readProfiles() {
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  return loadSharedConfigFiles();
}

/** The region that a profile names; undefined where there is no such profile, or it names none. */
export async function regionOfProfile(profile: string | undefined): Promise<string | undefined> {
  const { configFile, credentialsFile } = await readProfiles();
  const name = profile ?? process.env['AWS_PROFILE'] ?? 'default';
  return configFile[name]?.['region'] ?? credentialsFile[name]?.['region'];
}

/** What a failure of the chain means, and what helps; the first that matches. */
const EXPLANATIONS: readonly (readonly [
  said: RegExp,
  sentence: (option: string, profile: string) => string,
])[] = [
  [
    /SSO|single sign|login session|aws login/i,
    (option) => `The sign-in has ended or was never made: run \`aws sso login${option}\`.`,
  ],
  [
    /Could not resolve credentials using profile/i,
    (_, profile) =>
      `Profile ${profile} has nothing to sign with; give it keys, a role or a sign-in.`,
  ],
  [
    /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT/,
    () => 'What gives the keys could not be reached; check the network, and the endpoint in use.',
  ],
  [
    /expired/i,
    (option) =>
      `The keys have expired: get new ones, such as with \`aws sso login${option}\`, and try again.`,
  ],
  [
    /AccessDenied|not authorized to perform: sts/i,
    (_, profile) =>
      `Profile ${profile} may not assume its role; its \`role_arn\` or the role's trust is off.`,
  ],
  [
    /Could not load credentials from any providers/i,
    () =>
      'Keys were looked for in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the profile, and in ' +
      'the metadata of container and instance. Set AWS_PROFILE or --profile, or sign in with ' +
      '`aws sso login`.',
  ],
];

function explainMissing(error: unknown, profile: string | undefined): string {
  const { name = '', message = '' } = error instanceof Error ? error : {};
  const option = profile ? ` --profile ${profile}` : '';
  const explain = EXPLANATIONS.find(([said]) => said.test(`${name} ${message}`))?.[1];
  const said = message.replace(/\.?\s*$/, '.');
  const sentence = explain?.(option, profile ?? 'default') ?? 'Check the profile.';
  return `No AWS credentials to sign the request with. ${sentence} (${said})`;
}
