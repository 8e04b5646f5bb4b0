/**
 * The default version of a launch template, which others may launch from as `$Default`. It moves
 * when a version has won, and never while blue might still launch by it.
 */
import { type EC2Client, ModifyLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import type { DefaultVersions } from '../ports/pointers.ts';
import { call } from './call.ts';
import { DEFAULT_VERSION, readVersion } from './launch-templates.ts';

/** Makes the mover of default versions. */
export function createDefaultVersions(ec2: EC2Client): DefaultVersions {
  return {
    async move({ launchTemplateId, from, to }) {
      const version = await readVersion(ec2, launchTemplateId, DEFAULT_VERSION);
      if (version !== from) return;
      const command = new ModifyLaunchTemplateCommand({
        LaunchTemplateId: launchTemplateId,
        DefaultVersion: String(to),
      });
      const on = `${launchTemplateId} version ${to}`;
      await call('ModifyLaunchTemplate', on, () => ec2.send(command));
    },
  };
}
