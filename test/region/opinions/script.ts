/**
 * Calls as an operator makes them around a deployment, the refused ones included, each with what
 * later calls need to know of its answer.
 * Not for: judging the answers (`judgements.ts`).
 */

/** What calls learnt from each other. */
export interface Facts {
  readonly imageId: string;
  vpcId?: string;
  subnetIds?: string[];
  loadBalancerArn?: string;
  blueArn?: string;
  greenArn?: string;
  listenerArn?: string;
  ruleArn?: string;
  defaultRuleArn?: string;
  templateId?: string;
  stateMachineArn?: string;
  executionArn?: string;
  topicArn?: string;
  instanceId?: string;
}

/** What a client answers. */
export type Output = Readonly<Record<string, unknown>>;

/** One call. */
export interface Step {
  /** What is tried, unique in the script. */
  readonly title: string;
  /** Service and operation, by the names of the SDK. */
  readonly call: string;
  readonly input: (facts: Facts) => object;
  readonly learn?: (facts: Facts, output: Output) => void;
}

type List = readonly Readonly<Record<string, string>>[];
const first = (output: Output, list: string, key: string): string =>
  (output[list] as List)[0]?.[key] ?? '';

const step = (title: string, call: string, input: Step['input'], learn?: Step['learn']): Step => ({
  title,
  call,
  input,
  ...(learn && { learn }),
});

const ELB = 'elastic-load-balancing-v2';
const NO_GROUP =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/none/0123456789abcdef';
const NO_LISTENER =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/0123456789abcdef/0123456789abcdef';
const NO_MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:none';

const targetGroup = (name: string, facts: Facts) => ({
  Name: name,
  Protocol: 'HTTP',
  Port: 80,
  VpcId: facts.vpcId,
  TargetType: 'instance',
});
const weighted = (facts: Facts, weight: number, on: object = {}) => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: facts.blueArn, Weight: 100 },
      { TargetGroupArn: facts.greenArn, Weight: weight },
    ],
    ...on,
  },
});

const NETWORK: readonly Step[] = [
  step(
    'reads subnets',
    'ec2 DescribeSubnets',
    () => ({}),
    (facts, output) => {
      const subnets = output['Subnets'] as { SubnetId: string; VpcId: string }[];
      facts.vpcId = subnets[0]?.VpcId ?? '';
      facts.subnetIds = subnets.slice(0, 2).map(({ SubnetId }) => SubnetId);
    },
  ),
  step('asks for a subnet that is not there', 'ec2 DescribeSubnets', () => ({
    SubnetIds: ['subnet-0123456789abcdef0'],
  })),
  step('reads the default VPC', 'ec2 DescribeVpcs', () => ({})),
  step('asks for an image that is not there', 'ec2 DescribeImages', () => ({
    ImageIds: ['ami-0123456789abcdef0'],
  })),
  step('asks for an image by a malformed id', 'ec2 DescribeImages', () => ({
    ImageIds: ['image-1'],
  })),
  step('reads an instance type', 'ec2 DescribeInstanceTypes', () => ({
    InstanceTypes: ['t3.micro'],
  })),
  step('asks for an instance that is not there', 'ec2 DescribeInstances', () => ({
    InstanceIds: ['i-0123456789abcdef0'],
  })),
];

