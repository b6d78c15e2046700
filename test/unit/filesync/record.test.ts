import fc from 'fast-check';
import { open } from 'lmdb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fingerprint, type Known, type State, unknown } from '../../../src/filesync/model.ts';
import { isAsSeen, pack } from '../../../src/filesync/record.ts';
import type { Stat } from '../../../src/filesync/statx.ts';
import { Store } from '../../../src/filesync/store.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

const time = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom('0', '-0', '007', '1795979673656000123', '9223372036854775807', '-9223372036854775808', ''),
);
const owned = {
  mode: fc.nat(0o7777),
  user: fc.string({ unit: 'binary', maxLength: 8 }),
  group: fc.constantFrom('', 'bob'),
  attributes: fc.string({ maxLength: 8 }),
};
const digest = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
  fc.constantFrom('a', 'A'.repeat(32)),
);
const state: fc.Arbitrary<State> = fc.oneof(
  fc.constant({ kind: 'absent' } as const),
  fc.record({ kind: fc.constant('directory' as const), ...owned }),
  fc.record({
    kind: fc.constant('link' as const),
    target: fc.string(),
    user: owned.user,
    group: owned.group,
    mtime: time,
  }),
  fc.record(
    {
      kind: fc.constant('file' as const),
      ...owned,
      size: fc.maxSafeNat(),
      mtime: time,
      digest,
      place: fc.constantFrom('new', 'cur:2,S'),
    },
    { requiredKeys: ['kind', 'mode', 'user', 'group', 'attributes', 'size', 'mtime', 'digest'] },
  ),
);
const print: fc.Arbitrary<Fingerprint> = fc.record(
  {
    ino: fc.maxSafeNat(),
    size: fc.maxSafeNat(),
    mtime: time,
    ctime: time,
    mode: owned.mode,
    uid: fc.nat(),
    gid: fc.nat(),
    racy: fc.constantFrom<true | 'attributes'>(true, 'attributes'),
  },
  { requiredKeys: ['ino', 'size', 'mtime', 'ctime', 'mode', 'uid', 'gid'] },
);
const known: fc.Arbitrary<Known> = fc.record(
  {
    version: fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()),
    state,
    agreed: state,
    print,
    pending: fc.constant(true as const),
    conflict: fc.constant(true as const),
  },
  { requiredKeys: ['version', 'state'] },
);

let dir: TempDir;
beforeEach(() => {
  dir = tempDir('filesync-record');
});
afterEach(() => dir.remove());

async function reopened(): Promise<Map<string, Known>> {
  const store = new Store(dir.path);
  const all = new Map<string, Known>();
  store.load((key, kind) => {
    const one = store.get(key) ?? unknown;
    all.set(key, one);
    // What is read at a start without the rest says the same.
    expect([kind, store.kind(key), store.pending.has(key)]).toEqual([
      one.state.kind,
      one.state.kind,
      one.pending === true,
    ]);
  });
  await store.close();
  return all;
}

it('what is known of a path is the same after the agent was ended and began again', async () => {
  const records = fc.sample(known, { numRuns: 2000, seed: 7 });
  const store = new Store(dir.path);
  const written = new Map(records.map((one, n) => [`home/bob/${String(n).padStart(5, '0')}`, one]));
  for (const [key, one] of written) store.set(key, one);
  await store.close();
  expect(await reopened()).toEqual(written);
});

it('a record is as seen when nothing that a look tells differs, and never when the look may not tell all', () => {
  const modes = { file: 0o100_000, directory: 0o040_000, link: 0o120_000, absent: 0 } as const;
  const times = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
  const fields = ['ino', 'size', 'mode', 'uid', 'gid', 'mtime', 'ctime'] as const;
  fc.assert(
    fc.property(known, print, times, times, fc.constantFrom(...fields), (one, is, mtime, ctime, key) => {
      const { racy, ino, size, uid, gid } = is;
      const record = pack({ ...one, print: { ...is, mtime: String(mtime), ctime: String(ctime) } });
      const stat: Stat = {
        ...{ ino, size, uid, gid, mtime, ctime, links: 1, device: 1 },
        mode: modes[one.state.kind] | is.mode,
      };
      const value = stat[key];
      const changed = {
        ...stat,
        [key]: typeof value === 'bigint' ? value + 1n : key === 'mode' ? value ^ 1 : value + 1,
      };
      expect(isAsSeen(record, stat)).toBe(racy === undefined && one.state.kind !== 'absent');
      expect(isAsSeen(record, changed)).toBe(false);
      expect(isAsSeen(record, { ...stat, mode: 0o010_000 | is.mode })).toBe(false);
    }),
  );
});

it('what an agent from before wrote is read', async () => {
  const [one] = fc.sample(known, { numRuns: 1, seed: 11 });
  const whole = open({ path: dir.path, maxDbs: 3 });
  await whole
    .openDB<Known | undefined, Buffer>({ name: 'paths', keyEncoding: 'binary' })
    .put(Buffer.from('home/bob'), one);
  await whole.close();
  expect(await reopened()).toEqual(new Map([['home/bob', one]]));
});
