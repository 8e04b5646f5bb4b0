/**
 * Tells the world outside of Teal what serves now, when a deployment has succeeded.
 * Not for: the service's definition, without which Teal itself would not know.
 */
import { pointersOf } from '../shared/core/pointers.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { DefaultVersions, Pointers } from '../shared/ports/pointers.ts';

/** Where others look. */
export interface PublishPorts {
  readonly pointers: Pointers;
  readonly defaultVersions: DefaultVersions;
}

/**
 * Writes the pointers and moves the default version. What serves, serves: a failure is answered as
 * a sentence for people, because no pointer is worth the outcome of a deployment.
 */
export async function publish(
  { pointers, defaultVersions }: PublishPorts,
  { service, plan, progress }: DeploymentRecord,
): Promise<string | undefined> {
  if (!plan) return undefined;
  const { launchTemplateId, launchTemplateVersion, isDefaultVersion } = plan.blue;
  const to = progress.greenLaunchTemplateVersion;
  try {
    if (isDefaultVersion && to !== undefined) {
      await defaultVersions.move({ launchTemplateId, from: launchTemplateVersion, to });
    }
    await pointers.publish(service, pointersOf(plan, progress));
    return undefined;
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return `What points to it could not all be written: ${because}`;
  }
}
