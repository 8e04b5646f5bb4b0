/**
 * Clients that nobody wrote for this region: the AWS CLI and boto3, as they come. They are told an
 * endpoint and credentials, and must get the answers and the refusals that AWS would give them.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEstate, type ClientSettings, type Estate } from '../../cli/rehearsal/estate.ts';
import { PACKAGE_FOLDER } from '../../cli/rehearsal/start-region.ts';
import { createRealClock } from '../../region/kernel/real-clock.ts';
import { createRegion, type Region } from '../../region/region.ts';

const run = promisify(execFile);

const isThere = (file: string, ...words: string[]): boolean =>
  spawnSync(file, words, { stdio: 'ignore' }).status === 0;

const hasCli = isThere('aws', '--version');
const isPackaged = existsSync(PACKAGE_FOLDER);
const hasBoto3 = isThere('python3', '-c', 'import boto3');

/** Fast, so that a target is healthy within a second. */
const SPEED = 60;

interface Refusal {
  readonly code: number;
  readonly stderr: string;
}

let region: Region;
let estate: Estate;
let environment: Record<string, string>;

async function aws(...words: string[]): Promise<unknown> {
  const endpoint = environment['ENDPOINT'] ?? '';
  const { stdout } = await run('aws', ['--endpoint-url', endpoint, ...words], { env: environment });
  return stdout === '' ? undefined : JSON.parse(stdout);
}

/** What the CLI says when the region refuses. */
async function refusal(...words: string[]): Promise<string> {
  const refused = await aws(...words).catch((error: unknown) => error as Refusal);
  return (refused as Refusal).stderr.trim();
}

async function python(program: string): Promise<unknown> {
  const prelude = [
    'import boto3, json, os',
    'from botocore.exceptions import ClientError',
    "client = lambda name: boto3.client(name, endpoint_url=os.environ['ENDPOINT'])",
    'def refused(call, **words):',
    '    try: call(**words)',
    "    except ClientError as error: return error.response['Error']['Code']",
  ];
  const text = [...prelude, program].join('\n');
  const { stdout } = await run('python3', ['-c', text], { env: environment });
  return JSON.parse(stdout);
}

beforeAll(async () => {
  if (!hasCli && !hasBoto3) return;
  region = createRegion({
    clock: createRealClock({
      speed: SPEED,
      onFailure: (error) => {
        throw error;
      },
    }),
  });
  const endpoint = await region.listen();
  const { accessKeyId, secretAccessKey } = region.administrator;
  environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nowhere',
    ENDPOINT: endpoint,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_PAGER: '',
  };
  const settings: ClientSettings = {
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: region.administrator,
  };
  estate = await buildEstate(settings, {
    service: 'web',
    imageId: region.ec2.addImage({ name: 'web-v1', program: { type: 'model' } }),
    healthPath: '/',
    bootSeconds: 300,
    alarmThreshold: 20,
  });
  const registry = region.loadBalancing.registry;
  const isHealthy = (): boolean => {
    const health = [...registry.targetHealth(estate.blueTargetGroupArn).values()];
    return health.length === 2 && health.every(({ state }) => state === 'healthy');
  };
  while (!isHealthy()) await region.clock.sleep(1000);
});

afterAll(() => region?.stop());

