/**
 * What green gets of blue's target group and of blue's launch template version, member by member.
 */
import { COPIED, leftOut, type MemberLedger, rewritten } from './treatment.ts';

/** @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html */
export const TARGET_GROUP_MEMBERS = {
  TargetGroupArn: leftOut('AWS gives it'),
  TargetGroupName: rewritten('green has a name of its own'),
  Protocol: COPIED,
  Port: COPIED,
  VpcId: COPIED,
  HealthCheckProtocol: COPIED,
  HealthCheckPort: COPIED,
  HealthCheckEnabled: COPIED,
  HealthCheckIntervalSeconds: COPIED,
  HealthCheckTimeoutSeconds: COPIED,
  HealthyThresholdCount: COPIED,
  UnhealthyThresholdCount: COPIED,
  HealthCheckPath: COPIED,
  Matcher: COPIED,
  LoadBalancerArns: leftOut('the routes attach it'),
  TargetType: COPIED,
  ProtocolVersion: COPIED,
  IpAddressType: COPIED,
  TargetControlPort: COPIED,
} as const satisfies MemberLedger;

/** Attributes are an open list of keys; one that nobody knows yet is copied like all others. */
export const TARGET_GROUP_ATTRIBUTE_MEMBERS = {
  Key: COPIED,
  Value: COPIED,
} as const satisfies MemberLedger;

/** A tag of a target group or of an alarm. */
export const TAG_MEMBERS = {
  Key: rewritten("without AWS's own, and with those that name the deployment"),
  Value: COPIED,
} as const satisfies MemberLedger;

/**
 * Members of a launch template version. AWS copies them itself, because green's version names
 * blue's as its source; the read-back proves that it did.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html
 */
export const TEMPLATE_DATA_MEMBERS = {
  KernelId: COPIED,
  EbsOptimized: COPIED,
  IamInstanceProfile: COPIED,
  BlockDeviceMappings: COPIED,
  NetworkInterfaces: COPIED,
  ImageId: rewritten('it is what is deployed'),
  InstanceType: COPIED,
  KeyName: COPIED,
  Monitoring: COPIED,
  Placement: COPIED,
  RamDiskId: COPIED,
  DisableApiTermination: COPIED,
  InstanceInitiatedShutdownBehavior: COPIED,
  UserData: COPIED,
  TagSpecifications: COPIED,
  ElasticGpuSpecifications: COPIED,
  ElasticInferenceAccelerators: COPIED,
  SecurityGroupIds: COPIED,
  SecurityGroups: COPIED,
  InstanceMarketOptions: COPIED,
  CreditSpecification: COPIED,
  CpuOptions: COPIED,
  CapacityReservationSpecification: COPIED,
  LicenseSpecifications: COPIED,
  HibernationOptions: COPIED,
  MetadataOptions: COPIED,
  EnclaveOptions: COPIED,
  InstanceRequirements: COPIED,
  PrivateDnsNameOptions: COPIED,
  MaintenanceOptions: COPIED,
  DisableApiStop: COPIED,
  Operator: leftOut('AWS gives it'),
  NetworkPerformanceOptions: COPIED,
  SecondaryInterfaces: COPIED,
} as const satisfies MemberLedger;
