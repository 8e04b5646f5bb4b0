/**
 * What can be seen of a region from outside: weights, fleets, executions, and what is in Teal's
 * table. Reads only, apart from starting executions; nothing here asks Teal's own record how it is.
 */
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import {
  type DescribeListenersOutput,
  type DescribeRulesOutput,
  DescribeTargetGroupsCommand,
  type DescribeTargetHealthOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeExecutionCommand,
  type GetExecutionHistoryOutput,
  type HistoryEvent,
  paginateGetExecutionHistory,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Region } from '../../region/region.ts';
import type { OpenLease } from '../../shared/core/leases.ts';
import type { Progress } from '../../shared/core/progress.ts';
import type { AdministratorClients, Estate } from './estate.ts';
import { askPastWire } from './past-wire.ts';

/** Weights of a forward action by the names of its target groups. */
export type Weights = Readonly<Record<string, number>>;

/** An Auto Scaling group, as far as deployments touch it. */
export interface GroupSight {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly launchTemplateVersion: string;
  readonly instances: number;
}

/** Everything that a deployment could leave behind. */
export interface Belongings {
  readonly groups: Readonly<Record<string, GroupSight>>;
  readonly targetGroups: readonly string[];
  /** Weights of every route, by its ARN. */
  readonly routes: Readonly<Record<string, Weights>>;
  readonly launchTemplate: { readonly versions: readonly number[]; readonly default: number };
}

