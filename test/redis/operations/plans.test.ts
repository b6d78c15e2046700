/** The statements that every leg needs must not grow slower with what is open or was ever asked for. */
import type { Compilable, Kysely, RawBuilder } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idsFrom } from '../../../src/ids.ts';
import * as accepting from '../../../src/operations/accept-statements.ts';
import { inGrace } from '../../../src/operations/grace.ts';
import * as leasing from '../../../src/operations/lease-statements.ts';
import { creationsOf } from '../../../src/operations/placement.ts';
import * as running from '../../../src/operations/statements.ts';
import { revived } from '../../../src/roles/crontabs.ts';
import { asked } from '../../../src/roles/own-names.ts';
import { type Journal, openJournal } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import type { Schema } from '../../../src/store/schema.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { quiet } from '../store/databases-quiet.ts';

let dir: TempDir;
let journal: Journal;
beforeAll(async () => {
  dir = tempDir('tandem-plans');
  journal = await openJournal({ kind: 'sqlite', file: `${dir.path}/journal.db` }, { log: quiet });
  await migrate(journal, migrations);
});
afterAll(async () => {
  await journal.close();
  dir.remove();
});

type Build = (db: Kysely<Schema>, now: RawBuilder<number>) => Compilable;

async function planOf(build: Build): Promise<string> {
  return journal.read(async (db) => {
    const query = build(db, journal.now()).compile();
    const { rows } = await db.executeQuery({ ...query, sql: `explain query plan ${query.sql}` });
    // SQLite's own columns: https://sqlite.org/eqp.html
    return (rows as { detail: string }[]).map((row) => row.detail).join('; ');
  });
}

const two = ['a', 'b'];

test.each<[string, Build, RegExp]>([
  [
    'an equal request',
    (db) => accepting.sameRequest(db, { scope: 's', fingerprint: 'f' }),
    /^SEARCH operations USING INDEX operations_same \(idem_scope=\? AND fingerprint=\?\)$/,
  ],
  ['what is in the way', (db) => accepting.earlierOn(db, { names: two, seq: 5 }), /COVERING INDEX leg_keys_order/],
  [
    'what shares a key and is exclusive',
    (db) => accepting.earlierExclusiveOn(db, { names: two, seq: 5 }),
    /leg_keys_order \(name=\? AND exclusive=\? AND seq<\?\)/,
  ],
  [
    'what a plan depends on',
    (db, now) => accepting.circumstances(db, { own: two, common: two, seq: 5, masters: ['m1'], account: 'ann' }, now),
    new RegExp(
      [
        '^SCAN CONSTANT ROW',
        ...['active', 'active'].map((t) => `SEARCH ${t} USING INDEX sqlite_autoindex_active_1 \\(account=\\?\\)`),
        'SEARCH legs USING INDEX legs_open \\(state=\\?\\)',
        'SEARCH legs USING INDEX legs_open \\(state=\\? AND master=\\? AND due_at>\\?\\)',
        'SEARCH absences USING COVERING INDEX sqlite_autoindex_absences_1 \\(account=\\? AND master=\\?\\)',
        'SEARCH leg_keys USING COVERING INDEX leg_keys_order \\(name=\\?\\)',
        'SEARCH leg_keys USING COVERING INDEX leg_keys_order \\(name=\\? AND exclusive=\\? AND seq<\\?\\)',
      ].join('; (SCALAR SUBQUERY \\d+; )?'),
    ),
  ],
  [
    'the oldest in the way',
    (db) => accepting.oldestExclusiveOn(db, { names: ['a'], seq: 5, master: 'm1' }),
    /COVERING INDEX leg_keys_order \(name=\? AND exclusive=\? AND seq<\?\)/,
  ],
  ['legs on hold', (db) => accepting.heldOf(db, { legs: two }), /sqlite_autoindex_legs_1 \(id=\?\)/],
  [
    'keys raised',
    (db) => accepting.raiseKeys(db, { names: two, seq: 5, asked: '5 f' }),
    /SEARCH keys USING PRIMARY KEY/,
  ],
  ['legs that may run', (db, now) => running.standingOf(db, { legs: two }, now), /sqlite_autoindex_legs_1 \(id=\?\)/],
  [
    'a leg taken',
    (db, now) => leasing.takeLeg(db, { leg: 'a', owner: 'w', leaseMs: 1 }, now),
    /sqlite_autoindex_legs_1 \(id=\?\)/,
  ],
  [
    'a leg taken as it was seen',
    (db, now) => leasing.takeSeen(db, { leg: 'a', owner: 'w', turn: 1, seenUntil: 1, leaseMs: 1 }, now),
    /^SEARCH legs USING INDEX sqlite_autoindex_legs_1 \(id=\?\)$/,
  ],
  [
    'a leg noted as sent, as it was seen',
    (db, now) =>
      leasing.sendSeen(
        db,
        { leg: 'a', owner: 'w', turn: 1, seenUntil: 1, longestMs: 1, leaseMs: 1, answers: '[]' },
        now,
      ),
    /^SEARCH legs USING INDEX sqlite_autoindex_legs_1 \(id=\?\)$/,
  ],
  [
    'legs behind',
    (db, now) => running.legsBehind(db, { leg: 'a' }, now),
    /mine USING PRIMARY KEY \(leg_id=\?\).*theirs USING COVERING INDEX leg_keys_order \(name=\? AND exclusive=\? AND seq>\? AND seq<\?\)/,
  ],
  [
    'what can still be undone',
    (db, now) => inGrace(db, { before: 5, masters: two }, now),
    /legs USING INDEX legs_open \(state=\? AND master=\? AND due_at>\?\)/,
  ],
  [
    'what made or ended domains lately',
    (db) => asked(db, idsFrom(1_800_000_000_000)),
    /^SEARCH operations USING INDEX sqlite_autoindex_operations_1 \(id>\?\)$/,
  ],
  [
    'what brought accounts back lately',
    (db) => revived(db, idsFrom(1_800_000_000_000)),
    /^SEARCH operations USING INDEX sqlite_autoindex_operations_1 \(id>\?\)$/,
  ],
  [
    'when accounts were made',
    (db) => creationsOf(db, two),
    /SEARCH operations USING INDEX operations_account \(account=\?\)/,
  ],
  ['keys dropped', (db) => running.dropKeys(db, { leg: 'a' }), /leg_keys USING PRIMARY KEY \(leg_id=\?\)/],
  ['states of legs', (db, now) => running.statesOf(db, { operation: 'o' }, now), /legs USING INDEX legs_operation/],
])('%s is looked up, and nothing is walked through', async (_, build, expected) => {
  const plan = await planOf(build);
  expect(plan).toMatch(expected);
  expect(plan).not.toMatch(/SCAN (?!CONSTANT ROW|.*subquery)|TEMP B-TREE FOR ORDER/);
});