const BALANCING: readonly Step[] = [
  step(
    'creates a load balancer',
    `${ELB} CreateLoadBalancer`,
    (facts) => ({
      Name: 'web',
      Subnets: facts.subnetIds,
    }),
    (facts, output) => {
      facts.loadBalancerArn = first(output, 'LoadBalancers', 'LoadBalancerArn');
    },
  ),
  step('creates a load balancer in one subnet', `${ELB} CreateLoadBalancer`, (facts) => ({
    Name: 'web-1',
    Subnets: facts.subnetIds?.slice(0, 1),
  })),
  step(
    'creates a target group',
    `${ELB} CreateTargetGroup`,
    (facts) => targetGroup('blue', facts),
    (facts, output) => {
      facts.blueArn = first(output, 'TargetGroups', 'TargetGroupArn');
    },
  ),
  step(
    'creates another target group',
    `${ELB} CreateTargetGroup`,
    (facts) => targetGroup('green', facts),
    (facts, output) => {
      facts.greenArn = first(output, 'TargetGroups', 'TargetGroupArn');
    },
  ),
  step('creates a target group again', `${ELB} CreateTargetGroup`, (facts) =>
    targetGroup('blue', facts),
  ),
  step('creates a target group again with another port', `${ELB} CreateTargetGroup`, (facts) => ({
    ...targetGroup('blue', facts),
    Port: 81,
  })),
  step('creates a target group with a long name', `${ELB} CreateTargetGroup`, (facts) =>
    targetGroup('a'.repeat(33), facts),
  ),
  step('creates a target group with a bad name', `${ELB} CreateTargetGroup`, (facts) =>
    targetGroup('-blue', facts),
  ),
  step('creates a target group in no VPC', `${ELB} CreateTargetGroup`, (facts) => ({
    ...targetGroup('nowhere', facts),
    VpcId: 'vpc-0123456789abcdef0',
  })),
  step('creates a target group with a short interval', `${ELB} CreateTargetGroup`, (facts) => ({
    ...targetGroup('quick', facts),
    HealthCheckIntervalSeconds: 4,
  })),
  step('creates a target group with an unknown protocol', `${ELB} CreateTargetGroup`, (facts) => ({
    ...targetGroup('odd', facts),
    Protocol: 'SMTP',
  })),
  step(
    'creates a listener',
    `${ELB} CreateListener`,
    (facts) => ({
      LoadBalancerArn: facts.loadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: facts.blueArn }],
    }),
    (facts, output) => {
      facts.listenerArn = first(output, 'Listeners', 'ListenerArn');
    },
  ),
  step('creates a listener on a taken port', `${ELB} CreateListener`, (facts) => ({
    LoadBalancerArn: facts.loadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: facts.greenArn }],
  })),
  step('creates a listener to no target group', `${ELB} CreateListener`, (facts) => ({
    LoadBalancerArn: facts.loadBalancerArn,
    Protocol: 'HTTP',
    Port: 8080,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: NO_GROUP }],
  })),
  step('creates a TLS listener without certificate', `${ELB} CreateListener`, (facts) => ({
    LoadBalancerArn: facts.loadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: facts.blueArn }],
  })),
  step('gives green no weight', `${ELB} ModifyListener`, (facts) => ({
    ListenerArn: facts.listenerArn,
    DefaultActions: [weighted(facts, 0)],
  })),
  step('gives green a weight of 1000', `${ELB} ModifyListener`, (facts) => ({
    ListenerArn: facts.listenerArn,
    DefaultActions: [weighted(facts, 1000)],
  })),
  step('modifies no listener', `${ELB} ModifyListener`, (facts) => ({
    ListenerArn: NO_LISTENER,
    DefaultActions: [weighted(facts, 1)],
  })),
  step('reads listeners', `${ELB} DescribeListeners`, (facts) => ({
    LoadBalancerArn: facts.loadBalancerArn,
  })),
  step(
    'reads rules',
    `${ELB} DescribeRules`,
    (facts) => ({ ListenerArn: facts.listenerArn }),
    (facts, output) => {
      facts.defaultRuleArn = first(output, 'Rules', 'RuleArn');
    },
  ),
  step('modifies the default rule', `${ELB} ModifyRule`, (facts) => ({
    RuleArn: facts.defaultRuleArn,
    Actions: [{ Type: 'forward', TargetGroupArn: facts.blueArn }],
  })),
  step('deletes the default rule', `${ELB} DeleteRule`, (facts) => ({
    RuleArn: facts.defaultRuleArn,
  })),
  step(
    'creates a rule',
    `${ELB} CreateRule`,
    (facts) => ({
      ListenerArn: facts.listenerArn,
      Priority: 10,
      Conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
      Actions: [{ Type: 'forward', TargetGroupArn: facts.blueArn }],
    }),
    (facts, output) => {
      facts.ruleArn = first(output, 'Rules', 'RuleArn');
    },
  ),
  step('creates a rule of a taken priority', `${ELB} CreateRule`, (facts) => ({
    ListenerArn: facts.listenerArn,
    Priority: 10,
    Conditions: [{ Field: 'path-pattern', Values: ['/b/*'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: facts.blueArn }],
  })),
  step('creates a rule of an unknown condition', `${ELB} CreateRule`, (facts) => ({
    ListenerArn: facts.listenerArn,
    Priority: 11,
    Conditions: [{ Field: 'colour', Values: ['blue'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: facts.blueArn }],
  })),
  step('deletes a target group in use', `${ELB} DeleteTargetGroup`, (facts) => ({
    TargetGroupArn: facts.blueArn,
  })),
  step('reads the health of no target group', `${ELB} DescribeTargetHealth`, () => ({
    TargetGroupArn: NO_GROUP,
  })),
  step('registers an instance that is not there', `${ELB} RegisterTargets`, (facts) => ({
    TargetGroupArn: facts.blueArn,
    Targets: [{ Id: 'i-0123456789abcdef0' }],
  })),
  step('reads attributes of a target group', `${ELB} DescribeTargetGroupAttributes`, (facts) => ({
    TargetGroupArn: facts.blueArn,
  })),
  step('sets an unknown attribute', `${ELB} ModifyTargetGroupAttributes`, (facts) => ({
    TargetGroupArn: facts.blueArn,
    Attributes: [{ Key: 'colour', Value: 'blue' }],
  })),
  step('tags a target group', `${ELB} AddTags`, (facts) => ({
    ResourceArns: [facts.blueArn],
    Tags: [{ Key: 'service', Value: 'web' }],
  })),
  step('tags a target group twice with one key', `${ELB} AddTags`, (facts) => ({
    ResourceArns: [facts.blueArn],
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ],
  })),
  step('reads tags', `${ELB} DescribeTags`, (facts) => ({ ResourceArns: [facts.blueArn] })),
  step('reads target groups by a name that is not there', `${ELB} DescribeTargetGroups`, () => ({
    Names: ['none'],
  })),
];