describe.skipIf(!hasCli).concurrent('the AWS CLI (skipped where it is not installed)', () => {
  it('hears the health of targets', async () => {
    const words = ['elbv2', 'describe-target-health', '--target-group-arn'];
    const answer = await aws(...words, estate.blueTargetGroupArn);
    const { TargetHealthDescriptions } = answer as {
      TargetHealthDescriptions: { Target: { Id: string }; TargetHealth: { State: string } }[];
    };
    expect(TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth)).toEqual([
      { State: 'healthy' },
      { State: 'healthy' },
    ]);
    expect(TargetHealthDescriptions[0]?.Target.Id).toMatch(/^i-[0-9a-f]{17}$/);
  });

  it('starts a deployment, and reads in its execution why it was refused', async (test) => {
    test.skip(!isPackaged, 'there is no package; npm run package makes one');
    const { outputs } = await region.loadPackage(PACKAGE_FOLDER);
    const input = JSON.stringify({ service: 'nobody', imageId: 'ami-0123456789abcdef0' });
    const machine = ['--state-machine-arn', outputs['StateMachineArn'] ?? '', '--input', input];
    const started = await aws('stepfunctions', 'start-execution', ...machine);
    const { executionArn } = started as { executionArn: string };
    const words = ['stepfunctions', 'describe-execution', '--execution-arn', executionArn];
    let described = await aws(...words);
    while ((described as { status: string }).status === 'RUNNING') described = await aws(...words);
    expect(described).toMatchObject({
      executionArn,
      status: 'FAILED',
      input,
      cause: expect.stringContaining('Nobody has defined the service nobody'),
    });
  });

  it('is refused a weight of 1000', async () => {
    const TargetGroups = [{ TargetGroupArn: estate.blueTargetGroupArn, Weight: 1000 }];
    const listener = ['--listener-arn', estate.listenerArn];
    const actions = JSON.stringify([{ Type: 'forward', ForwardConfig: { TargetGroups } }]);
    expect(
      await refusal('elbv2', 'modify-listener', ...listener, '--default-actions', actions),
    ).toMatch(/\(ValidationError\) when calling the ModifyListener operation/);
  });

  it('is refused to delete a target group in use', async () => {
    const words = ['elbv2', 'delete-target-group', '--target-group-arn'];
    expect(await refusal(...words, estate.blueTargetGroupArn)).toMatch(
      /\(ResourceInUse\) .* is currently in use by a listener or a rule/,
    );
  });

  it('is refused a group with a bad name', async () => {
    const group =
      '--auto-scaling-group-name a:b --min-size 0 --max-size 1 ' +
      '--launch-template LaunchTemplateName=web-blue';
    expect(await refusal('autoscaling', 'create-auto-scaling-group', ...group.split(' '))).toMatch(
      /\(ValidationError\) when calling the CreateAutoScalingGroup operation/,
    );
  });

  it('is told that a service is not served here', async () => {
    expect(await refusal('logs', 'describe-log-groups')).toMatch(
      /when calling the DescribeLogGroups operation: .*serves nothing at/,
    );
  });
});

describe.skipIf(!hasBoto3)('boto3 (skipped where it is not installed)', () => {
  it('gets the answers and the refusals of AWS', async () => {
    const heard = await python(`
alarms = client('cloudwatch').describe_alarms()['MetricAlarms']
balancing = client('elbv2')
group = '${estate.blueTargetGroupArn}'
fleet = client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups'][0]
print(json.dumps({
  'alarms': sorted([alarm['AlarmName'], alarm['Threshold']] for alarm in alarms),
  'group': [fleet['AutoScalingGroupName'], len(fleet['Instances'])],
  'identity': client('sts').get_caller_identity()['Account'],
  'inUse': refused(balancing.delete_target_group, TargetGroupArn=group),
  'gone': refused(balancing.describe_target_health, TargetGroupArn=group[:-1] + 'x'),
  'image': refused(client('ec2').describe_images, ImageIds=['ami-0123456789abcdef0']),
  'forged': refused(boto3.client('sts', endpoint_url=os.environ['ENDPOINT'],
      aws_secret_access_key='forged', aws_access_key_id=os.environ['AWS_ACCESS_KEY_ID'],
    ).get_caller_identity),
}))`);
    expect(heard).toEqual({
      alarms: [
        ['teal-dev-dead-letters', 0],
        ['web-5xx', 20],
        ['web-elb-5xx', 20],
      ],
      group: ['web-blue', 2],
      identity: '000000000000',
      inUse: 'ResourceInUse',
      gone: 'TargetGroupNotFound',
      image: 'InvalidAMIID.NotFound',
      forged: 'SignatureDoesNotMatch',
    });
  });
});
