/**
 * The quotas of vCPUs that Service Quotas knows, and how much of each the account has.
 * Not for: quotas of anything else; nobody asks Service Quotas for them here.
 */
import type { Quotas } from '../../kernel/quotas.ts';
import { vcpuQuota } from '../../kernel/quotas.ts';

/** One quota of EC2 as Service Quotas describes it. */
export interface VcpuQuota {
  readonly code: string;
  readonly name: string;
  /** The dimension `Class` of the metric that counts its use; absent where none is known. */
  readonly usageClass: string | undefined;
  /** vCPUs that the account may run. */
  readonly value: (quotas: Quotas | undefined) => number;
}

/** What a new account has of the families that the region has no types of. */
const none = () => 0;

/**
 * @source https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
 */
const ROWS: readonly (readonly [
  code: string,
  name: string,
  usageClass: string | undefined,
  value: VcpuQuota['value'],
])[] = [
  [
    'L-1216C47A',
    'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    'Standard/OnDemand',
    (quotas) => vcpuQuota(quotas, 'on-demand'),
  ],
  [
    'L-34B43A08',
    'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests',
    'Standard/Spot',
    (quotas) => vcpuQuota(quotas, 'spot'),
  ],
  ['L-6E869C2A', 'Running On-Demand DL instances', 'DL/OnDemand', none],
  ['L-74FC7D96', 'Running On-Demand F instances', 'F/OnDemand', none],
  ['L-DB2E81BA', 'Running On-Demand G and VT instances', 'G/OnDemand', none],
  ['L-43DA4232', 'Running On-Demand High Memory instances', 'HighMem/OnDemand', none],
  ['L-1945791B', 'Running On-Demand Inf instances', 'Inf/OnDemand', none],
  ['L-417A185B', 'Running On-Demand P instances', 'P/OnDemand', none],
  ['L-7295265B', 'Running On-Demand X instances', 'X/OnDemand', none],
  ['L-F7808C92', 'Running On-Demand HPC instances', undefined, none],
  ['L-2C3B7624', 'Running On-Demand Trn instances', undefined, none],
  ['L-85EED4F7', 'All DL Spot Instance Requests', 'DL/Spot', none],
  ['L-88CF9481', 'All F Spot Instance Requests', 'F/Spot', none],
  ['L-3819A6DF', 'All G and VT Spot Instance Requests', 'G/Spot', none],
  ['L-B5D1601B', 'All Inf Spot Instance Requests', 'Inf/Spot', none],
  ['L-7212CCBC', 'All P4, P3 and P2 Spot Instance Requests', 'P/Spot', none],
  ['L-C4BD4855', 'All P5 Spot Instance Requests', 'P5/Spot', none],
  ['L-6B0D517C', 'All Trn Spot Instance Requests', undefined, none],
  ['L-E3A00192', 'All X Spot Instance Requests', 'X/Spot', none],
];

/** By its code; undefined where the region has no such quota. */
export function vcpuQuotaWithCode(wanted: string): VcpuQuota | undefined {
  const row = ROWS.find(([code]) => code === wanted);
  if (!row) return undefined;
  const [code, name, usageClass, value] = row;
  return { code, name, usageClass, value };
}
