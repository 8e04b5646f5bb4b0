/**
 * A packaged service brought to life in a region: each resource of its template becomes the
 * service's own call for it.
 * Not for: understanding templates (see `template/`).
 */
import { AwsError } from './kernel/aws-error.ts';
import type { Credentials } from './kernel/contracts.ts';
import { arn } from './kernel/kernel.ts';
import type { StackParts } from './region.ts';
import type { FunctionOptions, InProcessFunctionOptions } from './services/lambda/lambda.ts';
import { loadTemplate } from './template/load-template.ts';
import type { DeployedStack } from './template/load-template.ts';
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

/** The region's stack over its deployments. */
export interface Stacks {
  /**
   * Loads what `serverless package` left in a folder; the second time and later as CloudFormation
   * updates a stack.
   * @throws TemplateProblem which names the resource that is missing, unknown or refused
   */
  load(folder: string, options?: StackOptions): Promise<Stack>;
}

/** Starts without a stack. */
export function createStacks(parts: StackParts): Stacks {
  let before: DeployedStack | undefined;
  return {
    load: async (folder, options = {}) => {
      const { template, artifacts } = readPackage(folder);
      const loaded = await loadTemplate({
        template,
        artifacts,
        hex: (digits) => parts.kernel.hex(digits),
        targets: targetsOf(parts, options),
        ...(before && { before }),
      });
      before = loaded.deployed;
      return loaded;
    },
  };
}

function targetsOf(parts: StackParts, options: StackOptions): TemplateTargets {
  const { identities, lambda, eventBridge, stepFunctions, httpApis, dynamoDb } = parts;
  return {
    addRole: (role) => identities.addRole(role),
    // Log groups hold nothing here: what functions write is kept by Lambda.
    addLogGroup: () => undefined,
    addFunction: (definition) => lambda.addFunction(programOf(parts, options, definition)),
    updateFunction: (definition) => lambda.updateFunction(programOf(parts, options, definition)),
    publishVersion: (version) => publishVersion(parts, version),
    addPermission: (input) => lambda.addPermission(input),
    setEventRetries: (name, retries) => lambda.setEventRetries(name, retries),
    addRule: (rule) => eventBridge.addRule(rule),
    createTable: (input) => dynamoDb.createTable(input),
    createStateMachine: (machine) => stepFunctions.createStateMachine(machine),
    updateStateMachine: (machine) => stepFunctions.updateStateMachine(machine),
    createTopic: (topic) => createTopic(parts, topic),
    createQueue: async ({ name, attributes }) => {
      const wish = { QueueName: name, Attributes: attributes };
      const created = await asAdministrator(parts, 'sqs', 'CreateQueue', wish);
      return { queueUrl: (created as { QueueUrl: string }).QueueUrl, queueArn: arn('sqs', name) };
    },
    setQueuePolicy: async (QueueUrl, Policy) => {
      const input = { QueueUrl, Attributes: { Policy } };
      await asAdministrator(parts, 'sqs', 'SetQueueAttributes', input);
    },
    putAlarm: async (input) => {
      await asAdministrator(parts, 'cloudwatch', 'PutMetricAlarm', input);
    },
    addApi: (api) => httpApis.addApi(api),
    addStage: (stage) => httpApis.addStage(stage),
    addIntegration: (integration) => httpApis.addIntegration(integration),
    addRoute: (route) => httpApis.addRoute(route),
  };
}

function programOf(
  { identities }: StackParts,
  { inProcess }: StackOptions,
  definition: FunctionDefinition,
): FunctionOptions {
  const { name, roleArn } = definition;
  const assumeRole = (): Credentials =>
    identities.assume({ roleArn, principal: LAMBDA_PRINCIPAL, sessionName: name });
  const invoke = inProcess?.(definition, assumeRole);
  return invoke ? { ...definition, invoke } : definition;
}

/** CloudFormation makes a version, or fails: it does not take one that is there already. */
function publishVersion(
  { lambda }: StackParts,
  wish: Parameters<TemplateTargets['publishVersion']>[0],
): { readonly arn: string } {
  const { version, isNew, arn: versionArn } = lambda.publishVersion(wish);
  if (isNew) return { arn: versionArn };
  throw new AwsError(
    'AlreadyExists',
    `A version for this Lambda function exists ( ${version} ). ` +
      'Modify the function to create a new version.',
  );
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
