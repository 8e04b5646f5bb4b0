/**
 * Which quota of vCPUs an instance type counts against. Neither EC2 nor Service Quotas tells it of a
 * type; the names of the quotas tell it of the letters that families begin with.
 * Not for: Dedicated Hosts, which have quotas of their own, as do Macs, which are nothing else.
 */
import type { Purchase } from '../../core/preflight/surroundings.ts';

type Codes = Readonly<Partial<Record<Purchase, string>>>;

/** IM and IS are families of I. */
const STANDARD_FAMILIES = ['a', 'c', 'd', 'h', 'i', 'im', 'is', 'm', 'r', 't', 'z'];
const STANDARD: Codes = { onDemand: 'L-1216C47A', spot: 'L-34B43A08' };
const GRAPHICS: Codes = { onDemand: 'L-DB2E81BA', spot: 'L-3819A6DF' };

/**
 * By the letters before a type's first digit; GR is a family of G. There is no Spot quota of HPC and of high memory.
 * @source https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
 */
const CODES: Readonly<Record<string, Codes>> = {
  ...Object.fromEntries(STANDARD_FAMILIES.map((letters) => [letters, STANDARD])),
  dl: { onDemand: 'L-6E869C2A', spot: 'L-85EED4F7' },
  f: { onDemand: 'L-74FC7D96', spot: 'L-88CF9481' },
  g: GRAPHICS,
  gr: GRAPHICS,
  vt: GRAPHICS,
  hpc: { onDemand: 'L-F7808C92' },
  inf: { onDemand: 'L-1945791B', spot: 'L-B5D1601B' },
  p: { onDemand: 'L-417A185B', spot: 'L-7212CCBC' },
  trn: { onDemand: 'L-2C3B7624', spot: 'L-6B0D517C' },
  u: { onDemand: 'L-43DA4232' },
  x: { onDemand: 'L-7295265B', spot: 'L-E3A00192' },
};

/**
 * Spot Instances of these: one page of AWS names a quota for P5 (L-C4BD4855) beside that of P4, P3
 * and P2, another one for all P; so nobody says which it is.
 */
const DISPUTED_AS_SPOT = /^p[5-9]/;

/** The code of the quota, such as `L-1216C47A`; undefined where none is known. */
export function quotaCodeOf(instanceType: string, purchase: Purchase): string | undefined {
  if (purchase === 'spot' && DISPUTED_AS_SPOT.test(instanceType)) return undefined;
  const [letters = ''] = /^[a-z]+/.exec(instanceType) ?? [];
  return CODES[letters]?.[purchase];
}
