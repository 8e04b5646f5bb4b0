/**
 * State machines.
 * Not for: the States Language, which Step Functions itself checks.
 */
import type { LoggingConfiguration, LogLevel } from '@aws-sdk/client-sfn';

import { TemplateProblem } from '../problem.ts';
import type { Reader } from '../reader.ts';
import type { Loading, ResourceType } from '../resource-type.ts';
import type { MachineDefinition } from '../targets.ts';
import { asText, isList, isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** Characters of a state machine's name. @source botocore stepfunctions, Name */
const NAME_LIMIT = 80;

/**
 * The types by their names in a template.
 * @source https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_StepFunctions.html
 */
export const STATE_MACHINE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::StepFunctions::StateMachine': {
    required: ['RoleArn'],
    optional: [
      'StateMachineName',
      'StateMachineType',
      'Definition',
      'DefinitionString',
      'DefinitionSubstitutions',
      'LoggingConfiguration',
      'TracingConfiguration',
    ],
    inert: ['Tags'],
    create: async (read, loading) => {
      const machine = machineOf(read, loading);
      const { stateMachineArn } = await loading.targets.createStateMachine(machine);
      return { ref: stateMachineArn, attributes: { Arn: stateMachineArn, Name: machine.name } };
    },
    update: async (read, loading) => {
      const machine = machineOf(read, loading);
      const { stateMachineArn } = await loading.targets.updateStateMachine(machine);
      return { ref: stateMachineArn, attributes: { Arn: stateMachineArn, Name: machine.name } };
    },
  },
};

function machineOf(read: Reader, loading: Loading): MachineDefinition {
  const type = read.optionalText('StateMachineType') ?? 'STANDARD';
  if (type !== 'STANDARD') {
    throw new TemplateProblem(`${read.label}: the region has no ${type} state machines.`);
  }
  const logging = read.optionalObject('LoggingConfiguration');
  const tracing = read.optionalObject('TracingConfiguration');
  return {
    name: read.optionalText('StateMachineName') ?? loading.generateName(NAME_LIMIT),
    roleArn: read.text('RoleArn'),
    definition: definitionOf(read),
    ...(logging && { loggingConfiguration: loggingOf(logging) }),
    ...(tracing && { tracingConfiguration: { enabled: isTrue(tracing['Enabled']) } }),
  };
}

function definitionOf(read: Reader): string {
  if (read.has('Definition') === read.has('DefinitionString')) {
    throw new TemplateProblem(`${read.label}: needs either Definition or DefinitionString.`);
  }
  const text = read.has('Definition')
    ? JSON.stringify(read.object('Definition'))
    : read.text('DefinitionString');
  const substitutions = read.optionalObject('DefinitionSubstitutions') ?? {};
  return text.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => {
    const value = substitutions[name];
    if (value === undefined || typeof value === 'object') {
      throw new TemplateProblem(`${read.label}: nothing is substituted for ${placeholder}.`);
    }
    return JSON.stringify(String(value)).slice(1, -1);
  });
}

/** CloudFormation and the API spell the same members differently. */
function loggingOf(logging: JsonObject): LoggingConfiguration {
  const { Destinations: destinations = [] } = logging;
  const groups = (isList(destinations) ? destinations : []).map((destination) => {
    const { CloudWatchLogsLogGroup: group } = isObject(destination) ? destination : {};
    return { cloudWatchLogsLogGroup: { logGroupArn: logGroupArn(group) } };
  });
  return {
    level: asText(logging['Level'] ?? 'OFF', 'Level') as LogLevel,
    includeExecutionData: isTrue(logging['IncludeExecutionData']),
    destinations: groups,
  };
}

function logGroupArn(group: Json | undefined): string | undefined {
  const { LogGroupArn: arn } = isObject(group) ? group : {};
  return typeof arn === 'string' ? arn : undefined;
}

function isTrue(value: Json | undefined): boolean {
  return value === true || value === 'true';
}
