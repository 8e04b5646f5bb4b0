/** The virtual clock: the same run to the last event, however long it is. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock, VirtualTimeExhausted } from '../../region/kernel/virtual-clock.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

describe('virtual clock', () => {
  it('runs tasks in the order of their time, and of their arrival where times are equal', async () => {
    const clock = createVirtualClock({ start });
    const seen: string[] = [];
    for (const [name, delay] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
      ['a2', 10],
    ] as const) {
      clock.schedule(start + delay, () => void seen.push(`${name}@${clock.now() - start}`));
    }
    await clock.runUntil(clock.sleep(100));
    expect(seen).toEqual(['a@10', 'a2@10', 'b@20', 'c@30']);
  });

  it('does not run what was cancelled', async () => {
    const clock = createVirtualClock({ start });
    const seen: number[] = [];
    const cancel = clock.schedule(start + 5, () => void seen.push(5));
    clock.schedule(start + 6, () => void seen.push(6));
    cancel();
    await clock.runUntil(clock.sleep(10));
    expect(seen).toEqual([6]);
  });

  it('stands still while somebody works and moves while that work only waits', async () => {
    const clock = createVirtualClock({ start });
    clock.schedule(start + 1000, () => undefined);
    const before = await clock.runUntil(
      clock.work(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        const stillAt = clock.now();
        await clock.idle(() => clock.sleep(5000));
        return [stillAt, clock.now()];
      }),
    );
    expect(before).toEqual([start, start + 5000]);
  });

  it('lets a task wait for region time without holding it up', async () => {
    const clock = createVirtualClock({ start });
    const seen: number[] = [];
    clock.schedule(start + 10, async () => {
      await clock.sleep(5);
      seen.push(clock.now() - start);
    });
    await clock.runUntil(clock.sleep(100));
    expect(seen).toEqual([15]);
  });

  it('stands still while a task does what it marked as work', async () => {
    const clock = createVirtualClock({ start });
    const seen: number[] = [];
    clock.schedule(start + 10, async () => {
      await clock.work(() => new Promise((resolve) => void setTimeout(resolve, 2)));
      seen.push(clock.now() - start);
    });
    await clock.runUntil(clock.sleep(100));
    expect(seen).toEqual([10]);
  });

  it('stands still for work that begins while somebody else only waits', async () => {
    const clock = createVirtualClock({ start });
    const waiting = clock.idle(() => clock.sleep(50));
    const worked = clock.work(async () => {
      await new Promise((resolve) => void setTimeout(resolve, 2));
      return clock.now();
    });
    await clock.runUntil(waiting);
    expect(await worked).toBe(start);
  });

  it('keeps what was due after the limit for whoever goes on', async () => {
    const clock = createVirtualClock({ start });
    const slept = clock.sleep(100);
    const waited = clock.runUntil(slept, { limitMilliseconds: 50 });
    await expect(waited).rejects.toThrow('the limit was reached');
    await clock.runUntil(slept);
    expect(clock.now()).toBe(start + 100);
  });

  it('keeps ten thousand random tasks in order', async () => {
    const clock = createVirtualClock({ start });
    const seen: number[] = [];
    let value = 7;
    for (let index = 0; index < 10_000; index += 1) {
      value = (value * 16807) % 2147483647;
      clock.schedule(start + (value % 5000), () => void seen.push(clock.now()));
    }
    await clock.runUntil(clock.sleep(5001));
    expect(seen).toHaveLength(10_000);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('says that nothing can bring about what is awaited', async () => {
    const clock = createVirtualClock({ start });
    await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow(VirtualTimeExhausted);
  });

  it('fails loudly when a scheduled task fails', async () => {
    const clock = createVirtualClock({ start });
    clock.schedule(start + 1, () => Promise.reject(new Error('broken service')));
    await expect(clock.runUntil(clock.sleep(10_000))).rejects.toThrow('broken service');
  });

  it('ends a sleep when its signal aborts', async () => {
    const clock = createVirtualClock({ start });
    const controller = new AbortController();
    clock.schedule(start + 10, () => controller.abort(new Error('stopped')));
    await expect(clock.runUntil(clock.sleep(100, controller.signal))).rejects.toThrow('stopped');
    expect(clock.now()).toBe(start + 10);
  });
});
