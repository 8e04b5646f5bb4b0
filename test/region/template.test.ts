import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { TemplateProblem } from '../../region/template/problem.ts';
import { readPackage } from '../../region/template/read-package.ts';
import { load } from './template/recorder.ts';

const ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: 'plan',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ],
    },
  },
};

const FUNCTION = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'plan',
    Code: { S3Bucket: { Ref: 'Bucket' }, S3Key: 'serverless/teal/dev/1/a.zip' },
    Handler: 'dist/plan.handler',
    Runtime: 'nodejs24.x',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Timeout: 60,
    Environment: { Variables: { TABLE: { Ref: 'Table' } } },
  },
};

const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'deployments',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    SSESpecification: { SSEEnabled: true },
  },
};

const BUCKET = { Type: 'AWS::S3::Bucket', Properties: { BucketEncryption: {} } };

/** What a value becomes inside a template with these resources. */
async function valueOf(value: unknown, more: object = {}): Promise<unknown> {
  const loaded = await load({
    Resources: { Table: TABLE, Role: ROLE },
    Outputs: { It: { Value: value } },
    ...more,
  });
  return loaded.outputs['It'];
}

/** A log group with this name. */
const group = (name: string, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties: { LogGroupName: name, RetentionInDays: 30 },
  ...more,
});

describe('a template', () => {
  it('comes into being in the order of its references, however it is written', async () => {
    const { calls, given, physicalIds } = await load({
      Resources: { Function: FUNCTION, Table: TABLE, Role: ROLE, Bucket: BUCKET },
    });
    const names = calls.map(([name]) => name);
    expect(names).toEqual(['createTable', 'addRole', 'addFunction']);
    expect(given('addFunction')).toEqual([
      {
        name: 'plan',
        handler: 'dist/plan.handler',
        roleArn: 'arn:aws:iam::000000000000:role/plan',
        runtime: 'nodejs24.x',
        codeZip: Buffer.from('zip'),
        environment: { TABLE: 'deployments' },
        timeoutSeconds: 60,
      },
    ]);
    expect(given('createTable')[0]).not.toHaveProperty('SSESpecification');
    expect(physicalIds.get('Function')).toBe('plan');
  });

  it('heeds DependsOn', async () => {
    const { given } = await load({
      Resources: {
        A: group('a', { DependsOn: ['B'] }),
        B: group('b', { DependsOn: 'C' }),
        C: group('c'),
      },
    });
    expect(given('addLogGroup')).toEqual(
      ['c', 'b', 'a'].map((name) => ({ name, retentionDays: 30 })),
    );
  });

  it('gets names for what it does not name, the same in every run', async () => {
    const { TableName: _name, ...Properties } = TABLE.Properties;
    const template = { Resources: { Table: { ...TABLE, Properties } } };
    const [first, second] = await Promise.all([load(template), load(template)]);
    expect(first.physicalIds.get('Table')).toMatch(/^teal-dev-Table-[0-9a-f]{12}$/);
    expect(first.physicalIds).toEqual(second.physicalIds);
  });
});

