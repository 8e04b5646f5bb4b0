/**
 * What the region answers otherwise than moto, and why the region is believed.
 * Not for: names that only the region answers; more than moto knows is no contradiction.
 */

interface Judgement {
  /** The code that the region answers; absent where only the shape differs. */
  readonly ours?: string;
  /** Names that the region leaves out of its answer, by their beginnings. */
  readonly without?: readonly string[];
  /** Why, with the page that says so where there is one. */
  readonly because: string;
}

const ELB = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference';
const EC2 = 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference';
const AUTO_SCALING = 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference';
const CLOUDWATCH = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference';
const STATES = 'https://docs.aws.amazon.com/step-functions/latest/apireference';
const DYNAMODB = 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference';

/** By the title of the call. */
export const JUDGEMENTS: Readonly<Record<string, Judgement>> = {
  'reads subnets': {
    without: ['.Subnets[].AssignIpv6', '.Subnets[].Ipv6', '.Subnets[].PrivateDnsName'],
    because: 'the region has no IPv6 and no names inside a VPC',
  },
  'reads the default VPC': {
    without: ['.Vpcs[].Ipv6', '.Vpcs[].CidrBlockAssociationSet', '.Vpcs[].DhcpOptionsId'],
    because: 'the region has no IPv6, no second block and no DHCP',
  },
  'reads an instance type': {
    without: ['.InstanceTypes[]'],
    because: 'the region tells of a type what decides whether an image can run on it',
  },
  'creates a load balancer in one subnet': {
    ours: 'ValidationError',
    because: `an application load balancer needs two zones: ${ELB}/API_CreateLoadBalancer.html`,
  },
  'creates a target group again': {
    ours: 'ok',
    because: `the same settings again succeed: ${ELB}/API_CreateTargetGroup.html`,
  },
  'creates a listener': {
    without: ['.Listeners[].SslPolicy', '.Listeners[].AlpnPolicy'],
    because: 'a listener without TLS has neither',
  },
  'creates a listener on a taken port': {
    ours: 'DuplicateListener',
    because: `${ELB}/API_CreateListener.html lists it for a port in use`,
  },
  'creates a TLS listener without certificate': {
    ours: 'ValidationError',
    because: `a secure listener needs exactly one: ${ELB}/API_CreateListener.html`,
  },
  'gives green no weight': {
    without: ['.Listeners[].SslPolicy', '.Listeners[].AlpnPolicy'],
    because: 'a listener without TLS has neither',
  },
  'gives green a weight of 1000': {
    ours: 'ValidationError',
    because: `the range is 0 to 999: ${ELB}/API_TargetGroupTuple.html`,
  },
  'reads listeners': {
    without: [
      '.Listeners[].SslPolicy',
      '.Listeners[].AlpnPolicy',
      '.Listeners[].DefaultActions[].TargetGroupArn',
    ],
    because: 'with several target groups, an action has no single one to name',
  },
  'modifies the default rule': {
    ours: 'OperationNotPermitted',
    because: `only ModifyListener changes it: ${ELB}/API_ModifyRule.html`,
  },
  'deletes the default rule': {
    ours: 'OperationNotPermitted',
    because: `a default rule cannot be deleted: ${ELB}/API_DeleteRule.html`,
  },
  'registers an instance that is not there': {
    ours: 'InvalidTarget',
    because: `${ELB}/API_RegisterTargets.html lists it for targets that do not exist`,
  },
  'sets an unknown attribute': {
    ours: 'ValidationError',
    because: `the keys are listed: ${ELB}/API_TargetGroupAttribute.html`,
  },
  'tags a target group twice with one key': {
    ours: 'DuplicateTagKeys',
    because: `${ELB}/API_AddTags.html lists it`,
  },
  'creates a launch template with a bad name': {
    ours: 'InvalidLaunchTemplateName.MalformedException',
    because: `${EC2}/errors-overview.html lists it`,
  },
  'creates a version from one that is not there': {
    ours: 'InvalidLaunchTemplateId.VersionNotFound',
    because: `${EC2}/errors-overview.html lists it`,
  },
  'creates a version by id and name': {
    ours: 'InvalidParameterCombination',
    because: `an id or a name, not both: ${EC2}/API_CreateLaunchTemplateVersion.html`,
  },
  'creates a group again': {
    ours: 'AlreadyExists',
    because: `${AUTO_SCALING}/API_CreateAutoScalingGroup.html lists it`,
  },
  'creates a group whose minimum is above its maximum': {
    ours: 'ValidationError',
    because: `${AUTO_SCALING}/API_CreateAutoScalingGroup.html: no more than MaxSize`,
  },
  'reads groups': {
    without: ['.AutoScalingGroups[].Instances[].', '.AutoScalingGroups[].CapacityRebalance'],
    because: 'instances come later, as on AWS, and a setting that nobody set is absent',
  },
  'wants more than the maximum': {
    ours: 'ValidationError',
    because: `${AUTO_SCALING}/API_SetDesiredCapacity.html: within the sizes of the group`,
  },
  'suspends an unknown process': {
    ours: 'ValidationError',
    because: `the processes are listed: ${AUTO_SCALING}/API_SuspendProcesses.html`,
  },
  'reads lifecycle hooks': {
    without: ['.LifecycleHooks[].NotificationTargetARN', '.LifecycleHooks[].RoleARN'],
    because: 'nobody is told through this hook',
  },
  'puts an alarm over an odd period': {
    ours: 'ValidationError',
    because: `10, 20, 30 or a multiple of 60: ${CLOUDWATCH}/API_PutMetricAlarm.html`,
  },
  'puts an alarm without a metric': {
    ours: 'ValidationError',
    because: `MetricName or Metrics: ${CLOUDWATCH}/API_PutMetricAlarm.html`,
  },
  'puts an alarm of an unknown comparison': {
    ours: 'ValidationError',
    because: `the comparisons are listed: ${CLOUDWATCH}/API_PutMetricAlarm.html`,
  },
  'reads alarms': {
    without: ['.MetricAlarms[].Metrics', '.MetricAlarms[].StateReasonData'],
    because: 'an alarm on one metric has no list of them, and a new one no data for its state',
  },
  'sets an alarm that is not there': {
    ours: 'ResourceNotFound',
    because: `${CLOUDWATCH}/API_SetAlarmState.html lists it`,
  },
  'creates a state machine of nonsense': {
    ours: 'InvalidDefinition',
    because: `${STATES}/API_CreateStateMachine.html lists it`,
  },
  'answers a task that is not there': {
    ours: 'InvalidToken',
    because: `${STATES}/API_SendTaskSuccess.html lists it`,
  },
  'creates a table': {
    without: [
      '.TableDescription.LocalSecondaryIndexes',
      '.TableDescription.GlobalSecondaryIndexes',
      '.TableDescription.DeletionProtectionEnabled',
      '.TableDescription.WarmThroughput',
    ],
    because: 'the engine is older than the last two, and indexes that nobody made are absent',
  },
  'writes an item': {
    ours: 'ResourceNotFoundException',
    because: `a table takes items once it is ACTIVE: ${DYNAMODB}/API_CreateTable.html`,
  },
  'writes an item that is there': {
    ours: 'ok',
    because: 'by then the table is ACTIVE, and the item before was refused',
  },
};
