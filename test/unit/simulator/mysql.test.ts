import { describe, expect, it } from 'vitest';
import { mysqlStore } from '../../../src/simulator/modules/database-store.ts';
import { databaseOrder, databaseView, obeyDatabaseOrder } from '../../../src/simulator/modules/mysql-control.ts';
import { account, type Given, strong, type TestServer, testServer } from './server.ts';

type Row = Readonly<Record<string, unknown>>;

function server(more: Given = {}): TestServer {
  const m1 = testServer('m1', '192.0.2.1');
  account('bob', [m1], more);
  return m1;
}

function listed(m1: TestServer, user = 'bob'): readonly unknown[] {
  return (m1.data(m1.uapi(user, 'Mysql::list_databases')) as readonly Row[]).map((r) => r['database']);
}

/** A change behind cPanel's back, as replication makes it. */
function behind(m1: TestServer, order: unknown): void {
  m1.engine.change(() => obeyDatabaseOrder(m1.engine.state, databaseOrder.parse(order)));
}

function full(more: Given = {}): TestServer {
  const m1 = server(more);
  m1.data(m1.uapi('bob', 'Mysql::create_database', { name: 'bob_wp' }));
  m1.data(m1.uapi('bob', 'Mysql::create_user', { name: 'bob_w', password: strong }));
  m1.data(
    m1.uapi('bob', 'Mysql::set_privileges_on_database', {
      user: 'bob_w',
      database: 'bob_wp',
      privileges: 'SELECT, insert',
    }),
  );
  return m1;
}

describe('databases and their users', () => {
  it('are created, granted and listed from both sides', () => {
    const m1 = full();
    expect(m1.data(m1.uapi('bob', 'Mysql::list_databases'))).toEqual([
      { database: 'bob_wp', disk_usage: 0, users: ['bob_w'] },
    ]);
    expect(m1.data(m1.uapi('bob', 'Mysql::list_users'))).toEqual([
      { databases: ['bob_wp'], shortuser: 'w', user: 'bob_w' },
    ]);
    expect(m1.data(m1.uapi('bob', 'Mysql::get_privileges_on_database', { user: 'bob_w', database: 'bob_wp' }))).toEqual(
      ['INSERT', 'SELECT'],
    );
  });

  it('lose their grants one by one and with their user', () => {
    const m1 = full();
    m1.data(m1.uapi('bob', 'Mysql::revoke_access_to_database', { user: 'bob_w', database: 'bob_wp' }));
    expect(m1.data(m1.uapi('bob', 'Mysql::get_privileges_on_database', { user: 'bob_w', database: 'bob_wp' }))).toEqual(
      [],
    );
    m1.data(
      m1.uapi('bob', 'Mysql::set_privileges_on_database', { user: 'bob_w', database: 'bob_wp', privileges: 'ALL' }),
    );
    m1.data(m1.uapi('bob', 'Mysql::delete_user', { name: 'bob_w' }));
    expect(m1.data(m1.uapi('bob', 'Mysql::list_databases'))).toMatchObject([{ users: [] }]);
  });

  it.each([
    ['without the prefix', { name: 'wp' }, 'The name “wp” does not begin with the required prefix “bob_”.'],
    ['with another’s prefix', { name: 'eve_wp' }, 'The name “eve_wp” does not begin with the required prefix “bob_”.'],
    ['that exists', { name: 'bob_wp' }, 'The database “bob_wp” already exists.'],
  ])('%s are refused', (_what, args, reason) => {
    expect(full().uapi('bob', 'Mysql::create_database', args)).toMatchObject({ ok: false, reason });
  });

  it('over the limit are refused', () => {
    expect(full({ maxsql: 1 }).uapi('bob', 'Mysql::create_database', { name: 'bob_two' }).ok).toBe(false);
  });

  it('of another account are out of reach', () => {
    const m1 = full();
    account('eve', [m1], { uid: 2002, gid: 2002 });
    expect(m1.uapi('eve', 'Mysql::delete_database', { name: 'bob_wp' }).ok).toBe(false);
    expect(m1.uapi('eve', 'Mysql::set_password', { user: 'bob_w', password: 'Zw4$kLm9-Pqe' }).ok).toBe(false);
    expect(listed(m1)).toEqual(['bob_wp']);
  });

  it('are renamed with their grants', () => {
    const m1 = full();
    m1.data(m1.uapi('bob', 'Mysql::rename_database', { oldname: 'bob_wp', newname: 'bob_blog' }));
    m1.data(m1.whm('rename_mysql_user', { oldname: 'bob_w', newname: 'bob_writer' }));
    expect(m1.data(m1.uapi('bob', 'Mysql::list_databases'))).toEqual([
      { database: 'bob_blog', disk_usage: 0, users: ['bob_writer'] },
    ]);
  });

  it('take a password that the server then has', () => {
    const m1 = full();
    expect(m1.data(m1.uapi('bob', 'Mysql::set_password', { user: 'bob_w', password: 'Zw4$kLm9-Pqe' }))).toEqual({
      failures: [],
    });
    expect(m1.engine.state.of(mysqlStore.users).get('bob_w')?.password).toBe('Zw4$kLm9-Pqe');
  });

  it('are told to WHM with their owner', () => {
    const m1 = full();
    expect(m1.data(m1.whm('list_databases'))).toEqual({
      payload: [{ cpuser: 'bob', engine: 'mysql', name: 'bob_wp' }],
    });
    expect(m1.data(m1.whm('list_mysql_databases_and_users', { user: 'bob' }))).toMatchObject({
      mysql_databases: { bob_wp: ['bob_w'] },
    });
  });

  it('through API 2 answer in rows', () => {
    const m1 = full();
    expect(m1.data(m1.api2('bob', 'MysqlFE::listdbs'))).toEqual([
      { db: 'bob_wp', size: '0', sizemeg: '0.00', usercount: 1, userlist: [{ db: 'bob_wp', user: 'bob_w' }] },
    ]);
    expect(m1.data(m1.api2('bob', 'MysqlFE::createdb', { db: 'bob_two' }))).toEqual([]);
    expect(m1.referee.unknowns()).toEqual({ functions: {}, parameters: {} });
  });
});