describe('a value', () => {
  it.each([
    ['a reference', { Ref: 'Table' }, 'deployments'],
    [
      'an attribute',
      { 'Fn::GetAtt': ['Table', 'Arn'] },
      'arn:aws:dynamodb:us-east-1:000000000000:table/deployments',
    ],
    [
      'an attribute in its short form',
      { 'Fn::GetAtt': 'Role.Arn' },
      'arn:aws:iam::000000000000:role/plan',
    ],
    ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 1]] }, 'a-us-east-1-1'],
    ['a selection', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [
      'a substitution',
      { 'Fn::Sub': '${Table}:${Role.Arn}:${AWS::Partition}:${!Own}' },
      'deployments:arn:aws:iam::000000000000:role/plan:aws:${Own}',
    ],
    [
      'a substitution with values',
      { 'Fn::Sub': ['${X}-${Table}', { X: { Ref: 'AWS::AccountId' } }] },
      '000000000000-deployments',
    ],
    ['the name of the stack', { Ref: 'AWS::StackName' }, 'teal-dev'],
    ['an address', { 'Fn::Sub': 'https://x.${AWS::URLSuffix}' }, 'https://x.amazonaws.com'],
  ])('can be %s', async (_what, value, expected) => {
    expect(await valueOf(value)).toBe(expected);
  });

  it('can be a parameter, with its default or as given', async () => {
    const template = {
      Parameters: { Stage: { Type: 'String', Default: 'dev', AllowedValues: ['dev', 'live'] } },
      Resources: { Table: TABLE },
      Outputs: { It: { Value: { Ref: 'Stage' } } },
    };
    expect((await load(template)).outputs['It']).toBe('dev');
    expect((await load(template, { parameters: { Stage: 'live' } })).outputs['It']).toBe('live');
    await expect(load(template, { parameters: { Stage: 'x' } })).rejects.toThrow(/AllowedValues/);
    await expect(load(template, { parameters: { Other: 'x' } })).rejects.toThrow(
      'Parameters: [Other] do not exist in the template',
    );
  });

  it('can hang on a condition, and be left out', async () => {
    const Conditions = {
      IsLive: { 'Fn::Equals': [{ Ref: 'AWS::StackName' }, 'teal-live'] },
      IsOther: {
        'Fn::And': [
          { 'Fn::Not': [{ Condition: 'IsLive' }] },
          { 'Fn::Or': [{ Condition: 'IsLive' }, { 'Fn::Equals': ['a', 'a'] }] },
        ],
      },
    };
    expect(await valueOf({ 'Fn::If': ['IsOther', 'other', 'live'] }, { Conditions })).toBe('other');
    const { given, outputs } = await load({
      Conditions,
      Resources: {
        Table: {
          ...TABLE,
          Properties: {
            ...TABLE.Properties,
            ProvisionedThroughput: {
              'Fn::If': ['IsLive', { Ref: 'Missing' }, { Ref: 'AWS::NoValue' }],
            },
          },
        },
        Live: { ...TABLE, Condition: 'IsLive' },
      },
      Outputs: { Live: { Condition: 'IsLive', Value: { Ref: 'Live' } } },
    });
    expect(given('createTable')).toHaveLength(1);
    expect(given('createTable')[0]).not.toHaveProperty('ProvisionedThroughput');
    expect(outputs).toEqual({});
  });
});

describe('a template is refused', () => {
  const withTable = (Properties: object) => ({
    Resources: { Table: { ...TABLE, Properties: { ...TABLE.Properties, ...Properties } } },
  });

  it.each([
    [
      'an unknown type',
      { Resources: { Queue: { Type: 'AWS::Kinesis::Stream' } } },
      /Resource Queue \(AWS::Kinesis::Stream\).*does not have/,
    ],
    [
      'an unknown property',
      withTable({ StreamSpecification: {} }),
      /Resource Table .*\[StreamSpecification\] are not known/,
    ],
    [
      'a missing property',
      { Resources: { Role: { Type: 'AWS::IAM::Role', Properties: {} } } },
      /Resource Role .*\[AssumeRolePolicyDocument\] are missing/,
    ],
    [
      'an unresolved reference',
      withTable({ TableName: { Ref: 'Nowhere' } }),
      /Unresolved resource dependencies \[Nowhere\] in resource Table/,
    ],
    [
      'an unresolved DependsOn',
      { Resources: { Table: { ...TABLE, DependsOn: 'Nowhere' } } },
      /\[Nowhere\] in resource Table/,
    ],
    [
      'an unknown attribute',
      {
        Resources: { Table: TABLE },
        Outputs: { It: { Value: { 'Fn::GetAtt': ['Table', 'StreamArn'] } } },
      },
      /Output It: Table has no attribute StreamArn/,
    ],
    [
      'an import',
      withTable({ TableName: { 'Fn::ImportValue': 'x' } }),
      /Resource Table .*does not know Fn::ImportValue/,
    ],
    ['mappings', { Resources: { Table: TABLE }, Mappings: {} }, /no section Mappings/],
    [
      'a creation policy',
      { Resources: { Table: { ...TABLE, CreationPolicy: {} } } },
      /Resource Table has CreationPolicy/,
    ],
    ['nothing in it', { Resources: {} }, /At least one Resources member/],
    [
      'a condition that is not there',
      { Resources: { Table: { ...TABLE, Condition: 'Not' } } },
      /no condition Not/,
    ],
    [
      'code that was not packaged',
      {
        Resources: {
          Role: ROLE,
          Table: TABLE,
          Bucket: BUCKET,
          F: { ...FUNCTION, Properties: { ...FUNCTION.Properties, Code: { S3Key: 'x/b.zip' } } },
        },
      },
      /Resource F: the package has no archive x\/b.zip/,
    ],
    [
      'code in the template',
      {
        Resources: {
          Role: ROLE,
          Table: TABLE,
          F: { ...FUNCTION, Properties: { ...FUNCTION.Properties, Code: { ZipFile: 'x' } } },
        },
      },
      /must be a packaged archive/,
    ],
    [
      'layers',
      {
        Resources: {
          Role: ROLE,
          Table: TABLE,
          Bucket: BUCKET,
          F: { ...FUNCTION, Properties: { ...FUNCTION.Properties, Layers: [] } },
        },
      },
      /\[Layers\] are not known/,
    ],
    [
      'a role for another account',
      {
        Resources: {
          Role: {
            ...ROLE,
            Properties: {
              AssumeRolePolicyDocument: {
                Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
              },
            },
          },
        },
      },
      /assumed by services alone/,
    ],
    [
      'an unknown managed policy',
      {
        Resources: {
          Role: {
            ...ROLE,
            Properties: {
              ...ROLE.Properties,
              ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
            },
          },
        },
      },
      /no managed policy/,
    ],
  ])('with %s', async (_what, template, message) => {
    const loading = load(template);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toBeInstanceOf(TemplateProblem);
  });

  it('with a circle', async () => {
    const Resources = {
      A: { ...TABLE, DependsOn: 'B' },
      B: { ...TABLE, Properties: { ...TABLE.Properties, TableName: { Ref: 'A' } } },
      C: TABLE,
    };
    await expect(load({ Resources })).rejects.toThrow(
      'Circular dependency between resources: [A, B]',
    );
  });
});