const FLEET: readonly Step[] = [
  step(
    'creates a launch template',
    'ec2 CreateLaunchTemplate',
    (facts) => ({
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: facts.imageId, InstanceType: 't3.micro' },
    }),
    (facts, output) => {
      const template = output['LaunchTemplate'] as { LaunchTemplateId: string };
      facts.templateId = template.LaunchTemplateId;
    },
  ),
  step('creates a launch template again', 'ec2 CreateLaunchTemplate', (facts) => ({
    LaunchTemplateName: 'web',
    LaunchTemplateData: { ImageId: facts.imageId },
  })),
  step('creates a launch template with a bad name', 'ec2 CreateLaunchTemplate', (facts) => ({
    LaunchTemplateName: 'w!',
    LaunchTemplateData: { ImageId: facts.imageId },
  })),
  step(
    'creates a version from one that is not there',
    'ec2 CreateLaunchTemplateVersion',
    (facts) => ({
      LaunchTemplateId: facts.templateId,
      SourceVersion: '9',
      LaunchTemplateData: { ImageId: facts.imageId },
    }),
  ),
  step('creates a version', 'ec2 CreateLaunchTemplateVersion', (facts) => ({
    LaunchTemplateId: facts.templateId,
    SourceVersion: '1',
    LaunchTemplateData: { InstanceType: 't3.small' },
  })),
  step('creates a version of no launch template', 'ec2 CreateLaunchTemplateVersion', () => ({
    LaunchTemplateId: 'lt-0123456789abcdef0',
    LaunchTemplateData: { InstanceType: 't3.small' },
  })),
  step('creates a version by id and name', 'ec2 CreateLaunchTemplateVersion', (facts) => ({
    LaunchTemplateId: facts.templateId,
    LaunchTemplateName: 'web',
    LaunchTemplateData: { InstanceType: 't3.small' },
  })),
  step('reads versions', 'ec2 DescribeLaunchTemplateVersions', (facts) => ({
    LaunchTemplateId: facts.templateId,
    Versions: ['$Latest', '$Default'],
  })),
  step('creates a group', 'auto-scaling CreateAutoScalingGroup', (facts) => ({
    AutoScalingGroupName: 'web',
    MinSize: 1,
    MaxSize: 2,
    DesiredCapacity: 1,
    LaunchTemplate: { LaunchTemplateId: facts.templateId, Version: '1' },
    VPCZoneIdentifier: facts.subnetIds?.join(','),
    TargetGroupARNs: [facts.blueArn],
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 60,
    Tags: [{ Key: 'service', Value: 'web', PropagateAtLaunch: true }],
  })),
  step('creates a group again', 'auto-scaling CreateAutoScalingGroup', (facts) => ({
    AutoScalingGroupName: 'web',
    MinSize: 1,
    MaxSize: 2,
    LaunchTemplate: { LaunchTemplateId: facts.templateId },
    VPCZoneIdentifier: facts.subnetIds?.join(','),
  })),
  step(
    'creates a group by id and name of a template',
    'auto-scaling CreateAutoScalingGroup',
    (facts) => ({
      AutoScalingGroupName: 'web-2',
      MinSize: 0,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateId: facts.templateId, LaunchTemplateName: 'web' },
      VPCZoneIdentifier: facts.subnetIds?.join(','),
    }),
  ),
  step('creates a group without a template', 'auto-scaling CreateAutoScalingGroup', (facts) => ({
    AutoScalingGroupName: 'web-3',
    MinSize: 0,
    MaxSize: 1,
    VPCZoneIdentifier: facts.subnetIds?.join(','),
  })),
  step(
    'creates a group whose minimum is above its maximum',
    'auto-scaling CreateAutoScalingGroup',
    (facts) => ({
      AutoScalingGroupName: 'web-4',
      MinSize: 2,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateId: facts.templateId },
      VPCZoneIdentifier: facts.subnetIds?.join(','),
    }),
  ),
  step('creates a group with no network', 'auto-scaling CreateAutoScalingGroup', (facts) => ({
    AutoScalingGroupName: 'web-5',
    MinSize: 0,
    MaxSize: 1,
    LaunchTemplate: { LaunchTemplateId: facts.templateId },
  })),
  step('reads groups', 'auto-scaling DescribeAutoScalingGroups', () => ({
    AutoScalingGroupNames: ['web'],
  })),
  step('reads a group that is not there', 'auto-scaling DescribeAutoScalingGroups', () => ({
    AutoScalingGroupNames: ['none'],
  })),
  step('wants more than the maximum', 'auto-scaling SetDesiredCapacity', () => ({
    AutoScalingGroupName: 'web',
    DesiredCapacity: 3,
  })),
  step('updates a group that is not there', 'auto-scaling UpdateAutoScalingGroup', () => ({
    AutoScalingGroupName: 'none',
    MinSize: 0,
  })),
  step('suspends an unknown process', 'auto-scaling SuspendProcesses', () => ({
    AutoScalingGroupName: 'web',
    ScalingProcesses: ['Sleep'],
  })),
  step('puts a lifecycle hook', 'auto-scaling PutLifecycleHook', () => ({
    AutoScalingGroupName: 'web',
    LifecycleHookName: 'wait',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  })),
  step('reads lifecycle hooks', 'auto-scaling DescribeLifecycleHooks', () => ({
    AutoScalingGroupName: 'web',
  })),
  step('deletes a group with instances', 'auto-scaling DeleteAutoScalingGroup', () => ({
    AutoScalingGroupName: 'web',
  })),
  step('deletes a group that is not there', 'auto-scaling DeleteAutoScalingGroup', () => ({
    AutoScalingGroupName: 'none',
  })),
];

