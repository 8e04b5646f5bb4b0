/**
 * RunInstances and TerminateInstances, for callers who launch without Auto Scaling.
 */
import type {
  ResponseLaunchTemplateData,
  RunInstancesRequest,
  TerminateInstancesRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { dryRunPassed, instanceNotFound, invalidParameter, missingParameter } from './errors.ts';
import { createOnce } from './idempotency.ts';
import { describeInstance, describeState, findInstance } from './instances.ts';
import { launchPermissions } from './launch-permissions.ts';
import { ec2Operation } from './operation.ts';
import { readTags, taggedPermission } from './tags.ts';
import { inheritData } from './template-data.ts';
import { findTemplate, findVersion } from './template-lookup.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import type { LaunchCheck } from './launch-check.ts';
import type { Launches } from './launches.ts';
import type { Network } from './network.ts';
import type { Ec2State, TemplateRecord } from './state.ts';
import type { TagStore } from './tags.ts';

/** Members of RunInstances that mean the same as in launch template data. */
const SHARED_MEMBERS = [
  'BlockDeviceMappings',
  'CapacityReservationSpecification',
  'CpuOptions',
  'CreditSpecification',
  'DisableApiTermination',
  'EbsOptimized',
  'IamInstanceProfile',
  'ImageId',
  'InstanceMarketOptions',
  'InstanceType',
  'KeyName',
  'MetadataOptions',
  'Monitoring',
  'NetworkInterfaces',
  'Placement',
  'SecurityGroupIds',
  'SecurityGroups',
  'TagSpecifications',
  'UserData',
] as const;

interface RunDependencies {
  readonly state: Ec2State;
  readonly network: Network;
  readonly tags: TagStore;
  readonly check: LaunchCheck;
  readonly launches: Launches;
}

/** RunInstances, TerminateInstances. */
export function runInstancesOperations(dependencies: RunDependencies) {
  const { state, tags, launches } = dependencies;
  return {
    RunInstances: runInstances(dependencies),
    TerminateInstances: ec2Operation(
      (input: TerminateInstancesRequest) =>
        (input.InstanceIds ?? []).map((id) => taggedPermission('ec2:TerminateInstances', tags, id)),
      (input) => terminateInstances(state, launches, input.InstanceIds ?? []),
    ),
  };
}

function runInstances(dependencies: RunDependencies): Operation<RunInstancesRequest> {
  const { state, tags, check, launches } = dependencies;
  const once = createOnce();
  return {
    permissions: (input) => runPermissions(dependencies, input),
    run: (input) => {
      const count = readCount(input);
      const { data, template } = launchData(state, input);
      for (const { Tags = [] } of data.TagSpecifications ?? []) readTags(Tags);
      check.dryRun(data);
      if (input.DryRun) throw dryRunPassed();
      return once(input.ClientToken, input, () => {
        const subnetId = input.SubnetId;
        const marks = template && templateMarks(template.record, template.version);
        const instances = launches.launch({
          data,
          count,
          ...(subnetId !== undefined && { subnetId }),
          ...(marks && { tags: marks }),
        });
        return {
          ReservationId: instances[0]?.reservationId,
          OwnerId: ACCOUNT_ID,
          Groups: [],
          Instances: instances.map((instance) => describeInstance(instance, tags)),
        };
      });
    },
  };
}

/** The tags that EC2 itself puts on what is launched from a template. */
export function templateMarks(template: TemplateRecord, version: number): Map<string, string> {
  return new Map([
    ['aws:ec2launchtemplate:id', template.id],
    ['aws:ec2launchtemplate:version', String(version)],
  ]);
}

function readCount(input: RunInstancesRequest): number {
  const { MinCount: min, MaxCount: max } = input;
  if (min === undefined) throw missingParameter('MinCount');
  if (max === undefined) throw missingParameter('MaxCount');
  if (min < 1) throw invalidParameter(`Value (${min}) for parameter minCount is invalid. Min is 1`);
  if (max < min) {
    throw invalidParameter(
      `Value (${max}) for parameter maxCount is invalid. It must be at least minCount`,
    );
  }
  return max;
}

function launchData(state: Ec2State, input: RunInstancesRequest) {
  const given = SHARED_MEMBERS.filter((member) => input[member] !== undefined);
  const own = Object.fromEntries(
    given.map((member) => [member, input[member]]),
  ) as ResponseLaunchTemplateData;
  if (!input.LaunchTemplate) return { data: own, template: undefined };
  const record = findTemplate(state, input.LaunchTemplate);
  const version = findVersion(record, input.LaunchTemplate.Version ?? '$Default');
  return { data: inheritData(version.data, own), template: { record, version: version.number } };
}

/** What cannot be resolved yet is asked for as it stands; `run` then refuses it by name. */
function runPermissions(
  { state, network, tags }: RunDependencies,
  input: RunInstancesRequest,
): readonly Permission[] {
  const subject = resolvable(() => launchData(state, input));
  const data = subject?.data ?? {};
  const securityGroupIds = data.SecurityGroupIds ?? [network.defaultSecurityGroupId];
  const subnetIds = [input.SubnetId ?? network.subnets()[0]?.id ?? '*'];
  const templateId = subject?.template?.record.id;
  return launchPermissions({ data, templateId, subnetIds, securityGroupIds }, tags);
}

function resolvable<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function terminateInstances(state: Ec2State, launches: Launches, ids: readonly string[]) {
  if (ids.length === 0) throw missingParameter('InstanceId');
  const unknown = ids.filter((id) => !state.instances.has(id) && /^i-[0-9a-f]+$/.test(id));
  if (unknown.length > 0) throw instanceNotFound(unknown);
  const instances = ids.map((id) => findInstance(state, id));
  const locked = instances.find((instance) => instance.data.DisableApiTermination);
  if (locked) {
    throw new AwsError(
      'OperationNotPermitted',
      `The instance '${locked.id}' may not be terminated. Modify its 'disableApiTermination' ` +
        'instance attribute and try again.',
    );
  }
  const TerminatingInstances = instances.map((instance) => {
    const PreviousState = describeState(instance.state);
    launches.terminate(instance.id, {
      code: 'Client.UserInitiatedShutdown',
      message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    });
    return { InstanceId: instance.id, PreviousState, CurrentState: describeState(instance.state) };
  });
  return { TerminatingInstances };
}
