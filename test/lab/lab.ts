/**
 * A laboratory for deployments: a region on a virtual clock with the packaged service in it, an
 * estate to deploy onto, and traffic. A whole deployment takes a fraction of a second.
 * Start reading at `Lab`. Not for: real processes and sockets, which the rehearsal has.
 */
import { fileURLToPath } from 'node:url';
import type { Faults } from '../../region/endpoint/faults.ts';
import type { CallRecord } from '../../region/endpoint/call-record.ts';
import { ACCOUNT_ID } from '../../region/kernel/kernel.ts';
import { createVirtualClock, type VirtualClock } from '../../region/kernel/virtual-clock.ts';
import type { ModelProgram } from '../../region/machines/program.ts';
import { createRegion, type Region, type RegionOptions } from '../../region/region.ts';
import type { ImageSeed } from '../../region/services/ec2/images.ts';
import type { DeploymentRequest, ServiceDefinition } from '../../shared/core/spec.ts';
import { createLabApi, type LabApi } from './api.ts';
import { createLazyClients, sleepOutside } from './clients.ts';
import {
  type AdministratorClients,
  buildEstate,
  type Estate,
  type EstateWishes,
  USUAL_ESTATE,
} from './estate.ts';
import { type Around, inProcess, type Wire } from './in-process.ts';
import { createSight, type ExecutionSight, type Sight } from './sight.ts';
import { type LabTraffic, startTraffic } from './traffic.ts';

/** Where `npm run package` leaves the service. */
export const PACKAGE_FOLDER = fileURLToPath(new URL('../../.serverless', import.meta.url));

/** A Monday morning; every lab begins at the same instant. */
const START = Date.parse('2026-01-05T09:00:00.000Z');

/** Region milliseconds between two looks of `until`. */
const LOOK_MILLISECONDS = 1000;

/** Region milliseconds between two looks at whether an execution is over: holds may take hours. */
const END_LOOK_MILLISECONDS = 10_000;

/** Region milliseconds for which `until` waits unless told: a day and a quarter. */
const PATIENCE_MILLISECONDS = 30 * 3_600_000;

export interface LabOptions extends Pick<
  RegionOptions,
  'seed' | 'deliveryFaults' | 'launchFault' | 'log' | 'quotas'
> {
  /** `inProcess` calls the factories of the functions; `packaged` runs their bundles. */
  readonly runtime?: 'inProcess' | 'packaged';
  /** Stands around every call of a function that runs in process. */
  readonly around?: Around;
  /** Stands between the functions that run in process and AWS. */
  readonly wire?: Wire;
  readonly estate?: Partial<EstateWishes>;
  /** What is different about the service's definition. */
  readonly service?: Partial<ServiceDefinition>;
  /** Absent means 5. */
  readonly requestsPerSecond?: number;
}

/** What a deployment is asked for; `version` names it and its image. */
export interface Wish extends Omit<DeploymentRequest, 'service' | 'imageId' | 'version'> {
  readonly version: string;
  readonly program?: ModelProgram;
  /** What else is special about the image. */
  readonly image?: Partial<ImageSeed>;
  /** Name of the execution; absent means one made from the version. */
  readonly name?: string;
}

export interface Lab extends Sight {
  readonly region: Region;
  readonly clock: VirtualClock;
  readonly estate: Estate;
  readonly aws: AdministratorClients;
  readonly api: LabApi;
  /** Lets calls go wrong from now on; undefined ends that. */
  spoil(faults: Faults | undefined): void;
  readonly traffic: LabTraffic;
  /** What was packaged, by its ARNs and the API's id. */
  readonly stack: {
    readonly stateMachineArn: string;
    readonly topicArn: string;
    readonly apiId: string;
  };
  /** Adds an image whose instances answer as a version. */
  addImage(version: string, seed?: Partial<ImageSeed>): string;
  /** Starts a deployment as an operator does in the console, and answers its id. */
  deploy(wish: Wish): Promise<string>;
  /** Starts an execution with exactly this input. */
  start(name: string, input: unknown): Promise<string>;
  /** Does something while time stands still but for what is waited for. */
  readonly act: <T>(run: () => Promise<T>) => Promise<T>;
  /** Lets region seconds pass. */
  pass(seconds: number): Promise<void>;
  /** Lets time pass until something is true. @throws VirtualTimeExhausted after 30 hours */
  until(condition: () => boolean | Promise<boolean>, withinSeconds?: number): Promise<void>;
  /** Lets time pass until a state is entered. @throws Error when the deployment ends before */
  untilState(deploymentId: string, state: string): Promise<void>;
  /** Lets time pass until a deployment is over, and says how it ended. */
  end(deploymentId: string): Promise<ExecutionSight>;
  /** Actions of IAM that a role of the template has used so far, by the role's logical id. */
  usedActions(logicalId: string): ReadonlySet<string>;
  /** Calls of Teal's functions since the estate stood. */
  calls(): readonly CallRecord[];
  stop(): Promise<void>;
}

