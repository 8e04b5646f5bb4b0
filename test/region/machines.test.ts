import { afterEach, describe, expect, it } from 'vitest';
import { spawnSync } from 'node:child_process';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createRealClock } from '../../region/kernel/real-clock.ts';
import { createMachines } from '../../region/machines/machines.ts';
import type { Clock } from '../../region/kernel/clock.ts';
import type { Kernel } from '../../region/kernel/kernel.ts';
import type { MachineRoom, Placement } from '../../region/machines/machines.ts';
import type { Program } from '../../region/machines/program.ts';
import { createTestKernel } from './test-kernel.ts';

const PLACEMENT: Placement = {
  privateIp: '10.0.0.4',
  availabilityZone: 'us-east-1a',
  subnetId: 'subnet-1',
  vpcId: 'vpc-1',
  state: 'running',
};
const REQUEST = {
  path: '/health',
  host: '10.0.0.4',
  userAgent: 'ELB-HealthChecker/2.0',
  timeoutMilliseconds: 5000,
};

const rooms: MachineRoom[] = [];
const clocks: Clock[] = [];

function kernelOn(clock: Clock): Kernel {
  clocks.push(clock);
  return createTestKernel(clock);
}

const realKernel = (): Kernel =>
  kernelOn(
    createRealClock({
      speed: 100,
      onFailure: (error) => {
        throw error;
      },
    }),
  );

function roomWith(kernel: Kernel, program: Program): MachineRoom {
  const room = createMachines({ kernel });
  rooms.push(room);
  room.add('i-1', { program, placement: () => PLACEMENT });
  return room;
}

/** Asks until something listens, however long that takes, or nothing ever will. */
async function askWhenUp(room: MachineRoom, path = REQUEST.path) {
  while (true) {
    const answer = await room.ask('i-1', { ...REQUEST, path });
    if (answer.type !== 'refused' || room.exit('i-1')) return answer;
    await new Promise(setImmediate);
  }
}

const serve = (handler: string): Program => ({
  type: 'process',
  command: `node -e "require('http').createServer(${handler}).listen(process.env.PORT,'127.0.0.1')"`,
});

async function modelStatuses(): Promise<number[]> {
  const kernel = kernelOn(createVirtualClock({ start: 0 }));
  const room = roomWith(kernel, { type: 'model', errorRate: 0.25 });
  await room.start('i-1');
  return Array.from({ length: 400 }, () => room.model('i-1')!.status);
}

async function untilExit(room: MachineRoom) {
  while (!room.exit('i-1')) await new Promise(setImmediate);
  return room.exit('i-1')!;
}

/** The process that a command says it started. */
async function childOf(room: MachineRoom): Promise<number> {
  while (!/child=\d+/.test(room.output('i-1'))) await new Promise(setImmediate);
  return Number(/child=(\d+)/.exec(room.output('i-1'))![1]);
}

/** Processes of the same group that would take it down when the region ends. */
function watchersBeside(pid: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' });
  const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/));
  const group = rows.find(([id]) => id === String(pid))?.[1];
  const found = rows.filter(([, id, ...args]) => id === group && args.join(' ').includes('<&3'));
  expect(found).not.toEqual([]);
  return found.map(([id]) => Number(id));
}

function isAlive(pid: number): boolean {
  // A zombie is dead: it only waits for somebody to ask how it ended.
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

async function untilDead(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise(setImmediate);
}

afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.stopAll()));
  for (const clock of clocks.splice(0)) clock.stop();
});

