/**
 * Traffic by the weights of Route 53 records: two fleets behind two load balancers share a name.
 *
 * Records of one zone are changed in one batch, of which AWS makes all or nothing, so that A and
 * AAAA never differ. A change is not done when it is accepted: the router waits until every name
 * server has it. Resolvers keep the old answer for its time to live after that, which is the
 * route's `tailSeconds`.
 */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
  type RRType,
} from '@aws-sdk/client-route-53';
import { AwsUnavailable, invariant } from '../core/errors.ts';
import type { FoundRoute, RecordReading, Route, WeightedRecords } from '../core/estate.ts';
import type { Seconds } from '../core/units.ts';
import type { Fence, TrafficRouter } from '../ports/traffic-router.ts';
import { call, hasCode, unlessRefused } from './call.ts';
import {
  pickPair,
  readRecordWeights,
  type RecordPair,
  settleRecords,
  shiftRecords,
  targetOf,
} from './weighted-records.ts';

/** Types of records that clients find a fleet by. */
const RECORD_TYPES = ['A', 'AAAA', 'CNAME'] as const satisfies readonly RRType[];

/**
 * Seconds for which a resolver keeps the address of a load balancer.
 * @source https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
 */
const ALIAS_TTL_SECONDS = 60;

/**
 * Seconds that a change generally takes at most to reach every name server. They are a part of the
 * tail, because whoever finds the right weights written cannot tell for how long they have been.
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
const PROPAGATION_SECONDS = 60;

/** Seconds between two looks at a change; each costs one of ten calls a second of the account. */
const CHANGE_POLL_SECONDS = 5;

/**
 * Looks at a change before it is left to the next attempt: 80 seconds, which is more than a change
 * generally takes and less than a function has.
 */
const CHANGE_POLLS_MAX = 16;

/** Record sets of one name and a few types fit on a page; a name has 100 of each type at most. */
const PAGE_SIZE = 300;

/** Which records carry the traffic of a service, as its definition says. */
export interface RecordRouting {
  readonly hostedZoneId: string;
  readonly recordName: string;
  readonly blueSetIdentifier: string;
  readonly greenSetIdentifier: string;
  /** What green's record leads to where there is none yet; absent when it has to be there. */
  readonly greenAlias?: WeightedRecords['greenAlias'];
}

interface Dependencies {
  readonly client: Route53Client;
  /** Waits; the time that a change takes passes here. */
  readonly sleep: (seconds: Seconds) => Promise<void>;
  /** Undefined where only routes that are known already are read and written. */
  readonly routing?: RecordRouting;
}

/** A route, its records, and what they say now. */
interface LiveRoute {
  readonly route: Route;
  readonly records: WeightedRecords;
  readonly pair: RecordPair;
}

/** Makes the router of weighted records. */
export function createRoute53Router(dependencies: Dependencies): TrafficRouter {
  const { client, routing } = dependencies;
  return {
    find: async (targetGroupArn) => (routing ? findRoutes(client, routing, targetGroupArn) : []),
    async read(routes) {
      const live = await readRoutes(client, routes);
      return live.map(({ route, pair }) => ({
        routeId: route.id,
        weights: readRecordWeights(pair),
      }));
    },
    shift: (routes, _pair, greenWeightPercent, fence) =>
      rewrite(dependencies, routes, fence, ({ pair, records }) =>
        shiftRecords(pair, records, greenWeightPercent),
      ),
    settle: (routes, { keepTargetGroupArn }, fence) =>
      rewrite(dependencies, routes, fence, ({ pair: { blue, green }, records }) =>
        keepTargetGroupArn === records.blueTargetGroupArn
          ? settleRecords({ keep: blue, remove: green }, records)
          : settleRecords({ keep: green, remove: blue }, records),
      ),
  };
}

/** One batch for each zone, and then the wait until every name server has it. */
async function rewrite(
  { client, sleep }: Dependencies,
  routes: readonly Route[],
  fence: Fence,
  toChanges: (live: LiveRoute) => readonly Change[],
): Promise<void> {
  const zones = [...new Set(routes.map(({ records }) => records?.hostedZoneId ?? ''))];
  for (const zone of zones) {
    const own = routes.filter(({ records }) => records?.hostedZoneId === zone);
    const readChanges = async () => (await readRoutes(client, own)).flatMap(toChanges);
    const changes = await readChanges();
    if (changes.length === 0) continue;
    await fence();
    try {
      await awaitChange(client, sleep, await writeBatch(client, zone, changes));
    } catch (error) {
      // The SDK asks again when an answer got lost, and AWS deletes no record twice: where nothing is
      // left to change, the first attempt was the one that counted.
      if (!hasCode(error, 'InvalidChangeBatch') || (await readChanges()).length > 0) throw error;
    }
  }
}

async function writeBatch(
  client: Route53Client,
  hostedZoneId: string,
  changes: readonly Change[],
): Promise<string> {
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: hostedZoneId,
    ChangeBatch: { Changes: [...changes] },
  });
  const output = await call('ChangeResourceRecordSets', hostedZoneId, () => client.send(command));
  const id = output.ChangeInfo?.Id;
  invariant(id, 'ChangeResourceRecordSets answered without the id of the change');
  return id;
}