describe('the map and the server part', () => {
  it('when replication brings a database: it is not listed, and creating it is refused until it is mapped', () => {
    const m1 = server();
    behind(m1, { do: 'create', name: 'bob_wp', bytes: 4096 });
    expect(listed(m1)).toEqual([]);
    expect(m1.uapi('bob', 'Mysql::create_database', { name: 'bob_wp' })).toMatchObject({
      ok: false,
      reason: 'The database “bob_wp” already exists.',
    });
    behind(m1, { do: 'map', account: 'bob', databases: ['bob_wp', 'bob_nothing'] });
    expect(m1.data(m1.uapi('bob', 'Mysql::list_databases'))).toEqual([
      { database: 'bob_wp', disk_usage: 4096, users: [] },
    ]);
  });

  it('when replication drops a database: it stays listed, deleting it is MySQL’s error, until it is unmapped', () => {
    const m1 = full();
    behind(m1, { do: 'drop', name: 'bob_wp' });
    expect(databaseView(m1.engine.state)).toEqual({ server: [], map: { bob_wp: 'bob' } });
    expect(listed(m1)).toEqual(['bob_wp']);
    expect(m1.uapi('bob', 'Mysql::delete_database', { name: 'bob_wp' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("ER_DB_DROP_EXISTS (Can't drop database 'bob_wp'; database doesn't exist)"),
    });
    behind(m1, { do: 'unmap', account: 'bob' });
    expect(listed(m1)).toEqual([]);
    expect(m1.uapi('bob', 'Mysql::create_database', { name: 'bob_wp' }).ok).toBe(true);
  });
});

describe('databases of an account', () => {
  it('are dropped from the server when it is removed; those outside of the map stay', () => {
    const m1 = full();
    behind(m1, { do: 'create', name: 'bob_stray' });
    m1.data(m1.whm('removeacct', { username: 'bob' }));
    expect(
      m1.engine.state
        .of(mysqlStore.databases)
        .values()
        .map((d) => d.name),
    ).toEqual(['bob_stray']);
    expect(m1.engine.state.of(mysqlStore.users).values()).toEqual([]);
  });

  it('take the new prefix when it is renamed, or keep the old one when told so', () => {
    const m1 = full();
    m1.data(m1.whm('modifyacct', { user: 'bob', newuser: 'rob', rename_database_objects: 1 }));
    expect(listed(m1, 'rob')).toEqual(['rob_wp']);
    const m2 = full();
    m2.data(m2.whm('modifyacct', { user: 'bob', newuser: 'rob', rename_database_objects: 0 }));
    expect(m2.data(m2.uapi('rob', 'Mysql::list_databases'))).toMatchObject([{ database: 'bob_wp', users: ['bob_w'] }]);
  });

  it('get the account’s new password for its own user, unless told not to', () => {
    const m1 = server();
    m1.data(m1.whm('passwd', { user: 'bob', password: 'Zw4$kLm9-Pqe', db_pass_update: 0 }));
    expect(m1.engine.state.of(mysqlStore.users).get('bob')?.password).toBe(strong);
    m1.data(m1.whm('passwd', { user: 'bob', password: 'Zw4$kLm9-Pqe' }));
    expect(m1.engine.state.of(mysqlStore.users).get('bob')?.password).toBe('Zw4$kLm9-Pqe');
  });

  it('made in one call have names and password of this server', () => {
    const make = (id: string): unknown => {
      const one = testServer(id, '192.0.2.1');
      account('bob', [one]);
      return one.data(one.uapi('bob', 'Mysql::setup_db_and_user'));
    };
    expect(make('m1')).not.toEqual(make('m2'));
  });
});
