/** A record of a deployment by the plan of `situations.ts`, for decisions about how it ended. */
import type { DeploymentRecord } from '../../shared/core/record.ts';
import { NOW, plan } from './situations.ts';

/** All of a record but its progress, which each test says itself. */
export const recorded: Omit<DeploymentRecord, 'progress'> & { readonly plan: typeof plan } = {
  deploymentId: 'd-1',
  service: 'web',
  startedAt: NOW,
  executionArn: 'arn',
  request: {},
  plan,
  revision: 1,
};