/** @throws AwsUnavailable when the change takes longer than the router waits */
async function awaitChange(
  client: Route53Client,
  sleep: Dependencies['sleep'],
  id: string,
): Promise<void> {
  for (let polls = 0; polls < CHANGE_POLLS_MAX; polls += 1) {
    const command = new GetChangeCommand({ Id: id });
    const output = await call('GetChange', id, () => client.send(command));
    if (output.ChangeInfo?.Status === 'INSYNC') return;
    await sleep(CHANGE_POLL_SECONDS);
  }
  throw new AwsUnavailable(
    `Waited ${CHANGE_POLLS_MAX * CHANGE_POLL_SECONDS} s for change ${id}; Route 53 still answered ` +
      'PENDING; it is looked at again.',
    { facts: { on: id } },
  );
}

async function findRoutes(
  client: Route53Client,
  routing: RecordRouting,
  blueTargetGroupArn: string,
): Promise<readonly FoundRoute[]> {
  const recordName = completeName(routing.recordName);
  const { hostedZoneId, blueSetIdentifier, greenSetIdentifier, greenAlias } = routing;
  const listed = (await listRecords(client, hostedZoneId, recordName)) ?? [];
  const types = RECORD_TYPES.filter((type) => listed.some(({ Type }) => Type === type));
  return types.map((recordType) =>
    toRoute(
      {
        hostedZoneId,
        recordName,
        recordType,
        blueSetIdentifier,
        greenSetIdentifier,
        blueTargetGroupArn,
        ...(greenAlias && { greenAlias }),
      },
      listed,
    ),
  );
}

function toRoute(names: WeightedRecords, listed: readonly ResourceRecordSet[]): FoundRoute {
  const { hostedZoneId, recordName, recordType, blueSetIdentifier, greenSetIdentifier } = names;
  const { blue, green } = pickPair(listed, names);
  const parts = [hostedZoneId, recordName, recordType, blueSetIdentifier, greenSetIdentifier];
  const ours = [blueSetIdentifier, greenSetIdentifier];
  const others = listed.filter(
    ({ Name, Type, SetIdentifier = '' }) =>
      Name === recordName && Type === recordType && !ours.includes(SetIdentifier),
  );
  return {
    id: parts.map(encodeURIComponent).join('/'),
    type: 'weightedRecord',
    loadBalancerArn: '',
    tailSeconds: PROPAGATION_SECONDS + (blue?.TTL ?? ALIAS_TTL_SECONDS),
    records: { ...names, ...(blue && rememberBlue(blue)) },
    record: { ...(blue && { blue: readRecord(blue) }), hasGreen: green !== undefined },
    otherTargetGroupArns: others.map(({ SetIdentifier = '' }) => SetIdentifier),
    ...(others.length > 0 && { isIndivisible: true }),
  };
}

/** What it takes to make blue's record again as it was. */
function rememberBlue(blue: ResourceRecordSet): Partial<WeightedRecords> {
  const { HealthCheckId, AliasTarget, Weight } = blue;
  const healthCheckId = HealthCheckId && { healthCheckId: HealthCheckId };
  const alias = { hostedZoneId: AliasTarget?.HostedZoneId ?? '', dnsName: targetOf(blue) };
  return { blueAlias: { ...alias, ...healthCheckId }, ...(Weight && { weightBefore: Weight }) };
}

function readRecord(blue: ResourceRecordSet): NonNullable<RecordReading['blue']> {
  const { HealthCheckId, Weight = 0 } = blue;
  return {
    leadsTo: targetOf(blue),
    weight: Weight,
    ...(HealthCheckId && { healthCheckId: HealthCheckId }),
  };
}

/** What the routes' records say now, in the order asked for; each name is listed once. */
async function readRoutes(
  client: Route53Client,
  routes: readonly Route[],
): Promise<readonly LiveRoute[]> {
  const lists = new Map<string, readonly ResourceRecordSet[]>();
  const live: LiveRoute[] = [];
  for (const route of routes) {
    const { records } = route;
    invariant(records, `route ${route.id} is a weighted record without its names`);
    const { hostedZoneId, recordName } = records;
    const key = `${hostedZoneId} ${recordName}`;
    const list = lists.get(key) ?? (await listRecords(client, hostedZoneId, recordName)) ?? [];
    lists.set(key, list);
    live.push({ route, records, pair: pickPair(list, records) });
  }
  return live;
}

/** The records of one name; undefined when there is no such zone. */
async function listRecords(
  client: Route53Client,
  hostedZoneId: string,
  recordName: string,
): Promise<readonly ResourceRecordSet[] | undefined> {
  const found: ResourceRecordSet[] = [];
  let start: Start = { StartRecordName: recordName };
  while (true) {
    const command = new ListResourceRecordSetsCommand({
      HostedZoneId: hostedZoneId,
      MaxItems: PAGE_SIZE,
      ...start,
    });
    const calling = call('ListResourceRecordSets', hostedZoneId, () => client.send(command));
    const page = await unlessRefused(['NoSuchHostedZone'], calling);
    if (!page) return undefined;
    const own = (page.ResourceRecordSets ?? []).filter(({ Name }) => Name === recordName);
    found.push(...own);
    // Names are listed in order: once another one came, ours is over.
    if (!page.IsTruncated || page.NextRecordName !== recordName) return found;
    start = {
      StartRecordName: page.NextRecordName,
      ...(page.NextRecordType && { StartRecordType: page.NextRecordType }),
      ...(page.NextRecordIdentifier && { StartRecordIdentifier: page.NextRecordIdentifier }),
    };
  }
}

interface Start {
  readonly StartRecordName: string;
  readonly StartRecordType?: RRType;
  readonly StartRecordIdentifier?: string;
}

/** A name as Route 53 lists it. */
function completeName(name: string): string {
  const text = name.toLowerCase().replace(/^\*/, String.raw`\052`);
  return text.endsWith('.') ? text : `${text}.`;
}
