/**
 * Which rules and listeners another controller writes to by itself. It would put its own weights
 * back in the middle of a deployment, so that such a route is refused beforehand.
 * Not for: tools that write only when somebody runs them, such as CloudFormation and Terraform;
 * their rules may be shifted, and a change of theirs is met as anybody's.
 */
import type { TagReading } from './ownership.ts';

interface Sign {
  /** Matches the keys of the tags by which the controller knows what it made. */
  readonly key: RegExp;
  readonly controller: string;
}

/**
 * @source https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 * @source https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
 * @source https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-tagging.html
 */
const SIGNS: readonly Sign[] = [
  {
    key: /^(?:elbv2|ingress|service|gateway)\.k8s\.aws\//,
    controller: 'the AWS Load Balancer Controller',
  },
  { key: /^kubernetes\.io\/cluster\//, controller: 'Kubernetes' },
  { key: /^(?:AmazonECSManaged$|aws:ecs:)/, controller: 'Amazon ECS' },
  { key: /^elasticbeanstalk:environment-/, controller: 'Elastic Beanstalk' },
];

/** What the controller of a route is called; undefined when its tags name none. */
export function controllerOf(tags: readonly TagReading[]): string | undefined {
  return SIGNS.find(({ key: sign }) => tags.some(({ key }) => sign.test(key)))?.controller;
}
