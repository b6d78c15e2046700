import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Contents } from '../../../src/filesync/contents.ts';
import { type Known, unknown } from '../../../src/filesync/model.ts';
import { Sender } from '../../../src/filesync/sender.ts';
import type { Site } from '../../../src/filesync/site.ts';
import { FrameReader } from '../../../src/filesync/wire.ts';

const key = 'home/bob/a';
const link: Known = {
  version: [5, 0],
  state: { kind: 'link', target: 'x', user: 'bob', group: 'bob', mtime: '1' },
  pending: true,
};

/** A sender with one pending key, and the offers that it wrote. */
function senderOf() {
  const records = new Map<string, Known>([[key, link]]);
  const pending = new Set([key]);
  const store = {
    pending,
    get: (name: string) => records.get(name),
    kind: (name: string) => records.get(name)?.state.kind ?? 'absent',
    set(name: string, known: Known) {
      records.set(name, known);
      if (known.pending) pending.add(name);
      else pending.delete(name);
    },
    remove: (name: string) => records.delete(name),
  };
  const site = {
    store,
    contents: new Contents(),
    trees: new Map(),
    files: new Map(),
    children: new Map(),
    peaks: new Map(),
    stopped: () => undefined,
    log: pino({ level: 'silent' }),
  } as unknown as Site;
  const reader = new FrameReader();
  const frames: unknown[] = [];
  const sender = new Sender({
    site,
    write: (bytes) => frames.push(...reader.push(bytes).map(({ message }) => message)),
    sendLarge: () => {},
    later: (_ms, work) => void setImmediate(work),
  });
  return { sender, frames, pending, records };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('what is offered', () => {
  it('is settled when its frame is done', async () => {
    const { sender, frames, pending, records } = senderOf();
    sender.open();
    await turn();
    expect(frames).toMatchObject([{ is: 'offers', frame: 1 }]);
    sender.done(1);
    expect(pending.size).toBe(0);
    expect(records.get(key) ?? unknown).toMatchObject({ version: [5, 0] });
  });

  it('and answered otherwise goes again, and the end of the first frame says nothing of it', async () => {
    const { sender, frames, pending } = senderOf();
    sender.open();
    await turn();
    sender.answered(key, [5, 0], 'later');
    await turn();
    expect(frames).toMatchObject([{ frame: 1 }, { frame: 2 }]);
    sender.done(1);
    expect(pending.has(key)).toBe(true);
    sender.done(2);
    expect(pending.has(key)).toBe(false);
  });

  it('is not what is believed to be in a directory that has left', async () => {
    const { sender, frames, pending, records } = senderOf();
    const left: Known = { version: [6, 0], state: { kind: 'absent' }, pending: true };
    records.set('home/bob', left);
    pending.add('home/bob');
    sender.add('home/bob');
    sender.open();
    await turn();
    const told = JSON.stringify(frames);
    expect(told).toContain('"home/bob"');
    expect(told).not.toContain(key);
    records.delete('home/bob');
    pending.delete('home/bob');
    await turn();
    expect(JSON.stringify(frames)).toContain(key);
  });
});
