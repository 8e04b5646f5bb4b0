/**
 * The packaged roles: enough for every deployment, and nothing that no deployment needs.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test, vi } from 'vitest';
import { type Lab, type LabOptions, PACKAGE_FOLDER } from '../lab/lab.ts';
import type { Around } from '../lab/in-process.ts';
import { openNamedLab } from '../lab/named-estate.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { enrichBlueOf } from '../lab/rich-blue.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Real milliseconds: the test compares many deployments with what their roles allow. */
vi.setConfig({ testTimeout: 180_000 });

/** Codes under which the region's services refuse for want of a permission. */
const DENIED = /AccessDenied|UnauthorizedOperation|AuthorizationError/;

/** Allowed, and not asked for in these deployments: by `role: action`, with the reason. */
const NEVER_ASKED: readonly { readonly permission: RegExp; readonly because: string }[] = [
  { permission: /: logs:/, because: 'Lambda and Step Functions write the logs, not the region' },
  { permission: /: xray:/, because: 'Lambda and Step Functions send the traces, not the region' },
  { permission: /: iam:PassRole$/, because: "blue's launch template has no instance profile" },
  { permission: /: ec2:CreateTags$/, because: "blue's launch template tags nothing" },
  {
    permission: /: autoscaling:SetInstanceProtection$/,
    because: 'no instance is protected from scaling in',
  },
  {
    permission: /^\w+: autoscaling:DescribeScalingActivities$/,
    because: 'green would have to fall ill between two states that follow each other at once',
  },
  { permission: /: cloudwatch:GetMetricData$/, because: "no step judges a version's metrics" },
  {
    permission: /^RecoverDeploymentRole: dynamodb:DeleteItem$/,
    because: 'no deployment dies between its first row and its record',
  },
  {
    permission: /^(?:PlanDeployment|AwaitTurn)Role: dynamodb:DeleteItem$/,
    because: 'whoever ends leaves the queue by itself',
  },
  {
    permission: /^SweepRole: (?:dynamodb:UpdateItem|states:SendTaskSuccess)$/,
    because: 'whoever waits for a turn is woken by the end of the one before',
  },
  { permission: /^ResizeGreenRole: /, because: 'green is as large as blue from the beginning' },
];

interface RoleResource {
  readonly Type: string;
  readonly Properties: {
    readonly Policies?: readonly {
      readonly PolicyDocument: {
        readonly Statement: readonly {
          readonly Effect: string;
          readonly Action: string | readonly string[];
        }[];
      };
    }[];
  };
}

/** Allowed actions of every packaged role, by logical id. */
function allowedActions(): ReadonlyMap<string, readonly string[]> {
  const file = path.join(PACKAGE_FOLDER, 'cloudformation-template-update-stack.json');
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, RoleResource>;
  };
  const roles = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  return new Map(
    roles.map(([id, { Properties }]) => {
      const statements = (Properties.Policies ?? []).flatMap((one) => one.PolicyDocument.Statement);
      const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
      return [id, [...new Set(allowed.flatMap(({ Action }) => Action))]];
    }),
  );
}

/** One deployment or several; `during` happens right after a function succeeded. */
interface Run {
  readonly name: string;
  readonly run: (lab: Lab) => Promise<void>;
  /** True: the weights of a name split the traffic, and no load balancer does. */
  readonly isNamed?: boolean;
  readonly quotas?: LabOptions['quotas'];
  readonly during?: { readonly task: string; readonly happens: (lab: Lab) => Promise<unknown> };
}

const setAlarm = ({ aws, estate }: Lab, StateValue: 'ALARM' | 'OK') =>
  aws.cloudWatch().send(
    new SetAlarmStateCommand({
      AlarmName: estate.alarmName,
      StateValue,
      StateReason: 'somebody said so',
    }),
  );

const raiseAlarm = (lab: Lab) => setAlarm(lab, 'ALARM');

const showPlan = (lab: Lab, version: string) =>
  lab.api.send('POST', '/services/web/plan', { body: { imageId: lab.addImage(version) } });

/** Stops an execution, and waits until its deployment was rolled back for it. */
async function stopInConsole(lab: Lab, id: string): Promise<void> {
  const stop = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
  await lab.act(() => lab.aws.stepFunctions().send(stop));
  while ((await lab.act(() => lab.progress(id)))?.phase !== 'rolledBack') await lab.pass(15);
}

/** Lets blue launch into reservations only, and answers an image that is encrypted. */
async function reserveAndEncrypt(lab: Lab): Promise<string> {
  const { act, aws, region } = lab;
  for (const availabilityZone of ['us-east-1a', 'us-east-1b']) {
    const seed = { instanceType: 't3.micro', availabilityZone, instanceCount: 9 };
    region.ec2.addCapacityReservation(seed);
  }
  const CapacityReservationSpecification = {
    CapacityReservationPreference: 'capacity-reservations-only',
  } as const;
  const change = { AutoScalingGroupName: 'web-blue', CapacityReservationSpecification };
  await act(() => aws.autoScaling().send(new UpdateAutoScalingGroupCommand(change)));
  const Ebs = { SnapshotId: 'snap-1', Encrypted: true, KmsKeyId: region.keys.add() };
  return lab.addImage('v2', { blockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }] });
}