/** A statement that allows one action. */
const statement = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });

describe('what a role may do', () => {
  it('is its own policies, the managed ones, and those that are attached to it', async () => {
    const { given } = await load({
      Resources: {
        Role: {
          ...ROLE,
          Properties: {
            ...ROLE.Properties,
            Path: '/teal/',
            ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
            Policies: [{ PolicyName: 'a', PolicyDocument: { Statement: statement('ec2:A') } }],
          },
        },
        More: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyName: 'b',
            Roles: [{ Ref: 'Role' }],
            PolicyDocument: { Statement: [statement('ec2:B')] },
          },
        },
      },
    });
    expect(given('addRole').at(-1)).toMatchObject({
      arn: 'arn:aws:iam::000000000000:role/teal/plan',
      trust: ['lambda.amazonaws.com'],
      policies: [
        { Statement: [{ Action: 'ec2:A' }] },
        {
          Statement: [
            { Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'] },
          ],
        },
        { Statement: [{ Action: 'ec2:B' }] },
      ],
    });
  });
});

/** ARN of everything in the API. */
const source = (resource: string) => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, resource, { Ref: 'Api' }, '/*']],
});

describe('a packaged service', () => {
  it('has its API, rule, permissions and topic', async () => {
    const { given, outputs } = await load({
      Resources: {
        Bucket: BUCKET,
        Role: ROLE,
        Table: TABLE,
        Function: FUNCTION,
        Api: {
          Type: 'AWS::ApiGatewayV2::Api',
          Properties: { Name: 'dev-teal', ProtocolType: 'HTTP' },
        },
        Stage: {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
        },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            ApiId: { Ref: 'Api' },
            IntegrationType: 'AWS_PROXY',
            IntegrationUri: { 'Fn::GetAtt': ['Function', 'Arn'] },
            PayloadFormatVersion: '2.0',
            TimeoutInMillis: 30_000,
          },
        },
        Route: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            ApiId: { Ref: 'Api' },
            RouteKey: 'POST /deployments',
            Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
            AuthorizationType: 'AWS_IAM',
          },
        },
        Permission: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
            Action: 'lambda:InvokeFunction',
            Principal: 'apigateway.amazonaws.com',
            SourceArn: source(':execute-api:us-east-1:000000000000:'),
          },
        },
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            Name: 'alarms',
            State: 'ENABLED',
            EventPattern: { source: ['aws.cloudwatch'] },
            Targets: [{ Id: 'one', Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }],
          },
        },
        Retries: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Function' },
            Qualifier: '$LATEST',
            DestinationConfig: {},
            MaximumRetryAttempts: 1,
          },
        },
        Version: {
          Type: 'AWS::Lambda::Version',
          Properties: { FunctionName: { Ref: 'Function' }, CodeSha256: 'digest' },
        },
        Topic: {
          Type: 'AWS::SNS::Topic',
          Properties: {
            TopicName: 'news',
            Subscription: [{ Protocol: 'email', Endpoint: 'a@example.com' }],
          },
        },
      },
      Outputs: {
        Endpoint: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }, Export: { Name: 'x' } },
        Version: { Value: { Ref: 'Version' } },
        Topic: { Value: { Ref: 'Topic' } },
      },
    });
    const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:plan';
    expect(outputs).toEqual({
      Endpoint: 'http://127.0.0.1:1',
      Version: `${functionArn}:1`,
      Topic: 'arn:aws:sns:us-east-1:000000000000:news',
    });
    expect(given('addStage')).toEqual([{ apiId: 'api1', stageName: '$default' }]);
    expect(given('addRoute')).toEqual([
      {
        apiId: 'api1',
        routeKey: 'POST /deployments',
        integrationId: 'integration1',
        authorizationType: 'AWS_IAM',
      },
    ]);
    expect(given('addIntegration')).toMatchObject([
      { integrationUri: functionArn, timeoutMilliseconds: 30_000 },
    ]);
    expect(given('addPermission')).toMatchObject([
      {
        FunctionName: functionArn,
        StatementId: expect.stringMatching(/^teal-dev-Permission-/),
        SourceArn: 'arn:aws:execute-api:us-east-1:000000000000:api1/*',
      },
    ]);
    expect(given('addRule')).toEqual([
      {
        name: 'alarms',
        state: 'ENABLED',
        eventPattern: { source: ['aws.cloudwatch'] },
        targets: [{ Id: 'one', Arn: functionArn }],
      },
    ]);
    expect(given('setEventRetries')).toEqual([{ functionName: 'plan', maximumRetryAttempts: 1 }]);
    expect(given('createTopic')).toEqual([
      { name: 'news', subscriptions: [{ protocol: 'email', endpoint: 'a@example.com' }] },
    ]);
  });

  it('has alarms with the members of PutMetricAlarm', async () => {
    const { given, outputs } = await load({
      Resources: {
        Alarm: {
          Type: 'AWS::CloudWatch::Alarm',
          Properties: {
            AlarmName: 'errors',
            ComparisonOperator: 'GreaterThanThreshold',
            EvaluationPeriods: 1,
            Tags: [{ Key: 'a', Value: 'b' }],
          },
        },
      },
      Outputs: { It: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } } },
    });
    expect(outputs['It']).toBe('arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors');
    expect(given('putAlarm')).toEqual([
      { AlarmName: 'errors', ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1 },
    ]);
  });
});

