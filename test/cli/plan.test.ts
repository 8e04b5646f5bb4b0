/** `teal plan` on the command line: what it sends, what it prints, and how it ends. */
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { ApiRefused } from '../../cli/api-client.ts';
import { planCommand } from '../../cli/plan.ts';
import { reportPlan } from '../../shared/core/plan-report.ts';
import { toDuration } from '../../shared/core/plan-text.ts';
import { plan } from '../core/situations.ts';

const report = reportPlan(
  {
    ...plan,
    warnings: ['Image ami-1 is deprecated.'],
    unknowns: ['Spot capacity is not known.'],
    blue: { ...plan.blue, configuredVersion: '$Latest' },
  },
  { amount: 0.5, currency: 'EUR' },
);

const WORDS = ['plan', '--service', 'web', '--image', 'ami-00000000000000002'];
const WHERE = ['--api', 'https://x.execute-api.eu-west-1.amazonaws.com'];

/** Runs the command against an API that gives one answer. */
async function run(words: readonly string[], answer: () => unknown) {
  const seen = { status: -1, out: '', err: '', sent: [] as unknown[] };
  const command = planCommand(
    (status) => (seen.status = status),
    { out: (text) => (seen.out += text), err: (text) => (seen.err += text) },
    () => ({
      send: async (...request) => {
        seen.sent = request;
        return answer();
      },
    }),
  );
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  program.addCommand(command.copyInheritedSettings(program));
  await program.parseAsync([...words, ...WHERE], { from: 'user' });
  return seen;
}

test('a plan is printed as people read it', async () => {
  const { status, out, sent } = await run([...WORDS, '--consent', 'size'], () => report);
  expect(status).toBe(0);
  expect(sent).toEqual([
    'POST',
    '/services/web/plan',
    { imageId: 'ami-00000000000000002', consent: ['size'] },
  ]);
  expect(out).toContain('Target group web-g, with the settings and attributes of blue');
  expect(out).toContain('it is bound to version 3 of its launch template (now $Latest)');
  expect(out).toContain('arn:rule: web-g is added at 0 %');
  expect(out).toContain('after 15 min: 100 % for 10 min');
  expect(out).toContain('27 min, and as long as green takes');
  expect(out).toContain('4 instances more for at least 27 min: 1.8 instance-hours, 0.90 EUR');
  expect(out).toContain('Warnings\n  Image ami-1 is deprecated.');
  expect(out).toContain('Not known beforehand\n  Spot capacity is not known.');
  expect(out).not.toContain('Agreed to');
});

test('a plan is of the same request that a start would send', async () => {
  const words = ['--strategy', 'canary:10:5m', '--bake', '30m', '--green-deadline', '20m'];
  const more = ['--fix-forward', 'cures the latency', '--on-busy', 'queue', '--release', 'v2'];
  const { sent } = await run([...WORDS, ...words, ...more], () => report);
  expect(sent[2]).toEqual({
    imageId: 'ami-00000000000000002',
    version: 'v2',
    strategy: { type: 'canary', greenWeightPercent: 10, holdSeconds: 300 },
    bakeTimeSeconds: 1800,
    greenHealthyDeadlineSeconds: 1200,
    fixForward: { reason: 'cures the latency' },
    onBusy: 'queue',
  });
});

test('a plan is printed as one object for programs', async () => {
  const { out } = await run([...WORDS, '--json'], () => report);
  expect(JSON.parse(out)).toEqual(report);
});

test('money is named only where the service says what an instance costs', () => {
  expect(reportPlan(plan).overlap).toEqual({
    instances: 4,
    leastSeconds: 1620,
    instanceHours: 1.8,
  });
});

const refused = () => {
  throw new ApiRefused('POST /services/web/plan was answered with 422: no room', 422);
};

test('a refusal is printed as it came, and is no success', async () => {
  const { status, out, err } = await run(WORDS, refused);
  expect([status, out]).toEqual([1, '']);
  expect(err).toContain('no room');
});

test('a service and an image have to be named', async () => {
  await expect(run(['plan', '--service', 'web'], () => report)).rejects.toMatchObject({
    code: 'commander.missingMandatoryOptionValue',
  });
});

test.each([
  [0, '0 s'],
  [90, '1 min 30 s'],
  [90_061, '1 d 1 h 1 min 1 s'],
])('%d seconds are read as %s', (seconds, text) => {
  expect(toDuration(seconds)).toBe(text);
});
