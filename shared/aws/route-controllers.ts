/**
 * Finds out who else writes to rules and listeners, by their tags.
 * Not for: what a tag means; see `core/route-controllers.ts`.
 */
import {
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { FoundRoute } from '../core/estate.ts';
import { controllerOf } from '../core/route-controllers.ts';
import { call } from './call.ts';
import { chunksOf } from './pages.ts';

/**
 * Resources in one call.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
 */
const ARNS_PER_CALL_MAX = 20;

/** The routes of a load balancer, each with its controller. @throws AwsUnavailable, AwsRefused */
export async function readControllers(
  client: ElasticLoadBalancingV2Client,
  routes: readonly FoundRoute[],
): Promise<readonly FoundRoute[]> {
  const controllers = new Map<string, string>();
  for (const chunk of chunksOf(routes, ARNS_PER_CALL_MAX)) {
    const arns = chunk.map(({ id }) => id);
    const command = new DescribeTagsCommand({ ResourceArns: arns });
    const output = await call('DescribeTags', arns.join(', '), () => client.send(command));
    for (const { ResourceArn = '', Tags = [] } of output.TagDescriptions ?? []) {
      const tags = Tags.map(({ Key: key = '', Value: value = '' }) => ({ key, value }));
      const controller = controllerOf(tags);
      if (controller !== undefined) controllers.set(ResourceArn, controller);
    }
  }
  return routes.map((route) => {
    const controller = controllers.get(route.id);
    return controller === undefined ? route : { ...route, controller };
  });
}
