/**
 * The instance types that the region has, a small choice of the real ones.
 * @source https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
 */
import type { _InstanceType, CpuOptions, DescribeInstanceTypesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { invalidParameter } from './errors.ts';
import { applyFilters } from './filters.ts';
import { describeOperation } from './operation.ts';
import { ec2Page } from './paging.ts';
import type { Architecture } from './state.ts';

/** An instance type, as far as launches are refused for it. */
export interface InstanceTypeRecord {
  readonly name: _InstanceType;
  readonly architecture: Architecture;
  readonly vcpus: number;
  readonly memoryMib: number;
}

const row = (
  name: _InstanceType,
  architecture: Architecture,
  vcpus: number,
  memoryMib: number,
): InstanceTypeRecord => ({ name, architecture, vcpus, memoryMib });

/** @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html */
const BOOT_MODES = {
  x86_64: ['legacy-bios', 'uefi'],
  arm64: ['uefi'],
} as const;

/**
 * Cores and threads that instances may have; the highest are the default. All types of the region have
 * two vCPUs, and then only the processor decides: an x86 core of them runs two threads, a Graviton
 * core one.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cpu-options-supported-instances-values.html
 */
const PROCESSORS = {
  x86_64: { cores: [1], threads: [1, 2] },
  arm64: { cores: [1, 2], threads: [1] },
} as const satisfies Record<Architecture, unknown>;

const TYPES: readonly InstanceTypeRecord[] = [
  row('t3.micro', 'x86_64', 2, 1024),
  row('t3.small', 'x86_64', 2, 2048),
  row('t3.medium', 'x86_64', 2, 4096),
  row('t3.large', 'x86_64', 2, 8192),
  row('t4g.micro', 'arm64', 2, 1024),
  row('t4g.small', 'arm64', 2, 2048),
  row('t4g.medium', 'arm64', 2, 4096),
  row('m5.large', 'x86_64', 2, 8192),
  row('m6i.large', 'x86_64', 2, 8192),
  row('m6g.large', 'arm64', 2, 8192),
  row('m7i.large', 'x86_64', 2, 8192),
  row('m7g.large', 'arm64', 2, 8192),
  row('c6i.large', 'x86_64', 2, 4096),
  row('c7g.large', 'arm64', 2, 4096),
];

/** A type by its name; undefined when the region does not have it. */
export function instanceTypeNamed(name: string): InstanceTypeRecord | undefined {
  return TYPES.find((type) => type.name === name);
}

/** Cores and threads of an instance: what its launch asked for, or else all that its type has. */
export function cpuOptionsOf(
  instanceType: string,
  asked: CpuOptions | undefined,
): { readonly CoreCount: number; readonly ThreadsPerCore: number } {
  const type = instanceTypeNamed(instanceType);
  if (!type) return { CoreCount: 0, ThreadsPerCore: 0 };
  const { cores, threads } = PROCESSORS[type.architecture];
  return {
    CoreCount: asked?.CoreCount ?? Math.max(...cores),
    ThreadsPerCore: asked?.ThreadsPerCore ?? Math.max(...threads),
  };
}

/** vCPUs of an instance of a type: its cores times the threads of each. */
export function vcpusOf(instanceType: string, asked?: CpuOptions): number {
  const { CoreCount, ThreadsPerCore } = cpuOptionsOf(instanceType, asked);
  return CoreCount * ThreadsPerCore;
}

/**
 * Refuses CPU options that a type cannot have. Options without cores and threads leave both to the
 * type. That both must be given is in AWS's words of ModifyInstanceCpuOptions. Those of a number that
 * is not valid are nowhere to be read, so that its code is the common one and the words are ours.
 * @throws AwsError MissingParameter, InvalidParameterValue
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-cpu-options-rules.html
 * @source https://github.com/hashicorp/terraform-provider-aws/issues/46821
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export function refuseCpuOptions(
  { name, architecture }: InstanceTypeRecord,
  { CoreCount, ThreadsPerCore }: CpuOptions,
): void {
  if (CoreCount === undefined && ThreadsPerCore === undefined) return;
  if (CoreCount === undefined || ThreadsPerCore === undefined) {
    throw new AwsError(
      'MissingParameter',
      'When specifying CpuOptions you must specify both CoreCount and ThreadsPerCore.',
    );
  }
  const valid = PROCESSORS[architecture];
  const rules: readonly [string, number, readonly number[]][] = [
    ['CoreCount', CoreCount, valid.cores],
    ['ThreadsPerCore', ThreadsPerCore, valid.threads],
  ];
  for (const [member, value, values] of rules) {
    if (values.includes(value)) continue;
    throw invalidParameter(
      `Value (${value}) for parameter CpuOptions.${member} is invalid. The ${name} instance type ` +
        `supports ${values.join(', ')}.`,
    );
  }
}

/** DescribeInstanceTypes. */
export function instanceTypeOperations() {
  return {
    DescribeInstanceTypes: describeOperation('DescribeInstanceTypes', describeInstanceTypes),
  };
}

function describeInstanceTypes(input: DescribeInstanceTypesRequest) {
  const wanted = input.InstanceTypes ?? [];
  const unknown = wanted.filter((name) => !instanceTypeNamed(name));
  if (unknown.length > 0) {
    throw new AwsError(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  }
  const matching = applyFilters(
    TYPES.filter((type) => wanted.length === 0 || wanted.includes(type.name)),
    input.Filters,
    {
      'instance-type': (type) => [type.name],
      'processor-info.supported-architecture': (type) => [type.architecture],
      'vcpu-info.default-vcpus': (type) => [String(type.vcpus)],
      'memory-info.size-in-mib': (type) => [String(type.memoryMib)],
      'current-generation': () => ['true'],
    },
    () => new Map(),
  );
  const page = ec2Page(matching, input, { min: 5, max: 100 });
  return { InstanceTypes: page.items.map(describe), NextToken: page.nextToken };
}

function describe(type: InstanceTypeRecord) {
  const { cores, threads } = PROCESSORS[type.architecture];
  return {
    InstanceType: type.name,
    CurrentGeneration: true,
    BareMetal: false,
    Hypervisor: 'nitro' as const,
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: {
      DefaultVCpus: type.vcpus,
      DefaultCores: Math.max(...cores),
      DefaultThreadsPerCore: Math.max(...threads),
      ValidCores: cores,
      ValidThreadsPerCore: threads,
    },
    MemoryInfo: { SizeInMiB: type.memoryMib },
    SupportedRootDeviceTypes: ['ebs' as const],
    SupportedUsageClasses: ['on-demand' as const],
    SupportedVirtualizationTypes: ['hvm' as const],
    SupportedBootModes: BOOT_MODES[type.architecture],
    BurstablePerformanceSupported: type.name.startsWith('t'),
    NetworkInfo: { EnaSupport: 'required' as const },
  };
}
