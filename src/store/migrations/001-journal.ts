import { type ColumnDataType, type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely';

const ID = 'varchar(40)';
const NAME = 'varchar(190)';

type ColumnType = 'id' | 'name' | 'int' | 'text';
type Columns = Readonly<Record<string, ColumnType | `${ColumnType}?`>>;

// longtext: MariaDB's text ends at 64 kB, and SQLite takes any name that holds "text" for TEXT.
const SQL_TYPE: Readonly<Record<string, ColumnDataType | RawBuilder<unknown>>> = {
  id: ID,
  name: NAME,
  int: 'bigint',
  text: sql`longtext`,
};

async function table(db: Kysely<unknown>, name: string, primary: readonly string[], columns: Columns): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name).ifNotExists();
  for (const [column, type] of Object.entries(columns)) {
    const optional = type.endsWith('?');
    const sqlType = SQL_TYPE[type.replace('?', '')] ?? 'text';
    builder = builder.addColumn(column, sqlType, (c) => (optional ? c : c.notNull()));
  }
  await builder.addPrimaryKeyConstraint(`${name}_pk`, [...primary]).execute();
}

const operations: Columns = {
  id: 'id',
  action: 'name',
  door: 'id',
  actor_kind: 'id',
  actor_name: 'name',
  actor_scope: 'name',
  actor_address: 'name?',
  subject: 'text',
  account: 'name?',
  params: 'text',
  sealed: 'text?',
  data_key: 'text?',
  keys: 'text',
  state: 'id',
  lead: 'id',
  lead_epoch: 'int',
  committed: 'int',
  destroys: 'int',
  seq: 'int',
  refusal: 'text?',
  fingerprint: 'name',
  idem_scope: 'name',
  idem_key: 'name?',
  caller_left: 'int',
  accepted_at: 'int',
  decided_at: 'int?',
  final_at: 'int?',
  verify_at: 'int?',
  verified_at: 'int?',
};

const legs: Columns = {
  id: 'id',
  operation_id: 'id',
  master: 'id',
  state: 'id',
  mode: 'id',
  released: 'int',
  waits: 'int',
  seq: 'int',
  attempts: 'int',
  doubts: 'int',
  delays: 'int',
  turn: 'int',
  due_at: 'int',
  lease_owner: 'id?',
  lease_until: 'int?',
  first_sent_at: 'int?',
  sent_at: 'int?',
  closed_until: 'int?',
  done_at: 'int?',
  error_code: 'name?',
  error_message: 'text?',
  error_hint: 'text?',
  answers: 'text',
};

/** The journal: operations, legs, keys, attempts, workers, and what is known of the masters. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'operations', ['id'], operations);
  await table(db, 'legs', ['id'], legs);
  await table(db, 'leg_keys', ['name', 'leg_id'], {
    leg_id: 'id',
    name: 'name',
    master: 'id',
    exclusive: 'int',
    wide: 'int',
    seq: 'int',
  });
  await table(db, 'keys', ['name'], { name: 'name', seq: 'int', applied_seq: 'int' });
  await table(db, 'attempts', ['id'], {
    id: 'id',
    leg_id: 'id',
    fn: 'name',
    sent_at: 'int?',
    ended_at: 'int',
    outcome: 'id',
    reason: 'text',
  });
  await table(db, 'workers', ['id'], {
    id: 'id',
    node: 'name',
    pid: 'int',
    home: 'name',
    started_at: 'int',
    seen_at: 'int',
  });
  await table(db, 'reach', ['worker_id', 'master'], {
    worker_id: 'id',
    master: 'id',
    state: 'id',
    since: 'int',
    reason: 'text?',
  });
  await table(db, 'masters', ['id'], {
    id: 'id',
    parked: 'int',
    parked_reason: 'text?',
    parked_at: 'int?',
    version: 'name?',
  });
  await table(db, 'slots', ['master', 'slot'], { master: 'id', slot: 'int', worker_id: 'id', until: 'int' });
  await table(db, 'absences', ['account', 'master'], { account: 'name', master: 'id', operation_id: 'id' });
  await table(db, 'drift', ['id'], {
    id: 'id',
    account: 'name?',
    master: 'id',
    operation_id: 'id?',
    sentence: 'text',
    found_at: 'int',
    resolved_at: 'int?',
  });
  await table(db, 'active', ['account'], { account: 'name', master: 'id', epoch: 'int' });
  await table(db, 'meta', ['name'], { name: 'name', value: 'text' });
  await indexes(db);
}

async function indexes(db: Kysely<unknown>): Promise<void> {
  const index = (name: string, on: string, columns: string[]) =>
    db.schema.createIndex(name).ifNotExists().on(on).columns(columns).execute();
  await index('operations_account', 'operations', ['account', 'id']);
  await index('operations_state', 'operations', ['state', 'id']);
  await index('operations_same', 'operations', ['idem_scope', 'fingerprint']);
  await index('operations_verify', 'operations', ['verify_at']);
  await db.schema
    .createIndex('operations_idem')
    .ifNotExists()
    .on('operations')
    .columns(['idem_scope', 'idem_key'])
    .unique()
    .execute();
  await index('legs_operation', 'legs', ['operation_id']);
  await index('legs_open', 'legs', ['state', 'master', 'due_at']);
  await index('leg_keys_leg', 'leg_keys', ['leg_id']);
  await index('leg_keys_order', 'leg_keys', ['name', 'exclusive', 'seq']);
  await index('attempts_leg', 'attempts', ['leg_id']);
  await index('drift_open', 'drift', ['resolved_at']);
}
