/**
 * Which API a command talks to, and as whom: options, or the environment that AWS's own tools use.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ApiClient, createApiClient } from './api-client.ts';

/** The options as commander leaves them. */
export interface ApiOptions {
  readonly api: string;
  /** Counts only where the API's address names none. */
  readonly region?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Region of an API that AWS named. */
const REGION_IN_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\./;

/** Adds the options; keys come from the environment alone, so that no history keeps them. */
export function addApiOptions(command: Command): void {
  command
    .addOption(
      new Option('--api <url>', "address of Teal's API, such as ApiEndpoint of its stack")
        .env('TEAL_API')
        .argParser(httpAddress),
    )
    .addOption(
      new Option('--region <name>', "AWS region, where the API's address names none").env(
        'AWS_REGION',
      ),
    )
    .addOption(hidden('--access-key-id <id>', 'AWS_ACCESS_KEY_ID'))
    .addOption(hidden('--secret-access-key <key>', 'AWS_SECRET_ACCESS_KEY'))
    .addOption(hidden('--session-token <token>', 'AWS_SESSION_TOKEN'))
    // Not left to commander: it names the flags, which nobody is meant to use for keys.
    .hook('preAction', refuseMissing);
}

function refuseMissing(command: Command): void {
  const { api, accessKeyId, secretAccessKey } = command.opts<Partial<ApiOptions>>();
  if (!api) command.error("error: give the address of Teal's API, as --api <url> or in TEAL_API");
  const missing = [
    ...(accessKeyId ? [] : ['AWS_ACCESS_KEY_ID']),
    ...(secretAccessKey ? [] : ['AWS_SECRET_ACCESS_KEY']),
  ];
  if (missing.length === 0) return;
  command.error(
    `error: requests are signed with keys from the environment; set ${missing.join(' and ')}`,
  );
}

/** Reads the address of an API. @throws InvalidArgumentError for anything but http and https */
function httpAddress(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: undefined };
  if (protocol === 'https:' || protocol === 'http:') return text;
  throw new InvalidArgumentError('It takes an address such as https://example.com.');
}

function hidden(flags: string, variable: string): Option {
  return new Option(flags, `taken from ${variable}`).env(variable).hideHelp();
}

/** A client as the options say. */
export function connect(options: ApiOptions): ApiClient {
  const { api, region, accessKeyId, secretAccessKey, sessionToken } = options;
  return createApiClient({
    endpoint: api,
    region: REGION_IN_HOST.exec(new URL(api).hostname)?.[1] ?? region ?? 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
  });
}
