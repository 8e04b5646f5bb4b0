/**
 * Which deployment people mean: by its id, or by the name of a service, whose running one it is.
 */
import { type ApiClient, ApiRefused } from './api-client.ts';
import type { DeploymentsAnswer, Summary } from './answers.ts';
import { pagesOf } from './pages.ts';
import { sayStatus } from './watch/words.ts';

/**
 * What is meant where no deployment of a service runs: the newest, the newest that succeeded, which
 * is the one that serves, or nothing.
 */
export type Otherwise = 'newest' | 'serving' | 'none';

/** No deployment is meant; the message says what there is instead. */
export class DeploymentUnknown extends Error {
  override readonly name = 'DeploymentUnknown';
}

/**
 * Pages that are looked through for one deployment; the API looks at some 500 deployments for a page,
 * so that these are more than any service has.
 */
const PAGES_MAX = 20;

/**
 * The id that a word means. `say` gets a sentence where the word was not the id itself.
 * @throws DeploymentUnknown when there is no such deployment
 */
export async function findDeployment(
  api: ApiClient,
  word: string,
  { otherwise, say }: { otherwise: Otherwise; say: (sentence: string) => void },
): Promise<string> {
  try {
    await api.send('GET', `/deployments/${encodeURIComponent(word)}`);
    return word;
  } catch (error) {
    if (!(error instanceof ApiRefused && error.status === 404 && error.problem?.['title'])) {
      throw error;
    }
  }
  const summary = await findOfService(api, word, otherwise);
  const { deploymentId, version, status } = summary;
  say(`${word} means ${deploymentId} (${version}, ${sayStatus(status)}).`);
  return deploymentId;
}

async function findOfService(
  api: ApiClient,
  service: string,
  otherwise: Otherwise,
): Promise<Summary> {
  const running = await findRunning(api, service);
  if (running) return running;
  const newest = await findNewest(api, service);
  if (!newest) {
    throw new DeploymentUnknown(
      `There is no deployment ${service}, and none of a service of that name; \`teal list\` shows what there is.`,
    );
  }
  if (otherwise === 'newest') return newest;
  const last = `The last one, ${newest.deploymentId}, is ${sayStatus(newest.status)}: ${newest.reason}`;
  if (otherwise === 'none') {
    throw new DeploymentUnknown(`No deployment of ${service} is running. ${last}`);
  }
  for await (const { deployments } of listAll(api, { service, status: 'succeeded', limit: '1' })) {
    if (deployments[0]) return deployments[0];
  }
  throw new DeploymentUnknown(
    `No deployment of ${service} is running, and none has succeeded, so that there is nothing to take back. ${last}`,
  );
}

/** Who was turned away because another one ran means that one, unless there is no other. */
async function findNewest(api: ApiClient, service: string): Promise<Summary | undefined> {
  const [newest] = (await list(api, { service, limit: '1' })).deployments;
  if (newest?.error !== 'ServiceBusy') return newest;
  for await (const { deployments } of listAll(api, { service, limit: '20' })) {
    const found = deployments.find(({ error }) => error !== 'ServiceBusy');
    if (found) return found;
  }
  return newest;
}

/** One that waits for its turn is meant only where nothing runs before it. */
async function findRunning(api: ApiClient, service: string): Promise<Summary | undefined> {
  let queued: Summary | undefined;
  for await (const { deployments } of listAll(api, { service, status: 'running', limit: '20' })) {
    const found = deployments.find(({ status }) => status !== 'queued');
    if (found) return found;
    queued = deployments.at(-1) ?? queued;
  }
  return queued;
}

function listAll(
  api: ApiClient,
  query: Readonly<Record<string, string>>,
): AsyncGenerator<DeploymentsAnswer> {
  return pagesOf(
    (cursor) => list(api, { ...query, ...(cursor !== undefined && { cursor }) }),
    PAGES_MAX,
  );
}

/** A word that is no service's name, such as a mistyped id, has no deployments. */
async function list(
  api: ApiClient,
  query: Readonly<Record<string, string>>,
): Promise<DeploymentsAnswer> {
  try {
    const path = `/deployments?${new URLSearchParams(query).toString()}`;
    return (await api.send('GET', path)) as DeploymentsAnswer;
  } catch (error) {
    const isNoName = error instanceof ApiRefused && [400, 404, 422].includes(error.status);
    if (isNoName) return { deployments: [] };
    throw error;
  }
}