/** A template with one state machine. */
const machine = (Properties: object) => ({
  Resources: {
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { StateMachineName: 'deploy', RoleArn: 'arn:role', ...Properties },
    },
  },
});

describe('a state machine', () => {
  it('gets its placeholders filled in, and its logging in the words of the API', async () => {
    const { given } = await load(
      machine({
        Definition: { StartAt: '${First}', Comment: '{% $x %}' },
        DefinitionSubstitutions: { First: 'a"b' },
        LoggingConfiguration: {
          Level: 'ALL',
          IncludeExecutionData: true,
          Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: 'arn:logs:*' } }],
        },
        TracingConfiguration: { Enabled: true },
      }),
    );
    const [created] = given('createStateMachine') as [{ definition: string }];
    expect(JSON.parse(created.definition)).toEqual({ StartAt: 'a"b', Comment: '{% $x %}' });
    expect(created).toMatchObject({
      name: 'deploy',
      roleArn: 'arn:role',
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: true,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'arn:logs:*' } }],
      },
      tracingConfiguration: { enabled: true },
    });
  });

  it.each([
    [
      'a placeholder that nothing fills',
      { DefinitionString: '{"StartAt":"${Gone}"}' },
      /nothing is substituted for \$\{Gone\}/,
    ],
    ['no definition', {}, /either Definition or DefinitionString/],
    ['the type EXPRESS', { Definition: {}, StateMachineType: 'EXPRESS' }, /no EXPRESS/],
  ])('is refused with %s', async (_what, properties, message) => {
    await expect(load(machine(properties))).rejects.toThrow(message);
  });
});

describe('a package directory', () => {
  it('gives the template and the archives that it names', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'region-package-'));
    expect(() => readPackage(directory)).toThrow(/Nothing is packaged/);
    const file = path.join(directory, 'cloudformation-template-update-stack.json');
    writeFileSync(file, '{"Resources":{}}');
    writeFileSync(path.join(directory, 'a.zip'), 'zip');
    const { template, artifacts } = readPackage(directory);
    rmSync(path.join(directory, 'a.zip'));
    expect(template).toEqual({ Resources: {} });
    expect(artifacts('serverless/teal/dev/1-2026/a.zip')).toBeUndefined();
    writeFileSync(path.join(directory, 'a.zip'), 'zip');
    expect(Buffer.from(artifacts('serverless/teal/dev/1-2026/a.zip') ?? []).toString()).toBe('zip');
    rmSync(directory, { recursive: true });
  });
});
