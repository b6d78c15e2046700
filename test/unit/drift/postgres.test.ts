import { expect, it } from 'vitest';
import { accountKindsFor, kindOf } from '../../../src/drift/kinds/index.ts';
import { mastersOf } from '../../../src/masters.ts';

const masters = mastersOf([
  { id: 'm1', name: 'M1', site: 'a', hostname: 'm1.example.net', address: '192.0.2.1' },
  { id: 'm2', name: 'M2', site: 'b', hostname: 'm2.example.net', address: '198.51.100.2' },
]);
const place = { master: 'm1', masters };
const all = ['postgres-database', 'postgres-user', 'postgres-grant'];

it.each(all)(
  '%s: a master that refuses to tell is unread, whatever its words, and so is one that does not answer',
  (id) => {
    for (const ok of [false, undefined] as const)
      expect(kindOf(id)?.read('bob', () => ({ ok, reason: 'no' }), place)).toEqual({ ok: false, reason: 'no' });
  },
);

it('is asked for only where every master has a PostgreSQL that Tandem knows', () => {
  const asked = (...has: boolean[]): readonly string[] =>
    accountKindsFor({
      list: masters.list.map((one, at) => ({ ...one, ...(has[at] === true ? { postgres: {} } : {}) })),
    })
      .map((kind) => kind.id)
      .filter((id) => all.includes(id));
  expect(asked(true, true)).toEqual(all);
  expect(asked(true, false)).toEqual([]);
  expect(asked(false, false)).toEqual([]);
});

it('who may use which database is read from the list of databases', () => {
  const rows = [
    { database: 'bob_shop', disk_usage: '9', users: ['bob_web', 'bob_job'] },
    { database: 'bob_new', users: null },
  ];
  const seen = kindOf('postgres-grant')?.read('bob', () => ({ ok: true, data: rows }), place);
  expect(seen?.ok === true ? [...seen.things.keys()] : seen).toEqual(['bob_web on bob_shop', 'bob_job on bob_shop']);
});
