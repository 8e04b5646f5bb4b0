/**
 * Parameter Store of Systems Manager: parameters of type String and StringList in the standard tier.
 * Not for: SecureString, which needs keys, the advanced tier, policies, labels and history.
 */
import type {
  DeleteParameterCommandInput,
  GetParameterCommandInput,
  GetParametersByPathCommandInput,
  GetParametersCommandInput,
  Parameter,
  PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { operation, type Permission, type Service } from '../../kernel/service.ts';
import { takePage } from '../pages.ts';
import { checkName, parameterArn, validationError } from './names.ts';

/** Characters of a value in the standard tier. */
const VALUE_LENGTH_MAX = 4096;

/** Parameters in one answer, unless fewer are asked for. */
const PAGE_SIZE = 10;

interface StoredParameter {
  readonly name: string;
  readonly type: 'String' | 'StringList';
  readonly value: string;
  readonly version: number;
  /** Epoch milliseconds of region time. */
  readonly modifiedAt: number;
}

type Store = Map<string, StoredParameter>;

/** Starts a Parameter Store without parameters. */
export function createSsm(kernel: Kernel): { readonly service: Service } {
  const store: Store = new Map();
  return {
    service: {
      name: 'ssm',
      operations: {
        PutParameter: operation(
          ({ Name = '', Overwrite = false }: PutParameterCommandInput) =>
            may('PutParameter', [Name], { 'ssm:Overwrite': String(Overwrite) }),
          (input) => put(store, input, kernel.clock.now()),
        ),
        GetParameter: operation(
          ({ Name = '' }: GetParameterCommandInput) => may('GetParameter', [plainName(Name)]),
          ({ Name = '' }) => {
            const found = find(store, Name);
            if (!found) throw notFound(Name);
            return { Parameter: describe(found) };
          },
        ),
        GetParameters: operation(
          ({ Names = [] }: GetParametersCommandInput) => may('GetParameters', Names.map(plainName)),
          ({ Names = [] }) => getSeveral(store, Names),
        ),
        GetParametersByPath: operation(
          ({ Path = '' }: GetParametersByPathCommandInput) => may('GetParametersByPath', [Path]),
          (input) => getByPath(store, input),
        ),
        DeleteParameter: operation(
          ({ Name = '' }: DeleteParameterCommandInput) => may('DeleteParameter', [Name]),
          ({ Name = '' }) => {
            if (!store.delete(Name)) throw notFound(Name);
            return {};
          },
        ),
      },
    },
  };
}

function may(
  action: string,
  names: readonly string[],
  context: Permission['context'] = {},
): Permission[] {
  return [{ action: `ssm:${action}`, resources: names.map(parameterArn), context }];
}

function put(store: Store, input: PutParameterCommandInput, now: number) {
  const { Name: name = '', Value: value = '', Overwrite = false } = input;
  refuseUnimplemented(input);
  checkName(name);
  checkValue(value);
  const existing = store.get(name);
  if (existing && !Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the ' +
        'request to true.',
    );
  }
  const type = typeOf(input, existing);
  const version = (existing?.version ?? 0) + 1;
  store.set(name, { name, type, value, version, modifiedAt: now });
  return { Version: version, Tier: 'Standard' as const };
}

function refuseUnimplemented({ Type, Tier, Policies, AllowedPattern, Overwrite, ...rest }: Input) {
  if (Type === 'SecureString') throw notImplemented('parameters of type SecureString');
  if (Tier && Tier !== 'Standard') throw notImplemented(`the tier ${Tier}`);
  if (Policies) throw notImplemented('parameter policies');
  if (AllowedPattern) throw notImplemented('allowed patterns');
  if (rest.DataType && rest.DataType !== 'text') throw notImplemented(`type ${rest.DataType}`);
  if (Overwrite && rest.Tags?.length) {
    throw validationError(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with " +
        'tags, please remove overwrite flag. To update tags for an existing parameter, please use ' +
        'AddTagsToResource or RemoveTagsFromResource.',
    );
  }
}
type Input = PutParameterCommandInput;

function checkValue(value: string): void {
  if (value === '') {
    throw validationError(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must " +
        'have length greater than or equal to 1',
    );
  }
  if (value.length > VALUE_LENGTH_MAX) {
    throw validationError(
      `Standard tier parameters support a maximum parameter value of ${VALUE_LENGTH_MAX} ` +
        'characters. To create a larger parameter value, upgrade the parameter to use the ' +
        'advanced-parameter tier.',
    );
  }
  if (value.includes('{{')) {
    throw validationError("Parameter value: can't nest or reference other parameters.");
  }
}

/** @source https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
function typeOf(
  { Type }: PutParameterCommandInput,
  existing: StoredParameter | undefined,
): StoredParameter['type'] {
  const type = Type as StoredParameter['type'] | undefined;
  if (!existing) {
    if (!type) throw validationError('A parameter type is required when you create a parameter.');
    return type;
  }
  if (type && type !== existing.type) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `The parameter ${existing.name} has the type ${existing.type}, which cannot be changed to ` +
        `${type}. Create a new parameter.`,
    );
  }
  return existing.type;
}

function getSeveral(store: Store, names: readonly string[]) {
  const unique = new Set(names);
  if (unique.size < names.length) {
    throw validationError('Parameter names must be unique within a request.');
  }
  const found = names.flatMap((name) => find(store, name) ?? []);
  return {
    Parameters: found.map(describe),
    InvalidParameters: names.filter((name) => !find(store, name)),
  };
}

function getByPath(store: Store, input: GetParametersByPathCommandInput) {
  const { Path: path = '', Recursive = false, MaxResults, NextToken } = input;
  if (!path.startsWith('/')) {
    throw validationError(
      'The parameter path must begin with a slash, and may have no wildcards or spaces.',
    );
  }
  if (input.ParameterFilters?.length) throw notImplemented('filters of parameters');
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const below = [...store.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .filter(({ name }) => Recursive || !name.slice(prefix.length).includes('/'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const page = takePage(below, {
    size: MaxResults ?? PAGE_SIZE,
    token: NextToken,
    refuse: () => new AwsError('InvalidNextToken', 'The specified token is not valid.'),
  });
  return { Parameters: page.items.map(describe), NextToken: page.nextToken };
}

/** A name may ask for one version: `name:3`. Only the newest is kept here. */
function find(store: Store, selector: string): StoredParameter | undefined {
  const name = plainName(selector);
  const found = store.get(name);
  if (!found || selector === name) return found;
  const version = Number(selector.slice(name.length + 1));
  if (version === found.version) return found;
  throw new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${name}.`,
  );
}

function plainName(selector: string): string {
  return selector.split(':')[0] ?? selector;
}

function describe({ name, type, value, version, modifiedAt }: StoredParameter): Parameter {
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: new Date(modifiedAt),
    ARN: parameterArn(name),
    DataType: 'text',
  };
}

function notFound(name: string): AwsError {
  return new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
}

function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `The region does not implement ${what}.`, {
    httpStatus: 501,
  });
}
