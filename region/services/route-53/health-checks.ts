/**
 * CreateHealthCheck, GetHealthCheck, GetHealthCheckStatus and DeleteHealthCheck, for checks of
 * endpoints. The region has no checkers around the world: a check says what it was told to say.
 */
import type {
  CreateHealthCheckRequest,
  CreateHealthCheckResponse,
  DeleteHealthCheckRequest,
  DeleteHealthCheckResponse,
  GetHealthCheckRequest,
  GetHealthCheckResponse,
  GetHealthCheckStatusRequest,
  GetHealthCheckStatusResponse,
  HealthCheck as Described,
} from '@aws-sdk/client-route-53';
import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { HealthCheck } from './model.ts';
import { operation, toDo } from './operation.ts';
import type { ControlPlane, Operations } from './operation.ts';
import { invalidInput, notImplemented } from './refusals.ts';

const SERVED_TYPES = ['HTTP', 'HTTPS', 'TCP'];

/** What AWS fills in: seconds between checks, and how many decide. */
const DEFAULTS = { RequestInterval: 30, FailureThreshold: 3, Inverted: false, Disabled: false };

/** Where AWS's checkers stand. */
const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1'] as const;

/** Digits of the parts of a health check's id. */
const ID_PARTS = [8, 4, 4, 4, 12];

/** The operations of health checks. */
export function healthCheckOperations({ store, kernel }: ControlPlane): Operations {
  return {
    CreateHealthCheck: operation<CreateHealthCheckRequest, CreateHealthCheckResponse>(
      () => toDo('CreateHealthCheck'),
      (input) => {
        const check = createHealthCheck(kernel, [...store.healthChecks.values()], input);
        store.healthChecks.set(check.id, check);
        return {
          HealthCheck: describe(check),
          Location: `https://route53.amazonaws.com/2013-04-01/healthcheck/${check.id}`,
        };
      },
    ),
    GetHealthCheck: operation<GetHealthCheckRequest, GetHealthCheckResponse>(
      ({ HealthCheckId }) => toDo('GetHealthCheck', 'healthcheck', HealthCheckId),
      ({ HealthCheckId }) => ({ HealthCheck: describe(store.healthCheck(HealthCheckId)) }),
    ),
    GetHealthCheckStatus: operation<GetHealthCheckStatusRequest, GetHealthCheckStatusResponse>(
      ({ HealthCheckId }) => toDo('GetHealthCheckStatus', 'healthcheck', HealthCheckId),
      ({ HealthCheckId }) => observe(store.healthCheck(HealthCheckId)),
    ),
    DeleteHealthCheck: operation<DeleteHealthCheckRequest, DeleteHealthCheckResponse>(
      ({ HealthCheckId }) => toDo('DeleteHealthCheck', 'healthcheck', HealthCheckId),
      ({ HealthCheckId }) => {
        store.healthChecks.delete(store.healthCheck(HealthCheckId).id);
        return {};
      },
    ),
  };
}

function createHealthCheck(
  kernel: Kernel,
  existing: readonly HealthCheck[],
  { CallerReference = '', HealthCheckConfig: given }: CreateHealthCheckRequest,
): HealthCheck {
  const { Type = '' } = given ?? {};
  if (!SERVED_TYPES.includes(Type)) throw notImplemented(`health checks of type ${Type}`);
  if (given?.IPAddress === undefined && given?.FullyQualifiedDomainName === undefined) {
    throw invalidInput(
      'Invalid request: Expected at least one of [IPAddress, FullyQualifiedDomainName], but found ' +
        'none in HealthCheckConfig',
    );
  }
  const config = { ...DEFAULTS, ...given } as HealthCheck['config'];
  const before = existing.find(({ callerReference }) => callerReference === CallerReference);
  if (before && isDeepStrictEqual(before.config, config)) return before;
  if (before) {
    throw new AwsError(
      'HealthCheckAlreadyExists',
      'A health check has already been created with the specified caller reference and other ' +
        'settings.',
      { httpStatus: 409 },
    );
  }
  return {
    id: ID_PARTS.map((digits) => kernel.hex(digits)).join('-'),
    callerReference: CallerReference,
    config,
    isHealthy: true,
    checkedAt: kernel.clock.now(),
  };
}

function describe({ id, callerReference, config }: HealthCheck): Described {
  return {
    Id: id,
    CallerReference: callerReference,
    HealthCheckConfig: config,
    HealthCheckVersion: 1,
  };
}

function observe({ isHealthy, checkedAt }: HealthCheck): GetHealthCheckStatusResponse {
  const Status = isHealthy
    ? 'Success: HTTP Status Code 200, OK'
    : 'Failure: Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by your firewall.';
  return {
    HealthCheckObservations: REGIONS.map((Region) => ({
      Region,
      StatusReport: { Status, CheckedTime: new Date(checkedAt) },
    })),
  };
}
