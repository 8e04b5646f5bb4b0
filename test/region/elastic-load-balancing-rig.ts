/** A load balancing service with a small world around it: two zones, one VPC, and fake machines. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../region/kernel/aws-error.ts';
import type { Clock } from '../../region/kernel/clock.ts';
import type { Network } from '../../region/kernel/contracts.ts';
import type { Measurement } from '../../region/kernel/kernel.ts';
import type { Answer, MachineRequest, Machines } from '../../region/kernel/machines.ts';
import type { Call, Permission } from '../../region/kernel/service.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import type { VirtualClock } from '../../region/kernel/virtual-clock.ts';
import type { ElasticLoadBalancingOptions } from '../../region/services/elastic-load-balancing-v2/elastic-load-balancing.ts';
import { createElasticLoadBalancing } from '../../region/services/elastic-load-balancing-v2/elastic-load-balancing.ts';
import { createTestKernel } from './test-kernel.ts';

export const VPC = 'vpc-0a';
const START = Date.UTC(2026, 0, 1);

export interface FakeMachine {
  zone: string;
  state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  answer: (request: MachineRequest) => Answer;
  model?: { status: number; milliseconds: number };
  origin?: { host: string; port: number };
}

export const answers = (status: number): Answer => ({ type: 'response', status, milliseconds: 5 });

const CALL: Call = {
  caller: { arn: 'arn:aws:iam::000000000000:user/operator', label: 'operator' },
  requestId: 'request',
  isAllowed: () => true,
};

const network: Network = {
  vpc: (id) => (id.startsWith('vpc-0') ? { defaultSecurityGroupId: 'sg-default' } : undefined),
  subnet: (id) =>
    SUBNETS.includes(id)
      ? { vpcId: VPC, availabilityZone: `us-east-1${id.at(-1)}` }
      : id === 'subnet-a2'
        ? { vpcId: VPC, availabilityZone: 'us-east-1a' }
        : undefined,
  securityGroup: (id) => (id.startsWith('sg-') ? { vpcId: VPC } : undefined),
};
const SUBNETS = ['subnet-a', 'subnet-b', 'subnet-c'];

export type Rig = ReturnType<typeof createRig>;

export function createRig(
  options: Partial<ElasticLoadBalancingOptions> & { clock?: Clock; seed?: number } = {},
) {
  const clock = options.clock ?? createVirtualClock({ start: START });
  const measurements: Measurement[] = [];
  const kernel = createTestKernel(clock, {
    seed: options.seed ?? 7,
    measure: (measurement) => void measurements.push(measurement),
    log: (line) => {
      throw new Error(line);
    },
  });
  const fleet = new Map<string, FakeMachine>();
  const machines: Machines = {
    ask: async (id, request) => fleet.get(id)?.answer(request) ?? { type: 'refused' },
    origin: (id) => fleet.get(id)?.origin,
    model: (id) => fleet.get(id)?.model,
    placement: (id) => {
      const machine = fleet.get(id);
      return (
        machine && {
          privateIp: '10.0.0.4',
          availabilityZone: machine.zone,
          subnetId: 'subnet-a',
          vpcId: VPC,
          state: machine.state,
        }
      );
    },
  };
  const elb = createElasticLoadBalancing({
    kernel,
    machines,
    network,
    propagationMilliseconds: 0,
    ...options,
  });
  const call = async <T>(operation: string, input: object): Promise<T> =>
    (await elb.service.operations[operation]!.run(input as never, CALL)) as T;

  return {
    elb,
    kernel,
    clock,
    fleet,
    measurements,
    call,
    permissions: (operation: string, input: object): readonly Permission[] =>
      elb.service.operations[operation]!.permissions(input as never),
    pass: (seconds: number) => {
      const virtual = clock as VirtualClock;
      return virtual.runUntil(virtual.sleep(seconds * 1000));
    },
    launch: (id: string, machine: Partial<FakeMachine> = {}): string => {
      const whole: FakeMachine = {
        zone: 'us-east-1a',
        state: 'running',
        answer: () => answers(200),
        ...machine,
      };
      const instanceId = `i-${id.padStart(17, '0')}`;
      fleet.set(instanceId, whole);
      return instanceId;
    },
    balance: async (name = 'web', extra: object = {}): Promise<string> => {
      const made = await call<{ LoadBalancers: { LoadBalancerArn: string }[] }>(
        'CreateLoadBalancer',
        { Name: name, Subnets: ['subnet-a', 'subnet-b'], ...extra },
      );
      return made.LoadBalancers[0]!.LoadBalancerArn;
    },
    group: async (name: string, extra: object = {}): Promise<string> => {
      const made = await call<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
        Name: name,
        Protocol: 'HTTP',
        Port: 80,
        VpcId: VPC,
        HealthCheckIntervalSeconds: 10,
        ...extra,
      });
      return made.TargetGroups[0]!.TargetGroupArn;
    },
    listen: async (
      loadBalancerArn: string,
      actions: readonly Action[],
      extra: object = {},
    ): Promise<string> => {
      const made = await call<{ Listeners: { ListenerArn: string }[] }>('CreateListener', {
        LoadBalancerArn: loadBalancerArn,
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: actions,
        ...extra,
      });
      return made.Listeners[0]!.ListenerArn;
    },
    rule: async (
      listenerArn: string,
      priority: number,
      actions: readonly Action[],
      extra: object = {},
    ): Promise<string> => {
      const made = await call<{ Rules: { RuleArn: string }[] }>('CreateRule', {
        ListenerArn: listenerArn,
        Priority: priority,
        Conditions: [{ Field: 'path-pattern', Values: ['/test/*'] }],
        Actions: actions,
        ...extra,
      });
      return made.Rules[0]!.RuleArn;
    },
    health: async (targetGroupArn: string): Promise<string[]> => {
      const found = await call<{
        TargetHealthDescriptions: { TargetHealth: { State: string; Reason?: string } }[];
      }>('DescribeTargetHealth', { TargetGroupArn: targetGroupArn });
      return found.TargetHealthDescriptions.map(({ TargetHealth: { State, Reason } }) =>
        Reason ? `${State}/${Reason}` : State,
      );
    },
    register: (targetGroupArn: string, ...ids: string[]) =>
      call('RegisterTargets', {
        TargetGroupArn: targetGroupArn,
        Targets: ids.map((Id) => ({ Id })),
      }),
  };
}

export const forwardTo = (targetGroupArn: string): Action => ({
  Type: 'forward',
  TargetGroupArn: targetGroupArn,
});

export const split = (
  weights: Readonly<Record<string, number>>,
  stickinessSeconds?: number,
): Action => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({
      TargetGroupArn,
      Weight,
    })),
    ...(stickinessSeconds === undefined
      ? {}
      : {
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: stickinessSeconds },
        }),
  },
});

/** The refusal as `Code: message`; a call that is answered fails the test. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'answered';
}
