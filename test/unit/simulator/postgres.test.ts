import { describe, expect, it } from 'vitest';
import { createBacking, type Real } from '../../../src/simulator/backing.ts';
import { postgresStore } from '../../../src/simulator/modules/database-store.ts';
import { account, strong, type TestServer, testServer } from './server.ts';

function full(): TestServer {
  const m1 = testServer('m1', '192.0.2.1');
  account('bob', [m1]);
  m1.data(m1.uapi('bob', 'Postgresql::create_database', { name: 'bob_shop' }));
  m1.data(m1.uapi('bob', 'Postgresql::create_user', { name: 'bob_web', password: strong }));
  m1.data(m1.uapi('bob', 'Postgresql::grant_all_privileges', { database: 'bob_shop', user: 'bob_web' }));
  return m1;
}

const databases = (m1: TestServer, user = 'bob') => m1.data(m1.uapi(user, 'Postgresql::list_databases'));

describe('PostgreSQL databases and users', () => {
  it('are listed as cPanel lists them: users as names alone', () => {
    const m1 = full();
    expect(databases(m1)).toEqual([{ database: 'bob_shop', disk_usage: 0, users: ['bob_web'] }]);
    expect(m1.data(m1.uapi('bob', 'Postgresql::list_users'))).toEqual(['bob_web']);
    expect(m1.data(m1.uapi('bob', 'Postgresql::get_restrictions'))).toEqual({
      ...{ max_database_name_length: 63, max_username_length: 63, prefix: 'bob_' },
    });
  });

  it('are no MySQL databases, and may have the same names', () => {
    const m1 = full();
    expect(m1.data(m1.uapi('bob', 'Mysql::list_databases'))).toEqual([]);
    m1.data(m1.uapi('bob', 'Mysql::create_database', { name: 'bob_shop' }));
    m1.data(m1.uapi('bob', 'Postgresql::delete_database', { name: 'bob_shop' }));
    expect(m1.data(m1.uapi('bob', 'Mysql::list_databases'))).toMatchObject([{ database: 'bob_shop' }]);
  });

  it('keep who may use them under a new name, and lose it when it is revoked', () => {
    const m1 = full();
    m1.data(m1.uapi('bob', 'Postgresql::rename_database', { oldname: 'bob_shop', newname: 'bob_store' }));
    expect(databases(m1)).toMatchObject([{ database: 'bob_store', users: ['bob_web'] }]);
    m1.data(m1.uapi('bob', 'Postgresql::revoke_all_privileges', { database: 'bob_store', user: 'bob_web' }));
    expect(databases(m1)).toMatchObject([{ database: 'bob_store', users: [] }]);
  });

  it.each([
    ['create_database', { name: 'bob_shop' }, 'The database “bob_shop” already exists.'],
    ['create_database', { name: 'shop' }, 'The name “shop” does not begin with the required prefix “bob_”.'],
    ['create_user', { name: 'bob_web', password: strong }, 'The PostgreSQL user “bob_web” already exists.'],
    ['delete_database', { name: 'eve_x' }, 'You do not have a PostgreSQL database named “eve_x”.'],
  ])('%s %j is refused', (fn, args, reason) => {
    expect(full().uapi('bob', `Postgresql::${fn}`, args)).toMatchObject({ ok: false, reason });
  });
});

/** A real server that writes down what it is told; `refuses` names what it says no to. */
function real(told: string[], there: readonly string[], refuses = ''): Real {
  const note = (...words: readonly string[]): Promise<void> => {
    told.push(words.join(' '));
    return words[0] === refuses ? Promise.reject(new Error('the disk is full')) : Promise.resolve();
  };
  return {
    store: postgresStore,
    names: async () => ({ databases: ['postgres', ...there], users: ['postgres'] }),
    createDatabase: (name) => note('create', name),
    dropDatabase: (name) => note('drop', name),
    renameDatabase: (from, to) => note('rename', from, to),
    createUser: (name) => note('create user', name),
    setPassword: (name) => note('password', name),
    dropUser: (name) => note('drop user', name),
    grant: (one) => note('grant', one.database, one.dbuser),
    revoke: (database, user) => note('revoke', database, user),
  };
}

describe('a real server behind it', () => {
  const call = (m1: TestServer, fn: string, args: Record<string, string>) => ({
    ...{ api: 'uapi' as const, fn: `Postgresql::${fn}`, user: 'bob', args: Object.entries(args) },
    caller: { kind: 'root' as const, user: 'root', acls: new Set(['all']), address: '192.0.2.9' },
    engine: m1.engine,
  });

  it('is told before the call, and what it refuses is refused', async () => {
    const m1 = testServer('m1', '192.0.2.1');
    account('bob', [m1]);
    const told: string[] = [];
    const backing = createBacking(m1.engine, [real(told, [])]);
    expect(await backing.before(call(m1, 'create_database', { name: 'bob_shop' }))).toBeUndefined();
    expect(await backing.before(call(m1, 'create_database', { name: 'shop' }))).toBeUndefined();
    expect(told).toEqual(['create bob_shop']);
    const full = createBacking(m1.engine, [real(told, [], 'create')]);
    expect(await full.before(call(m1, 'create_database', { name: 'bob_shop' }))).toBe('the disk is full');
    // A rehearsal leaves nothing.
    expect(databases(m1)).toEqual([]);
  });

  it('has the last word on what is there', async () => {
    const m1 = testServer('m1', '192.0.2.1');
    account('bob', [m1]);
    const told: string[] = [];
    const backing = createBacking(m1.engine, [real(told, ['bob_found', 'eve_x'])]);
    await backing.before(call(m1, 'create_database', { name: 'bob_found' }));
    expect(told).toEqual([]);
    expect(m1.uapi('bob', 'Postgresql::create_database', { name: 'bob_found' })).toMatchObject({ ok: false });
    m1.data(m1.uapi('bob', 'Postgresql::create_database', { name: 'bob_gone' }));
    await backing.before(call(m1, 'list_databases', {}));
    expect(m1.uapi('bob', 'Postgresql::delete_database', { name: 'bob_gone' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('database "bob_gone" does not exist'),
    });
  });
});