/** Between them they take every way through the state machine. */
const RUNS: readonly Run[] = [
  {
    name: 'two good versions by image, of a group with everything',
    run: async (lab) => {
      await enrichBlueOf(lab);
      for (const version of ['v2', 'v3']) {
        const tags = { 'teal:service': 'web', 'teal:version': version };
        const imageId = lab.addImage(version, { tags });
        await lab.pass(5);
        await lab.end(`web-${imageId}`);
        await lab.pass(60);
      }
    },
  },
  {
    name: 'a broken version over the API, of a group with everything',
    run: async (lab) => {
      await enrichBlueOf(lab);
      const body = { service: 'web', imageId: lab.addImage('v2', { program: PROGRAMS.broken }) };
      const { body: accepted } = await lab.api.send('POST', '/deployments', { body });
      const id = String(accepted['deploymentId']);
      await lab.end(id);
      await lab.api.send('GET', `/deployments/${id}`);
      await lab.api.send('GET', `/deployments/${id}/timeline`);
    },
  },
  {
    name: 'an alarm that goes off just before a hold',
    run: async (lab) => void (await lab.end(await lab.deploy({ version: 'v2' }))),
    during: { task: 'confirm-traffic', happens: raiseAlarm },
  },
  {
    name: 'an alarm that goes off just before a hold and has cleared when it begins',
    run: async (lab) => void (await lab.end(await lab.deploy({ version: 'v2' }))),
    during: {
      task: 'confirm-traffic',
      happens: (lab) => raiseAlarm(lab).then(() => setAlarm(lab, 'OK')),
    },
  },
  {
    name: 'an abort during a hold, while blue has been shrunk',
    run: async (lab) => {
      const id = await lab.deploy({ version: 'v2' });
      await lab.untilState(id, 'Hold');
      const size = { AutoScalingGroupName: 'web-blue', MinSize: 1, DesiredCapacity: 1 };
      await lab.act(() => lab.aws.autoScaling().send(new UpdateAutoScalingGroupCommand(size)));
      await lab.api.send('GET', `/deployments/${id}/observation`);
      await lab.api.send('POST', `/deployments/${id}/abort`, { body: {} });
      await lab.end(id);
    },
  },
  {
    name: 'an encrypted version of a group that launches into reservations only',
    run: async (lab) => {
      const imageId = await reserveAndEncrypt(lab);
      await lab.api.send('POST', '/services/web/plan', { body: { imageId } });
      await lab.untilState(await lab.start('web-v2', { service: 'web', imageId }), 'PrepareGreen');
    },
  },
  {
    name: 'a blue that is kept at zero, and is at zero again when going back to it was aborted',
    run: async (lab) => {
      const definition = { autoScalingGroupName: 'web-blue', strategy: { type: 'allAtOnce' } };
      const retain = { blue: 'zero', seconds: 3600 };
      const body = { ...definition, bakeTimeSeconds: 30, retain };
      await lab.api.send('PUT', '/services/web', { body });
      const first = await lab.deploy({ version: 'v2' });
      await lab.end(first);
      const second = await lab.start('web-back', { service: 'web', rollbackOf: first });
      await lab.untilState(second, 'Hold');
      await lab.api.send('POST', `/deployments/${second}/abort`, { body: {} });
      await lab.end(second);
    },
  },
  {
    name: 'a green that falls ill while blue is being taken down, and a stop in the console',
    run: async (lab) => {
      let isIll = false;
      const healthStatus = () => (isIll ? 500 : 200);
      const id = await lab.deploy({ version: 'v2', program: { ...PROGRAMS.sound, healthStatus } });
      await lab.untilState(id, 'RetireBlue');
      isIll = true;
      await lab.until(async () => (await lab.group('web-blue'))?.desiredCapacity === 0);
      await stopInConsole(lab, id);
    },
  },
  {
    name: 'fleets that cannot be deleted at first',
    run: async (lab) => {
      for (const program of [PROGRAMS.broken, PROGRAMS.sound]) {
        const id = await lab.deploy({ version: `v${program.errorRate ? 2 : 3}`, program });
        lab.spoil(({ operation }) =>
          operation === 'DeleteAutoScalingGroup'
            ? { type: 'refuse', code: 'ValidationError', message: 'It is in use.' }
            : undefined,
        );
        await lab.end(id);
        lab.spoil(undefined);
        while ((await lab.act(() => lab.leases())).length > 0) await lab.pass(60);
      }
      await lab.api.send('GET', '/leftovers');
      await lab.api.send('DELETE', '/services/web');
    },
  },
  {
    name: 'a definition drafted from a group, and people who want to hear of plans',
    run: async (lab) => {
      const drafted = await lab.api.send('GET', '/groups/web-blue/definition?service=web');
      const { service: _service, ...body } = drafted.body['definition'] as Record<string, unknown>;
      const notifications = { on: ['planned'] };
      await lab.api.send('PUT', '/services/web', { body: { ...body, notifications } });
      await lab.untilState(await lab.deploy({ version: 'v2' }), 'PrepareGreen');
    },
  },
  {
    name: 'orders in every state that waits, some in the very moment in which it begins to',
    run: async (lab) => {
      const approval = { before: ['retirement'] };
      const notifications = { on: ['paused', 'approvalRequested'] };
      const alarms = [lab.estate.alarmName];
      const body = { autoScalingGroupName: 'web-blue', alarms, approval, notifications };
      await lab.api.send('PUT', '/services/web', { body });
      const id = await lab.deploy({ version: 'v2' });
      await lab.untilState(id, 'Hold');
      for (const [verb, order] of [
        ['extendHold', { seconds: 60 }],
        ['pause', {}],
        ['resume', {}],
        ['pause', { reason: 'not for long' }],
        ['skipHold', {}],
      ] as const) {
        await lab.api.send('POST', `/deployments/${id}/${verb}`, { body: order });
        await lab.pass(5);
      }
      await lab.end(id);
    },
    during: {
      task: 'decide-next-step',
      happens: async (lab) => {
        const { body } = await lab.api.send('GET', '/deployments/web-v2');
        const isBrief = String(body['reason']).endsWith('not for long');
        const verb = isBrief ? 'promote' : { awaitingApproval: 'approve' }[String(body['status'])];
        if (verb) await lab.api.send('POST', `/deployments/web-v2/${verb}`);
      },
    },
  },
  {
    name: 'an image that Image Builder made, one that waits for it, and one that supersedes both',
    run: async (lab) => {
      const { imageBuilder } = lab.region;
      const program = { type: 'model', bootSeconds: 5 } as const;
      const image = { name: 'web-built', program, tags: { 'teal:service': 'web' } };
      const build = imageBuilder.begin({ recipe: 'web', image });
      imageBuilder.setStatus(build, 'AVAILABLE');
      await lab.until(async () => (await lab.items('RECORD')).length > 0, 60);
      const built = `web-${imageBuilder.imageOf(build)}`;
      await lab.untilState(built, 'Hold');
      const waiting = await lab.deploy({ version: 'v3', onBusy: 'queue' });
      await lab.untilState(waiting, 'AwaitTurn');
      const newest = await lab.deploy({ version: 'v4', onBusy: 'supersede' });
      for (const id of [waiting, built, newest]) await lab.end(id);
    },
  },
  {
    name: 'a version for which there are not enough vCPUs',
    quotas: { 'running-vcpus': 7 },
    run: async (lab) => {
      await lab.pass(8 * 60);
      await showPlan(lab, 'v1');
      await lab.end(await lab.deploy({ version: 'v2' }));
    },
  },
  {
    name: 'a green that never comes up',
    run: async (lab) =>
      void (await lab.end(await lab.deploy({ version: 'v2', program: PROGRAMS.sick }))),
  },
  {
    name: 'a good and a broken version by the weights of a name',
    isNamed: true,
    run: async (lab) => {
      await showPlan(lab, 'v1');
      const body = { imageId: lab.addImage('v2') };
      await lab.api.send('POST', '/services/web/plan', { body });
      await lab.end(await lab.deploy({ version: 'v2' }));
      await lab.end(await lab.deploy({ version: 'v3', program: PROGRAMS.broken }));
      const id = await lab.deploy({ version: 'v4' });
      await lab.untilState(id, 'Hold');
      await lab.api.send('GET', `/deployments/${id}/observation`);
      await stopInConsole(lab, id);
    },
  },
];

