/**
 * A deployment that is paused because somebody else changed its weights, as whoever looks at it
 * sees it, and what they can do about it.
 */
import { ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { present } from '../lab/estate.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, greenOf, greenWeight, raiseAlarm, untilGreenHas } from '../lab/moments.ts';
import { ask, give, once, possible, stateOf } from '../lab/orders.ts';
import { useLabs } from '../lab/use-labs.ts';

const openPlainLab = useLabs();

const HOUR = 3600;

const openLab = (options: LabOptions = {}) =>
  openPlainLab({
    service: { ...BRIEF, onForeignChange: 'pause' },
    requestsPerSecond: 0.1,
    ...options,
  });

/** Weights of both fleets as somebody else writes them. */
async function writeWeights(lab: Lab, id: string, green: number): Promise<void> {
  const arns = await lab.act(() => lab.targetGroupArns());
  const TargetGroups = [
    { TargetGroupArn: lab.estate.blueTargetGroupArn, Weight: 100 - green },
    { TargetGroupArn: present(arns[greenOf(lab, id)]), Weight: green },
  ];
  const command = new ModifyListenerCommand({
    ListenerArn: lab.estate.listenerArn,
    DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
  });
  await lab.act(() => lab.aws.loadBalancing().send(command));
}

/** A deployment at 10 % whose weights somebody set to 30 %, once it has seen that. */
async function paused(lab: Lab): Promise<string> {
  const id = await lab.deploy({ version: 'v2' });
  await untilGreenHas(lab, id, 10);
  await lab.pass(5);
  await writeWeights(lab, id, 30);
  await lab.untilState(id, 'Paused');
  await lab.pass(1);
  return id;
}

const heard = (lab: Lab) =>
  lab.region.sns.messages(lab.stack.topicArn).map(({ subject }) => subject);

describe('a deployment whose weights somebody else changed', () => {
  test('is shown as paused, by what, until when, and with what can be done', async () => {
    const lab = await openLab();
    const id = await paused(lab);
    const pause = {
      by: `a foreign change on ${lab.estate.listenerArn}`,
      onTimeout: 'rollBack',
      isOrdered: false,
    };
    const shown = { status: 'paused', pause };
    const { body: live } = await lab.api.send('GET', `/deployments/${id}/observation`);
    expect(live).toMatchObject(shown);
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body).toMatchObject(shown);
    const { since, until } = body['pause'] as { since: string; until: string };
    expect(Date.parse(until) - Date.parse(since)).toBe(24 * HOUR * 1000);
    expect(body['reason']).toBe(
      `Somebody else changed the weights of ${lab.estate.listenerArn} to blue 70 and green 30. ` +
        `It was paused until they are put back, or else until ${until}.`,
    );
    const { body: list } = await lab.api.send('GET', '/deployments?status=paused');
    expect(list['deployments']).toMatchObject([{ deploymentId: id, status: 'paused' }]);
    expect(await possible(lab, id)).toEqual(['promoteAll', 'pause', 'resume', 'abort', 'rollback']);
  });

  test('tells people once, without being asked to', async () => {
    const lab = await openLab();
    const id = await paused(lab);
    await lab.pass(2 * HOUR);
    expect(heard(lab)).toEqual(['web: paused']);
    const [message] = lab.region.sns.messages(lab.stack.topicArn);
    expect(JSON.parse(present(message).message)).toMatchObject({
      by: expect.stringContaining('a foreign change on ') as string,
      until: expect.any(String) as string,
      onTimeout: 'rollBack',
      answerWith: [`POST /deployments/${id}/resume`, `POST /deployments/${id}/abort`],
    });
  });

  test('looks again when it is resumed: it stays paused, or goes on once they are put back', async () => {
    const lab = await openLab();
    const id = await paused(lab);
    await give(lab, id, 'resume');
    await lab.pass(2);
    expect(await stateOf(lab, id)).toBe('Paused');
    expect(await lab.act(() => greenWeight(lab, id))).toBe(30);
    await writeWeights(lab, id, 10);
    await give(lab, id, 'resume');
    await lab.pass(2);
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body['status']).toBe('holding');
    expect(body['pause']).toBeUndefined();
    expect((await ask(lab, id, 'resume')).status).toBe(409);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('hears who resumes it in the moment before it can be woken', async () => {
    let lab: Lab | undefined;
    const around = once('paused', 'before', async () => {
      await writeWeights(present(lab), 'web-v2', 10);
      await give(present(lab), 'web-v2', 'resume');
    });
    lab = await openLab({ around });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(5);
    await writeWeights(lab, id, 30);
    await lab.untilState(id, 'Paused');
    await lab.pass(2);
    expect(await stateOf(lab, id)).toBe('Hold');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test('is held anew once they are put back, because nothing was baked meanwhile', async () => {
    const service = { ...BRIEF, onForeignChange: 'pause' as const, bakeTimeSeconds: 3600 };
    const lab = await openLab({ service });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 100);
    await lab.pass(5);
    await writeWeights(lab, id, 0);
    await lab.untilState(id, 'Paused');
    await lab.pass(2 * HOUR);
    await writeWeights(lab, id, 100);
    await give(lab, id, 'resume');
    await lab.pass(3500);
    expect(await stateOf(lab, id)).toBe('Hold');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const lines = (await lab.api.send('GET', `/deployments/${id}/timeline`)).body['entries'];
    const pauses = (lines as { event: string }[]).filter(({ event }) => event === 'pause');
    expect(pauses).toHaveLength(1);
  });

  test('goes on by itself within minutes once they are put back', async () => {
    const lab = await openLab();
    const id = await paused(lab);
    await lab.pass(HOUR);
    await writeWeights(lab, id, 10);
    await lab.pass(310);
    expect(await stateOf(lab, id)).not.toBe('Paused');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test.each<[string, string, (lab: Lab, id: string) => Promise<unknown>]>([
    ['after a day', 'Nobody put them back within 86400 s.', (lab) => lab.pass(24 * HOUR)],
    ['at an alarm', 'ALARM', raiseAlarm],
    ['when somebody aborts', 'enough', (lab, id) => give(lab, id, 'abort', { reason: 'enough' })],
  ])('gives blue everything %s', async (_when, said, end) => {
    const lab = await openLab();
    const id = await paused(lab);
    await end(lab, id);
    const { error, cause } = await lab.end(id);
    expect([error, cause]).toEqual(['RolledBack', expect.stringContaining(said)]);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('is paused also where they were changed before they could be read back', async () => {
    let lab: Lab | undefined;
    const around = once('confirm-traffic', 'before', () =>
      writeWeights(present(lab), 'web-v2', 30),
    );
    lab = await openLab({ around });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Paused');
    await lab.pass(HOUR);
    expect(await lab.act(() => greenWeight(present(lab), id))).toBe(30);
    await writeWeights(lab, id, 10);
    await give(lab, id, 'resume');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });
});
