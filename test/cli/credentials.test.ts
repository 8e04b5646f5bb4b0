/** Where the keys come from, and what is said where there are none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { CredentialsMissing, findCredentials, regionOfProfile } from '../../cli/credentials.ts';

let folder = '';

/** Writes the shared files, and lets nothing else say who signs. */
function write(config: string, credentials = ''): void {
  writeFileSync(path.join(folder, 'config'), config);
  writeFileSync(path.join(folder, 'credentials'), credentials);
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'teal-aws-'));
  write('');
  vi.stubEnv('AWS_CONFIG_FILE', path.join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('HOME', folder);
  for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    vi.stubEnv(name, undefined);
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the keys that sign', () => {
  it('come from the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');
    expect(await findCredentials({})()).toMatchObject({
      accessKeyId: 'AKIAENVIRONMENT',
      sessionToken: 'token',
    });
  });

  it('come from the profile that is named', async () => {
    write('', '[ops]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = secret\n');
    const profile = findCredentials({ profile: 'ops' });
    expect(await profile()).toMatchObject({ accessKeyId: 'AKIAPROFILE' });
    vi.stubEnv('AWS_PROFILE', 'ops');
    expect(await findCredentials({})()).toMatchObject({ accessKeyId: 'AKIAPROFILE' });
  });

  it('come from a program that the profile names', async () => {
    const keys = { Version: 1, AccessKeyId: 'AKIAPROCESS', SecretAccessKey: 'secret' };
    write(`[profile ops]\ncredential_process = echo '${JSON.stringify(keys)}'\n`);
    const source = findCredentials({ profile: 'ops' });
    expect(await source()).toMatchObject({ accessKeyId: 'AKIAPROCESS' });
  });

  it.each([
    ['', undefined, /Set AWS_PROFILE or --profile, or sign in with `aws sso login`/],
    ['', 'ops', /There is no AWS profile ops in ~\/.aws\/config/],
    [
      '[profile ops]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n' +
        '[sso-session corp]\nsso_start_url = https://corp.invalid\nsso_region = eu-west-1\n',
      'ops',
      /run `aws sso login --profile ops`/,
    ],
  ])('are missed with what to do: %j as %s', async (config, profile, said) => {
    write(config);
    const failure = await findCredentials({ profile })().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CredentialsMissing);
    expect(String(failure)).toMatch(said);
  });
});

it('the region of a profile counts where the API does not name one', async () => {
  write('[profile ops]\nregion = eu-central-1\n[default]\nregion = eu-west-3\n');
  expect(await regionOfProfile('ops')).toBe('eu-central-1');
  expect(await regionOfProfile(undefined)).toBe('eu-west-3');
  expect(await regionOfProfile('nobody')).toBeUndefined();
});
