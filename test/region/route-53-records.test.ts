/** The records of a zone: what may be changed, and how a change spreads. */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { refusal } from './elastic-load-balancing-rig.ts';
import { address, createDnsRig, NAME, weighted } from './route-53-rig.ts';

const one = { SetIdentifier: 'one', Weight: 1 };
const two = { SetIdentifier: 'two', Weight: 1 };

describe('a batch of changes', () => {
  it('is done as a whole or not at all', async () => {
    const { create, list } = await createDnsRig();
    const good = address('a.shop.example', '192.0.2.1');
    const bad = address('b.shop.example', 'not an address');
    expect(await refusal(create(good, bad))).toBe(
      "InvalidChangeBatch: [Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address " +
        "(Value is not a valid IPv4 address) encountered with 'not an address'']",
    );
    expect((await list()).map(({ Type }) => Type)).toEqual(['NS', 'SOA']);
  });

  it('replaces a simple record by weighted ones when it deletes the simple one as well', async () => {
    const { create, change, list } = await createDnsRig();
    const simple = address(NAME, '192.0.2.1');
    await create(simple);
    expect(await refusal(create(address(NAME, '192.0.2.1', one)))).toBe(
      `InvalidChangeBatch: [RRSet with DNS name ${NAME}, type A, SetIdentifier one cannot be ` +
        'created as a non-weighted set exists with the same name and type.]',
    );
    await change(
      { Action: 'DELETE', ResourceRecordSet: simple },
      { Action: 'CREATE', ResourceRecordSet: address(NAME, '192.0.2.1', one) },
    );
    expect((await list({ StartRecordName: NAME }))[0]).toMatchObject(one);
  });

  const refused: readonly (readonly [string, readonly Change[], string])[] = [
    [
      'a record that exists',
      [{ Action: 'CREATE', ResourceRecordSet: address(NAME, '192.0.2.1', one) }],
      `Tried to create resource record set [name='${NAME}', type='A', set-identifier='one'] but it already exists`,
    ],
    [
      'the deletion of a record that does not exist',
      [{ Action: 'DELETE', ResourceRecordSet: address('x.shop.example', '192.0.2.1') }],
      "Tried to delete resource record set [name='x.shop.example.', type='A'] but it was not found",
    ],
    [
      'the deletion of a record by values that it does not have',
      [{ Action: 'DELETE', ResourceRecordSet: address(NAME, '192.0.2.9', one) }],
      `Tried to delete resource record set [name='${NAME}', type='A', set-identifier='one'] but the values provided do not match the current values`,
    ],
    [
      'weighted records of one name with different times to live',
      [{ Action: 'CREATE', ResourceRecordSet: address(NAME, '192.0.2.2', { ...two, TTL: 30 }) }],
      `RRSet with DNS name ${NAME}, type A, SetIdentifier two cannot be created as weighted sets must contain the same TTL.`,
    ],
    [
      'a simple record beside weighted ones',
      [{ Action: 'CREATE', ResourceRecordSet: address(NAME, '192.0.2.2') }],
      `RRSet with DNS name ${NAME}, type A cannot be created as other RRSets exist with the same name and type.`,
    ],
    [
      'a CNAME beside another type',
      [
        {
          Action: 'CREATE',
          ResourceRecordSet: { ...address(NAME, 'other.example'), Type: 'CNAME' },
        },
      ],
      `RRSet of type CNAME with DNS name ${NAME} is not permitted as it conflicts with other records with the same DNS name in zone shop.example.`,
    ],
    [
      'a name of another zone',
      [{ Action: 'CREATE', ResourceRecordSet: address('www.other.example', '192.0.2.1') }],
      'RRSet with DNS name www.other.example. is not permitted in zone shop.example.',
    ],
    [
      'the loss of the name servers',
      [
        {
          Action: 'DELETE',
          ResourceRecordSet: {
            Name: 'shop.example',
            Type: 'NS',
            TTL: 172_800,
            ResourceRecords: [1, 2, 3, 4].map((n) => ({
              Value: `ns-${n}.awsdns-0${n - 1}.example.`,
            })),
          },
        },
      ],
      'A HostedZone must contain at least one NS record for the zone itself.',
    ],
  ];
  it.each(refused)('refuses %s', async (_what, changes, message) => {
    const { create, change } = await createDnsRig();
    await create(address(NAME, '192.0.2.1', one));
    expect(await refusal(change(...changes))).toBe(`InvalidChangeBatch: [${message}]`);
  });

  it('refuses records whose members do not fit together', async () => {
    const { create } = await createDnsRig();
    const bare = { Name: NAME, Type: 'A' } as ResourceRecordSet;
    expect(await refusal(create(bare))).toMatch(/^InvalidInput: .*AliasTarget.*but found none/);
    const { SetIdentifier: _none, ...nameless } = one;
    expect(await refusal(create(address(NAME, '192.0.2.1', nameless)))).toMatch(
      /^InvalidInput: Invalid request: Missing field 'SetIdentifier'/,
    );
    expect(await refusal(create(address(NAME, '192.0.2.1', { SetIdentifier: 'x' })))).toMatch(
      /^InvalidInput: .*Weight.*but found none/,
    );
    const HealthCheckId = 'no-such-check';
    expect(await refusal(create(address(NAME, '192.0.2.1', { ...one, HealthCheckId })))).toMatch(
      /^NoSuchHealthCheck/,
    );
  });

  it('takes an alias to a load balancer with the zone of that load balancer alone', async () => {
    const { create, serve, zoneId } = await createDnsRig();
    const web = await serve('web');
    expect(await refusal(create(weighted('one', 1, { ...web, zoneId: 'Z26RNL4JYFTOTI' })))).toMatch(
      /^InvalidChangeBatch: .*the alias target name does not lie within the target zone/,
    );
    const gone = { ...web, dnsName: 'gone-1.us-east-1.elb.amazonaws.com' };
    expect(await refusal(create(weighted('one', 1, gone)))).toMatch(/that target was not found/);
    expect(await refusal(create(weighted('one', 1, { dnsName: NAME, zoneId })))).toMatch(
      /that target was not found/,
    );
    await create(weighted('one', 1, { ...web, dnsName: `dualstack.${web.dnsName}` }));
  });

  it('is refused while the zone is still busy with the one before', async () => {
    const { create, pass } = await createDnsRig({ processingMilliseconds: 500 });
    await create(address('a.shop.example', '192.0.2.1'));
    expect(await refusal(create(address('b.shop.example', '192.0.2.1')))).toMatch(
      /^PriorRequestNotComplete/,
    );
    await pass(1);
    await create(address('b.shop.example', '192.0.2.1'));
  });

  it('is pending at first and in sync within a minute, and the API shows it at once', async () => {
    const { create, ask, pass, list } = await createDnsRig();
    const { ChangeInfo } = await create(address(NAME, '192.0.2.1'));
    const status = async () =>
      (await ask<{ ChangeInfo: { Status: string } }>('GetChange', { Id: ChangeInfo.Id })).ChangeInfo
        .Status;
    expect([ChangeInfo.Status, await status()]).toEqual(['PENDING', 'PENDING']);
    expect((await list({ StartRecordName: NAME }))[0]?.Name).toBe(NAME);
    await pass(60);
    expect(await status()).toBe('INSYNC');
    expect(await refusal(ask('GetChange', { Id: 'C1' }))).toMatch(/^NoSuchChange/);
  });
});

