/**
 * Definitions from a file to a deployment: drafted from what is live, applied, followed, limited to
 * what a service says of its traffic, and told to people as it wants.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AttachTrafficSourcesCommand } from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiRefused } from '../../cli/api-client.ts';
import type { DefinitionDraft } from '../../shared/core/draft-definition.ts';
import { createTestShell, runTeal } from '../cli/test-shell.ts';
import { present } from '../lab/estate.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Runs `teal` against a lab's API, and answers what it wrote and how it ended. */
async function teal(lab: Lab, ...words: readonly string[]) {
  const shell = createTestShell(async (method, at, body) => {
    const answer = await lab.api.send(method, at, body === undefined ? {} : { body });
    if (answer.status < 300) return answer.body;
    const detail = String(answer.body['detail']);
    throw new ApiRefused(detail, answer.status, answer.body);
  });
  await runTeal(shell, ...words);
  return { out: shell.written(), status: shell.status() };
}

/** A path in a folder that goes with the test. */
function tealFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'teal-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return path.join(folder, 'teal.yml');
}

const definitionOf = async (lab: Lab) => (await lab.api.send('GET', '/services/web')).body;

const draftOf = async (lab: Lab, group = 'web-blue') => {
  const answer = await lab.api.send('GET', `/groups/${group}/definition`);
  return { status: answer.status, body: answer.body as unknown as DefinitionDraft };
};

const planOf = (lab: Lab) =>
  lab.api.send('POST', '/services/web/plan', { body: { imageId: lab.addImage('next') } });

/** Lays keys over the lab's definition, as an operator does. */
async function redefine(lab: Lab, over: object): Promise<void> {
  const { service: _service, ...body } = await definitionOf(lab);
  const answer = await lab.api.send('PUT', '/services/web', { body: { ...body, ...over } });
  expect(answer.status).toBe(200);
}

/** Another target group that blue's instances are in. */
async function attachAnother(lab: Lab, name: string): Promise<string> {
  const { loadBalancing, autoScaling } = lab.aws;
  const { TargetGroups: [blue] = [] } = await loadBalancing().send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [lab.estate.blueTargetGroupArn] }),
  );
  const { TargetGroups: [made] = [] } = await loadBalancing().send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 81,
      VpcId: present(blue?.VpcId),
    }),
  );
  const Identifier = present(made?.TargetGroupArn);
  await autoScaling().send(
    new AttachTrafficSourcesCommand({
      AutoScalingGroupName: 'web-blue',
      TrafficSources: [{ Identifier, Type: 'elbv2' }],
    }),
  );
  return Identifier;
}

const addRule = (lab: Lab, targetGroupArn: string) =>
  lab.aws.loadBalancing().send(
    new CreateRuleCommand({
      ListenerArn: lab.estate.listenerArn,
      Priority: 50,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/other/*'] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );

/** A group of the lab that is there for its alarms. */
const putAlarm = (lab: Lab, name: string, dimension: { Name: string; Value: string }, more = {}) =>
  lab.aws.cloudWatch().send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      Namespace: 'Web',
      MetricName: 'Slowness',
      Dimensions: [dimension],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      ...more,
    }),
  );

describe('from a group to a deployment', () => {
  test('teal init drafts a file that teal apply takes, and that outlives the deployment', async () => {
    const lab = await openLab();
    await lab.api.send('DELETE', '/services/web');
    const file = tealFile();
    await teal(lab, 'init', '--from-group', 'web-blue', '-o', file);
    expect(readFileSync(file, 'utf8')).toContain('- web-5xx');
    expect(await teal(lab, 'diff', '-f', file)).toMatchObject({
      status: 1,
      out: expect.stringContaining('web: would be created'),
    });
    expect((await teal(lab, 'apply', '-f', file)).out).toContain('web: created');
    expect(await definitionOf(lab)).toMatchObject({
      autoScalingGroupName: 'web-blue',
      alarms: ['web-5xx'],
    });

    expect(await lab.end(await lab.deploy({ version: 'v2' }))).toEqual({ status: 'SUCCEEDED' });
    const { autoScalingGroupName: green } = await definitionOf(lab);
    expect(green).not.toBe('web-blue');
    // The file still names blue, and nobody means to go back to it.
    expect(await teal(lab, 'diff', '-f', file)).toMatchObject({ status: 0 });
    await teal(lab, 'apply', '-f', file);
    expect(await definitionOf(lab)).toMatchObject({ autoScalingGroupName: green });
    expect(await planOf(lab)).toMatchObject({ status: 200 });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('a group that is gone is refused with the name of the one that the last success made', async () => {
    const lab = await openLab();
    const first = await lab.deploy({ version: 'v2' });
    await lab.end(first);
    const { service: _service, ...body } = await definitionOf(lab);
    const green = String(body['autoScalingGroupName']);
    const moved = { ...body, autoScalingGroupName: 'web-bleu' };
    expect((await lab.api.send('PUT', '/services/web', { body: moved })).status).toBe(200);
    const said = `Auto Scaling knows no group web-bleu; the last success, ${first}, made ${green} serve, which is there: name it in autoScalingGroupName.`;
    expect(await planOf(lab)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining(said) },
    });
    const second = await lab.deploy({ version: 'v3' });
    await lab.end(second);
    // A refusal is a sentence of its own, wherever it is read.
    const record = await lab.api.send('GET', `/deployments/${second}`);
    const isPlain = new RegExp(`^v3 of web cannot be deployed: .*made ${green} serve`);
    expect(record.body['reason']).toMatch(isPlain);
    const list = await lab.api.send('GET', '/deployments?service=web&limit=1');
    expect(list.body['deployments']).toMatchObject([{ error: 'SpecRefused', status: 'refused' }]);
  });

  test('the draft tells alarms on the load balancer, on blue and on scaling apart', async () => {
    const lab = await openLab({ runtime: 'packaged', estate: { desiredCapacity: 3 } });
    const group = { Name: 'AutoScalingGroupName', Value: 'web-blue' };
    await lab.act(async () => {
      await putAlarm(lab, 'slow', group);
      await putAlarm(lab, 'others', { Name: 'AutoScalingGroupName', Value: 'api-blue' });
      const policy =
        'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/web-blue:policyName/out';
      await putAlarm(lab, 'cpu', group, { AlarmActions: [policy] });
    });
    const { status, body } = await draftOf(lab);
    expect(status).toBe(200);
    expect(body.definition.alarms).toEqual([{ name: 'slow', mirror: true }, 'web-5xx']);
    expect(body.notes.join('\n')).toMatch(/Alarms cpu drive scaling.*runs 3 instances/s);
  });

  test('a group that is not there, or a name that no service may have, is refused', async () => {
    const lab = await openLab();
    expect(await draftOf(lab, 'nobody')).toMatchObject({
      status: 404,
      body: { title: 'NotFound', detail: 'There is no group nobody.' },
    });
    const odd = await lab.api.send('GET', '/groups/web-blue/definition?service=We%20b');
    expect(odd).toMatchObject({ status: 422, body: { issues: [{ path: 'service' }] } });
    const unknown = await lab.api.send('GET', '/groups/web-blue/definition?servce=web');
    expect(unknown.body['detail']).toContain('servce: no such key; did you mean service?');
  });
});

