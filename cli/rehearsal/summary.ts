/**
 * The last words of a rehearsal.
 */
import type { Ink } from '../terminal/ink.ts';
import type { Presenter } from './presenter.ts';
import { endedAsMeant, type DeploymentReport, type PlayedDeployment } from './report.ts';
import type { RunningRegion } from './start-region.ts';

/** Outcomes in a sentence. */
const ENDINGS = {
  succeeded: 'succeeded',
  rolledBack: 'was rolled back',
  failed: 'failed',
} as const;

/** The same after `should have`. */
const PERFECT = { succeeded: 'succeeded', rolledBack: 'been rolled back' } as const;

/** What to look at when nothing caught a broken version. */
const NOT_CAUGHT =
  'No alarm spoke in time. Alarms look at whole minutes of region time, so a --hold under 60 can ' +
  'be over before one is raised; a lower --alarm-threshold raises it sooner.';

/** Prints what the deployments came to. `unplayed` names a version that was not deployed. */
export function printSummary(
  played: readonly PlayedDeployment[],
  {
    speed,
    wallSeconds,
    unplayed,
  }: { speed: number; wallSeconds: number; unplayed: string | undefined },
  presenter: Presenter,
): void {
  const { ink } = presenter;
  presenter.headline('What happened');
  for (const one of played) {
    presenter.verbatim(headOf(one, ink));
    for (const [name, text] of describeFigures(one.report)) presenter.row(name, text);
    if (one.expected === 'rolledBack' && one.report.outcome === 'succeeded') {
      presenter.row('hint', NOT_CAUGHT);
    }
    presenter.verbatim('');
  }
  if (unplayed) {
    presenter.line(`${unplayed} was not deployed, because the deployment before it went wrong.`);
  }
  presenter.line(`It took ${wallSeconds} s on the wall, at speed ${speed}.`);
}

function headOf(one: PlayedDeployment, ink: Ink): string {
  const { version, expected, report } = one;
  const ended = `${version} ${ENDINGS[report.outcome]}`;
  if (endedAsMeant(one)) return ink.green(`  ✓ ${ended}, as it should`);
  return ink.red(`  ✗ ${ended}; it should have ${PERFECT[expected]}`);
}

/** What there is to say of a deployment, each with its name. */
function describeFigures(report: DeploymentReport): [name: string, text: string][] {
  const { reason, steps, requests, stateTransitions, awsCalls } = report;
  const { greenHealthyToFirstShiftMs: readyMs, alarmToBlueFullMs: rollbackMs } = report;
  const weights = steps.map(({ greenWeightPercent }) => greenWeightPercent).join(' → ');
  const versions = Object.entries(requests.byVersion).map(
    ([version, { answered, errors }]) =>
      `, ${answered} answered by ${version}${errors > 0 ? ` (${errors} of them with errors)` : ''}`,
  );
  const calls = Object.values(awsCalls).reduce((sum, count) => sum + count, 0);
  return [
    ['reason', reason],
    ['weights', weights ? `${weights} %` : 'green never had traffic'],
    ['requests', `${requests.sent} sent${versions.join('')}, ${requests.failed} lost`],
    ...row('start', readyMs, 'from healthy green to its first traffic'),
    ...row('rollback', rollbackMs, 'from the alarm to blue at 100 %'),
    ['cost', `${stateTransitions} state transitions, ${calls} AWS calls`],
  ];
}

function row(name: string, milliseconds: number | null, what: string): [string, string][] {
  return milliseconds === null ? [] : [[name, `${milliseconds} ms ${what}`]];
}

/** The command line of a clone, without npm's own lines. */
const TEAL = 'npm run --silent teal --';

/** How to reach a region that is left running, in lines to copy. */
export function describeKeptRegion(
  { region, settings, stack }: RunningRegion,
  kept: {
    readonly deploymentId: string | undefined;
    readonly targetGroupArn: string;
    readonly url: string;
  },
): string {
  const { accessKeyId, secretAccessKey } = region.administrator;
  const aws = `aws --endpoint-url ${settings.endpoint}`;
  const executions = stack.stateMachineArn.replace(':stateMachine:', ':execution:');
  return [
    '',
    `The region runs on at ${settings.endpoint} until Ctrl-C.`,
    `Teal's API is at ${stack.apiEndpoint}, the application at ${kept.url}`,
    'Any AWS client can look at it, and Teal itself from this clone:',
    '',
    `  export AWS_DEFAULT_REGION=${settings.region}`,
    `  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    `  export TEAL_API=${stack.apiEndpoint}`,
    '',
    `  ${TEAL} list`,
    ...(kept.deploymentId === undefined ? [] : [`  ${TEAL} get ${kept.deploymentId}`]),
    ...(kept.deploymentId === undefined
      ? []
      : [
          `  ${aws} stepfunctions describe-execution \\`,
          `    --execution-arn ${executions}:${kept.deploymentId}`,
        ]),
    `  ${aws} elbv2 describe-target-health \\`,
    `    --target-group-arn ${kept.targetGroupArn}`,
    `  ${aws} cloudwatch describe-alarms`,
    '',
  ].join('\n');
}
