import { describe, expect, it } from 'vitest';
import { Queue } from '../../../src/filesync/queue.ts';

const gone = new Set<string>();
const store = { kind: (key: string) => (gone.has(key) ? ('absent' as const) : ('file' as const)) };
const none = (): boolean => false;

/** As the sender does: takes so many, and leaves the rest for the next frame. */
function frame(queue: Queue, most: number, isSent: (key: string) => boolean = none): string[] {
  const taken: string[] = [];
  for (const [key] of queue.batch(isSent)) {
    if (taken.length >= most) break;
    queue.delete(key);
    taken.push(key);
  }
  return taken;
}

const key = (n: number): string => `home/bob/${String(n).padStart(5, '0')}`;
const from = (n: number, count: number): string[] => Array.from({ length: count }, (_, at) => key(n + at));

describe('keys that are to be sent', () => {
  it('go from the top, each once, however many frames they take', () => {
    const queue = new Queue(store);
    for (const one of from(0, 3000).toReversed()) queue.add(one, true);
    const all: string[] = [];
    for (let got = frame(queue, 70); got.length > 0; got = frame(queue, 70)) all.push(...got);
    expect(all.toSorted()).toEqual(from(0, 3000));
    expect(queue.size).toBe(0);
  });

  it('what left goes before what was put in order already, the deepest first', () => {
    const queue = new Queue(store);
    queue.addAll(from(0, 900), true);
    expect(frame(queue, 10)).toEqual(from(0, 10));
    for (const one of ['home/bob/d', 'home/bob/d/e']) {
      gone.add(one);
      queue.add(one, true);
    }
    expect(frame(queue, 3)).toEqual(['home/bob/d/e', 'home/bob/d', key(10)]);
  });

  it('when all that was put in order was queued anew, there is still something to send', () => {
    const queue = new Queue(store);
    queue.addAll(from(0, 600), false);
    expect(frame(queue, 1)).toEqual([key(0)]);
    for (const one of from(1, 599)) queue.add(one, true);
    expect(frame(queue, 1000)).toHaveLength(599);
  });

  it('what is on its way waits, and is not forgotten', () => {
    const queue = new Queue(store);
    queue.addAll(from(0, 600), true);
    expect(frame(queue, 1000, (one) => one === key(5))).toHaveLength(599);
    expect(frame(queue, 1000)).toEqual([key(5)]);
  });
});