/** An execution; error and cause are there once it has failed. */
export interface ExecutionSight {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface Sight {
  /** Weights of the listener's default action. */
  weights(): Promise<Weights>;
  /** Healthy targets of a target group. */
  healthy(targetGroupArn: string): Promise<number>;
  /** ARNs of all target groups by name. */
  targetGroupArns(): Promise<Readonly<Record<string, string>>>;
  group(name: string): Promise<GroupSight | undefined>;
  belongings(): Promise<Belongings>;
  /** Items of Teal's table whose sort key begins so; absent means all. */
  items(sortKeyPrefix?: string): Promise<readonly Record<string, unknown>[]>;
  /** What is frozen or owed, of all deployments. */
  leases(): Promise<readonly OpenLease[]>;
  /** How far a deployment says that it has come; undefined when it left no record. */
  progress(deploymentId: string): Promise<Progress | undefined>;
  /** How an execution stands, as Step Functions tells it. */
  execution(name: string): Promise<ExecutionSight>;
  history(name: string): Promise<readonly HistoryEvent[]>;
  /** Names of the states that an execution entered, in order. */
  states(name: string): Promise<readonly string[]>;
  /** Directives that an execution's tasks answered, as `State: type`. */
  directives(name: string): Promise<readonly string[]>;
  executionArn(name: string): string;
  /** State of the estate's alarm. */
  alarmState(): Promise<string>;
  /** Whether an execution is still running. Costs no call, so that it can be asked often. */
  isRunning(name: string): boolean;
}

interface World {
  readonly region: Region;
  readonly aws: AdministratorClients;
  readonly estate: Estate;
  readonly stack: { readonly stateMachineArn: string };
  readonly tableName: string;
}

/** Looks at a region with the administrator's eyes. */
export function createSight(world: World) {
  const { aws, estate, stack } = world;
  const executionArn = (name: string) =>
    `${stack.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const history = (name: string) => readHistory(aws, executionArn(name));
  const sight = {
    executionArn,
    isRunning: (name: string) => isRunning(world.region, executionArn(name)),
    history,
    alarmState: async () => {
      const command = new DescribeAlarmsCommand({ AlarmNames: [estate.alarmName] });
      const { MetricAlarms } = await aws.cloudWatch().send(command);
      return MetricAlarms?.[0]?.StateValue ?? 'absent';
    },
    weights: async () => readRoutes(world)[estate.listenerArn] ?? {},
    healthy: async (arn: string) => countHealthy(world, arn),
    targetGroupArns: () => readTargetGroupArns(aws),
    group: async (name: string) => (await readGroups(aws))[name],
    belongings: () => readBelongings(world),
    items: (prefix = '') => readItems(world, prefix),
    leases: async () => {
      const items = await readItems(world, 'DEPLOYMENT#');
      return items.filter(({ pk }) => pk === 'LEASE') as unknown as readonly OpenLease[];
    },
    progress: async (deploymentId: string) => {
      const records = await readItems(world, 'RECORD');
      const record = records.find((one) => one['deploymentId'] === deploymentId);
      return record?.['progress'] as Progress | undefined;
    },
    execution: async (name: string) => {
      const command = new DescribeExecutionCommand({ executionArn: executionArn(name) });
      const { status = '', error, cause } = await aws.stepFunctions().send(command);
      return { status, ...(error && { error }), ...(cause && { cause }) };
    },
    states: async (name: string) => readStates(world, executionArn(name)),
    directives: async (name: string) => (await history(name)).flatMap(readDirective),
    start: async (name: string, input: unknown) => {
      const { stateMachineArn } = stack;
      const text = JSON.stringify(input);
      const command = new StartExecutionCommand({ stateMachineArn, name, input: text });
      await aws.stepFunctions().send(command);
    },
  };
  return sight satisfies Sight;
}

function isRunning({ stepFunctions }: Region, executionArn: string): boolean {
  const input = { executionArn };
  const { status } = askPastWire(stepFunctions.service, 'DescribeExecution', input) as {
    status: string;
  };
  return status === 'RUNNING';
}

function countHealthy({ region }: World, TargetGroupArn: string): number {
  const { TargetHealthDescriptions = [] } = askPastWire(
    region.loadBalancing.service,
    'DescribeTargetHealth',
    { TargetGroupArn },
  ) as DescribeTargetHealthOutput;
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy')
    .length;
}

async function readGroups({
  autoScaling,
}: AdministratorClients): Promise<Record<string, GroupSight>> {
  const { AutoScalingGroups = [] } = await autoScaling().send(
    new DescribeAutoScalingGroupsCommand({}),
  );
  return Object.fromEntries(
    AutoScalingGroups.map((group) => [
      group.AutoScalingGroupName,
      {
        minSize: group.MinSize ?? 0,
        maxSize: group.MaxSize ?? 0,
        desiredCapacity: group.DesiredCapacity ?? 0,
        launchTemplateVersion: group.LaunchTemplate?.Version ?? '',
        instances: group.Instances?.length ?? 0,
      },
    ]),
  ) as Record<string, GroupSight>;
}

function readRoutes({ region, estate }: World): Record<string, Weights> {
  const { listenerArn } = estate;
  if (!listenerArn) return {};
  const { service } = region.loadBalancing;
  const { Listeners = [] } = askPastWire(service, 'DescribeListeners', {
    ListenerArns: [listenerArn],
  }) as DescribeListenersOutput;
  const { Rules = [] } = askPastWire(service, 'DescribeRules', {
    ListenerArn: listenerArn,
  }) as DescribeRulesOutput;
  const routes = [
    ...Listeners.map(({ ListenerArn, DefaultActions }) => [ListenerArn, DefaultActions] as const),
    ...Rules.filter(({ IsDefault }) => !IsDefault).map(
      ({ RuleArn, Actions }) => [RuleArn, Actions] as const,
    ),
  ];
  return Object.fromEntries(
    routes.map(([arn, actions = []]) => {
      const [action] = actions;
      const tuples = action?.ForwardConfig?.TargetGroups ?? [
        { TargetGroupArn: action?.TargetGroupArn, Weight: 1 },
      ];
      return [
        arn,
        Object.fromEntries(
          tuples.map(({ TargetGroupArn, Weight }) => [nameOf(TargetGroupArn), Weight ?? 1]),
        ),
      ];
    }),
  ) as Record<string, Weights>;
}

/** The name in a target group's ARN. */
export function nameOf(targetGroupArn = ''): string {
  return targetGroupArn.split('/')[1] ?? targetGroupArn;
}

async function readTargetGroupArns({
  loadBalancing,
}: AdministratorClients): Promise<Record<string, string>> {
  const { TargetGroups = [] } = await loadBalancing().send(new DescribeTargetGroupsCommand({}));
  return Object.fromEntries(
    TargetGroups.map(({ TargetGroupName = '', TargetGroupArn = '' }) => [
      TargetGroupName,
      TargetGroupArn,
    ]),
  );
}

async function readBelongings(world: World): Promise<Belongings> {
  const { aws, estate } = world;
  const { LaunchTemplateVersions = [] } = await aws
    .ec2()
    .send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: estate.launchTemplateId }));
  const versions = LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber ?? 0);
  const isDefault = LaunchTemplateVersions.find(({ DefaultVersion }) => DefaultVersion);
  return {
    groups: await readGroups(aws),
    targetGroups: Object.keys(await readTargetGroupArns(aws)).toSorted(),
    routes: readRoutes(world),
    launchTemplate: {
      versions: versions.toSorted((a, b) => a - b),
      default: isDefault?.VersionNumber ?? 0,
    },
  };
}

async function readItems(
  { aws, tableName }: World,
  prefix: string,
): Promise<readonly Record<string, unknown>[]> {
  const { Items = [] } = await aws.dynamoDb().send(new ScanCommand({ TableName: tableName }));
  return Items.map((item) => unmarshall(item)).filter(({ sk }) => String(sk).startsWith(prefix));
}

function readStates({ region }: World, executionArn: string): readonly string[] {
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const input = { executionArn, maxResults: 1000, ...(nextToken && { nextToken }) };
    const { service } = region.stepFunctions;
    const page = askPastWire(service, 'GetExecutionHistory', input) as GetExecutionHistoryOutput;
    for (const { stateEnteredEventDetails: entered } of page.events ?? []) {
      if (entered?.name) names.push(entered.name);
    }
    ({ nextToken } = page);
  } while (nextToken);
  return names;
}

async function readHistory(
  { stepFunctions }: AdministratorClients,
  executionArn: string,
): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory({ client: stepFunctions() }, { executionArn });
  for await (const page of pages) events.push(...(page.events ?? []));
  return events;
}

function readDirective({ stateExitedEventDetails: exited }: HistoryEvent): string[] {
  if (!exited?.output) return [];
  const { directive } = JSON.parse(exited.output) as { directive?: { type: string } };
  return directive ? [`${exited.name}: ${directive.type}`] : [];
}
