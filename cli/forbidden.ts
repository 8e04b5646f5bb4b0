/**
 * What a 403 of API Gateway means: it says "Forbidden" for a clock that is off as well as for a
 * caller who is not allowed, and the reader has to know which.
 */
import type { ApiCredentials } from './credentials.ts';
import { type ApiCaller, readCaller } from './caller.ts';

/** The request that was forbidden. */
export interface ForbiddenRequest {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly region: string;
  readonly credentials: ApiCredentials;
}

/**
 * How far a clock may be off: a request must reach AWS within five minutes of its signature.
 * @source https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-signing.html
 */
const SKEW_MINUTES_MAX = 5;

/** The API's id, where AWS named its host. */
const API_IN_HOST = /^([a-z0-9]+)\.execute-api\./;

/** One or two sentences: what stands in the way, and what to do. */
export async function explainForbidden(
  request: ForbiddenRequest,
  message: string,
  answeredAt: string | null,
): Promise<string> {
  const skewMinutes = (Date.now() - Date.parse(answeredAt ?? '')) / 60_000;
  if (Math.abs(skewMinutes) >= SKEW_MINUTES_MAX || /signature (?:expired|not yet)/i.test(message)) {
    return `${endSentence(message)} ${describeSkew(skewMinutes)}`;
  }
  if (/token.*expired|expired.*token/i.test(message)) {
    return `${endSentence(message)} The session's keys have expired: sign in again, such as with \`aws sso login\`.`;
  }
  if (/signature we calculated/i.test(message)) {
    return `${endSentence(message)} The secret key is not that of ${mask(request.credentials)}; check the profile, and AWS_SECRET_ACCESS_KEY for a slip.`;
  }
  if (/token.*invalid|unrecognized/i.test(message)) {
    return `${endSentence(message)} AWS does not know the keys ${mask(request.credentials)}; check the profile.`;
  }
  if (/missing authentication token/i.test(message)) {
    return `${endSentence(message)} No such path is there: this is not Teal's API; check the address.`;
  }
  return `${endSentence(message)} ${await describeCaller(request)}`;
}

/** API Gateway ends some of its messages and not others. */
function endSentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}

function describeSkew(minutes: number): string {
  const rule = `AWS takes signatures that are at most ${SKEW_MINUTES_MAX} minutes off`;
  if (Math.abs(minutes) >= SKEW_MINUTES_MAX) {
    const side = minutes > 0 ? 'ahead' : 'behind';
    const off = `${Math.round(Math.abs(minutes))} minutes ${side}`;
    return `This machine's clock is ${off}, and ${rule}: set it right.`;
  }
  return `${rule}: check this machine's clock.`;
}

/**
 * Who was not allowed what.
 * @source https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
async function describeCaller(request: ForbiddenRequest): Promise<string> {
  const { method, url, region, credentials } = request;
  const caller = await readCaller({ region, credentials, host: url.hostname });
  if (caller && 'refusedWith' in caller) {
    return `AWS does not take the keys ${mask(credentials)} at all (${caller.refusedWith}); check the profile, and the keys for a slip.`;
  }
  const account = caller?.account ?? '<account>';
  const partition = caller?.arn.split(':')[1] ?? 'aws';
  const api = API_IN_HOST.exec(url.hostname)?.[1] ?? '<api-id>';
  const resource = `arn:${partition}:execute-api:${region}:${account}:${api}/*/${method}${url.pathname}`;
  const who = caller?.arn ?? `The caller with the keys ${mask(credentials)}`;
  return `${who} is not allowed this: a policy must allow execute-api:Invoke on ${resource}${describeDoubt(url, region, caller)}`;
}

/**
 * What else a bare "Forbidden" may mean: a wrong signature. Keys whose owner AWS named are right, and so
 * is a region that the API's own address names.
 */
function describeDoubt(url: URL, region: string, caller: ApiCaller | undefined): string {
  const isNamed = API_IN_HOST.test(url.hostname);
  const doubts = [
    ...(caller ? [] : ['the keys are wrong']),
    ...(isNamed ? [] : [`${region} is the wrong region`]),
  ];
  return doubts.length === 0 ? '' : ` (or ${doubts.join(', or ')})`;
}

/** An id says nothing secret, and is still nobody else's business in a log. */
function mask({ accessKeyId }: ApiCredentials): string {
  return `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}
