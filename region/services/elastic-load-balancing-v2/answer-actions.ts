/**
 * Actions that the load balancer answers by itself: redirects and fixed responses.
 * Not for: sending the answer (see `own-answers.ts`).
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { hasLength, hasPattern, isOneOf } from '../constraints.ts';
import { invalidAction, refuseViolations, required } from './refusals.ts';

const CONTENT_TYPES = [
  'text/plain',
  'text/css',
  'text/html',
  'application/javascript',
  'application/json',
];

/** Characters of a fixed response's body. */
const MESSAGE_CHARACTERS = 1024;

/**
 * Checks a fixed-response action.
 * @throws AwsError ValidationError, InvalidLoadBalancerAction
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html
 */
export function completeFixedResponse(action: Action): Action {
  const config = required(action.FixedResponseConfig, 'A fixed response configuration');
  const member = 'actions.1.member.fixedResponseConfig';
  refuseViolations(
    hasPattern(
      required(config.StatusCode, 'A status code'),
      `${member}.statusCode`,
      '(2|4|5)\\d\\d',
    ),
    hasLength(config.MessageBody, `${member}.messageBody`, { max: MESSAGE_CHARACTERS }),
  );
  if (config.ContentType !== undefined && !CONTENT_TYPES.includes(config.ContentType)) {
    throw invalidAction(
      `The ContentType must be one of: ${CONTENT_TYPES.map((type) => `'${type}'`).join(', ')}`,
    );
  }
  return { Type: 'fixed-response', FixedResponseConfig: config };
}

/** What stays as it is in the client's URL unless the action says otherwise. */
const REDIRECT_DEFAULTS = {
  Protocol: '#{protocol}',
  Port: '#{port}',
  Host: '#{host}',
  Path: '/#{path}',
  Query: '#{query}',
};

/**
 * Checks a redirect action and fills in what it leaves as it is.
 * @throws AwsError ValidationError, InvalidLoadBalancerAction
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
export function completeRedirect(action: Action, protocol: 'HTTP' | 'HTTPS'): Action {
  const given = required(action.RedirectConfig, 'A redirect configuration');
  const config = { ...REDIRECT_DEFAULTS, ...given };
  const member = 'actions.1.member.redirectConfig';
  refuseViolations(
    isOneOf(required(given.StatusCode, 'A status code'), `${member}.statusCode`, [
      'HTTP_301',
      'HTTP_302',
    ]),
    hasPattern(config.Protocol, `${member}.protocol`, 'HTTPS?|#\\{protocol\\}'),
    hasPattern(config.Port, `${member}.port`, '\\d{1,5}|#\\{port\\}'),
    hasLength(config.Host, `${member}.host`, { min: 1, max: 128 }),
    hasLength(config.Path, `${member}.path`, { min: 1, max: 128 }),
    hasLength(config.Query, `${member}.query`, { max: 128 }),
  );
  if (!config.Path.startsWith('/')) throw invalidAction("The redirect path must start with '/'");
  if (protocol === 'HTTPS' && config.Protocol === 'HTTP') {
    throw invalidAction('A redirect from HTTPS to HTTP is not supported');
  }
  const same =
    [REDIRECT_DEFAULTS.Protocol, protocol].includes(config.Protocol) &&
    config.Port === REDIRECT_DEFAULTS.Port &&
    config.Host === REDIRECT_DEFAULTS.Host &&
    config.Path === REDIRECT_DEFAULTS.Path;
  if (same) {
    throw invalidAction(
      'The redirect configuration is not valid because it creates a loop: change at least one of ' +
        'protocol, port, host and path',
    );
  }
  return { Type: 'redirect', RedirectConfig: config };
}
