/**
 * Which deployment people mean: by its id, or by the name of a service, whose running one it is.
 */
import { type ApiClient, ApiRefused } from './api-client.ts';
import { type DeploymentsAnswer, isOver, type Summary } from './answers.ts';

/** What is meant where no deployment of a service runs: the newest, or nothing. */
export type Otherwise = 'newest' | 'none';

/** No deployment is meant; the message says what there is instead. */
export class DeploymentUnknown extends Error {
  override readonly name = 'DeploymentUnknown';
}

/** Deployments of a service that are looked through for the running one. */
const LOOKED_THROUGH = 20;

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
  say(`${word} means ${deploymentId} (${version}, ${status}).`);
  return deploymentId;
}

async function findOfService(
  api: ApiClient,
  service: string,
  otherwise: Otherwise,
): Promise<Summary> {
  const query = new URLSearchParams({ service, limit: String(LOOKED_THROUGH) });
  const { deployments } = (await list(api, query)) ?? { deployments: [] };
  const [newest] = deployments;
  if (!newest) {
    throw new DeploymentUnknown(
      `There is no deployment ${service}, and none of a service of that name; \`teal list\` shows what there is.`,
    );
  }
  const open = deployments.filter(({ status }) => !isOver(status));
  // One that waits for its turn is meant only where nothing runs before it.
  const found = open.find(({ status }) => status !== 'queued') ?? open.at(-1);
  if (found) return found;
  if (otherwise === 'newest') return newest;
  throw new DeploymentUnknown(
    `No deployment of ${service} is running. The last one, ${newest.deploymentId}, is ${newest.status}: ${newest.reason}`,
  );
}

/** A word that is no service's name, such as a mistyped id, has no deployments. */
async function list(
  api: ApiClient,
  query: URLSearchParams,
): Promise<DeploymentsAnswer | undefined> {
  try {
    return (await api.send('GET', `/deployments?${query.toString()}`)) as DeploymentsAnswer;
  } catch (error) {
    if (error instanceof ApiRefused && [400, 404, 422].includes(error.status)) return undefined;
    throw error;
  }
}
