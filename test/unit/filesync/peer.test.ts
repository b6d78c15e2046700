import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Peer } from '../../../src/filesync/peer.ts';
import type { Sender } from '../../../src/filesync/sender.ts';
import type { Site } from '../../../src/filesync/site.ts';
import { encode, FrameReader, headOf, protocol } from '../../../src/filesync/wire.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One side of a connection that has nothing to send, its clock ahead by so many milliseconds. */
function idlePeer(side: 1 | 2, stream: Duplex, aheadMs = 0) {
  const closed: string[] = [];
  const now = (): number => Date.now() + aheadMs;
  const site = { side, now, trees: new Map(), store: { commit: async () => {} } } as unknown as Site;
  const sender = { open() {}, close() {} } as unknown as Sender;
  const peer = new Peer({
    ...{ site, sender, stream },
    ...{ onMessage() {}, onWant() {}, onOpen() {} },
    onClose: (why) => void closed.push(why),
  });
  return { peer, closed };
}

/** How many messages of a kind have come out of a stream. */
function counted(stream: Duplex, kind: string): () => number {
  const reader = new FrameReader();
  let count = 0;
  stream.on('data', (chunk: Buffer) => {
    count += reader.push(chunk).filter(({ message }) => message.is === kind).length;
  });
  return () => count;
}

it('of two that are idle one alone asks whether the other is there, and both know how far their clocks are apart', async () => {
  const [near, far] = duplexPair();
  const [fromTwo, fromOne] = [counted(near, 'ping'), counted(far, 'ping')];
  const [one, two] = [idlePeer(1, near), idlePeer(2, far, 3000)];
  await vi.advanceTimersByTimeAsync(100);
  const begun = [fromOne(), fromTwo()];
  await vi.advanceTimersByTimeAsync(70_000);
  expect([fromOne(), fromTwo()]).toEqual([(begun[0] ?? 0) + 10, begun[1]]);
  expect([one.peer.health.skewMs, two.peer.health.skewMs]).toEqual([3000, -3000]);
  expect([one.closed, two.closed]).toEqual([[], []]);
  one.peer.close('over');
  two.peer.close('over');
  await vi.advanceTimersByTimeAsync(100);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([1, 2] as const)('side %i gives up when it has heard nothing for fifteen seconds', async (side) => {
  const [near, far] = duplexPair();
  far.resume();
  const { closed } = idlePeer(side, near);
  far.write(encode({ is: 'hello', protocol, side: side === 1 ? 2 : 1, trees: [] }));
  await vi.advanceTimersByTimeAsync(14_900);
  expect(closed).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(closed).toEqual(['the other side is silent']);
});

it('sends the parts of a body as one frame, and counts them', () => {
  const [near, far] = duplexPair();
  const reader = new FrameReader();
  const come: string[] = [];
  far.on('data', (chunk: Buffer) => {
    for (const { message, body } of reader.push(chunk)) come.push(`${message.is} ${body}`);
  });
  const { peer } = idlePeer(1, near);
  const before = peer.health.sentBytes;
  const head = headOf({ is: 'done', frame: 1 }, 6);
  peer.write(head, [Buffer.from('abc'), Buffer.from('def')]);
  peer.write(encode({ is: 'done', frame: 2 }));
  vi.advanceTimersByTime(100);
  return vi.waitFor(() => {
    expect(come.slice(1)).toEqual(['done abcdef', 'done ']);
    expect(peer.health.sentBytes - before).toBe(2 * head.length + 6);
    peer.close('over');
  });
});