/** Builds a lab whose blue is healthy and serves version `v1`. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const clock = createVirtualClock({ start: START });
  let spoiling: Faults | undefined;
  const region = createRegion({ ...options, clock, faults: (call) => spoiling?.(call) });
  try {
    const lab = await furnish(region, clock, options);
    return { ...lab, spoil: (faults) => void (spoiling = faults) };
  } catch (error) {
    await region.stop();
    throw error;
  }
}

async function furnish(
  region: Region,
  clock: VirtualClock,
  options: LabOptions,
): Promise<Omit<Lab, 'spoil'>> {
  const { act, wait } = createTime(clock);
  const isPackaged = options.runtime === 'packaged';
  if (isPackaged) await region.listen();
  const { outputs, physicalIds } = await region.loadPackage(
    PACKAGE_FOLDER,
    isPackaged ? {} : { inProcess: inProcess(region, options.around, options.wire) },
  );
  const credentials = region.administrator;
  const aws = createLazyClients({ region, credentials, sleep: sleepOutside(clock) });
  const apiId = physicalIds.get('HttpApi') ?? '';
  const api = createLabApi(region, apiId, credentials);
  const stack = {
    stateMachineArn: outputs['StateMachineArn'] ?? '',
    topicArn: outputs['TopicArn'] ?? '',
    apiId,
  };
  const images = createImages(region);
  const wishes = { ...USUAL_ESTATE, ...options.estate };
  const estate = await act(() => buildEstate(aws, 'web', images.add('v1'), wishes));
  const { requestsPerSecond = 5 } = options;
  const { versionOf } = images;
  const sight = createSight({ region, aws, estate, stack, tableName: outputs['TableName'] ?? '' });
  const settle = async () =>
    (await sight.healthy(estate.blueTargetGroupArn)) === wishes.desiredCapacity;
  if (wishes.hasListener) await wait(settle);
  else await act(() => clock.sleep(120_000));
  const { loadBalancerType } = wishes;
  const traffic = startTraffic(region, estate, { requestsPerSecond, versionOf, loadBalancerType });
  const definition = definitionOf(estate, options.service);
  await act(() => api.send('PUT', `/services/${estate.service}`, { body: definition }));
  const begunAt = clock.now();
  const start = (name: string, input: unknown) =>
    act(() => sight.start(name, input).then(() => name));
  return {
    ...sight,
    region,
    clock,
    estate,
    aws,
    api: actingApi(act, api),
    traffic,
    stack,
    act,
    addImage: images.add,
    start,
    deploy: ({ version, program, image, name, ...request }) => {
      const imageId = images.add(version, { ...(program && { program }), ...image });
      const input = { service: estate.service, imageId, version, ...request };
      return start(name ?? `${estate.service}-${version}`, input);
    },
    until: (condition, withinSeconds) =>
      wait(condition, withinSeconds ? { limitMilliseconds: withinSeconds * 1000 } : {}),
    pass: (seconds) => act(() => clock.sleep(seconds * 1000)),
    untilState: (id, state) =>
      wait(async () => {
        if ((await sight.states(id)).includes(state)) return true;
        if (sight.isRunning(id)) return false;
        const { status, cause } = await sight.execution(id);
        throw new Error(`${id} ended (${status}) without ${state}: ${cause ?? ''}`);
      }),
    end: async (id) => {
      await wait(() => !sight.isRunning(id), { lookMilliseconds: END_LOOK_MILLISECONDS });
      return act(() => sight.execution(id));
    },
    calls: () =>
      region.endpoint.calls().filter(({ at, roleArn }) => at >= begunAt && roleArn !== undefined),
    usedActions: (id) => region.usedActions(arnOfRole(physicalIds.get(id) ?? '')),
    stop: () => region.stop(),
  };
}

function arnOfRole(roleName: string): string {
  return `arn:aws:iam::${ACCOUNT_ID}:role/${roleName}`;
}

/** Time moves only while somebody waits for something; whoever waits first moves it for all. */
function createTime(clock: VirtualClock) {
  let isMoving = false;
  const act = async <T>(run: () => Promise<T>, limitMilliseconds?: number): Promise<T> => {
    if (isMoving) return run();
    isMoving = true;
    try {
      return await clock.runUntil(run(), limitMilliseconds ? { limitMilliseconds } : {});
    } finally {
      isMoving = false;
    }
  };
  const wait = (
    condition: () => boolean | Promise<boolean>,
    { lookMilliseconds = LOOK_MILLISECONDS, limitMilliseconds = PATIENCE_MILLISECONDS } = {},
  ) =>
    act(async () => {
      while (!(await condition())) await clock.sleep(lookMilliseconds);
    }, limitMilliseconds);
  return { act, wait };
}

function actingApi(act: Lab['act'], api: LabApi): LabApi {
  return { send: (...request) => act(() => api.send(...request)) };
}

function createImages(region: Region) {
  const versions = new Map<string, string>();
  return {
    versionOf: (imageId: string) => versions.get(imageId),
    add: (version: string, seed: Partial<ImageSeed> = {}): string => {
      const program: ModelProgram = { type: 'model', bootSeconds: 5 };
      const imageId = region.ec2.addImage({ name: `web-${version}`, program, ...seed });
      versions.set(imageId, version);
      return imageId;
    },
  };
}

function definitionOf(
  { autoScalingGroupName, alarmName }: Estate,
  wishes: Partial<ServiceDefinition> = {},
): Partial<ServiceDefinition> {
  return {
    autoScalingGroupName,
    strategy: { type: 'canary', greenWeightPercent: 10, holdSeconds: 240 },
    bakeTimeSeconds: 300,
    alarms: [alarmName],
    retireBlue: 'delete',
    ...wishes,
  };
}