const alarm = (name: string) => ({
  AlarmName: name,
  Namespace: 'AWS/ApplicationELB',
  MetricName: 'HTTPCode_Target_5XX_Count',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanThreshold',
});

const WATCH: readonly Step[] = [
  step('puts an alarm', 'cloudwatch PutMetricAlarm', () => alarm('5xx')),
  step('puts an alarm over an odd period', 'cloudwatch PutMetricAlarm', () => ({
    ...alarm('odd'),
    Period: 45,
  })),
  step('puts an alarm without a metric', 'cloudwatch PutMetricAlarm', () => ({
    AlarmName: 'none',
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
  })),
  step('puts an alarm of an unknown comparison', 'cloudwatch PutMetricAlarm', () => ({
    ...alarm('odd'),
    ComparisonOperator: 'Above',
  })),
  step('reads alarms', 'cloudwatch DescribeAlarms', () => ({ AlarmNames: ['5xx', 'none'] })),
  step('sets an alarm', 'cloudwatch SetAlarmState', () => ({
    AlarmName: '5xx',
    StateValue: 'ALARM',
    StateReason: 'a drill',
  })),
  step('sets an alarm that is not there', 'cloudwatch SetAlarmState', () => ({
    AlarmName: 'none',
    StateValue: 'ALARM',
    StateReason: 'a drill',
  })),
  step('deletes an alarm that is not there', 'cloudwatch DeleteAlarms', () => ({
    AlarmNames: ['none'],
  })),
  step(
    'creates a topic',
    'sns CreateTopic',
    () => ({ Name: 'deployments' }),
    (facts, output) => {
      facts.topicArn = String(output['TopicArn']);
    },
  ),
  step('creates a topic with a bad name', 'sns CreateTopic', () => ({ Name: 'no such name' })),
  step('publishes to no topic', 'sns Publish', (facts) => ({
    TopicArn: `${facts.topicArn}-none`,
    Message: 'm',
  })),
  step('puts a rule', 'eventbridge PutRule', () => ({
    Name: 'alarms',
    EventPattern: '{"source":["aws.cloudwatch"]}',
  })),
  step('puts a rule with a broken pattern', 'eventbridge PutRule', () => ({
    Name: 'broken',
    EventPattern: '{"source":"aws.cloudwatch"}',
  })),
  step('puts a rule without pattern and schedule', 'eventbridge PutRule', () => ({
    Name: 'empty',
  })),
  step('puts a target on no rule', 'eventbridge PutTargets', () => ({
    Rule: 'none',
    Targets: [{ Id: '1', Arn: 'arn:aws:sns:us-east-1:123456789012:t' }],
  })),
  step('deletes a rule that is not there', 'eventbridge DeleteRule', () => ({ Name: 'none' })),
  step('reads a rule that is not there', 'eventbridge DescribeRule', () => ({ Name: 'none' })),
];

