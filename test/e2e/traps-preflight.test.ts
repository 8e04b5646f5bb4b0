/**
 * Traps that can be seen before a deployment begins: images that do not fit, limits of the account,
 * and a blue that is not what the last release left. The list of all of them is docs/traps.md.
 */
import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateVersionCommand,
  DescribeSubnetsCommand,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { ReservationSeed } from '../../region/services/ec2/capacity-reservations.ts';
import type { ImageSeed } from '../../region/services/ec2/images.ts';
import type { PlanReport } from '../../shared/core/plan-report.ts';
import { present } from '../lab/estate.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** How long it takes until CloudWatch has counted the vCPUs of a new blue. */
const USAGE_SECONDS = 8 * 60;

/** Asks for a plan as release tooling does. */
function plan(lab: Lab, version: string, image: Partial<ImageSeed> = {}, more: object = {}) {
  const imageId = lab.addImage(version, image);
  return lab.api.send('POST', '/services/web/plan', { body: { imageId, version, ...more } });
}

/** What a plan is refused for; empty when it is possible. */
async function complaint(lab: Lab, version: string, image: Partial<ImageSeed> = {}) {
  const { status, body } = await plan(lab, version, image);
  return status === 422 ? String(body['detail']) : '';
}

/** What a possible plan warns of. */
async function warnings(lab: Lab, version: string) {
  const { status, body } = await plan(lab, version);
  expect(status).toBe(200);
  return (body as unknown as PlanReport).warnings.join(' ');
}

/** Reserves places for instances like blue's in each of its zones. */
function reserve(
  lab: Lab,
  reservation: Required<Pick<ReservationSeed, 'instanceCount' | 'matchCriteria'>>,
) {
  for (const availabilityZone of ['us-east-1a', 'us-east-1b']) {
    const place = { instanceType: 't3.micro', availabilityZone };
    lab.region.ec2.addCapacityReservation({ ...place, ...reservation });
  }
}

/** Gives blue's template another version, which blue follows as its `$Latest`. */
async function changeTemplate(lab: Lab, data: RequestLaunchTemplateData) {
  const { act, aws, estate } = lab;
  const { launchTemplate } = await act(() => lab.belongings());
  const command = new CreateLaunchTemplateVersionCommand({
    LaunchTemplateId: estate.launchTemplateId,
    SourceVersion: String(launchTemplate.versions.at(-1)),
    LaunchTemplateData: data,
  });
  return act(() => aws.ec2().send(command));
}

function updateBlue({ act, aws, estate }: Lab, change: object) {
  const { autoScalingGroupName: AutoScalingGroupName } = estate;
  const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...change });
  return act(() => aws.autoScaling().send(command));
}

/** A root volume of an image. */
const volume = (more: object) => ({
  blockDeviceMappings: [
    { DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-1', VolumeSize: 8, ...more } },
  ],
});

describe('an image that would fail at the launch', () => {
  test('is refused before anything is made, with every reason', async () => {
    const lab = await openLab();
    const key = lab.region.keys.add({ state: 'PendingDeletion' });
    await changeTemplate(lab, {
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20 } }],
    });
    const before = await lab.act(() => lab.belongings());
    expect(await complaint(lab, 'v2', { hasEna: false, architecture: 'arm64' })).toMatch(
      /built for arm64, which does not fit t3\.micro \(x86_64\).*Elastic Network Adapter/,
    );
    expect(
      await complaint(lab, 'v3', {
        rootDeviceName: '/dev/sda1',
        blockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: 'snap-3' } }],
      }),
    ).toMatch(/root at \/dev\/sda1, but blue's template maps its root at \/dev\/xvda/);
    expect(
      await complaint(lab, 'v4', {
        ...volume({ SnapshotId: 'snap-4' }),
        snapshots: [{ id: 'snap-4', sizeGib: 100 }],
      }),
    ).toMatch(/maps \/dev\/xvda with 20 GiB, but .* has 100 GiB/);
    expect(await complaint(lab, 'v5', volume({ Encrypted: true, KmsKeyId: key }))).toMatch(
      /is PendingDeletion; enable it/,
    );
    expect(await lab.act(() => lab.belongings())).toEqual(before);
  });

  test('for want of a grant on its key is said to be unknown, and ends while it boots', async () => {
    const lab = await openLab({ service: BRIEF });
    const key = lab.region.keys.add({ isGrantedToAutoScaling: false });
    const image = volume({ Encrypted: true, KmsKeyId: key });
    const { body } = await plan(lab, 'v2', image);
    expect((body as unknown as PlanReport).unknowns.join(' ')).toContain(
      `Whether Auto Scaling may use key ${key}`,
    );
    const id = await lab.deploy({
      version: 'v3',
      image: volume({ SnapshotId: 'snap-3', Encrypted: true, KmsKeyId: key }),
    });
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('Client.InternalError'),
    });
    expect(await leftovers(lab)).toEqual([]);
  });
});

