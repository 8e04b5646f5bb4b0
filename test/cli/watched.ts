/** A deployment as its watchers see it, in the middle of its second step. */
import type { Deployment, Observation, TimelineEntry } from '../../cli/answers.ts';
import type { Sight } from '../../cli/watch/sight.ts';
import { initialProgress } from '../../shared/core/progress.ts';
import { plan } from '../core/situations.ts';

/** When it is looked at. */
export const AT = '2026-01-05T09:10:00.000Z';

export const STEPS = [
  { greenWeightPercent: 5, holdSeconds: 240 },
  { greenWeightPercent: 20, holdSeconds: 240 },
  { greenWeightPercent: 50, holdSeconds: 240 },
  { greenWeightPercent: 100, holdSeconds: 600 },
];

export const observation: Observation = {
  deploymentId: 'web-3f2a91c0',
  status: 'holding',
  reason: 'Green was confirmed at 20 % on 1 route.',
  at: AT,
  steps: STEPS,
  stepIndex: 1,
  greenWeightPercent: 20,
  holdUntil: '2026-01-05T09:11:00.000Z',
  blue: { exists: true, desiredCapacity: 4, healthyCount: 4, drainingCount: 0 },
  green: { exists: true, desiredCapacity: 4, healthyCount: 3, drainingCount: 1 },
  alarms: {
    type: 'read',
    alarms: [
      { alarmName: 'web-5xx', state: 'OK' },
      { alarmName: 'web-latency', state: 'ALARM' },
      { alarmName: 'web-saturation', state: 'INSUFFICIENT_DATA' },
    ],
  },
  routes: [{ routeId: 'arn:rule', weights: { blue: 80, green: 20 } }],
  revertReadiness: {
    percent: 100,
    missingTargets: 0,
    secondsUntilReady: 0,
    sentence: 'Blue could take everything back with 4 healthy targets.',
  },
  possible: [
    { verb: 'pause', sentence: 'No further step is taken.' },
    { verb: 'promoteAll', sentence: 'All holds are skipped.' },
  ],
};

export const deployment: Deployment = {
  deploymentId: 'web-3f2a91c0',
  service: 'web',
  startedAt: '2026-01-05T09:00:00.000Z',
  executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:deploy:web-3f2a91c0',
  status: 'holding',
  reason: observation.reason,
  request: { service: 'web', imageId: 'ami-00000000000000002', requestedBy: 'arn:somebody' },
  plan: {
    version: 'v2',
    imageId: 'ami-00000000000000002',
    blue: { ...plan.blue, version: 'v1' },
    green: plan.green,
    steps: STEPS,
  },
  progress: { ...initialProgress('Planned.'), stepIndex: 1, confirmedGreenWeightPercent: 20 },
};

/** A line of the timeline, so many seconds after nine o'clock. */
export function entry(seconds: number, state: string, reason: string): TimelineEntry {
  const at = new Date(Date.parse('2026-01-05T09:00:00.000Z') + seconds * 1000).toISOString();
  return { at, state, event: 'shift', reason };
}

export const sight: Sight = {
  deploymentId: 'web-3f2a91c0',
  deployment,
  observation,
  entries: [
    entry(1, 'PlanDeployment', 'The deployment of v2 was planned.'),
    entry(400, 'DecideNextStep', 'Green held 5 % with 4 healthy targets; 20 % was next.'),
    entry(401, 'ShiftTraffic', 'Green was given 20 % on 1 route.'),
    entry(420, 'ConfirmTraffic', 'Green was confirmed at 20 % on 1 route.'),
  ],
};