describe('an instance that is a process', () => {
  it('answers on a port of its own with its instance id in the environment', async () => {
    const room = roomWith(
      realKernel(),
      serve(
        "(q,s)=>{s.statusCode=process.env.INSTANCE_ID==='i-1'&&q.url==='/health'?218:500;s.end()}",
      ),
    );
    await room.start('i-1');
    expect(await askWhenUp(room)).toMatchObject({ type: 'response', status: 218 });
    expect(room.origin('i-1')).toMatchObject({ host: '127.0.0.1' });
    expect(room.model('i-1')).toBeUndefined();
  });

  it('leaves its reason readable when the command exits at once', async () => {
    const room = roomWith(realKernel(), { type: 'process', command: 'echo no config >&2; exit 3' });
    await room.start('i-1');
    const exit = await untilExit(room);
    expect(exit.code).toBe(3);
    expect(exit.lastOutput).toContain('no config');
    expect(room.output('i-1')).toContain('The command exited with code 3.');
    expect(await room.ask('i-1', REQUEST)).toEqual({ type: 'refused' });
    expect(room.origin('i-1')).toBeUndefined();
  });

  it('says timeout when the process takes longer than the scaled timeout', async () => {
    const room = roomWith(realKernel(), serve("(q,s)=>{if(q.url==='/up')s.end()}"));
    await room.start('i-1');
    await askWhenUp(room, '/up');
    expect(await room.ask('i-1', REQUEST)).toEqual({ type: 'timeout' });
  });

  it('takes its children along when it is stopped, even one that ignores SIGTERM', async () => {
    const room = roomWith(realKernel(), {
      type: 'process',
      command: `sh -c 'trap "" TERM; echo child=$$; while :; do sleep 1; done' & echo up; wait`,
    });
    await room.start('i-1');
    const pid = await childOf(room);
    await room.stop('i-1');
    await untilDead(pid);
    expect(room.exit('i-1')?.signal).toBe('SIGTERM');
  });

  it('takes its children along even when a SIGTERM found its watcher not yet ready', async () => {
    const room = roomWith(realKernel(), {
      type: 'process',
      command: `sh -c 'trap "" TERM; echo child=$$; while :; do sleep 1; done' & echo up; wait`,
    });
    await room.start('i-1');
    const pid = await childOf(room);
    for (const watcher of watchersBeside(pid)) process.kill(watcher, 'SIGKILL');
    await room.stop('i-1');
    await untilDead(pid);
    expect(room.exit('i-1')?.signal).toBe('SIGTERM');
  });

  it('does not survive a region that is killed without warning', async () => {
    const script = `
      import { createMachines } from './region/machines/machines.ts';
      const clock = { speed: 1, work: (run) => run() };
      const room = createMachines({ kernel: { clock, log: () => {} } });
      room.add('i-1', {
        program: { type: 'process', command: 'echo pid=$$; while :; do sleep 1; done' },
        placement: () => ({ privateIp: '', availabilityZone: '' }),
      });
      await room.start('i-1');
      const look = () => {
        const found = /pid=(\\d+)/.exec(room.output('i-1'));
        if (!found) return setImmediate(look);
        process.stdout.write(found[1], () => process.kill(process.pid, 'SIGKILL'));
      };
      look();`;
    const region = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { cwd: new URL('../..', import.meta.url).pathname, encoding: 'utf8' },
    );
    expect(region.signal).toBe('SIGKILL');
    expect(region.stdout).toMatch(/^\d+$/);
    await untilDead(Number(region.stdout));
  });
});

describe('an instance that is a model', () => {
  it('refuses connections until it has booted and then answers its health status', async () => {
    const clock = createVirtualClock({ start: 0 });
    const room = roomWith(kernelOn(clock), { type: 'model', bootSeconds: 30, healthStatus: 204 });
    await room.start('i-1');
    expect(await room.ask('i-1', REQUEST)).toEqual({ type: 'refused' });
    expect(room.model('i-1')).toBeUndefined();
    await clock.runUntil(clock.sleep(30_000));
    expect(await room.ask('i-1', REQUEST)).toMatchObject({ type: 'response', status: 204 });
  });

  it('turns unhealthy when its health curve says so', async () => {
    const clock = createVirtualClock({ start: 0 });
    const room = roomWith(kernelOn(clock), {
      type: 'model',
      healthStatus: (seconds) => (seconds < 60 ? 200 : 'timeout'),
    });
    await room.start('i-1');
    expect(await room.ask('i-1', REQUEST)).toMatchObject({ status: 200 });
    await clock.runUntil(clock.sleep(60_000));
    expect(await room.ask('i-1', REQUEST)).toEqual({ type: 'timeout' });
  });

  it('fails the same production requests whenever the seed is the same', async () => {
    const first = await modelStatuses();
    expect(await modelStatuses()).toEqual(first);
    const failed = first.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(70);
    expect(failed).toBeLessThan(130);
  });

  it('answers nothing after it was stopped', async () => {
    const room = roomWith(kernelOn(createVirtualClock({ start: 0 })), { type: 'model' });
    await room.start('i-1');
    await room.stop('i-1');
    expect(await room.ask('i-1', REQUEST)).toEqual({ type: 'refused' });
    expect(room.model('i-1')).toBeUndefined();
  });
});
