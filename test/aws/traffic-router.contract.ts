/** What every traffic router has to keep, whatever carries its weights. */
import { describe, expect, it } from 'vitest';
import type { Route } from '../../shared/core/estate.ts';
import type { Fence, Pair, TrafficRouter } from '../../shared/ports/traffic-router.ts';

/** A router with routes to shift on, and the means to look and meddle behind its back. */
export interface RouterWorld {
  readonly router: TrafficRouter;
  readonly pair: Pair;
  /** Routes that lead to blue. */
  readonly routeCount: number;
  /** Waits for an answer of the region. */
  readonly run: <T>(done: Promise<T>) => Promise<T>;
  /** Lets region seconds pass, in which AWS's budget of calls fills again. */
  readonly pass: (seconds: number) => Promise<void>;
  /** One entry for each write so far: on what, and the weights of each group of weights in it. */
  readonly writes: () => readonly {
    readonly on: string;
    readonly weights: readonly (readonly number[])[];
  }[];
  /** Writes other weights to a route, as another tool would. */
  readonly meddle: (route: Route, greenWeightPercent: number) => Promise<void>;
  /** Gives a third fleet a weight of 7 on a route. Answers how to read it back. */
  readonly addThird: (route: Route) => Promise<() => Promise<number | undefined>>;
  /** Deletes a route, or what it leads by. */
  readonly remove: (route: Route) => Promise<void>;
}

const open: Fence = () => Promise.resolve();

/** Region seconds between two shifts, as between two steps of a deployment. */
const REST_SECONDS = 10;

/** A fence that lets some writes through and then closes. */
function closingAfter(writes: number): Fence {
  let left = writes;
  return () => {
    left -= 1;
    return left < 0 ? Promise.reject(new Error('woke up too late')) : Promise.resolve();
  };
}

function every<Weights>(count: number, weights: Weights): Weights[] {
  return Array.from({ length: count }, () => weights);
}

/** Runs the contract. */
export function describeTrafficRouter(subject: {
  readonly name: string;
  readonly make: () => Promise<RouterWorld>;
}): void {
  const start = async () => {
    const world = await subject.make();
    const { router, pair, run } = world;
    const routes = await run(router.find(pair.blueTargetGroupArn));
    await run(router.shift(routes, pair, 0, open));
    const shift = async (weight: number, fence: Fence = open) => {
      await world.pass(REST_SECONDS);
      await run(router.shift(routes, pair, weight, fence));
    };
    const read = async () => {
      const readings = await run(router.read(routes, pair));
      return readings.map(({ weights }) => weights);
    };
    return { ...world, routes, shift, read };
  };
  describe(`weights on ${subject.name}`, () => {
    it('finds every route to blue, in the same order every time', async () => {
      const { router, pair, run, routes, routeCount } = await start();
      expect(routes).toHaveLength(routeCount);
      const again = await run(router.find(pair.blueTargetGroupArn));
      expect(again.map(({ id }) => id)).toEqual(routes.map(({ id }) => id));
    });

    it('adds green at 0 %, and reads back every weight that it wrote', async () => {
      const { shift, read, routeCount } = await start();
      expect(await read()).toEqual(every(routeCount, { blue: 100, green: 0 }));
      for (const green of [1, 5, 33, 50, 99, 100]) {
        await shift(green);
        expect(await read()).toEqual(every(routeCount, { blue: 100 - green, green }));
      }
    });

    it('writes nothing where the weights say so already', async () => {
      const { shift, writes } = await start();
      await shift(20);
      const before = writes().length;
      await shift(20);
      expect(writes()).toHaveLength(before);
    });

    it('writes nothing when it woke up too late', async () => {
      const { shift, read, writes, routeCount } = await start();
      const before = writes().length;
      await expect(shift(20, closingAfter(0))).rejects.toThrow('woke up too late');
      expect(writes()).toHaveLength(before);
      expect(await read()).toEqual(every(routeCount, { blue: 100, green: 0 }));
    });

    it('completes what was written to some routes only', async () => {
      const { shift, read, routeCount } = await start();
      await shift(20, closingAfter(1)).catch(() => undefined);
      await shift(20);
      expect(await read()).toEqual(every(routeCount, { blue: 80, green: 20 }));
    });

    it('shows what another tool wrote to one route, and puts that one right alone', async () => {
      const { shift, read, meddle, routes, routeCount, writes } = await start();
      const [first] = routes;
      await shift(20);
      await meddle(first!, 60);
      expect(await read()).toEqual([
        { blue: 40, green: 60 },
        ...every(routeCount - 1, { blue: 80, green: 20 }),
      ]);
      const before = writes().length;
      await shift(20);
      expect(
        writes()
          .slice(before)
          .flatMap(({ weights }) => weights),
      ).toHaveLength(1);
      expect(await read()).toEqual(every(routeCount, { blue: 80, green: 20 }));
    });

    it('keeps the weight of a third fleet', async () => {
      const { shift, read, addThird, routes, routeCount } = await start();
      const third = await addThird(routes[0]!);
      await shift(50);
      expect(await third()).toBe(7);
      expect(await read()).toEqual(every(routeCount, { blue: 50, green: 50 }));
    });

    it('writes to its routes in the same order every time', async () => {
      const { shift, writes } = await start();
      const orders: string[][] = [];
      for (const weight of [10, 60]) {
        const before = writes().length;
        await shift(weight);
        orders.push(
          writes()
            .slice(before)
            .map(({ on }) => on),
        );
      }
      expect(orders[0]?.length).toBeGreaterThan(0);
      expect(orders[1]).toEqual(orders[0]);
    });

    it.each(['green', 'blue'] as const)('leaves %s alone in the end', async (kept) => {
      const { router, pair, run, shift, read, routes, routeCount, writes } = await start();
      const { blueTargetGroupArn, greenTargetGroupArn } = pair;
      await shift(kept === 'green' ? 100 : 0);
      const fleets =
        kept === 'green'
          ? { keepTargetGroupArn: greenTargetGroupArn, removeTargetGroupArn: blueTargetGroupArn }
          : { keepTargetGroupArn: blueTargetGroupArn, removeTargetGroupArn: greenTargetGroupArn };
      await run(router.settle(routes, fleets, open));
      const alone = { blue: undefined, green: undefined, [kept]: 100 };
      expect(await read()).toEqual(every(routeCount, alone));
      const before = writes().length;
      await run(router.settle(routes, fleets, open));
      expect(writes()).toHaveLength(before);
    });

    it('reads a deleted route as gone, and passes over it', async () => {
      const { shift, read, remove, routes, routeCount } = await start();
      await remove(routes[0]!);
      await shift(30);
      expect(await read()).toEqual([undefined, ...every(routeCount - 1, { blue: 70, green: 30 })]);
    });

    it('never leaves all weights at 0 on the way', async () => {
      const { router, pair, run, shift, routes, writes } = await start();
      for (const weight of [0, 50, 100, 0, 100]) await shift(weight);
      const { blueTargetGroupArn, greenTargetGroupArn } = pair;
      const fleets = {
        keepTargetGroupArn: blueTargetGroupArn,
        removeTargetGroupArn: greenTargetGroupArn,
      };
      await run(router.settle(routes, fleets, open));
      const sums = writes()
        .flatMap(({ weights }) => weights)
        .map((weights) => weights.reduce((sum, weight) => sum + weight, 0));
      expect(sums.length).toBeGreaterThan(0);
      expect(Math.min(...sums)).toBeGreaterThan(0);
    });
  });
}
