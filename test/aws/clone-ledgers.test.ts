/** The ledgers of the clone against the shapes that the SDK publishes at run time. */
import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as cloudWatch from '@aws-sdk/client-cloudwatch';
import * as ec2 from '@aws-sdk/client-ec2';
import * as loadBalancing from '@aws-sdk/client-elastic-load-balancing-v2';
import { NormalizedSchema } from '@smithy/core/schema';
import { describe, expect, it } from 'vitest';
import {
  AUTO_SCALING_LEDGERS,
  CLOUDWATCH_LEDGERS,
  EC2_LEDGERS,
  LOAD_BALANCING_LEDGERS,
} from '../../shared/aws/clone/shapes.ts';
import { COMPARED_LEDGERS, DIFFERENCE_NAMES } from '../../shared/core/clone/ledgers.ts';
import type { Treatment } from '../../shared/core/clone/treatment.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';

const SERVICES = [
  ['EC2 Auto Scaling', autoScaling, AUTO_SCALING_LEDGERS],
  ['CloudWatch', cloudWatch, CLOUDWATCH_LEDGERS],
  ['EC2', ec2, EC2_LEDGERS],
  ['Elastic Load Balancing', loadBalancing, LOAD_BALANCING_LEDGERS],
] as const;

const membersOf = (client: object, shape: string): string[] => {
  const schema = (client as Record<string, unknown>)[`${shape}$`];
  return [...NormalizedSchema.of(schema as never).structIterator()].map(([member]) => member);
};

const SHAPES = SERVICES.flatMap(([service, client, ledgers]) =>
  Object.entries<Readonly<Record<string, Treatment>>>(ledgers).map(([shape, ledger]) => ({
    name: `${shape} of ${service}`,
    client,
    shape,
    ledger,
  })),
);

describe('the ledgers', () => {
  it.each(SHAPES)('say what becomes of every member of $name', ({ client, shape, ledger }) => {
    expect(Object.keys(ledger).toSorted()).toEqual(membersOf(client, shape).toSorted());
  });

  it('say why for everything that is not copied', () => {
    const silent = SHAPES.flatMap(({ ledger }) =>
      Object.values(ledger).filter((one) => one.type !== 'copied' && one.because.length < 5),
    );
    expect(silent).toEqual([]);
  });

  it('cover every member of the shapes that make up a fleet', ({ annotate }) => {
    const members = SHAPES.flatMap(({ client, shape }) => membersOf(client, shape));
    const covered = SHAPES.flatMap(({ ledger }) => Object.keys(ledger));
    void annotate(
      `clone: ${covered.length} of ${members.length} members in ${SHAPES.length} shapes`,
    );
    expect(covered).toHaveLength(members.length);
    expect(covered.length).toBeGreaterThan(250);
  });
});

const define = (waivers: readonly string[]) =>
  parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue', waivers });

describe('a service waives differences', () => {
  it('by the name of a shape and of a member that green should have', () => {
    expect(define(['ScalingPolicy.Cooldown']).waivers).toEqual(['ScalingPolicy.Cooldown']);
    expect(define([]).waivers).toEqual([]);
    expect(DIFFERENCE_NAMES.size).toBeGreaterThan(100);
  });

  it.each(['ScalingPolicy', 'ScalingPolicy.Nonsense', 'AutoScalingGroup.CreatedTime', 'all'])(
    'and not by %s',
    (name) => {
      expect(() => define([name])).toThrow(/waivers.0: is not the name of a difference/);
    },
  );

  it('each of which names a shape that is read back', () => {
    const shapes = new Set([...DIFFERENCE_NAMES].map((name) => name.split('.')[0]));
    expect([...shapes].toSorted((left = '', right = '') => left.localeCompare(right))).toEqual(
      Object.keys(COMPARED_LEDGERS).toSorted((left, right) => left.localeCompare(right)),
    );
  });
});
