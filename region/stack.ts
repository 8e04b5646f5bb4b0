/**
 * A packaged service brought to life in a region: each resource of its template becomes the
 * service's own call for it.
 * Not for: understanding templates (see `template/`).
 */
import type { Credentials } from './kernel/contracts.ts';
import type { StackParts } from './region.ts';
import type { InProcessFunctionOptions } from './services/lambda/lambda.ts';
import { loadTemplate } from './template/load-template.ts';
import { readPackage } from './template/read-package.ts';
import type { FunctionDefinition, TemplateTargets } from './template/targets.ts';

/** What whoever loaded a package may know of it. */
export interface Stack {
  /** The template's outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What `Ref` answers for every resource, by logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
}

/** How a packaged service is loaded. */
export interface StackOptions {
  /**
   * Answers what runs in the region's own process in place of a function's bundle, with the rest
   * of its definition and its role as they are packaged; undefined keeps the bundle. For tests.
   */
  readonly inProcess?: (
    definition: FunctionDefinition,
    /** Session credentials of the function's role, as its environment would carry them. */
    assumeRole: () => Credentials,
  ) => InProcessFunctionOptions['invoke'] | undefined;
}

/** The name under which Lambda assumes roles. */
const LAMBDA_PRINCIPAL = 'lambda.amazonaws.com';

/**
 * Loads what `serverless package` left in a folder.
 * @throws TemplateProblem which names the resource that is missing, unknown or refused
 */
export async function loadStack(
  folder: string,
  parts: StackParts,
  options: StackOptions = {},
): Promise<Stack> {
  const { template, artifacts } = readPackage(folder);
  const hex = (digits: number): string => parts.kernel.hex(digits);
  return loadTemplate({ template, artifacts, hex, targets: targetsOf(parts, options) });
}

function targetsOf(parts: StackParts, options: StackOptions): TemplateTargets {
  const { identities, lambda, eventBridge, stepFunctions, httpApis, dynamoDb } = parts;
  return {
    addRole: (role) => identities.addRole(role),
    // Log groups hold nothing here: what functions write is kept by Lambda.
    addLogGroup: () => undefined,
    addFunction: (definition) => addFunction(parts, options, definition),
    publishVersion: (version) => lambda.publishVersion(version),
    addPermission: (input) => lambda.addPermission(input),
    setEventRetries: (name, retries) => lambda.setEventRetries(name, retries),
    addRule: (rule) => eventBridge.addRule(rule),
    createTable: (input) => dynamoDb.createTable(input),
    createStateMachine: (machine) => stepFunctions.createStateMachine(machine),
    createTopic: (topic) => createTopic(parts, topic),
    putAlarm: async (input) => {
      await asAdministrator(parts, 'cloudwatch', 'PutMetricAlarm', input);
    },
    addApi: (api) => httpApis.addApi(api),
    addStage: (stage) => httpApis.addStage(stage),
    addIntegration: (integration) => httpApis.addIntegration(integration),
    addRoute: (route) => httpApis.addRoute(route),
  };
}

function addFunction(
  { lambda, identities }: StackParts,
  { inProcess }: StackOptions,
  definition: FunctionDefinition,
): { readonly arn: string } {
  const { name, roleArn } = definition;
  const assumeRole = (): Credentials =>
    identities.assume({ roleArn, principal: LAMBDA_PRINCIPAL, sessionName: name });
  const invoke = inProcess?.(definition, assumeRole);
  return lambda.addFunction(invoke ? { ...definition, invoke } : definition);
}

async function createTopic(
  parts: StackParts,
  topic: Parameters<TemplateTargets['createTopic']>[0],
): Promise<{ topicArn: string }> {
  const Attributes = topic.displayName === undefined ? {} : { DisplayName: topic.displayName };
  const created = await asAdministrator(parts, 'sns', 'CreateTopic', {
    Name: topic.name,
    Attributes,
  });
  const topicArn = (created as { TopicArn: string }).TopicArn;
  for (const { protocol, endpoint } of topic.subscriptions) {
    await asAdministrator(parts, 'sns', 'Subscribe', {
      TopicArn: topicArn,
      Protocol: protocol,
      Endpoint: endpoint,
    });
  }
  return { topicArn };
}

/** CloudFormation acts for whoever deploys the stack; here that is the administrator. */
function asAdministrator(
  { endpoint, identities }: StackParts,
  service: Parameters<StackParts['endpoint']['perform']>[0]['service'],
  operation: string,
  input: object,
): Promise<unknown> {
  const { administrator } = identities;
  const found = identities.find(administrator.accessKeyId, administrator.sessionToken);
  if (!found) throw new Error('The administrator is unknown to its own region.');
  return endpoint.perform({ caller: found.caller, service, operation, input });
}