describe('what is listed', () => {
  it('comes by labels from the right, with a dot at the end and octal codes', async () => {
    const { create, list } = await createDnsRig();
    await create(
      address('b.shop.example', '192.0.2.1'),
      address('*.shop.example', '192.0.2.1'),
      address('a.b.Shop.example', '192.0.2.1'),
    );
    expect((await list()).map(({ Name, Type }) => `${Name} ${Type}`)).toEqual([
      'shop.example. NS',
      'shop.example. SOA',
      String.raw`\052.shop.example. A`,
      'b.shop.example. A',
      'a.b.shop.example. A',
    ]);
  });

  it('comes in pages that begin where the last one ended', async () => {
    const { create, ask, zoneId } = await createDnsRig();
    await create(address(NAME, '192.0.2.1', one), address(NAME, '192.0.2.2', two));
    const first = await ask<Record<string, unknown>>('ListResourceRecordSets', {
      HostedZoneId: `/hostedzone/${zoneId}`,
      MaxItems: 3,
    });
    expect(first).toMatchObject({
      IsTruncated: true,
      NextRecordName: NAME,
      NextRecordType: 'A',
      NextRecordIdentifier: 'two',
    });
    const second = await ask<{ ResourceRecordSets: ResourceRecordSet[] }>(
      'ListResourceRecordSets',
      {
        HostedZoneId: zoneId,
        StartRecordName: NAME,
        StartRecordType: 'A',
        StartRecordIdentifier: 'two',
      },
    );
    expect(second.ResourceRecordSets.map(({ SetIdentifier }) => SetIdentifier)).toEqual(['two']);
  });
});

describe('hosted zones', () => {
  it('are found by name, and are deleted only when empty', async () => {
    const { ask, create, change, zoneId } = await createDnsRig();
    const named = await ask<{ HostedZones: { Name: string; ResourceRecordSetCount: number }[] }>(
      'ListHostedZonesByName',
      { DNSName: 'shop.example' },
    );
    expect(named.HostedZones).toMatchObject([{ Name: 'shop.example.', ResourceRecordSetCount: 2 }]);
    const record = address(NAME, '192.0.2.1');
    await create(record);
    expect(await refusal(ask('DeleteHostedZone', { Id: zoneId }))).toMatch(/^HostedZoneNotEmpty/);
    await change({ Action: 'DELETE', ResourceRecordSet: record });
    await ask('DeleteHostedZone', { Id: zoneId });
    expect(await refusal(ask('GetHostedZone', { Id: zoneId }))).toBe(
      `NoSuchHostedZone: No hosted zone found with ID: ${zoneId}`,
    );
  });

  it('refuse a second zone for one caller reference, and a private one', async () => {
    const { ask } = await createDnsRig();
    const again = { Name: 'other.example', CallerReference: 'one' };
    expect(await refusal(ask('CreateHostedZone', again))).toMatch(/^HostedZoneAlreadyExists/);
    const hidden = { ...again, HostedZoneConfig: { PrivateZone: true } };
    expect(await refusal(ask('CreateHostedZone', hidden))).toMatch(/^NotImplemented/);
  });
});

it('asks for the permission on the zone, with the names and actions of the batch', async () => {
  const { route53, zoneId } = await createDnsRig();
  const operation = route53.service.operations['ChangeResourceRecordSets']!;
  const Changes = [{ Action: 'UPSERT', ResourceRecordSet: address(NAME, '192.0.2.1') }];
  const asked = operation.permissions({ HostedZoneId: zoneId, ChangeBatch: { Changes } } as never);
  expect(asked).toEqual([
    {
      action: 'route53:ChangeResourceRecordSets',
      resources: [`arn:aws:route53:::hostedzone/${zoneId}`],
      context: {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['www.shop.example'],
        'route53:ChangeResourceRecordSetsRecordTypes': ['A'],
        'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
      },
    },
  ]);
});
