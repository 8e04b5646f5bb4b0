/**
 * The conditions of a rule: which are well-formed, and the form in which AWS answers them.
 * Not for: matching requests (see `matching.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CONDITION_VALUES_PER_RULE, WILDCARDS_PER_RULE } from './limits.ts';
import { required, validationError } from './refusals.ts';

/** Characters of one value, and of an HTTP method or header name. */
const VALUE_CHARACTERS = 128;
const NAME_CHARACTERS = 40;

interface Field {
  /** The member that holds this field's own configuration. */
  readonly config: keyof RuleCondition;
  /** True when a rule may have several conditions on this field. */
  readonly repeatable: boolean;
  /** True when the values may stand in `Values` or `RegexValues` directly. */
  readonly direct: boolean;
  /** Says what is wrong with a value, or undefined. */
  readonly fault: (value: string) => string | undefined;
}

const tooLong =
  (limit: number) =>
  (value: string): string | undefined =>
    value.length > limit ? `is too long; the limit is '${limit}'` : undefined;

const FIELDS: Readonly<Record<string, Field>> = {
  'path-pattern': {
    config: 'PathPatternConfig',
    repeatable: false,
    direct: true,
    fault: (value) =>
      tooLong(VALUE_CHARACTERS)(value) ??
      (/^[\w\-.$/~"'@:+&*?\\;=,!()%#]+$/.test(value) ? undefined : 'contains invalid characters'),
  },
  'host-header': {
    config: 'HostHeaderConfig',
    repeatable: false,
    direct: true,
    fault: (value) =>
      tooLong(VALUE_CHARACTERS)(value) ??
      (/^[\w\-.*?]*\.[A-Za-z*?]+$/.test(value) ? undefined : 'is not a valid host name'),
  },
  'http-header': {
    config: 'HttpHeaderConfig',
    repeatable: true,
    direct: false,
    fault: tooLong(VALUE_CHARACTERS),
  },
  'http-request-method': {
    config: 'HttpRequestMethodConfig',
    repeatable: false,
    direct: false,
    fault: (value) =>
      tooLong(NAME_CHARACTERS)(value) ??
      (/^[A-Z_-]+$/.test(value)
        ? undefined
        : 'is invalid; the allowed characters are A-Z, hyphen and underscore'),
  },
  'query-string': {
    config: 'QueryStringConfig',
    repeatable: true,
    direct: false,
    fault: tooLong(VALUE_CHARACTERS),
  },
  'source-ip': {
    config: 'SourceIpConfig',
    repeatable: false,
    direct: false,
    fault: (value) => (isCidr(value) ? undefined : 'must be in CIDR format'),
  },
};

/**
 * Checks the conditions of a request and completes them as AWS does.
 * @throws AwsError ValidationError
 */
export function completeConditions(
  conditions: readonly RuleCondition[] | undefined,
): readonly RuleCondition[] {
  if (!conditions?.length) throw validationError('A condition must be specified');
  const seen = new Set<string>();
  const completed = conditions.map((condition) => {
    const name = required(condition.Field, 'A condition field');
    const field = fieldOf(name);
    if (seen.has(name) && !field.repeatable) {
      throw validationError(`A rule can only have one '${name}' condition`);
    }
    seen.add(name);
    return completeCondition(condition, name, field);
  });
  refuseTooMuch(completed);
  return completed;
}

/** Every value of a condition as text, whatever member holds it. */
export function valuesOf(condition: RuleCondition): readonly string[] {
  if (condition.QueryStringConfig) {
    return (condition.QueryStringConfig.Values ?? []).map(
      (pair) => `${pair.Key === undefined ? '' : `${pair.Key}=`}${pair.Value ?? ''}`,
    );
  }
  return (
    condition.HttpHeaderConfig?.Values ??
    condition.HttpRequestMethodConfig?.Values ??
    condition.SourceIpConfig?.Values ??
    condition.Values ??
    []
  );
}

/** The regular expressions of a condition, whatever member holds them. */
export function regexesOf(condition: RuleCondition): readonly string[] {
  return condition.HttpHeaderConfig?.RegexValues ?? condition.RegexValues ?? [];
}

function fieldOf(name: string): Field {
  const field = FIELDS[name];
  if (!field) {
    const names = Object.keys(FIELDS).join(', ');
    throw validationError(`Condition field '${name}' must be one of '[${names}]'`);
  }
  return field;
}

function completeCondition(condition: RuleCondition, name: string, field: Field): RuleCondition {
  const direct = condition.Values ?? condition.RegexValues;
  if (direct && !field.direct) {
    throw validationError(`The 'Values' field is not compatible with '${name}'`);
  }
  if (direct?.length && condition[field.config]) {
    throw validationError(
      `You cannot provide both Values and '${field.config}' for a condition of type '${name}'`,
    );
  }
  if (!direct && !condition[field.config]) {
    throw validationError(`A '${field.config}' must be specified with '${name}'`);
  }
  const completed = field.direct ? withBothForms(condition, field) : condition;
  const header = completed.HttpHeaderConfig;
  if (header) refuseHeaderName(required(header.HttpHeaderName, 'An HTTP header name'));
  const regexes = regexesOf(completed);
  const values = valuesOf(completed);
  if (values.length + regexes.length === 0) {
    throw validationError('A condition value must be specified');
  }
  for (const value of values) {
    const fault = field.fault(value);
    if (fault) throw validationError(`The '${name}' value '${value}' ${fault}`);
  }
  for (const regex of regexes) refuseRegex(regex, name);
  return completed;
}

/** AWS answers host and path conditions in `Values` and in the field's own member alike. */
function withBothForms(condition: RuleCondition, field: Field): RuleCondition {
  const own = condition.PathPatternConfig ?? condition.HostHeaderConfig ?? {};
  const values = condition.Values ?? own.Values;
  const regexes = condition.RegexValues ?? own.RegexValues;
  const both = {
    ...(values ? { Values: values } : {}),
    ...(regexes ? { RegexValues: regexes } : {}),
  };
  return { Field: condition.Field, ...both, [field.config]: both };
}

function refuseHeaderName(name: string): void {
  if (name.length > NAME_CHARACTERS || !/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) {
    throw validationError(`The 'HttpHeaderName' value '${name}' is not a valid header name`);
  }
  if (name.toLowerCase() === 'host') {
    throw validationError("An 'http-header' condition cannot be on 'host'; use 'host-header'");
  }
}

function refuseRegex(regex: string, name: string): void {
  const fault = tooLong(VALUE_CHARACTERS)(regex);
  if (fault) throw validationError(`The '${name}' regular expression ${fault}`);
  try {
    compileRegex(regex);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw validationError(`The '${name}' regular expression '${regex}' is not valid: ${why}`);
  }
}

const compileRegex = (regex: string): RegExp => new RegExp(regex);

function refuseTooMuch(conditions: readonly RuleCondition[]): void {
  const values = conditions.flatMap((condition) => [
    ...valuesOf(condition),
    ...regexesOf(condition),
  ]);
  if (values.length > CONDITION_VALUES_PER_RULE) {
    throw validationError(`A rule can only have '${CONDITION_VALUES_PER_RULE}' condition values`);
  }
  const patterns = conditions.flatMap((condition) => valuesOf(condition));
  const wildcards = patterns.join('').replaceAll(/[^*?]/g, '').length;
  if (wildcards > WILDCARDS_PER_RULE) {
    throw validationError(`A rule can only have '${WILDCARDS_PER_RULE}' condition wildcards`);
  }
}

function isCidr(value: string): boolean {
  const [address = '', bits = '', ...rest] = value.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  if (isIPv4(address)) return Number(bits) <= 32;
  return isIPv6(address) && Number(bits) <= 128;
}
