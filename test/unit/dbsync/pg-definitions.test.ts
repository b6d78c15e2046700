import { describe, expect, it } from 'vitest';
import { carriable, statementsIn } from '../../../src/dbsync/postgres/definitions.ts';

const definition = (tag: string, query: string, n = 0) => ({
  role: 'bob',
  path: 'public',
  tag,
  n,
  query,
  objects: 'public.x\n',
});

describe('statementsIn', () => {
  it.each([
    ['nothing', ' ; ;', []],
    ['two statements', 'SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    ['quotes and names', `SELECT ';', ";", 'it''s;'; SELECT 2`, [`SELECT ';', ";", 'it''s;'`, 'SELECT 2']],
    ['an escape string', `SELECT E'\\';'; SELECT 2`, [`SELECT E'\\';'`, 'SELECT 2']],
    ['a name that ends with e before a quote', `SELECT date'\\'; SELECT 2`, [`SELECT date'\\'`, 'SELECT 2']],
    ['dollar quotes', 'DO $a$ BEGIN; $$;$$; END $a$; SELECT 2', ['DO $a$ BEGIN; $$;$$; END $a$', 'SELECT 2']],
    ['a dollar inside a name is no quote', 'SELECT a$$b; SELECT 2', ['SELECT a$$b', 'SELECT 2']],
    [
      'comments, which nest',
      '-- a; b\nSELECT 1 /* ; /* ; */ ; */; SELECT 2',
      ['SELECT 1 /* ; /* ; */ ; */', 'SELECT 2'],
    ],
    [
      'a body of statements',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 2',
      ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END', 'SELECT 2'],
    ],
  ])('%s', (_what, text, found) => expect(statementsIn(text)).toEqual(found));
});

describe('carriable', () => {
  it('reads a long text once, whatever words it repeats', () => {
    const long = `CREATE VIEW v ${'TABLE '.repeat(300_000)}`;
    const found = carriable(definition('CREATE TABLE AS', `CREATE TABLE a AS SELECT 1; ${long}`));
    expect(found).toEqual({ kind: 'run', sql: 'CREATE TABLE a AS SELECT 1 WITH NO DATA' });
  });
  it.each([
    ['one statement', 'CREATE TABLE', 'create table x (id int);', 0, 'create table x (id int)'],
    [
      'one of several',
      'CREATE INDEX',
      'CREATE TABLE x (); CREATE UNIQUE INDEX ON x (a); SELECT 1',
      0,
      'CREATE UNIQUE INDEX ON x (a)',
    ],
    [
      'the second of its kind',
      'CREATE INDEX',
      'CREATE INDEX ON x (a); CREATE INDEX ON x (b)',
      1,
      'CREATE INDEX ON x (b)',
    ],
    [
      'what cannot run in a transaction',
      'CREATE INDEX',
      'CREATE INDEX CONCURRENTLY i ON x (a)',
      0,
      'CREATE INDEX  i ON x (a)',
    ],
    [
      'a table with its rows',
      'CREATE TABLE AS',
      'CREATE TABLE x AS SELECT 1',
      0,
      'CREATE TABLE x AS SELECT 1 WITH NO DATA',
    ],
    [
      'a table from SELECT INTO',
      'SELECT INTO',
      'SELECT a INTO x FROM y',
      0,
      'CREATE TABLE x AS SELECT a   FROM y WITH NO DATA',
    ],
    [
      'a replaced view',
      'CREATE VIEW',
      'CREATE OR REPLACE VIEW v AS SELECT 1',
      0,
      'CREATE OR REPLACE VIEW v AS SELECT 1',
    ],
  ])('%s', (_what, tag, query, n, sql) => expect(carriable(definition(tag, query, n))).toEqual({ kind: 'run', sql }));

  it('a table of one session is left', () => {
    expect(carriable(definition('CREATE TABLE AS', 'CREATE TEMP TABLE x AS SELECT 1')).kind).toBe('nothing');
    expect(carriable(definition('SELECT INTO', 'SELECT 1 AS a INTO TEMP x')).kind).toBe('nothing');
  });

  it('what comes from inside a block is refused with its name', () => {
    const found = carriable(definition('CREATE TABLE', "DO $$ BEGIN EXECUTE 'CREATE TABLE x ()'; END $$"));
    expect(found).toEqual({ kind: 'refused', reason: expect.stringContaining('CREATE TABLE of public.x') });
  });
});
