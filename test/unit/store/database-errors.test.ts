import { describe, expect, test } from 'vitest';
import { isConflict, isConnectionLost, isDuplicate, isSqliteBusy } from '../../../src/store/database-errors.ts';

const kinds = { isDuplicate, isSqliteBusy, isConflict, isConnectionLost };

describe('what a driver error means', () => {
  test.each([
    ['a primary key that exists, SQLite', { errcode: 1555 }, ['isDuplicate']],
    ['a unique index that has it, SQLite', { errcode: 2067 }, ['isDuplicate']],
    ['a key that exists, MariaDB', { errno: 1062 }, ['isDuplicate']],
    ['a missing value, SQLite', { errcode: 1299 }, []],
    ['a locked file', { errcode: 5 }, ['isSqliteBusy']],
    ['a snapshot that is too old', { errcode: 517 }, ['isSqliteBusy']],
    ['a deadlock or a failed certification', { errno: 1213 }, ['isConflict']],
    ['a lock waited for too long', { errno: 1205 }, ['isConflict']],
    ['a Galera node that is not ready', { errno: 1047 }, ['isConflict']],
    ['a server that shuts down', { errno: 1053 }, ['isConnectionLost']],
    ['a connection closed by the server', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, ['isConnectionLost']],
    ['an answer that never comes', { code: 'PROTOCOL_SEQUENCE_TIMEOUT' }, ['isConnectionLost']],
    ['a refused connection', { code: 'ECONNREFUSED', errno: -111, fatal: true }, ['isConnectionLost']],
    ['a syntax error', { code: 'ER_PARSE_ERROR', errno: 1064 }, []],
    ['no error object', undefined, []],
  ])('%s', (_, error, expected) => {
    const found = Object.entries(kinds).flatMap(([name, is]) => (is(error) ? [name] : []));
    expect(found).toEqual(expected);
  });
});
