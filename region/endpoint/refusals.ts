/**
 * How each service refuses what no operation ever sees: callers it does not know, callers that may
 * not, callers that ask too often, operations that are not there.
 */
import type { Denial } from '../iam/identities.ts';
import type { SignatureProblem } from '../iam/signature.ts';
import { AwsError } from '../kernel/aws-error.ts';
import type { Caller, Permission, ServiceName } from '../kernel/service.ts';

interface Wording {
  readonly code: string;
  readonly httpStatus: number;
  readonly message: string;
}

/** What a family of services says. */
interface Family {
  readonly problems: Readonly<Record<SignatureProblem, Wording>>;
  readonly denied: Omit<Wording, 'message'>;
  /** Before the common text of a denial. */
  readonly deniedPrefix: string;
  /** Whether a denial names the resource even where it is `*`. */
  readonly namesEveryResource: boolean;
  readonly throttled: Wording;
}

const MISSING_TOKEN = 'Request is missing Authentication Token';
const INVALID_TOKEN = 'The security token included in the request is invalid.';
const INCOMPLETE =
  'The Authorization header is incomplete: it needs Credential, SignedHeaders with host, ' +
  'Signature and an X-Amz-Date header.';
const WRONG_SIGNATURE =
  'The request signature we calculated does not match the signature you provided. Check your ' +
  'AWS Secret Access Key and signing method. Consult the service documentation for details.';
const NOT_VALIDATED = 'AWS was not able to validate the provided access credentials';

const wording = (code: string, httpStatus: number, message: string): Wording => ({
  code,
  httpStatus,
  message,
});

/**
 * The services that speak Query.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
 */
const query: Family = {
  problems: {
    missing: wording('MissingAuthenticationToken', 403, MISSING_TOKEN),
    incomplete: wording('IncompleteSignature', 400, INCOMPLETE),
    unknownKey: wording('InvalidClientTokenId', 403, INVALID_TOKEN),
    mismatch: wording('SignatureDoesNotMatch', 403, WRONG_SIGNATURE),
  },
  denied: { code: 'AccessDenied', httpStatus: 403 },
  deniedPrefix: '',
  namesEveryResource: false,
  throttled: wording('Throttling', 400, 'Rate exceeded'),
};

/** @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const ec2: Family = {
  problems: {
    missing: wording(
      'MissingParameter',
      400,
      'The request must contain the parameter AWSAccessKeyId',
    ),
    incomplete: wording('AuthFailure', 401, NOT_VALIDATED),
    unknownKey: wording('AuthFailure', 401, NOT_VALIDATED),
    mismatch: wording('AuthFailure', 401, NOT_VALIDATED),
  },
  denied: { code: 'UnauthorizedOperation', httpStatus: 403 },
  deniedPrefix: 'You are not authorized to perform this operation. ',
  namesEveryResource: false,
  throttled: wording('RequestLimitExceeded', 503, 'Request limit exceeded.'),
};

/** @source https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html */
const json: Family = {
  problems: {
    missing: wording('MissingAuthenticationTokenException', 400, MISSING_TOKEN),
    incomplete: wording('IncompleteSignatureException', 400, INCOMPLETE),
    unknownKey: wording('UnrecognizedClientException', 400, INVALID_TOKEN),
    mismatch: wording('InvalidSignatureException', 400, WRONG_SIGNATURE),
  },
  denied: { code: 'AccessDeniedException', httpStatus: 400 },
  deniedPrefix: '',
  namesEveryResource: true,
  throttled: wording('ThrottlingException', 400, 'Rate exceeded'),
};

/** The JSON family's words with the statuses of REST. */
const rest: Family = {
  ...json,
  problems: {
    missing: { ...json.problems.missing, httpStatus: 403 },
    incomplete: { ...json.problems.incomplete, httpStatus: 403 },
    unknownKey: { ...json.problems.unknownKey, httpStatus: 403 },
    mismatch: { ...json.problems.mismatch, httpStatus: 403 },
  },
  denied: { code: 'AccessDeniedException', httpStatus: 403 },
  throttled: wording('TooManyRequestsException', 429, 'Rate exceeded'),
};

const families: Readonly<Record<ServiceName, Family>> = {
  'auto-scaling': query,
  cloudwatch: query,
  dynamodb: json,
  ec2,
  'elastic-load-balancing-v2': query,
  eventbridge: json,
  /** @source https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_GetImage.html */
  imagebuilder: {
    ...rest,
    throttled: wording('CallRateLimitExceededException', 429, 'Rate exceeded'),
  },
  kms: json,
  lambda: rest,
  /** @source https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html */
  'route-53': { ...query, namesEveryResource: true },
  /** @source https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html */
  'service-quotas': {
    ...json,
    throttled: wording('TooManyRequestsException', 400, 'Rate exceeded'),
  },
  sfn: json,
  /** @source https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
  sns: { ...query, denied: { code: 'AuthorizationError', httpStatus: 403 } },
  /** @source https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
  sqs: json,
  ssm: json,
  sts: query,
};

/** A service's refusal of a request without a caller. */
export function notAuthenticated(service: ServiceName, problem: SignatureProblem): AwsError {
  return refusal(families[service].problems[problem]);
}

/**
 * A service's refusal of a caller who may not.
 * @source https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function notAuthorized(
  service: ServiceName,
  caller: Caller,
  permission: Permission,
  denial: Denial,
): AwsError {
  const { denied, deniedPrefix, namesEveryResource } = families[service];
  const named = namesEveryResource || denial.resource !== '*';
  const message =
    `${deniedPrefix}User: ${caller.arn} is not authorized to perform: ${permission.action}` +
    (named ? ` on resource: ${denial.resource}` : '') +
    (denial.explicit
      ? ' with an explicit deny in an identity-based policy'
      : ` because no identity-based policy allows the ${permission.action} action`);
  return refusal({ ...denied, message });
}

/** A service's refusal of a caller who asks too often. */
export function rateExceeded(service: ServiceName): AwsError {
  return refusal(families[service].throttled);
}

/**
 * The refusal of what AWS has and the region has not. AWS never says it: whoever meets it has left
 * the part of AWS that the region stands for.
 */
export function notImplemented(service: ServiceName, operation: string): AwsError {
  const message = `The region does not implement ${operation} of ${service}.`;
  return new AwsError('NotImplemented', message, { httpStatus: 501 });
}

/** The answer to a defect of the region itself. */
export function internalFailure(): AwsError {
  const message =
    'The request processing has failed because of an unknown error, exception or failure.';
  return new AwsError('InternalFailure', message, { httpStatus: 500 });
}

/** A refusal in given words. */
export function refusal(words: { code: string; message: string; httpStatus?: number }): AwsError {
  return new AwsError(
    words.code,
    words.message,
    words.httpStatus === undefined ? {} : { httpStatus: words.httpStatus },
  );
}
