/**
 * Whose keys they are, asked of AWS. Everybody may ask it about themselves.
 * @source https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
import type { ApiCredentials } from './credentials.ts';

/** A principal of an account. */
export interface ApiCaller {
  readonly arn: string;
  readonly account: string;
}

/** AWS does not take the keys: there is no such principal, or they are not its own. */
export interface KeysRefused {
  /** In AWS's words, such as `SignatureDoesNotMatch`. */
  readonly refusedWith: string;
}

/** Hosts on this machine, whose keys AWS never gave out. */
const LOOPBACK = /^(?:127\.|localhost$|\[::1\]$)/;

/** Real milliseconds that the answer is waited for: it only makes a refusal clearer. */
const PATIENCE_MILLISECONDS = 3000;

/** The caller, or undefined where AWS could not be asked. */
export async function readCaller(options: {
  readonly region: string;
  readonly credentials: ApiCredentials;
  /** The API's own host, which tells AWS in China from the rest. */
  readonly host: string;
}): Promise<ApiCaller | KeysRefused | undefined> {
  const { region, credentials, host } = options;
  const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL } = process.env;
  if (LOOPBACK.test(host) && !AWS_ENDPOINT_URL_STS && !AWS_ENDPOINT_URL) return undefined;
  const suffix = host.endsWith('.cn') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = AWS_ENDPOINT_URL_STS ?? AWS_ENDPOINT_URL ?? `https://sts.${region}.${suffix}`;
  const url = new URL('/', endpoint);
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('./sha256.ts'),
  ]);
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: '/',
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  try {
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    const xml = await response.text();
    const arn = /<Arn>([^<]+)<\/Arn>/.exec(xml)?.[1];
    const account = /<Account>([^<]+)<\/Account>/.exec(xml)?.[1];
    const refusedWith = /<Code>([^<]+)<\/Code>/.exec(xml)?.[1];
    if (arn && account) return { arn, account };
    return refusedWith && response.status === 403 ? { refusedWith } : undefined;
  } catch {
    // Whoever reads a refusal is not helped by a second one.
    return undefined;
  }
}