const MACHINES: readonly Step[] = [
  step('creates a state machine of nonsense', 'sfn CreateStateMachine', () => ({
    name: 'bad',
    definition: '{"States":1}',
    roleArn: 'arn:aws:iam::123456789012:role/sfn',
  })),
  step('starts no state machine', 'sfn StartExecution', () => ({ stateMachineArn: NO_MACHINE })),
  step('starts a state machine by a bad ARN', 'sfn StartExecution', () => ({
    stateMachineArn: 'deploy',
  })),
  step('reads no execution', 'sfn DescribeExecution', () => ({
    executionArn: 'arn:aws:states:us-east-1:123456789012:execution:none:none',
  })),
  step('answers a task that is not there', 'sfn SendTaskSuccess', () => ({
    taskToken: 'AAAA',
    output: '{}',
  })),
  step('invokes no function', 'lambda Invoke', () => ({ FunctionName: 'none' })),
  step('reads no function', 'lambda GetFunction', () => ({ FunctionName: 'none' })),
  step('creates a table', 'dynamodb CreateTable', () => ({
    TableName: 'locks',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  })),
  step('writes an item', 'dynamodb PutItem', () => ({
    TableName: 'locks',
    Item: { pk: { S: 'web' } },
    ConditionExpression: 'attribute_not_exists(pk)',
  })),
  step('writes an item that is there', 'dynamodb PutItem', () => ({
    TableName: 'locks',
    Item: { pk: { S: 'web' } },
    ConditionExpression: 'attribute_not_exists(pk)',
  })),
  step('writes to no table', 'dynamodb PutItem', () => ({
    TableName: 'none',
    Item: { pk: { S: 'web' } },
  })),
  step('writes an item without its key', 'dynamodb PutItem', () => ({
    TableName: 'locks',
    Item: { colour: { S: 'blue' } },
  })),
];

/** The calls, in their order. */
export const SCRIPT: readonly Step[] = [...NETWORK, ...BALANCING, ...FLEET, ...WATCH, ...MACHINES];
