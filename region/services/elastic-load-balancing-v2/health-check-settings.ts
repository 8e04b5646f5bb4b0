/**
 * Health check settings of a target group: defaults, ranges and the rules between them.
 * Not for: doing the checks (see `target-health.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { hasLength, inRange, isOneOf } from '../constraints.ts';
import type { HealthCheck, Protocol } from './model.ts';
import { isNetwork } from './model.ts';
import { notImplemented, refuseViolations, validationError } from './refusals.ts';

/** What AWS fills in whatever the health check's protocol is. */
const COMMON = {
  port: 'traffic-port',
  intervalSeconds: 30,
  healthyThresholdCount: 5,
  unhealthyThresholdCount: 2,
};

/** What AWS fills in for a health check over HTTP. */
const HTTP_DEFAULTS = { path: '/', timeoutSeconds: 5, matcher: '200' };

/** The same for target groups of a Network Load Balancer, by the health check's protocol. */
const NETWORK_DEFAULTS = {
  TCP: { timeoutSeconds: 10 },
  HTTP: { path: '/', timeoutSeconds: 6, matcher: '200-399' },
  HTTPS: { path: '/', timeoutSeconds: 10, matcher: '200-399' },
};

/** The health check that a target group has when nothing is said about it. */
export function defaultHealthCheck(
  targetProtocol: Protocol,
  asked: HealthCheckInput['HealthCheckProtocol'],
): HealthCheck {
  if (!isNetwork(targetProtocol)) return { protocol: 'HTTP', ...COMMON, ...HTTP_DEFAULTS };
  const protocol = asked === 'HTTP' || asked === 'HTTPS' ? asked : 'TCP';
  return { protocol, ...COMMON, ...NETWORK_DEFAULTS[protocol] };
}

/** Codes that a matcher may name. */
const MATCHER_BOUNDS = { application: { min: 200, max: 499 }, network: { min: 200, max: 599 } };

const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'];

/** The members about health checks that creating and modifying a target group share. */
export type HealthCheckInput = Pick<
  CreateTargetGroupInput,
  | 'HealthCheckProtocol'
  | 'HealthCheckPort'
  | 'HealthCheckEnabled'
  | 'HealthCheckPath'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'Matcher'
>;

/**
 * The settings after a request; what it leaves out stays as it was.
 * @param target protocol and port of the target group
 * @throws AwsError ValidationError, NotImplemented
 */
export function completeHealthCheck(
  input: HealthCheckInput,
  before: HealthCheck,
  target: { readonly protocol: Protocol; readonly port: number },
): HealthCheck {
  refuseRanges(input);
  if (input.HealthCheckEnabled === false) {
    throw validationError(
      "Health check enabled must be true for target groups with target type 'instance'",
    );
  }
  const protocol = checkProtocol(input.HealthCheckProtocol ?? before.protocol, target.protocol);
  const check: HealthCheck = {
    protocol,
    port: checkPort(input.HealthCheckPort ?? before.port, target.port),
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThresholdCount: input.HealthyThresholdCount ?? before.healthyThresholdCount,
    unhealthyThresholdCount: input.UnhealthyThresholdCount ?? before.unhealthyThresholdCount,
    ...completeHttp(input, before, protocol, isNetwork(target.protocol)),
  };
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw validationError(
      `Health check timeout '${check.timeoutSeconds}' must be smaller than the interval ` +
        `'${check.intervalSeconds}'`,
    );
  }
  return check;
}

/** Path and matcher, which a health check over TCP has not. */
function completeHttp(
  input: HealthCheckInput,
  before: HealthCheck,
  protocol: HealthCheck['protocol'],
  network: boolean,
): Pick<HealthCheck, 'path' | 'matcher'> {
  if (protocol === 'TCP') {
    if (input.HealthCheckPath !== undefined || input.Matcher !== undefined) {
      throw validationError(
        "Health check path and matcher cannot be specified for health check protocol 'TCP'",
      );
    }
    return {};
  }
  const defaults = network ? NETWORK_DEFAULTS[protocol] : HTTP_DEFAULTS;
  const path = input.HealthCheckPath ?? before.path ?? defaults.path;
  if (!path.startsWith('/')) {
    throw validationError(`Health check path '${path}' must begin with a '/' character`);
  }
  const bounds = MATCHER_BOUNDS[network ? 'network' : 'application'];
  return {
    path,
    matcher: completeMatcher(input.Matcher, before.matcher ?? defaults.matcher, bounds),
  };
}

/** Whether a code is one that a matcher names, such as `200,202` or `200-299`. */
export function matchesCode(matcher: string, code: number): boolean {
  return rangesOf(matcher).some(([from, to]) => code >= from && code <= to);
}

function refuseRanges(input: HealthCheckInput): void {
  refuseViolations(
    isOneOf(input.HealthCheckProtocol, 'healthCheckProtocol', PROTOCOLS),
    hasLength(input.HealthCheckPath, 'healthCheckPath', { min: 1, max: 1024 }),
    inRange(input.HealthCheckIntervalSeconds, 'healthCheckIntervalSeconds', { min: 5, max: 300 }),
    inRange(input.HealthCheckTimeoutSeconds, 'healthCheckTimeoutSeconds', { min: 2, max: 120 }),
    inRange(input.HealthyThresholdCount, 'healthyThresholdCount', { min: 2, max: 10 }),
    inRange(input.UnhealthyThresholdCount, 'unhealthyThresholdCount', { min: 2, max: 10 }),
  );
}

function checkProtocol(protocol: string, targetProtocol: Protocol): HealthCheck['protocol'] {
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol;
  if (protocol === 'TCP' && isNetwork(targetProtocol)) return protocol;
  const allowed = isNetwork(targetProtocol) ? 'TCP, HTTP, HTTPS' : 'HTTP, HTTPS';
  throw validationError(
    `Health check protocol '${protocol}' must be one of '${allowed}' for this target group`,
  );
}

/** An instance of the region listens on one port only, which stands for the target group's. */
function checkPort(port: string, targetPort: number): string {
  if (port === 'traffic-port') return port;
  refuseViolations(
    inRange(Number.isNaN(Number(port)) ? 0 : Number(port), 'healthCheckPort', {
      min: 1,
      max: 65_535,
    }),
  );
  if (Number(port) === targetPort) return port;
  throw notImplemented("health checks on another port than the target group's");
}

function completeMatcher(
  matcher: HealthCheckInput['Matcher'],
  before: string,
  bounds: { readonly min: number; readonly max: number },
): string {
  if (matcher?.GrpcCode !== undefined) {
    throw validationError('A gRPC matcher is valid only for the protocol version GRPC');
  }
  const codes = matcher?.HttpCode ?? before;
  if (!/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(codes)) {
    throw validationError(`Health check matcher HTTP code '${codes}' is not valid`);
  }
  const outside = rangesOf(codes).some(
    ([from, to]) => from < bounds.min || to > bounds.max || from > to,
  );
  if (outside) {
    throw validationError(
      `Health check matcher HTTP code '${codes}' must be within ` +
        `'${bounds.min}-${bounds.max}' inclusive`,
    );
  }
  return codes;
}

function rangesOf(matcher: string): readonly (readonly [number, number])[] {
  return matcher.split(',').map((part) => {
    const [from = '', to = from] = part.split('-');
    return [Number(from), Number(to)];
  });
}