describe('a limit of the account', () => {
  test('is refused before anything is made, with all others that are reached', async () => {
    const lab = await openLab({
      quotas: {
        'auto-scaling-groups': 1,
        'target-groups': 1,
        'targets-per-application-load-balancer': 3,
      },
    });
    const detail = await complaint(lab, 'v2');
    expect(detail).toMatch(/quota of Auto Scaling groups of the account is 1, of which 1 are used/);
    expect(detail).toMatch(/quota of target groups of the account is 1/);
    expect(detail).toMatch(/quota of targets of web is 3, of which 2 are used, and green needs 2/);
  });

  test('of vCPUs is refused before anything is made, with the number that runs now', async () => {
    const lab = await openLab({ service: BRIEF, quotas: { 'running-vcpus': 7 } });
    await lab.pass(USAGE_SECONDS);
    const before = await lab.act(() => lab.belongings());
    const sentence =
      /\(L-1216C47A\) is 7, of which 4 are used, counted now, and green needs 4 more while blue runs; raise it or free some/;
    expect(await complaint(lab, 'v2')).toMatch(sentence);
    const id = await lab.deploy({ version: 'v3' });
    expect(await lab.end(id)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringMatching(sentence),
    });
    expect(await lab.act(() => lab.belongings())).toEqual(before);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('of vCPUs that has room for both fleets is said nothing about', async () => {
    const lab = await openLab({ service: BRIEF, quotas: { 'running-vcpus': 8 } });
    await lab.pass(USAGE_SECONDS);
    const { status, body } = await plan(lab, 'v2');
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('vCPU');
    const id = await lab.deploy({ version: 'v3' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test('of vCPUs that has room for two fleets holds a queue of deployments', async () => {
    const service = { ...BRIEF, strategy: { type: 'allAtOnce' }, onBusy: 'queue' } as const;
    const lab = await openLab({ service, quotas: { 'running-vcpus': 8 } });
    await lab.pass(USAGE_SECONDS);
    const good = await lab.deploy({ version: 'v2' });
    await lab.untilState(good, 'Hold');
    const sick = await lab.deploy({ version: 'v3', program: PROGRAMS.sick });
    const last = await lab.deploy({ version: 'v4' });
    expect(await lab.end(good)).toEqual({ status: 'SUCCEEDED' });
    expect(await lab.end(sick)).toMatchObject({ error: 'RolledBack' });
    expect(await lab.end(last)).toEqual({ status: 'SUCCEEDED' });
    // Each time, CloudWatch still had the fleet that had just ended.
    const counts = lab.calls().filter(({ operation }) => operation === 'DescribeInstances');
    expect(counts).toHaveLength(2);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('of vCPUs that a reservation of others fills is warned of, and ends green at its first launch', async () => {
    const lab = await openLab({ service: BRIEF, quotas: { 'running-vcpus': 8 } });
    reserve(lab, { instanceCount: 1, matchCriteria: 'targeted' });
    await lab.pass(USAGE_SECONDS);
    expect(await warnings(lab, 'v2')).toMatch(
      /is 8, of which 4 are used, counted now, without 2 places of Capacity Reservations that nobody uses: AWS counts those too \(8 in all at .*\), and may refuse what of green is not launched into them/,
    );
    const id = await lab.deploy({ version: 'v3' });
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('your current vCPU limit of 8'),
    });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('of vCPUs that a reservation for both fleets fills is no limit for green, which goes into it', async () => {
    const lab = await openLab({ service: BRIEF, quotas: { 'running-vcpus': 8 } });
    // Blue, which runs already, takes half of the places.
    reserve(lab, { instanceCount: 2, matchCriteria: 'open' });
    await lab.pass(USAGE_SECONDS);
    expect(await warnings(lab, 'v2')).toMatch(
      /is 8, of which 4 are used, counted now, without 2 places .* \(8 in all at .*\)/,
    );
    const id = await lab.deploy({ version: 'v3' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test('of vCPUs that nobody may count is left to the launch', async () => {
    const lab = await openLab({ service: BRIEF, quotas: { 'running-vcpus': 7 } });
    await lab.pass(USAGE_SECONDS);
    const denied = { code: 'UnauthorizedOperation', message: 'not by your role' };
    lab.spoil(({ operation }) =>
      operation === 'DescribeInstances' ? { type: 'refuse', ...denied } : undefined,
    );
    const { status, body } = await plan(lab, 'v2');
    expect(status).toBe(200);
    expect((body as unknown as PlanReport).unknowns.join(' ')).toMatch(
      /is not known: 4 of 7 were used at 2026-01-05T09:\d\d:00\.000Z, and AWS answered UnauthorizedOperation to DescribeInstances on all instances/,
    );
  });

  test('of vCPUs, which nobody reads beforehand, ends green at its first launch', async () => {
    const lab = await openLab({ service: BRIEF, quotas: { 'running-vcpus': 7 } });
    await lab.pass(USAGE_SECONDS);
    const denied = { code: 'AccessDeniedException', message: 'not by your role' };
    lab.spoil(({ operation }) =>
      operation === 'GetServiceQuota' ? { type: 'refuse', ...denied } : undefined,
    );
    const { status, body } = await plan(lab, 'v2');
    expect(status).toBe(200);
    expect((body as unknown as PlanReport).unknowns.join(' ')).toMatch(
      /\(up to 4 vCPUs more\) is not known: AWS answered AccessDeniedException to GetServiceQuota/,
    );
    const id = await lab.deploy({ version: 'v3' });
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('your current vCPU limit of 7'),
    });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('of addresses is refused where a zone that blue serves from has none left', async () => {
    const lab = await openLab();
    const { Subnets = [] } = await lab.act(() =>
      lab.aws.ec2().send(new DescribeSubnetsCommand({})),
    );
    const [{ SubnetId, AvailableIpAddressCount = 0 } = {}] = Subnets;
    for (let taken = 0; taken < AvailableIpAddressCount; taken += 1) {
      lab.region.ec2.network.takeAddress(present(SubnetId));
    }
    expect(await complaint(lab, 'v2')).toMatch(/free address left in us-east-1a/);
  });

  test('of reserved capacity is refused while blue fills the reservation', async () => {
    const lab = await openLab();
    for (const availabilityZone of ['us-east-1a', 'us-east-1b']) {
      const seed = { instanceType: 't3.micro', availabilityZone, instanceCount: 0 };
      lab.region.ec2.addCapacityReservation(seed);
    }
    await updateBlue(lab, {
      CapacityReservationSpecification: {
        CapacityReservationPreference: 'capacity-reservations-only',
      },
    });
    expect(await complaint(lab, 'v2')).toMatch(/room for 0 instances while blue holds its own/);
  });
});

describe('a blue that is not what the last release left', () => {
  test('is deployed onto only with consent, which is recorded', async () => {
    const lab = await openLab({ service: BRIEF });
    const first = await lab.deploy({ version: 'v2' });
    expect(await lab.end(first)).toEqual({ status: 'SUCCEEDED' });
    const { autoScalingGroupName } = (await lab.api.send('GET', '/services/web')).body;
    const { launchTemplateId } = lab.estate;
    await changeTemplate(lab, { InstanceType: 't3.small' });
    await updateBlue(
      { ...lab, estate: { ...lab.estate, autoScalingGroupName: String(autoScalingGroupName) } },
      { LaunchTemplate: { LaunchTemplateId: launchTemplateId, Version: '$Latest' } },
    );
    const second = await lab.deploy({ version: 'v3' });
    expect(await lab.end(second)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringContaining(
        `instance types are t3.small, and t3.micro when ${first} succeeded`,
      ),
    });
    const third = await lab.deploy({ version: 'v4', consent: ['instanceType'] });
    expect(await lab.end(third)).toEqual({ status: 'SUCCEEDED' });
    const { body } = await lab.api.send('GET', `/deployments/${third}`);
    expect(body['plan']).toMatchObject({
      consented: [{ consent: 'instanceType', was: 't3.micro', is: 't3.small' }],
    });
  });
});

describe('a plan that is only shown', () => {
  test('touches nothing, and is the plan of the deployment with the same key', async () => {
    const price = { amount: 0.0104, currency: 'USD' };
    const strategy = { type: 'canary', greenWeightPercent: 10, holdSeconds: 360 } as const;
    const service = { strategy, bakeTimeSeconds: 600, instanceHourPrice: price };
    const lab = await openLab({ service });
    const before = await lab.act(() => lab.belongings());
    const items = await lab.act(() => lab.items());
    const imageId = lab.addImage('v2', { deprecatedAt: 0 });
    const headers = { 'idempotency-key': 'release-2' };
    const body = { imageId, version: 'v2' };
    const shown = await lab.api.send('POST', '/services/web/plan', { headers, body });
    expect(shown.status).toBe(200);
    const report = shown.body as unknown as PlanReport;
    expect(report.steps).toEqual([
      { beginsAfterSeconds: 0, greenWeightPercent: 10, holdSeconds: 360 },
      { beginsAfterSeconds: 360, greenWeightPercent: 100, holdSeconds: 600 },
    ]);
    expect(report).toMatchObject({ leastTotalSeconds: 990, overlap: { instanceHours: 0.55 } });
    expect(report.warnings.join(' ')).toContain('is deprecated since 1970');
    expect(report.overlap).toMatchObject({ instances: 2, price: { currency: 'USD' } });
    expect(await lab.act(() => lab.belongings())).toEqual(before);
    expect(await lab.act(() => lab.items())).toEqual(items);
    const calls = lab.calls().filter(({ callerLabel }) => callerLabel.endsWith('show-plan'));
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter(({ operation }) => !/^(?:Describe|Get)/.test(operation))).toEqual([]);
    const started = await lab.api.send('POST', '/deployments', {
      headers,
      body: { service: 'web', ...body },
    });
    expect(started.body['deploymentId']).toBe(report.deploymentId);
    expect(await lab.end(report.deploymentId)).toEqual({ status: 'SUCCEEDED' });
    const { body: told } = await lab.api.send(
      'GET',
      `/deployments/${report.deploymentId}/timeline`,
    );
    expect(JSON.stringify(told)).toContain('is deprecated since 1970');
  });

  test('is refused like a deployment: for what nobody defined, and while one is under way', async () => {
    const lab = await openLab({ service: BRIEF });
    const unknown = await lab.api.send('POST', '/services/shop/plan', {
      body: { imageId: lab.addImage('v2') },
    });
    expect(unknown).toMatchObject({ status: 404, body: { title: 'NotFound' } });
    const id = await lab.deploy({ version: 'v3' });
    await lab.untilState(id, 'Hold');
    expect(await plan(lab, 'v4')).toMatchObject({ status: 409, body: { title: 'ServiceBusy' } });
    expect(await plan(lab, 'v5', {}, { colour: 'teal' })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('colour') },
    });
  });
});
