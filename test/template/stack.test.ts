/** What would be deployed: the packaged template and its zips. `npm test` packages first. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadSpecification, specificationBreaches } from './specification.ts';
import {
  MISSING_PACKAGE,
  TEMPLATE_FILE,
  findCircle,
  readTemplate,
  readZips,
  referencesIn,
  resourcesOfType,
  statementsOf,
} from './template.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * Actions without resource-level permissions: for these, and for no others, `*` is the only
 * resource there is. The Describe calls for alarms have them, but know composite alarms only with `*`.
 * @source https://docs.aws.amazon.com/service-authorization/latest/reference/
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
const WITHOUT_RESOURCE = [
  /^autoscaling:Describe[A-Z]/,
  /^cloudwatch:(?:DescribeAlarmHistory|DescribeAlarms|GetMetricData|ListMetrics)$/,
  /^ec2:Describe[A-Z]/,
  /^elasticloadbalancing:Describe[A-Z]/,
  /^logs:(?:Create|Get|Update|Delete)LogDelivery$/,
  /^logs:(?:ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)$/,
  /^servicequotas:GetServiceQuota$/,
  /^states:SendTask(?:Success|Failure|Heartbeat)$/,
  /^xray:(?:PutTraceSegments|PutTelemetryRecords|GetSamplingRules|GetSamplingTargets)$/,
];

/** Most bytes of one zip: a cold start reads all of it. */
const ZIP_BYTES_MAX = 500_000;

/** Most bytes of all inline policies of one role, white space not counted. */
const ROLE_POLICY_BYTES_MAX = 10_240;

const template = readTemplate();
const functions = resourcesOfType(template, 'AWS::Lambda::Function');

