/**
 * The tags by which everything that a deployment creates is known.
 * Not for: deciding what may be deleted by them.
 */
import { DEPLOYMENT_TAG, toTagValue, SERVICE_TAG, VERSION_TAG } from '../core/names.ts';
import type { Plan } from '../core/plan.ts';

/** AWS refuses tags whose keys begin so; it sets them itself. */
const AWS_TAG = /^aws:/i;

/**
 * Tags that a group may be given in one call.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
 */
export const TAGS_PER_CALL_MAX = 25;

/** Tags that a deployment writes on everything it makes. */
export const OWN_TAGS = 3;

/** The tags of one deployment: its id, its service and its version. */
export function deploymentTags(plan: Plan): readonly { Key: string; Value: string }[] {
  return [
    { Key: DEPLOYMENT_TAG, Value: toTagValue(plan.deploymentId) },
    { Key: SERVICE_TAG, Value: plan.service },
    { Key: VERSION_TAG, Value: toTagValue(plan.version) },
  ];
}

/** Says whether a tag is the owner's: not AWS's, and not one that a deployment writes anew. */
export function isForeignTag({ Key = '' }: { readonly Key?: string | undefined }): boolean {
  return !AWS_TAG.test(Key) && ![DEPLOYMENT_TAG, SERVICE_TAG, VERSION_TAG].includes(Key);
}