describe('a group in two target groups', () => {
  test('is deployed by the one that is named, which follows green', async () => {
    const lab = await openLab();
    const { blueTargetGroupArn: targetGroupArn } = lab.estate;
    await lab.act(() => attachAnother(lab, 'idle'));
    const refused = await lab.deploy({ version: 'v2' });
    expect(await lab.end(refused)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringMatching(/attached to 2 target groups .* name the one that serves/),
    });

    await redefine(lab, { targetGroupArn });
    expect(JSON.stringify(await planOf(lab))).toContain('to which no route leads');
    expect(await lab.end(await lab.deploy({ version: 'v3' }))).toEqual({ status: 'SUCCEEDED' });
    const followed = await definitionOf(lab);
    expect(followed['targetGroupArn']).not.toBe(targetGroupArn);
    expect(await planOf(lab)).toMatchObject({ status: 200 });
  });

  test('is refused while traffic comes by the other one, too', async () => {
    const lab = await openLab();
    await lab.act(async () => addRule(lab, await attachAnother(lab, 'busy')));
    await redefine(lab, { targetGroupArn: lab.estate.blueTargetGroupArn });
    expect(await lab.end(await lab.deploy({ version: 'v2' }))).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringMatching(/listener-rule.*sends group web-blue traffic by .*busy/),
    });
  });
});

describe('the listeners and rules of a definition', () => {
  test('let a deployment move what they name, and refuse one that would leave a route behind', async () => {
    const lab = await openLab({ estate: { hasRule: true } });
    const { listenerArn } = lab.estate;
    const { Rules = [] } = await lab.act(() =>
      lab.aws.loadBalancing().send(new DescribeRulesCommand({ ListenerArn: listenerArn })),
    );
    const ruleArn = present(Rules.find(({ IsDefault }) => !IsDefault)?.RuleArn);

    await redefine(lab, { ruleArns: [ruleArn] });
    expect(await lab.end(await lab.deploy({ version: 'v2' }))).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringContaining(
        `${listenerArn} leads to target group web-blue too and would be left behind`,
      ),
    });

    await redefine(lab, { ruleArns: [`${ruleArn}0`], listenerArns: [listenerArn] });
    expect(await lab.end(await lab.deploy({ version: 'v3' }))).toMatchObject({
      cause: expect.stringContaining(`${ruleArn}0 does not lead to target group web-blue`),
    });

    const { service: _service, ruleArns: _gone, ...body } = await definitionOf(lab);
    await lab.api.send('PUT', '/services/web', { body: { ...body, listenerArns: [listenerArn] } });
    expect(await lab.end(await lab.deploy({ version: 'v4' }))).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });
});

const heard = (lab: Lab) =>
  lab.region.sns.messages(lab.stack.topicArn).map(({ attributes }) => attributes);

describe('people', () => {
  test('hear of outcomes unless they want more, with what a subscription filters by', async () => {
    const lab = await openLab();
    await lab.end(await lab.deploy({ version: 'v2' }));
    expect(heard(lab)).toEqual([{ service: 'web', event: 'succeeded' }]);
  });

  test('hear of the plan where they want to, and not of what they did not name', async () => {
    const lab = await openLab();
    await redefine(lab, { notifications: { on: ['planned'] } });
    await lab.end(await lab.deploy({ version: 'v2' }));
    // A deployment that never had a plan is told as the service says, too.
    await lab.end(await lab.start('bad', { service: 'web', imageId: 'ami-0000000000000dead' }));
    expect(heard(lab)).toEqual([{ service: 'web', event: 'planned' }]);
  });
});