describe('the packaged stack', () => {
  beforeEach(({ skip }) => skip(MISSING_PACKAGE !== undefined, MISSING_PACKAGE));

  it('knows only types and properties that CloudFormation knows', async () => {
    expect(specificationBreaches(await loadSpecification(), template)).toEqual([]);
  });

  it('refers only to what is in it, and never in a circle', () => {
    const known = new Set(Object.keys(template.Resources));
    const unknown = referencesIn([template.Resources, template.Outputs]).filter(
      (name) => !known.has(name) && !name.startsWith('AWS::'),
    );
    expect(unknown).toEqual([]);
    expect(findCircle(template)).toBeUndefined();
  });

  it('has a function for every file in functions, and no other', () => {
    const files = readdirSync(path.join(ROOT, 'functions'))
      .filter((file) => !file.startsWith('_'))
      .map((file) => `dist/functions/${path.basename(file, '.ts')}.handler`);
    expect(functions.map(([, { Handler }]) => String(Handler)).sort()).toEqual(files.sort());
  });

  it('gives every function a role of its own', () => {
    const roles = functions.map(([, { Role }]) => referencesIn(Role));
    expect(new Set(roles.map(String)).size).toBe(functions.length);
    for (const [role] of roles) expect(template.Resources[role!]?.Type).toBe('AWS::IAM::Role');
  });

  it('lets a function write to no log but its own', () => {
    for (const [, { Role, FunctionName }] of functions) {
      const [roleId] = referencesIn(Role);
      const logs = statementsOf(template)
        .filter((one) => one.roleId === roleId && one.actions.includes('logs:PutLogEvents'))
        .flatMap(({ resources }) => referencesIn(resources))
        .map((id) => template.Resources[id]?.Properties?.['LogGroupName']);
      expect(logs).toEqual([`/aws/lambda/${String(FunctionName)}`]);
    }
  });

  it('names the resource of every action that has one', () => {
    const broad = statementsOf(template)
      .filter(({ resources }) => resources.includes('*'))
      .flatMap(({ roleId, actions }) => actions.map((action) => `${roleId}: ${action}`))
      .filter((line) => !WITHOUT_RESOURCE.some((pattern) => pattern.test(line.split(': ')[1]!)));
    expect(broad).toEqual([]);
  });

  it('allows single actions, never a whole service', () => {
    const wild = statementsOf(template).flatMap(({ roleId, actions }) =>
      actions.filter((action) => action.includes('*')).map((action) => `${roleId}: ${action}`),
    );
    expect(wild).toEqual([]);
  });

  it('keeps every role below the size that IAM takes', () => {
    const large = resourcesOfType(template, 'AWS::IAM::Role')
      .map(([id, { Policies }]) => ({ id, bytes: JSON.stringify(Policies).length }))
      .filter(({ bytes }) => bytes >= ROLE_POLICY_BYTES_MAX);
    expect(large).toEqual([]);
  });

  it('lets Step Functions call exactly the functions that are tasks', () => {
    const [machine] = resourcesOfType(template, 'AWS::StepFunctions::StateMachine');
    const versions = referencesIn(machine![1]['DefinitionSubstitutions']);
    const called = versions.flatMap((id) => referencesIn(template.Resources[id]?.Properties));
    const [role] = referencesIn(machine![1]['RoleArn']);
    const allowed = statementsOf(template)
      .filter((one) => one.roleId === role && one.actions.includes('lambda:InvokeFunction'))
      .flatMap(({ resources }) => referencesIn(resources));
    expect([...allowed].sort()).toEqual([...called].sort());
  });

  it('stops a function before the state machine stops waiting for it', () => {
    const { States } = JSON.parse(
      readFileSync(path.join(ROOT, 'statemachines/deploy.asl.json'), 'utf8'),
    ) as { States: Record<string, { Type: string; TimeoutSeconds?: unknown }> };
    const limits = Object.entries(States).filter(
      ([, state]) => state.Type === 'Task' && typeof state.TimeoutSeconds === 'number',
    );
    expect(limits.length).toBeGreaterThan(0);
    const late = limits
      .map(([name, { TimeoutSeconds }]) => ({
        name,
        machineStopsAt: Number(TimeoutSeconds),
        functionStopsAt: Number(
          template.Resources[`${name}LambdaFunction`]?.Properties?.['Timeout'],
        ),
      }))
      .filter(({ machineStopsAt, functionStopsAt }) => !(functionStopsAt < machineStopsAt));
    expect(late).toEqual([]);
  });

  it('asks for signed requests on every route', () => {
    const routes = resourcesOfType(template, 'AWS::ApiGatewayV2::Route');
    expect(routes.length).toBeGreaterThan(0);
    const open = routes.filter(([, { AuthorizationType }]) => AuthorizationType !== 'AWS_IAM');
    expect(open.map(([id]) => id)).toEqual([]);
  });

  it('keeps the table when the stack is deleted, encrypted and recoverable', () => {
    expect(template.Resources['DeploymentsTable']).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      },
    });
  });

  it('keeps every version that the state machine calls when the next one takes its place', () => {
    const [machine] = resourcesOfType(template, 'AWS::StepFunctions::StateMachine');
    const called = referencesIn(machine![1]['DefinitionSubstitutions']);
    const versions = resourcesOfType(template, 'AWS::Lambda::Version').map(([id]) => id);
    expect([...called].sort()).toEqual([...versions].sort());
    expect(versions.length).toBeGreaterThan(0);
    for (const id of versions) {
      expect(template.Resources[id]).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it('keeps every event that a rule or a function gives up, and calls a person', () => {
    const rules = resourcesOfType(template, 'AWS::Events::Rule');
    const targets = rules.flatMap(
      ([, { Targets }]) => Targets as { Arn: unknown; DeadLetterConfig?: { Arn: unknown } }[],
    );
    expect(targets.length).toBeGreaterThan(0);
    const queues = targets.map(({ DeadLetterConfig }) => referencesIn(DeadLetterConfig?.Arn));
    expect(queues).toEqual(targets.map(() => ['DeadLetterQueue']));

    const asynchronous = new Set(targets.flatMap(({ Arn }) => referencesIn(Arn)));
    const kept = resourcesOfType(template, 'AWS::Lambda::EventInvokeConfig').filter(
      ([, { DestinationConfig }]) => referencesIn(DestinationConfig).includes('DeadLetterQueue'),
    );
    const functionsKept = kept.flatMap(([, { FunctionName }]) => referencesIn(FunctionName));
    expect([...functionsKept].sort()).toEqual([...asynchronous].sort());

    const [[, alarm]] = resourcesOfType(template, 'AWS::CloudWatch::Alarm') as [[string, object]];
    expect(referencesIn(alarm)).toEqual(['DeadLetterQueue', 'NotificationTopic']);
    expect(template.Resources['DeadLetterQueue']?.Properties).toMatchObject({
      SqsManagedSseEnabled: true,
    });
  });

  it('packs one small zip per function', () => {
    const zips = readZips();
    expect(zips).toHaveLength(functions.length);
    expect(zips.filter(({ bytes }) => bytes >= ZIP_BYTES_MAX)).toEqual([]);
  });
});

/** Complaints of cfn-lint that are not about this template. */
const NO_CONCERN = [
  // The Serverless Framework repeats in DependsOn what a reference says already.
  /^W3005 /,
  // A Task in JSONata may compute its TimeoutSeconds, which cfn-lint does not know.
  // Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_stepfunctions.Timeout.html
  /^E3601 '\{%.*%\}' is not of type 'number'/,
];

describe('the packaged stack, seen by cfn-lint', () => {
  beforeEach(({ skip }) => {
    skip(MISSING_PACKAGE !== undefined, MISSING_PACKAGE);
    skip(!hasCfnLint(), 'cfn-lint is not installed; it is a second opinion only');
  });

  it('has nothing to complain about', () => {
    const { stdout, status } = spawnSync('cfn-lint', ['--', TEMPLATE_FILE], { encoding: 'utf8' });
    const complaints = stdout
      .split('\n')
      .filter((line) => /^[EW]\d{4} /.test(line))
      .filter((line) => !NO_CONCERN.some((pattern) => pattern.test(line)));
    expect(complaints).toEqual([]);
    // 1 is a crash; complaints, those left out above included, are even.
    expect(status).not.toBe(1);
  });
});

function hasCfnLint(): boolean {
  return spawnSync('cfn-lint', ['--version'], { stdio: 'ignore' }).status === 0;
}
