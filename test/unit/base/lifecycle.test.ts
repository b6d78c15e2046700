import { describe, expect, it, vi } from 'vitest';
import { closeOnSignals, createLifecycle } from '../../../src/lifecycle.ts';
import { testLog } from '../../support/log.ts';

describe('lifecycle', () => {
  it('closes in reverse order, one after the other', async () => {
    const lifecycle = createLifecycle({ log: testLog().log });
    const order: string[] = [];
    for (const name of ['journal', 'redis', 'web']) {
      lifecycle.onClose(name, async () => {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
      });
    }
    await lifecycle.closeAll();
    expect(order).toEqual(['web', 'redis', 'journal'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('closes everything once, also when asked twice', async () => {
    const lifecycle = createLifecycle({ log: testLog().log });
    const close = vi.fn();
    lifecycle.onClose('one', close);
    await Promise.all([lifecycle.closeAll(), lifecycle.closeAll()]);
    expect(close).toHaveBeenCalledOnce();
    expect(lifecycle.signal.aborted).toBe(true);
  });

  it('goes on when a part fails or never ends, and says which', async () => {
    const { log, entries } = testLog();
    const lifecycle = createLifecycle({ log, limitMs: 5 });
    const first = vi.fn();
    lifecycle.onClose('first', first);
    lifecycle.onClose('stuck', () => new Promise(() => undefined));
    lifecycle.onClose('broken', () => {
      throw new Error('no');
    });
    await lifecycle.closeAll();
    expect(first).toHaveBeenCalledOnce();
    expect(entries.map((entry) => entry['part'])).toEqual(['broken', 'stuck']);
  });

  it('closes at once what is opened while closing', async () => {
    const lifecycle = createLifecycle({ log: testLog().log });
    const late = vi.fn();
    lifecycle.onClose('early', () => lifecycle.onClose('late', late));
    await lifecycle.closeAll();
    await vi.waitFor(() => expect(late).toHaveBeenCalledOnce());
  });

  it('closes on a signal and exits 0; a second signal exits 1 without waiting', async () => {
    const { log } = testLog();
    const lifecycle = createLifecycle({ log });
    const exits: number[] = [];
    const off = closeOnSignals(lifecycle, log, (code) => exits.push(code));
    let release = (): void => undefined;
    lifecycle.onClose('slow', () => new Promise<void>((resolve) => (release = resolve)));
    process.emit('SIGTERM', 'SIGTERM');
    expect(lifecycle.signal.aborted).toBe(true);
    process.emit('SIGINT', 'SIGINT');
    expect(exits).toEqual([1]);
    await vi.waitFor(() => {
      release();
      expect(exits).toEqual([1, 0]);
    });
    off();
  });
});
