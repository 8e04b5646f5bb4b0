/**
 * What loading a template needs from the region's services: one small function per kind of thing
 * that a template can bring into being.
 * Not for: the services' own public operations.
 */
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { Target } from '@aws-sdk/client-eventbridge';
import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda';
import type { LoggingConfiguration, TracingConfiguration } from '@aws-sdk/client-sfn';

import type { PolicyDocument } from '../kernel/contracts.ts';

type Awaitable<T> = T | Promise<T>;

/** A function as a template has it; its code is the packaged archive. */
export interface FunctionDefinition {
  readonly name: string;
  readonly description?: string;
  readonly handler: string;
  readonly roleArn: string;
  readonly runtime: string;
  readonly codeZip: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  readonly memoryMegabytes?: number;
  readonly architectures?: readonly string[];
  readonly reservedConcurrency?: number;
  readonly tracing?: 'Active' | 'PassThrough';
}

/** A state machine as a template has it. */
export interface MachineDefinition {
  readonly name: string;
  readonly roleArn: string;
  /** JSON text. */
  readonly definition: string;
  readonly loggingConfiguration?: LoggingConfiguration;
  readonly tracingConfiguration?: TracingConfiguration;
}

/** Each function throws what its service refuses. */
export interface TemplateTargets {
  /** Defines a role; again with more policies when the template attaches some later. */
  addRole(role: {
    readonly arn: string;
    readonly trust: readonly string[];
    readonly policies: readonly PolicyDocument[];
  }): void;
  addLogGroup(group: { readonly name: string; readonly retentionDays?: number }): void;
  addFunction(definition: FunctionDefinition): { readonly arn: string };
  /** Gives a function other code and settings. */
  updateFunction(definition: FunctionDefinition): { readonly arn: string };
  publishVersion(options: { functionName: string; codeSha256?: string }): { readonly arn: string };
  addPermission(input: AddPermissionCommandInput): void;
  setEventRetries(
    functionName: string,
    retries: {
      maximumRetryAttempts?: number;
      maximumEventAgeSeconds?: number;
      onFailureArn?: string;
    },
  ): void;
  addRule(rule: {
    readonly name: string;
    readonly description?: string;
    readonly eventPattern?: Readonly<Record<string, unknown>>;
    readonly scheduleExpression?: string;
    readonly state?: 'ENABLED' | 'DISABLED';
    readonly targets: readonly Target[];
  }): { readonly ruleArn: string };
  createTable(input: CreateTableCommandInput): Awaitable<void>;
  createStateMachine(machine: MachineDefinition): Awaitable<{ readonly stateMachineArn: string }>;
  /** Gives new executions another definition; those that run keep theirs. */
  updateStateMachine(machine: MachineDefinition): Awaitable<{ readonly stateMachineArn: string }>;
  createTopic(topic: {
    readonly name: string;
    readonly displayName?: string;
    readonly subscriptions: readonly { readonly protocol: string; readonly endpoint: string }[];
  }): Awaitable<{ readonly topicArn: string }>;
  /** Attributes are those of CreateQueue. */
  createQueue(queue: {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
  }): Awaitable<{ readonly queueUrl: string; readonly queueArn: string }>;
  /** The policy is JSON text. */
  setQueuePolicy(queueUrl: string, policy: string): Awaitable<void>;
  putAlarm(input: PutMetricAlarmCommandInput): Awaitable<void>;
  addApi(api: { readonly name: string }): Awaitable<{
    readonly apiId: string;
    /** Address at which clients reach it, as the attribute `ApiEndpoint` tells it. */
    readonly endpoint: string;
  }>;
  addStage(stage: { readonly apiId: string; readonly stageName: string }): void;
  addIntegration(integration: {
    readonly apiId: string;
    readonly integrationType: string;
    readonly integrationUri: string;
    readonly payloadFormatVersion: string;
    readonly timeoutMilliseconds?: number;
  }): { readonly integrationId: string };
  addRoute(route: {
    readonly apiId: string;
    readonly routeKey: string;
    readonly integrationId: string;
    readonly authorizationType?: string;
  }): { readonly routeId: string };
}
