/**
 * The machines of the region: every instance's software, as a process or as a model, and how it
 * answers.
 * Not for: the life of an instance, which EC2 decides, nor its health, which others judge.
 */
import { request as httpRequest } from 'node:http';
import type { Kernel } from '../kernel/kernel.ts';
import type { Answer, MachineRequest, Machines } from '../kernel/machines.ts';
import { startModel } from './model.ts';
import { findFreePort, startProcess } from './process.ts';
import type { RunningModel } from './model.ts';
import type { Exit, RunningProcess } from './process.ts';
import type { Program } from './program.ts';

const LOOPBACK = '127.0.0.1';

/** Shortest real wait for an answer, in milliseconds, however fast the region's clock runs. */
const MINIMUM_TIMEOUT_MILLISECONDS = 250;

/** Where an instance stands, as `Machines.placement` answers. */
export type Placement = NonNullable<ReturnType<Machines['placement']>>;

/** The machines as EC2 sees them: it adds, starts and stops them. */
export interface MachineRoom extends Machines {
  /** Makes an instance known. Its program does not run before `start`. */
  add(instanceId: string, machine: { program: Program; placement: () => Placement }): void;
  /** Starts the program. Settles once it was spawned, which is before it listens. */
  start(instanceId: string): Promise<void>;
  /** Ends the program and settles when it has ended. Harmless when it does not run. */
  stop(instanceId: string): Promise<void>;
  /** Lets the program of a stopped instance be started once more. */
  rearm(instanceId: string): void;
  /** Percent of CPU since the last reading; undefined where the program does not say. */
  readCpu(instanceId: string): number | undefined;
  /** Forgets an instance whose program has ended. */
  remove(instanceId: string): void;
  /** What the program wrote last; empty for models and unknown instances. */
  output(instanceId: string): string;
  /** How the process ended; undefined while it runs, before it started, and for models. */
  exit(instanceId: string): Exit | undefined;
  /** Ends every program. */
  stopAll(): Promise<void>;
}

interface Machine {
  readonly program: Program;
  readonly placement: () => Placement;
  process?: RunningProcess;
  model?: RunningModel;
  stopped: boolean;
}

/** Makes an empty machine room. */
export function createMachines({ kernel }: { kernel: Kernel }): MachineRoom {
  const machines = new Map<string, Machine>();
  const killAll = (): void => {
    for (const machine of machines.values()) machine.process?.kill();
  };

  const start = async (instanceId: string): Promise<void> => {
    const machine = machines.get(instanceId);
    if (!machine || machine.stopped || machine.process || machine.model) return;
    const { program } = machine;
    if (program.type === 'model') {
      machine.model = startModel(kernel, program);
      return;
    }
    // A region that ends without closing, by an error or by `process.exit`, leaves nobody behind.
    if (!process.listeners('exit').includes(killAll)) process.once('exit', killAll);
    await spawnProgram(kernel, instanceId, machine, program.command);
  };

  const stop = async (instanceId: string): Promise<void> => {
    const machine = machines.get(instanceId);
    if (!machine) return;
    machine.stopped = true;
    delete machine.model;
    const running = machine.process;
    if (running && !running.exit()) await kernel.clock.work(() => running.stop());
  };

  const listening = (instanceId: string): RunningProcess | undefined => {
    const machine = machines.get(instanceId);
    return machine?.process?.exit() ? undefined : machine?.process;
  };

  return {
    add: (instanceId, machine) => machines.set(instanceId, { ...machine, stopped: false }),
    start,
    stop,
    rearm: (instanceId) => rearm(machines.get(instanceId)),
    readCpu: (instanceId) => machines.get(instanceId)?.model?.readCpu(),
    remove: (instanceId) => machines.delete(instanceId),
    output: (instanceId) => machines.get(instanceId)?.process?.output() ?? '',
    exit: (instanceId) => machines.get(instanceId)?.process?.exit(),
    stopAll: async () => {
      await Promise.all([...machines.keys()].map(stop));
      process.removeListener('exit', killAll);
    },
    ask: async (instanceId, request) => {
      const model = machines.get(instanceId)?.model;
      if (model) return model.ask(request);
      const running = listening(instanceId);
      if (!running) return { type: 'refused' };
      const timeoutMilliseconds = realTimeout(kernel, request.timeoutMilliseconds);
      return kernel.clock.work(() => askPort(running.port, request, timeoutMilliseconds));
    },
    origin: (instanceId) => {
      const running = listening(instanceId);
      return running && { host: LOOPBACK, port: running.port };
    },
    model: (instanceId, requests = 1) => machines.get(instanceId)?.model?.answer(requests),
    placement: (instanceId) => machines.get(instanceId)?.placement(),
  };
}

function rearm(machine: Machine | undefined): void {
  if (!machine?.stopped) return;
  machine.stopped = false;
  delete machine.process;
}

async function spawnProgram(
  kernel: Kernel,
  instanceId: string,
  machine: Machine,
  command: string,
): Promise<void> {
  const port = await kernel.clock.work(findFreePort);
  if (machine.stopped) return;
  const environment = programEnvironment(instanceId, machine.placement());
  const running = startProcess({ command, port, environment });
  machine.process = running;
  void running.ended.then(() => {
    const reason = running.exit()?.lastOutput.trim().split('\n').at(-1) ?? '';
    kernel.log(`machines: ${instanceId}: ${reason}`);
  });
}

/** A program sees what an instance would know of itself, nothing of the region's secrets. */
function programEnvironment(instanceId: string, placement: Placement): Record<string, string> {
  const environment: Record<string, string> = {
    INSTANCE_ID: instanceId,
    AVAILABILITY_ZONE: placement.availabilityZone,
    PRIVATE_IP: placement.privateIp,
  };
  for (const name of ['PATH', 'HOME', 'LANG', 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function realTimeout(kernel: Kernel, regionMilliseconds: number): number {
  const { speed } = kernel.clock;
  const scaled = speed === 'virtual' ? regionMilliseconds : regionMilliseconds / speed;
  return Math.max(MINIMUM_TIMEOUT_MILLISECONDS, scaled);
}

/** The milliseconds of an answer are real ones: a process is as fast as this machine. */
function askPort(
  port: number,
  request: MachineRequest,
  timeoutMilliseconds: number,
): Promise<Answer> {
  const askedAt = performance.now();
  return new Promise((resolve) => {
    const outgoing = httpRequest({
      host: LOOPBACK,
      port,
      path: request.path,
      agent: false,
      headers: { host: request.host, 'user-agent': request.userAgent, connection: 'close' },
    });
    const timer = setTimeout(() => {
      resolve({ type: 'timeout' });
      outgoing.destroy();
    }, timeoutMilliseconds);
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    outgoing.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.on('error', () => settle({ type: 'refused' }));
      response.on('end', () => {
        settle({ type: 'response', status, milliseconds: performance.now() - askedAt });
      });
      response.resume();
    });
    outgoing.on('error', () => settle({ type: 'refused' }));
    outgoing.end();
  });
}
