/**
 * Room for a second fleet: free addresses of subnets and free places in Capacity Reservations.
 */
import {
  type _InstanceType,
  DescribeCapacityReservationsCommand,
  DescribeInstanceTypesCommand,
  DescribeSubnetsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import type {
  InstanceTypeReading,
  LaunchReading,
  ReservationReading,
  SubnetReading,
} from '../../core/preflight/surroundings.ts';
import { call } from '../call.ts';
import { readPages } from '../pages.ts';

/** Instance types by name; a group has 40 at the most. @throws AwsUnavailable, AwsRefused */
export async function readInstanceTypes(
  ec2: EC2Client,
  names: readonly string[],
): Promise<readonly InstanceTypeReading[]> {
  if (names.length === 0) return [];
  const command = new DescribeInstanceTypesCommand({ InstanceTypes: names as _InstanceType[] });
  const output = await call('DescribeInstanceTypes', names.join(', '), () => ec2.send(command));
  return (output.InstanceTypes ?? []).map((type) => ({
    instanceType: type.InstanceType ?? '',
    architectures: type.ProcessorInfo?.SupportedArchitectures ?? [],
    virtualizationTypes: type.SupportedVirtualizationTypes ?? [],
    bootModes: type.SupportedBootModes ?? [],
    needsEna: type.NetworkInfo?.EnaSupport === 'required',
    hasTpm: type.NitroTpmSupport === 'supported',
    vcpus: type.VCpuInfo?.DefaultVCpus ?? 0,
  }));
}

/** The subnets that a group names, in its order. @throws AwsUnavailable, AwsRefused */
export async function readSubnets(
  ec2: EC2Client,
  subnetIds: readonly string[],
): Promise<readonly SubnetReading[]> {
  if (subnetIds.length === 0) return [];
  const command = new DescribeSubnetsCommand({ SubnetIds: [...subnetIds] });
  const output = await call('DescribeSubnets', subnetIds.join(', '), () => ec2.send(command));
  return (output.Subnets ?? []).map((subnet) => ({
    subnetId: subnet.SubnetId ?? '',
    zone: subnet.AvailabilityZone ?? '',
    freeAddresses: subnet.Ipv6Native ? undefined : (subnet.AvailableIpAddressCount ?? 0),
  }));
}

/**
 * Active reservations of the types that a group may launch; none are read where the group does not
 * care.
 * @throws AwsUnavailable, AwsRefused
 */
export async function readReservations(
  ec2: EC2Client,
  { reservation, instanceTypes }: LaunchReading,
): Promise<readonly ReservationReading[]> {
  if (!reservation.isRequired && reservation.reservationIds.length === 0) return [];
  const types = instanceTypes.length > 0 ? [{ Name: 'instance-type', Values: instanceTypes }] : [];
  const Filters = [{ Name: 'state', Values: ['active'] }, ...types] as {
    Name: string;
    Values: string[];
  }[];
  const found = await readPages(async (NextToken) => {
    const command = new DescribeCapacityReservationsCommand({ Filters, NextToken });
    const operation = 'DescribeCapacityReservations';
    const output = await call(operation, instanceTypes.join(', '), () => ec2.send(command));
    return { items: output.CapacityReservations, next: output.NextToken };
  });
  return found.map((one) => ({
    reservationId: one.CapacityReservationId ?? '',
    instanceType: one.InstanceType ?? '',
    zone: one.AvailabilityZone ?? '',
    isOpen: one.InstanceMatchCriteria !== 'targeted',
    availableCount: one.AvailableInstanceCount ?? 0,
  }));
}
