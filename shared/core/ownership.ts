/**
 * Who else believes that a group or a target group is theirs. What another tool made, it will want
 * to find again: such a fleet is scaled to zero and never deleted, whatever a service asks for.
 * Not for: what AWS itself refuses to let anybody change (see `unfit-estate.ts`).
 */

/** A tag as it was read; a missing value is an empty one. */
export interface TagReading {
  readonly key: string;
  readonly value: string;
}

/** One sign of ownership: what the owner is called when a tag says so, undefined when it does not. */
type Sign = (tag: TagReading) => string | undefined;

/** A tag by its whole key; `words` may use the tag's value. */
const byKey =
  (wanted: string, words: (value: string) => string): Sign =>
  ({ key, value }) =>
    key === wanted ? words(value) : undefined;

/** A tag by how its key begins. */
const byPrefix =
  (prefix: string, words: (rest: string) => string): Sign =>
  ({ key }) =>
    key.startsWith(prefix) ? words(key.slice(prefix.length)) : undefined;

/**
 * Tags that AWS itself sets and nobody can copy: they are true wherever they are found.
 * @source https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
const AWS_SIGNS: readonly Sign[] = [
  byKey('aws:cloudformation:stack-name', (stack) => `CloudFormation stack ${stack}`),
  byPrefix('aws:cloudformation:', () => 'CloudFormation'),
  byPrefix('aws:servicecatalog:', () => 'Service Catalog'),
];

/**
 * Tags of controllers that look for their resources by them.
 * @source https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 * @source https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
 * @source https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-tagging.html
 * @source https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 */
const CONTROLLER_SIGNS: readonly Sign[] = [
  byKey('eks:nodegroup-name', (name) => `EKS node group ${name}`),
  byKey('eks:cluster-name', (name) => `EKS cluster ${name}`),
  byKey('AmazonECSManaged', () => 'an ECS capacity provider'),
  byKey('elasticbeanstalk:environment-name', (name) => `Elastic Beanstalk environment ${name}`),
  byPrefix('elbv2.k8s.aws/', () => 'the AWS Load Balancer Controller'),
  byPrefix('ingress.k8s.aws/', () => 'the AWS Load Balancer Controller'),
  byPrefix('service.k8s.aws/', () => 'the AWS Load Balancer Controller'),
  byPrefix('kubernetes.io/cluster/', (name) => `Kubernetes cluster ${name}`),
  byPrefix('kops.k8s.io/', () => 'kOps'),
  byPrefix('karpenter.sh/', () => 'Karpenter'),
];

/** Keys under which people write down which tool made a resource, without case and separators. */
const MAKER_KEYS: ReadonlySet<string> = new Set([
  'managedby',
  'provisionedby',
  'createdby',
  'provisioner',
  'iac',
]);

/** Tools that keep a state of what they made, by how they are written in such tags. */
const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/terraform/i, 'Terraform'],
  [/terragrunt/i, 'Terragrunt'],
  [/open-?tofu/i, 'OpenTofu'],
  [/pulumi/i, 'Pulumi'],
  [/crossplane/i, 'Crossplane'],
  [/cloud-?formation|\bcdk\b/i, 'CloudFormation'],
  [/ansible/i, 'Ansible'],
];

/** `ManagedBy: terraform` and its spellings. */
const byMaker: Sign = ({ key, value }) => {
  const name = key.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (!MAKER_KEYS.has(name)) return undefined;
  return MAKERS.find(([pattern]) => pattern.test(value))?.[1];
};

/** Keys that are a tool's name, alone or as the beginning of a path. */
const TOOL_KEY = /^(?:terraform|terragrunt|open-?tofu|pulumi|crossplane)(?:[:/._-].*)?$/i;

/** `terraform: true` and the like: the tool's name is the key itself. */
const byToolKey: Sign = ({ key, value }) => {
  const isDenied = /^(?:false|no|0)$/i.test(value);
  if (isDenied || !TOOL_KEY.test(key)) return undefined;
  return MAKERS.find(([pattern]) => pattern.test(key))?.[1];
};

const OWN_SIGNS: readonly Sign[] = [...CONTROLLER_SIGNS, byMaker, byToolKey];

/**
 * Who owns what carries these tags, in words such as `CloudFormation stack web`; undefined when
 * nobody else does. What Teal created has copies of its model's tags, so that on it only AWS's own
 * tags count: those are never copied.
 */
export function ownerOf(
  tags: readonly TagReading[],
  { isCreatedByTeal }: { readonly isCreatedByTeal: boolean },
): string | undefined {
  const signs = isCreatedByTeal ? AWS_SIGNS : [...AWS_SIGNS, ...OWN_SIGNS];
  for (const sign of signs) {
    for (const tag of tags) {
      const owner = tag.key.startsWith('teal:') ? undefined : sign(tag);
      if (owner !== undefined) return owner;
    }
  }
  return undefined;
}
