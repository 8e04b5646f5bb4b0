/**
 * The cookies by which a client comes back to the same target group and target.
 * Not for: cookies of applications (`app_cookie`): their stickiness can be configured, but the
 * region's data plane does not follow them.
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
import type { RoutableRequest } from './matching.ts';

/** Which of the load balancer's cookies: of the target group, or of the target in it. */
export type CookieName = 'AWSALBTG' | 'AWSALB';

/**
 * What a client's cookie remembers; undefined when it has none, or it is stale or not ours.
 * @param now region time, epoch milliseconds
 */
export function readCookie(
  request: RoutableRequest,
  name: CookieName,
  now: number,
): string | undefined {
  const prefix = `${name}=`;
  for (const header of request.header('cookie')) {
    const found = header
      .split(';')
      .map((part) => part.trim())
      .find((part) => part.startsWith(prefix));
    if (!found) continue;
    const text = Buffer.from(found.slice(prefix.length), 'base64url').toString();
    const [expires = '', ...rest] = text.split(' ');
    if (/^\d+$/.test(expires) && Number(expires) > now) return rest.join(' ');
  }
  return undefined;
}

/** The two `Set-Cookie` values of a cookie: the plain one, and the one for cross-origin requests. */
export function writeCookie(
  name: CookieName,
  remembered: string,
  durationSeconds: number,
  now: number,
): readonly string[] {
  const expires = now + durationSeconds * 1000;
  const value = Buffer.from(`${expires} ${remembered}`).toString('base64url');
  const attributes = `Expires=${new Date(expires).toUTCString()}; Path=/`;
  return [
    `${name}=${value}; ${attributes}`,
    `${name}CORS=${value}; ${attributes}; SameSite=None; Secure`,
  ];
}
