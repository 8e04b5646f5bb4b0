/**
 * Tasks in the order of their time, and of their arrival where the time is the same: a binary
 * heap. Not for: anything but the virtual clock.
 */

/** A task and its place in the order. */
export interface Entry {
  /** Region time, epoch milliseconds. */
  readonly at: number;
  /** Rises with every entry. */
  readonly order: number;
  readonly task: () => void | Promise<void>;
  /** Set when it must not run any more; it is dropped when its turn comes. */
  isRemoved: boolean;
}

/** Takes entries in any order and gives them back by time. */
export interface EventQueue {
  add(entry: Entry): void;
  /** Takes the earliest entry out; undefined when there is none. */
  takeFirst(): Entry | undefined;
  clear(): void;
}

/** An empty queue. */
export function createEventQueue(): EventQueue {
  const heap: Entry[] = [];
  return {
    add: (entry) => rise(heap, entry),
    takeFirst: () => {
      let entry = take(heap);
      while (entry?.isRemoved) entry = take(heap);
      return entry;
    },
    clear: () => {
      heap.length = 0;
    },
  };
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function rise(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (!above || !isBefore(entry, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = entry;
}

function take(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first && last && first !== last) sink(heap, last);
  return first;
}

function sink(heap: Entry[], entry: Entry): void {
  let index = 0;
  while (true) {
    const left = heap[2 * index + 1];
    const right = heap[2 * index + 2];
    const smaller = left && right && isBefore(right, left) ? right : left;
    if (!smaller || isBefore(entry, smaller)) break;
    const from = smaller === left ? 2 * index + 1 : 2 * index + 2;
    heap[index] = smaller;
    index = from;
  }
  heap[index] = entry;
}
