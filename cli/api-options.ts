/**
 * Which API a command talks to, and as whom: options, or the environment that AWS's own tools use.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ApiClient, createApiClient } from './api-client.ts';
import { CredentialsMissing, findCredentials, regionOfProfile } from './credentials.ts';

/** The options as commander leaves them. */
export interface ApiOptions {
  readonly api: string;
  /** Counts only where the API's address names none. */
  readonly region?: string;
  /** Absent means `AWS_PROFILE`, or else whatever AWS's own tools would sign with. */
  readonly profile?: string;
}

/** Region of an API that AWS named. */
const REGION_IN_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\./;

/** Region of an API on this machine, where none counts. */
const REGION_OF_LOOPBACK = 'us-east-1';

/** Adds the options; keys are taken from where AWS's tools find them, so that no history has them. */
export function addApiOptions(command: Command): void {
  command
    .addOption(
      new Option('--api <url>', "address of Teal's API, such as ApiEndpoint of its stack")
        .env('TEAL_API')
        .argParser(httpAddress),
    )
    .addOption(new Option('--profile <name>', 'AWS profile to sign with (env: AWS_PROFILE)'))
    .addOption(
      new Option('--region <name>', "AWS region, where the API's address names none")
        .env('AWS_REGION')
        .argParser(regionName),
    )
    // Not left to commander: it names the flag, and not the environment.
    .hook('preAction', refuseMissing);
}

function refuseMissing(command: Command): void {
  const { api } = command.opts<Partial<ApiOptions>>();
  if (!api) command.error("error: give the address of Teal's API, as --api <url> or in TEAL_API");
}

/** Reads the address of an API. @throws InvalidArgumentError for anything but http and https */
function httpAddress(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: undefined };
  if (protocol === 'https:' || protocol === 'http:') return text;
  throw new InvalidArgumentError('It takes an address such as https://example.com.');
}

/** Reads a region's name; an empty one is a variable that nobody set. @throws InvalidArgumentError */
function regionName(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text)) return text;
  throw new InvalidArgumentError('It takes the name of a region such as eu-west-1.');
}

/** A client as the options say; keys are looked for at its first request. */
export function connect(options: ApiOptions): ApiClient {
  const { api, region, profile } = options;
  const { hostname } = new URL(api);
  const known = REGION_IN_HOST.exec(hostname)?.[1] ?? region ?? process.env['AWS_DEFAULT_REGION'];
  return createApiClient({
    endpoint: api,
    region: known ?? (() => findRegion(profile, hostname)),
    credentials: findCredentials({ profile, region: known }),
  });
}

async function findRegion(profile: string | undefined, hostname: string): Promise<string> {
  const region = await regionOfProfile(profile);
  if (region) return region;
  if (/^(?:127\.|localhost$|\[::1\]$)/.test(hostname)) return REGION_OF_LOOPBACK;
  throw new CredentialsMissing(
    `The AWS region of ${hostname} is not known, and requests are signed for one. ` +
      'Give it as --region or in AWS_REGION, or set it in the profile.',
  );
}
