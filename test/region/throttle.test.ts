/**
 * AWS's request rates, by region time.
 */
import { describe, expect, test } from 'vitest';
import { createThrottle } from '../../region/endpoint/throttle.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import type { ServiceName } from '../../region/kernel/service.ts';
import { createRegion } from '../../region/region.ts';
import {
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';

const ELB = 'elastic-load-balancing-v2';

/** A throttle whose time the test moves. */
function createRig() {
  const clock = createVirtualClock({ start: 0 });
  const throttle = createThrottle(clock);
  const isTaken = (service: ServiceName, operation: string, input: object = {}): boolean => {
    try {
      throttle(service, operation, input);
      return true;
    } catch {
      return false;
    }
  };
  return {
    throttle,
    /** How many calls are taken of a hundred at once. */
    burst: (service: ServiceName, operation: string, input: object = {}) =>
      Array.from({ length: 200 }).filter(() => isTaken(service, operation, input)).length,
    pass: (seconds: number) => clock.runUntil(clock.sleep(seconds * 1000)),
  };
}

describe('calls at once', () => {
  const cases: readonly [ServiceName, string, object, number][] = [
    [ELB, 'DescribeTargetHealth', {}, 40],
    [ELB, 'ModifyListener', {}, 20],
    [ELB, 'RegisterTargets', {}, 20],
    [ELB, 'CreateLoadBalancer', {}, 10],
    ['ec2', 'DescribeImages', {}, 100],
    ['ec2', 'DescribeInstances', {}, 50],
    ['ec2', 'DescribeInstances', { Filters: [{ Name: 'vpc-id', Values: ['v'] }] }, 100],
    ['ec2', 'RunInstances', { MaxCount: 1 }, 5],
    ['ec2', 'RunInstances', { MaxCount: 400 }, 2],
    ['ec2', 'CreateLaunchTemplateVersion', {}, 100],
    ['cloudwatch', 'DescribeAlarms', {}, 9],
    ['cloudwatch', 'PutMetricAlarm', {}, 3],
    ['sfn', 'StartExecution', {}, 200],
    ['lambda', 'Invoke', {}, 200],
    ['service-quotas', 'GetServiceQuota', {}, 10],
    ['ssm', 'PutParameter', {}, 3],
    ['dynamodb', 'GetItem', {}, 200],
  ];
  test.each(cases)('of %s %s with %j', (service, operation, input, taken) => {
    expect(createRig().burst(service, operation, input)).toBe(taken);
  });
});

describe('a bucket', () => {
  test('of the load balancer is shared by all operations of its kind', () => {
    const { burst } = createRig();
    expect(burst(ELB, 'ModifyListener')).toBe(20);
    expect(burst(ELB, 'DeleteTargetGroup')).toBe(0);
    // The account has forty tokens, of which twenty are left for reading.
    expect(burst(ELB, 'DescribeRules')).toBe(20);
  });

  test('of EC2 belongs to one operation', () => {
    const { burst } = createRig();
    expect(burst('ec2', 'DescribeImages')).toBe(100);
    expect(burst('ec2', 'DescribeLaunchTemplates')).toBe(100);
  });

  test('fills with region time, and never over its rim', async () => {
    const { burst, pass } = createRig();
    burst(ELB, 'ModifyListener');
    await pass(2);
    expect(burst(ELB, 'ModifyListener')).toBe(6);
    await pass(3600);
    expect(burst(ELB, 'ModifyListener')).toBe(20);
  });

  test('refuses as its service does', () => {
    const { throttle, burst } = createRig();
    burst(ELB, 'ModifyListener');
    burst('ec2', 'RunInstances');
    burst('cloudwatch', 'PutMetricAlarm');
    const refusals = [
      [ELB, 'ModifyListener', 'Throttling', 400],
      ['ec2', 'RunInstances', 'RequestLimitExceeded', 503],
      ['cloudwatch', 'PutMetricAlarm', 'Throttling', 400],
    ] as const;
    for (const [service, operation, code, httpStatus] of refusals) {
      expect(() => throttle(service, operation, {})).toThrow(
        expect.objectContaining({ code, httpStatus }),
      );
    }
  });
});

/** What becomes of the forty-first poll without a pause. */
async function lastOfManyPolls(options: { isThrottled?: boolean }): Promise<string> {
  const region = createRegion({ clock: createVirtualClock({ start: 0 }), ...options });
  const client = new ElasticLoadBalancingV2Client({
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials: region.administrator,
    requestHandler: region.endpoint.requestHandler,
    maxAttempts: 1,
  });
  const poll = (): Promise<string> =>
    client.send(new DescribeTargetGroupsCommand({})).then(
      () => 'answered',
      (error: Error) => error.name,
    );
  // oxlint-disable-next-line no-await-in-loop -- one poll after the other
  for (let call = 0; call < 40; call += 1) await poll();
  const last = await poll();
  await region.stop();
  return last;
}

test('a region throttles whoever polls it without pause, unless it is told not to', async () => {
  expect(await lastOfManyPolls({})).toBe('Throttling');
  expect(await lastOfManyPolls({ isThrottled: false })).toBe('answered');
});
