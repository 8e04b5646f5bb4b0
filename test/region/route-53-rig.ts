/** Route 53 with two load balancers, both with a healthy fleet, on a virtual clock. */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Call } from '../../region/kernel/service.ts';
import { createRoute53, type Route53Options } from '../../region/services/route-53/route-53.ts';
import { createRig, forwardTo } from './elastic-load-balancing-rig.ts';

const CALL: Call = {
  caller: { arn: 'arn:aws:iam::000000000000:user/operator', label: 'operator' },
  requestId: 'request',
  isAllowed: () => true,
};

export const NAME = 'www.shop.example.';

export type DnsRig = Awaited<ReturnType<typeof createDnsRig>>;

/** Starts the service with the zone `shop.example`. */
export async function createDnsRig(options: Partial<Route53Options> = {}) {
  const rig = createRig();
  const { elb, kernel } = rig;
  const route53 = createRoute53({
    kernel,
    loadBalancers: elb.names,
    traffic: elb.traffic,
    processingMilliseconds: 0,
    ...options,
  });
  const call = async <T>(operation: string, input: object): Promise<T> =>
    (await route53.service.operations[operation]!.run(input as never, CALL)) as T;
  const made = await call<{ HostedZone: { Id: string } }>('CreateHostedZone', {
    Name: 'Shop.example',
    CallerReference: 'one',
  });
  const HostedZoneId = made.HostedZone.Id.split('/').at(-1)!;
  const change = (...Changes: Change[]) =>
    call<{ ChangeInfo: { Id: string; Status: string } }>('ChangeResourceRecordSets', {
      HostedZoneId,
      ChangeBatch: { Changes },
    });
  return {
    ...rig,
    route53,
    zoneId: HostedZoneId,
    ask: call,
    change,
    create: (...records: ResourceRecordSet[]) =>
      change(...records.map((one): Change => ({ Action: 'CREATE', ResourceRecordSet: one }))),
    list: async (input: object = {}) => {
      const listed = await call<{ ResourceRecordSets: ResourceRecordSet[]; IsTruncated: boolean }>(
        'ListResourceRecordSets',
        { HostedZoneId, ...input },
      );
      return listed.ResourceRecordSets;
    },
    /** A load balancer whose one target is healthy. */
    serve: async (name: string) => {
      const arn = await rig.balance(name);
      const targetGroupArn = await rig.group(name);
      await rig.listen(arn, [forwardTo(targetGroupArn)]);
      const instanceId = rig.launch(String(name.length), {
        model: { status: 200, milliseconds: 5 },
      });
      await rig.register(targetGroupArn, instanceId);
      await rig.pass(60);
      const described = await rig.call<{
        LoadBalancers: { DNSName: string; CanonicalHostedZoneId: string }[];
      }>('DescribeLoadBalancers', { LoadBalancerArns: [arn] });
      const { DNSName, CanonicalHostedZoneId } = described.LoadBalancers[0]!;
      return { arn, targetGroupArn, instanceId, dnsName: DNSName, zoneId: CanonicalHostedZoneId };
    },
  };
}

/** A weighted alias to a load balancer. */
export function weighted(
  SetIdentifier: string,
  Weight: number,
  to: { readonly dnsName: string; readonly zoneId: string },
  extra: Partial<ResourceRecordSet> = {},
): ResourceRecordSet {
  return {
    Name: NAME,
    Type: 'A',
    SetIdentifier,
    Weight,
    AliasTarget: { HostedZoneId: to.zoneId, DNSName: to.dnsName, EvaluateTargetHealth: true },
    ...extra,
  };
}

/** A simple record with an address. */
export const address = (Name: string, Value: string, extra: object = {}): ResourceRecordSet => ({
  Name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value }],
  ...extra,
});