test('allow every call that deployments make, and little that they do not', async () => {
  const used = new Map<string, Set<string>>();
  for (const { run, during, quotas, isNamed = false } of RUNS) {
    const around: Around = async ({ task }, perform) => {
      const result = await perform();
      if (task === during?.task) await during.happens(lab);
      return result;
    };
    const lab: Lab = isNamed
      ? (await openNamedLab(openLab, { around })).lab
      : await openLab({ estate: { hasRule: true }, around, ...(quotas && { quotas }) });
    await run(lab);
    expect(lab.calls().filter(({ errorCode }) => DENIED.test(errorCode ?? ''))).toEqual([]);
    for (const id of allowedActions().keys()) {
      const actions = lab.usedActions(id);
      used.set(id, new Set([...(used.get(id) ?? []), ...actions]));
    }
    await lab.stop();
  }
  const unused = [...allowedActions()].flatMap(([id, actions]) =>
    actions.filter((action) => !used.get(id)?.has(action)).map((action) => `${id}: ${action}`),
  );
  const excused = ({ permission }: (typeof NEVER_ASKED)[number]) =>
    unused.some((one) => permission.test(one));
  expect(NEVER_ASKED.filter((one) => !excused(one))).toEqual([]);
  expect(
    unused.filter((one) => !NEVER_ASKED.some(({ permission }) => permission.test(one))),
  ).toEqual([]);
});
