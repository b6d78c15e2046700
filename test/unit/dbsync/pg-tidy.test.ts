import { describe, expect, it } from 'vitest';
import { noteNames, type PgGlance } from '../../../src/dbsync/postgres/model.ts';
import { ownName, slotName } from '../../../src/dbsync/postgres/names.ts';
import { touchedBy } from '../../../src/dbsync/postgres/panel-calls.ts';
import { isCarried } from '../../../src/dbsync/postgres/plan.ts';
import { tidyPlan } from '../../../src/dbsync/postgres/tidy-plan.ts';
import { judgePg } from '../../../src/dbsync/postgres/verdict.ts';
import { uapi, whm } from '../../../src/whm/call.ts';

interface Held {
  /** Name of the slot's and origin's database, by the name that the database has. */
  readonly carried?: Readonly<Record<string, string>>;
  readonly databases?: readonly string[];
  readonly origins?: readonly string[];
  readonly notes?: Readonly<Record<string, string>>;
}

function glance(id: 'm1' | 'm2', held: Held): PgGlance {
  const other = id === 'm1' ? 'm2' : 'm1';
  const carried = { [ownName]: ownName, ...held.carried };
  const names = [...new Set([...Object.keys(carried), ...(held.databases ?? [])])];
  const alike = { owner: 'bob', encoding: 'UTF8', collate: 'C', ctype: 'C' };
  const idle = { active: true, walStatus: 'reserved', behindBytes: 0, keptBytes: 0 };
  return {
    ...{ id, name: id.toUpperCase(), walBytes: 0, readOnly: false, clock: 1_000_000, beats: {}, hasOwn: true },
    capacity: 100,
    databases: names.map((name) => ({ name, oid: `oid-${name}`, ...alike })),
    slots: Object.entries(carried).map(([database, as]) => ({ name: slotName(other, as), database, ...idle })),
    origins: [...Object.values(carried), ...(held.origins ?? [])].map((name) => slotName(id, name)),
    notes: held.notes ?? {},
  };
}

const shop = { bob_shop: 'bob_shop' };
const leaving = (oid: string, at = 999_000) => ({ [noteNames.leaving('bob_shop')]: `${oid} ${at}` });
const forget = (on: string) => ({ kind: 'forget', on, note: noteNames.leaving('bob_shop') });
const unlink = { kind: 'unlink', on: 'm2', database: 'bob_shop' };
const dropOrigin = { kind: 'drop-origin', on: 'm1', origin: slotName('m1', 'bob_shop') };
const ending = slotName('', 'bob_shop').slice('tandem__'.length);

const rows: readonly (readonly [string, Held, Held, readonly unknown[]])[] = [
  ['what is carried is left alone', { carried: shop }, { carried: shop }, []],
  ['what is being let go of is left alone', { carried: shop, notes: leaving('oid-bob_shop') }, { carried: shop }, []],
  [
    'a call that never ended leaves it as it was',
    { carried: shop, notes: leaving('oid-bob_shop', 1) },
    { carried: shop },
    [{ kind: 'stay', on: 'm1', database: 'bob_shop' }],
  ],
  [
    'dropped on one: its origin goes, and the other keeps no log',
    { origins: ['bob_shop'], notes: leaving('oid-bob_shop') },
    { carried: shop },
    [dropOrigin, unlink],
  ],
  ['dropped behind Tandem’s back is the same', { origins: ['bob_shop'] }, { carried: shop }, [dropOrigin, unlink]],
  ['dropped on both: the notes go', { notes: leaving('1') }, { notes: leaving('2') }, [forget('m1'), forget('m2')]],
  [
    'renamed there and back on both',
    { carried: shop, notes: leaving('gone') },
    { carried: shop, notes: leaving('gone') },
    [forget('m1'), forget('m2')],
  ],
  ['renamed there and back on one', { carried: shop, notes: leaving('gone') }, { carried: shop }, []],
  ['dropped on both, noted on one', { notes: leaving('1') }, {}, [forget('m1')]],
  [
    'dropped and made again on one: the other has the former one still',
    { databases: ['bob_shop'], notes: leaving('1') },
    { databases: ['bob_shop'] },
    [],
  ],
  [
    'dropped and made again on both',
    { databases: ['bob_shop'], notes: leaving('1') },
    { databases: ['bob_shop'], notes: leaving('2') },
    [forget('m1'), forget('m2')],
  ],
  ['renamed on one: nothing is taken apart', { carried: { bob_new: 'bob_shop' } }, { carried: shop }, []],
  [
    'renamed on both: all follows to the new name',
    { carried: { bob_new: 'bob_shop' } },
    { carried: { bob_new: 'bob_shop' } },
    [{ kind: 'follow', database: 'bob_new', ending }],
  ],
  [
    'renamed to two names: nothing is taken apart',
    { carried: { bob_new: 'bob_shop' } },
    { carried: { bob_other: 'bob_shop' } },
    [],
  ],
  ['being filled is left alone', { notes: { [noteNames.filling('bob_shop')]: 'm2' } }, { carried: shop }, []],
  [
    'reasons of what nobody has go',
    { notes: { [noteNames.refused('bob_old')]: 'full' } },
    { notes: { [noteNames.stopped('m1', 'bob_old')]: 'why' } },
    [
      { kind: 'forget', on: 'm1', note: noteNames.refused('bob_old') },
      { kind: 'forget', on: 'm2', note: noteNames.stopped('m1', 'bob_old') },
    ],
  ],
];

describe('what a drop or a rename leaves', () => {
  it.each(rows)('%s', (_what, a, b, steps) => {
    expect(tidyPlan(glance('m1', a), glance('m2', b))).toEqual(steps);
  });

  it('is not carried, and stops nothing: what had stopped it is no reason any more', () => {
    const notes = { ...leaving('oid-bob_shop'), [noteNames.stopped('m2', 'bob_shop')]: 'the slot is gone' };
    const seen = [glance('m1', { carried: shop, notes }), glance('m2', { carried: shop })] as const;
    expect(isCarried(...seen, 'bob_shop')).toBe(false);
    const state = judgePg(seen, { lagWarnMs: 1000 });
    expect(state.directions.map((one) => one.verdict.kind)).toEqual(['steady', 'steady']);
    expect(state.notCarried).toMatchObject([{ database: 'bob_shop', passing: true }]);
  });
});

it.each([
  [uapi('bob', 'Postgresql::delete_database', { name: 'bob_shop' }), { database: 'bob_shop' }],
  [uapi('bob', 'Postgresql::rename_database', { oldname: 'bob_shop', newname: 'bob_x' }), { database: 'bob_shop' }],
  [whm('rename_postgresql_database', { oldname: 'bob_shop', newname: 'bob_x' }), { database: 'bob_shop' }],
  [whm('removeacct', { username: 'bob' }), { account: 'bob' }],
  [whm('modifyacct', { user: 'bob', newuser: 'rob' }), { account: 'bob' }],
  [whm('modifyacct', { user: 'bob', shell: 0 }), undefined],
  [uapi('bob', 'Postgresql::create_database', { name: 'bob_shop' }), undefined],
  [uapi('bob', 'Mysql::delete_database', { name: 'bob_shop' }), undefined],
])('a call %j touches %j', (call, touched) => {
  expect(touchedBy(call)).toEqual(touched);
});
