import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src/failover/state/store.ts';
import { headsOf, mergeOrders, type Order, orderId, standing } from '../../../src/failover/verdict/orders.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

const day = 86_400_000;
const begun = Date.UTC(2026, 0, 1);
let base: TempDir;
let file: string;

beforeEach(() => {
  base = tempDir('orders');
  file = join(base.path, 'orders.log');
});
afterEach(() => base.remove());

function open(now: number): Promise<Store> {
  return openStore({ dir: base.path, self: 's3', now, onLost: (error) => expect.unreachable(String(error)) });
}

/** The watcher that gave an order of the chain. */
function giver(at: number): string {
  return at % 3 === 0 ? 's4' : 's3';
}

/** A chain of orders there and back, one a day, with the evidence that real ones have. */
function chain(count: number): readonly Order[] {
  return Array.from({ length: count }, (_, at): Order => {
    const isThere = at % 2 === 0;
    return {
      epoch: at + 1,
      node: giver(at),
      parents: at === 0 ? [] : [`${at}.${giver(at - 1)}`],
      kind: isThere ? 'switch' : 'return',
      from: isThere ? 'm1' : 'm2',
      to: isThere ? 'm2' : 'm1',
      at: begun + at * day,
      by: 'verdict',
      evidence: Array.from({ length: 8 }, (_, nth) => `s4 does not see m1: ${'no answer '.repeat(8)}${nth}`),
    };
  });
}

async function filled(orders: readonly Order[]): Promise<void> {
  const store = await open(begun);
  for (const order of orders) await store.add([order], order.at);
  await store.close();
}

describe('the log of orders', () => {
  const orders = chain(100);
  const now = begun + 100 * day;

  it('loses the evidence of old orders when it is opened, and nothing that decides', async () => {
    await filled(orders);
    const before = statSync(file).size;
    const store = await open(now);
    expect(statSync(file).size).toBeLessThan(before / 2);
    expect(standing(store.orders())).toEqual(standing(orders));
    expect(store.orders().map(orderId)).toEqual(orders.map(orderId));
    expect(headsOf(store.orders()).map(orderId)).toEqual(headsOf(orders).map(orderId));
    expect(store.stored().map(({ heardAt }) => heardAt)).toEqual(orders.map(({ at }) => at));
    expect(store.orders().at(-1)?.evidence).toHaveLength(8);
    expect(store.orders()[0]?.evidence).toEqual([]);
    await store.close();
    const size = statSync(file).size;
    await (await open(now)).close();
    expect(statSync(file).size).toBe(size);
  });

  it('takes nothing new from a watcher that was away for long, and finds what that one ordered alone', async () => {
    await filled(orders);
    const store = await open(now);
    expect(await store.add(orders, now)).toEqual([]);
    const old = orders[49];
    if (old === undefined) throw new RangeError('there are 100');
    // Given long ago, from what was the newest then: a conflict, as it would have been at once.
    const alone: Order = {
      ...old,
      epoch: 101,
      node: 's5',
      parents: [orderId(old)],
      kind: 'switch',
      from: 'm2',
      to: 'm1',
    };
    expect(await store.add([alone], now)).toEqual([alone]);
    expect(standing(store.orders())).toEqual(standing(mergeOrders(orders, [alone])));
    await store.close();
  });

  it('is left alone while a line of it is damaged, and while it is small', async () => {
    await filled(orders);
    const bytes = readFileSync(file);
    bytes[2000] = (bytes[2000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const store = await open(now);
    expect(store.damaged).toBe(1);
    await store.close();
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('killed while it was being replaced: the old one counts, and what was half written goes', async () => {
    await filled(orders);
    mkdirSync(base.path, { recursive: true });
    writeFileSync(`${file}.1b0c.new`, readFileSync(file).subarray(0, 3000));
    const store = await open(now);
    expect(standing(store.orders())).toEqual(standing(orders));
    await store.close();
    expect(readdirSync(base.path).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});
