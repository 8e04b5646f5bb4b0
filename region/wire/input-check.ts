/**
 * The first check of every service: does an input fit the service's public model? Required members
 * have to be there, at every depth, and values within their bounds. Services check the rest.
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { ServiceName } from '../kernel/service.ts';
import { findViolations } from './constraints.ts';
import type { Violation } from './constraints.ts';
import { serviceModel } from './model.ts';
import { findMissing } from './required.ts';

/** How a service refuses an input: for members that are missing, or for values that are wrong. */
type Refuse = (problems: Problems) => AwsError;

interface Problems {
  readonly missing: readonly (readonly string[])[];
  readonly violations: readonly Violation[];
}

/** The validator that most services share lists everything; it begins names with a small letter. */
function validationText({ missing, violations }: Problems): string {
  const texts = [
    ...missing.map(
      (path) => `Value null at '${spell(path)}' failed to satisfy constraint: ${NULL}`,
    ),
    ...violations.map(
      ({ path, shown, constraint }) =>
        `Value ${shown === undefined ? '' : `'${shown}' `}at '${spell(path)}' ` +
        `failed to satisfy constraint: ${constraint}`,
    ),
  ];
  const noun = texts.length === 1 ? 'error' : 'errors';
  return `${texts.length} validation ${noun} detected: ${texts.join('; ')}`;
}

const NULL = 'Member must not be null';

const validator =
  (code: string): Refuse =>
  (problems) =>
    new AwsError(code, validationText(problems));

/**
 * EC2 has no such validator: it names the first parameter that is wrong.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const ec2: Refuse = ({ missing: [missing], violations: [violation] }) => {
  if (missing) {
    const name = missing.filter((part) => part !== 'member').join('.');
    return new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
  }
  const { path = [], shown = '', kind = 'bounds', constraint = '' } = violation ?? {};
  const name = path.filter((part) => part !== 'member').join('.');
  const message =
    kind === 'enumeration'
      ? `Invalid value '${shown}' for ${name}.`
      : `Value ( ${shown} ) for parameter ${uncapitalised(name)} is invalid. ${constraint}.`;
  return new AwsError('InvalidParameterValue', message);
};

/**
 * Image Builder has words of its own, and names one parameter.
 * @source https://github.com/boto/boto3/issues/2224
 */
const imageBuilder: Refuse = ({ missing: [missing], violations: [violation] }) => {
  const name = spell(missing ?? violation?.path ?? []);
  const rule = missing ? NULL : `'${name}' must satisfy: ${violation?.constraint ?? ''}`;
  return new AwsError(
    'InvalidParameterValueException',
    `The value supplied for parameter '${name}' is not valid. ${rule}`,
  );
};

const refusals: Readonly<Record<ServiceName, Refuse>> = {
  'auto-scaling': validator('ValidationError'),
  cloudwatch: validator('ValidationError'),
  dynamodb: validator('ValidationException'),
  ec2,
  'elastic-load-balancing-v2': validator('ValidationError'),
  eventbridge: validator('ValidationException'),
  imagebuilder: imageBuilder,
  lambda: validator('ValidationException'),
  kms: validator('ValidationException'),
  'route-53': validator('InvalidInput'),
  'service-quotas': validator('ValidationException'),
  sfn: validator('ValidationException'),
  sns: validator('ValidationError'),
  sqs: validator('ValidationException'),
  ssm: validator('ValidationException'),
  sts: validator('ValidationError'),
};

/** EC2 has an error code of its own for names of launch templates, which it gives itself. */
const isOwnCheck = (service: ServiceName, { path }: Violation): boolean =>
  service === 'ec2' && path.at(-1) === 'LaunchTemplateName';

/**
 * Checks an input.
 * @throws AwsError the service's refusal of members that are missing and values that are wrong
 */
export function checkInput(service: ServiceName, operation: string, input: unknown): void {
  const shape = serviceModel(service).operations.get(operation)?.input;
  if (!shape) throw new Error(`The model of ${service} has no operation ${operation}.`);
  const missing = findMissing(shape, input);
  const violations = findViolations(service, operation, input).filter(
    (violation) => !isOwnCheck(service, violation),
  );
  if (missing.length > 0 || violations.length > 0) throw refusals[service]({ missing, violations });
}

const spell = (path: readonly string[]): string => path.map(uncapitalised).join('.');

function uncapitalised(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
