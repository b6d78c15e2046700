import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TreeEvent } from '../../../src/filesync/events.ts';
import { Gather } from '../../../src/filesync/gather.ts';
import type { Known } from '../../../src/filesync/model.ts';
import type { Branch, Site } from '../../../src/filesync/site.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const file: Known = {
  version: [1, 0],
  state: { kind: 'link', target: 'x', user: 'bob', group: 'bob', mtime: '1' },
};

/** Events of a tree in which nothing lies any more; `known` is what was there. Tells what was looked at. */
function gathering(known: readonly string[] = []) {
  const looks: string[] = [];
  const branch = {
    tree: {
      name: 'home',
      look: (path: string) => void looks.push(path),
      forget() {},
    },
    isExcluded: () => false,
  } as unknown as Branch;
  const records = new Map(known.map((key) => [key, { ...file, print: {} }]));
  const store = {
    get: (key: string) => records.get(key),
    set() {},
    remove() {},
    kind: () => 'absent',
    pending: new Set(),
  };
  const site = {
    ...{
      store,
      mailFolders: ['mail'],
      now: Date.now,
      trees: new Map([['home', branch]]),
      links: { seen() {}, changed() {} },
    },
    ...{ side: 1, count: () => 2, files: new Map(), children: new Map(), peaks: new Map() },
  } as unknown as Site;
  (site.store as { commit?: unknown }).commit = async () => {};
  const gather = new Gather({ site, scan() {}, renamed: () => false, renamedFile() {} });
  const told = (...events: TreeEvent[]): void => gather.events(branch, events);
  return { gather, looks, told };
}

const event = (kind: TreeEvent['kind'], path: string, cookie = 0): TreeEvent => ({ kind, path, cookie });

it('does not look for what left again before anything was known of it, but for what it became', () => {
  const { gather, looks, told } = gathering();
  told(event('new', 'bob/tmp/1'), event('changed', 'bob/tmp/1'));
  told(event('from', 'bob/tmp/1', 5), event('to', 'bob/one', 5));
  told(event('new', 'bob/tmp/2'), event('changed', 'bob/tmp/2'), event('gone', 'bob/tmp/2'));
  vi.advanceTimersByTime(5000);
  expect([...new Set(looks)]).toEqual(['bob/one']);
  gather.close();
});

it('looks for what was known and left', () => {
  const { gather, looks, told } = gathering(['home/bob/a', 'home/bob/b']);
  told(event('from', 'bob/a', 5), event('gone', 'bob/b'));
  vi.advanceTimersByTime(5000);
  expect([...new Set(looks)]).toEqual(['bob/a', 'bob/b']);
  gather.close();
});

it('looks soon after a pause, and less often while changes go on', () => {
  const { gather, looks, told } = gathering();
  vi.advanceTimersByTime(1000);
  told(event('changed', 'bob/a'));
  vi.advanceTimersByTime(20);
  const first = looks.length;
  expect(first).toBeGreaterThan(0);
  told(event('changed', 'bob/b'));
  vi.advanceTimersByTime(20);
  expect(looks).toHaveLength(first);
  vi.advanceTimersByTime(60);
  expect(looks).toContain('bob/b');
  gather.close();
});
