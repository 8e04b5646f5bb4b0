/**
 * The first event of each function's life in the benchmark of cold starts: real in shape, about a
 * deployment that does not exist, so that it makes its first calls to AWS and then stops.
 */

const DEPLOYMENT_ID = 'bench-1';

const IMAGE_ID = 'ami-00000000000000001';

function httpEvent(
  method: string,
  path: string,
  routeKey: string,
  pathParameters: Readonly<Record<string, string>>,
): object {
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: { accept: 'application/json', host: 'api' },
    pathParameters,
    requestContext: {
      requestId: 'bench',
      domainName: 'api',
      http: { method, path, protocol: 'HTTP/1.1' },
      stage: '$default',
      time: '05/Jan/2026:09:00:00 +0000',
      timeEpoch: 0,
    },
    ...(method === 'POST' && { body: JSON.stringify({ imageId: IMAGE_ID }) }),
    isBase64Encoded: false,
  };
}

/** Functions that other services than the state machine invoke. */
const EVENTS: Readonly<Record<string, object>> = {
  api: httpEvent('GET', `/deployments/${DEPLOYMENT_ID}`, 'GET /deployments/{deploymentId}', {
    deploymentId: DEPLOYMENT_ID,
  }),
  'show-deployment': httpEvent(
    'GET',
    `/deployments/${DEPLOYMENT_ID}/observation`,
    'GET /deployments/{deploymentId}/observation',
    { deploymentId: DEPLOYMENT_ID },
  ),
  'show-plan': httpEvent('POST', '/services/bench/plan', 'POST /services/{service}/plan', {
    service: 'bench',
  }),
  'draft-definition': httpEvent(
    'GET',
    '/groups/bench/definition',
    'GET /groups/{group}/definition',
    { group: 'bench' },
  ),
  'on-alarm-change': {
    source: 'aws.cloudwatch',
    detail: { alarmName: 'bench', state: { value: 'ALARM', reason: 'The benchmark asked.' } },
  },
  'on-image-available': {
    source: 'aws.ec2',
    detail: { ImageId: IMAGE_ID, State: 'available' },
  },
};

/** The event for a function, at region time `now` in epoch milliseconds. */
export function firstEventOf(name: string, now: number): object {
  return (
    EVENTS[name] ?? {
      deploymentId: DEPLOYMENT_ID,
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:bench:bench-1',
      now: new Date(now).toISOString(),
      request: { service: 'bench', imageId: IMAGE_ID },
      taskToken: 'bench',
      directive: { type: 'shift', stepIndex: 0, reason: 'The benchmark asked.' },
      cause: { directive: { type: 'rollBack', reason: 'The benchmark asked.' } },
      ending: { directive: { type: 'rollBack', reason: 'The benchmark asked.' } },
    }
  );
}
