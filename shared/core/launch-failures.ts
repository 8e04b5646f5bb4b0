/**
 * What Auto Scaling's words about a launch that came to nothing mean for a deployment.
 */

/**
 * `fatal`: no launch with these settings will ever work. `quota`: none will until somebody raises
 * a limit. `capacity`: AWS has no room just now and Auto Scaling goes on trying. `unhealthy`: the
 * instance came up and was ended for its health. `unknown`: none of these.
 */
export type LaunchFailure = 'fatal' | 'quota' | 'capacity' | 'unhealthy' | 'unknown';

/**
 * First match wins.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-healthchecks.html
 * @source https://github.com/aws-deepracer-community/deepracer-on-the-spot/issues/55
 */
const CLASSES: readonly { readonly says: RegExp; readonly means: LaunchFailure }[] = [
  // AWS has no instance of the type, or no Spot capacity, in the zone just now.
  { says: /sufficient .*capacity|no Spot capacity|Could not launch Spot/i, means: 'capacity' },
  // The account's own limits.
  { says: /already running|vCPU capacity|LimitExceeded|quota/i, means: 'quota' },
  { says: /max spot instance count exceeded/i, means: 'quota' },
  { says: /InsufficientFreeAddresses|not have enough free addresses/i, means: 'quota' },
  // The image cannot run on the type, or the settings name what does not exist.
  {
    says: /configuration is currently not supported|does not match the architecture/i,
    means: 'fatal',
  },
  { says: /does not exist|not supported in your requested|Invalid device name/i, means: 'fatal' },
  { says: /InvalidBlockDeviceMapping|not authorized/i, means: 'fatal' },
  // An encrypted snapshot whose key Auto Scaling may not use: the instance dies while pending.
  { says: /Client\.InternalError|Client error on launch/i, means: 'fatal' },
  { says: /health check|status check/i, means: 'unhealthy' },
];

/** Classifies one failure by what Auto Scaling says of it. */
export function classifyLaunchFailure(words: string): LaunchFailure {
  return CLASSES.find(({ says }) => says.test(words))?.means ?? 'unknown';
}
