/**
 * What must be true of a region once nobody deploys any more: nothing is locked, waits, or is
 * watched, and nothing that Teal made is there besides the fleet that serves.
 */
import { DescribeTagsCommand } from '@aws-sdk/client-auto-scaling';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { Lab } from './lab.ts';
import { nameOf } from './sight.ts';

/** Region seconds that AWS may take to finish what it was asked last, such as a deletion. */
const SETTLING_SECONDS = 120;

/**
 * Everything that was left behind, in words; empty when nothing was. After a way back the version
 * that was left stays the newest one: nobody follows it, and nobody but its owner deletes it.
 */
export async function leftovers(
  lab: Lab,
  { isTakenBack = false } = {},
): Promise<readonly string[]> {
  await lab.pass(SETTLING_SECONDS);
  return lab.act(async () => [
    ...(await heldItems(lab)),
    ...(await runningExecutions(lab)),
    ...(await orphans(lab)),
    ...(isTakenBack ? [] : await staleVersions(lab)),
  ]);
}

async function heldItems(lab: Lab): Promise<string[]> {
  const items = await lab.items();
  return items.flatMap(({ pk, sk, owner, taskToken }) => {
    const key = `${pk as string} ${sk as string}`;
    if (owner !== undefined) return [`${key} is locked by ${owner as string}`];
    if (taskToken !== undefined) return [`${key} has a token`];
    if (key.includes('QUEUE#')) return [`${key} waits`];
    return key.startsWith('ALARM#') ? [`${key} is watched`] : [];
  });
}

async function runningExecutions({ aws, stack }: Lab): Promise<string[]> {
  const { executions = [] } = await aws
    .stepFunctions()
    .send(new ListExecutionsCommand({ ...stack, statusFilter: 'RUNNING' }));
  return executions.map(({ name }) => `execution ${name} is running`);
}

/** Groups and target groups that no route leads to, but the one that an operator made. */
async function orphans(lab: Lab): Promise<string[]> {
  const { groups, targetGroups, routes } = await lab.belongings();
  const { Tags = [] } = await lab.aws
    .autoScaling()
    .send(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['teal:deployment'] }] }));
  const own = new Set(Tags.map(({ ResourceId }) => ResourceId));
  const serving = new Set(Object.values(routes).flatMap((weights) => Object.keys(weights)));
  const idle = [...Object.keys(groups).filter((name) => own.has(name)), ...targetGroups];
  return idle
    .filter((name) => !serving.has(name) && name !== nameOf(lab.estate.blueTargetGroupArn))
    .map((name) => `${name} serves nobody`);
}

/** A version above all that are in use would be what `$Latest` means to the next launch. */
async function staleVersions(lab: Lab): Promise<string[]> {
  const { groups, launchTemplate } = await lab.belongings();
  const used = Object.values(groups).map((group) => Number(group.launchTemplateVersion) || 1);
  return launchTemplate.versions
    .filter((version) => version > Math.max(...used))
    .map((version) => `launch template version ${version} is newer than what anybody launches`);
}
