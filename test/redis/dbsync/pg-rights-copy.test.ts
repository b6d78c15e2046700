import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { attacksOnPair, openAs } from './pg-attacks.ts';
import type { PgMember } from './pg-pair.ts';

describe('customers and the rights with which Tandem copies their databases', () => {
  const attacks = attacksOnPair();
  const { tandem, gained, carried } = attacks;

  /** While a copy is filled its owner-to-be opens it for himself: what he was told. */
  async function letsHimselfIn(one: PgMember, copying: Promise<{ readonly text: string }>): Promise<Set<string>> {
    const told = new Set<string>();
    let isOver = false;
    const copied = copying.finally(() => {
      isOver = true;
    });
    const bob = await openAs(one, 'postgres', 'COMMIT');
    while (!isOver) {
      const { rows } = await bob.query<{ datname: string }>(
        "SELECT datname FROM pg_database WHERE datname LIKE 'tandem\\_new\\_%'",
      );
      for (const { datname } of rows)
        await bob.query(`ALTER DATABASE ${datname} CONNECTION LIMIT -1`).then(
          () => told.add('done'),
          (error: unknown) => told.add(String(error)),
        );
      await systemClock.sleep(5);
    }
    await bob.end();
    expect((await copied).text).toContain('is now what M1 has');
    return told;
  }

  it('a copy runs nothing of its users, whatever their things are called', async () => {
    const [m1, m2] = attacks.pair.members;
    await carried('bob_copy');
    const made = [
      'CREATE TABLE t (id int PRIMARY KEY, v text)',
      "INSERT INTO t VALUES (1, 'a')",
      "CREATE FUNCTION indexed(v text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT public.evil('index') $$",
      'CREATE INDEX "a CHECK CONSTRAINT b" ON t (indexed(v))',
      "CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil('trigger'); RETURN NULL; END $$",
      'CREATE TRIGGER "a CHECK CONSTRAINT b" AFTER INSERT ON t EXECUTE FUNCTION fire()',
    ];
    for (const statement of made) await m1.sql('bob_copy', statement, 'bob');
    const copy = () => tandem('reseed', 'bob_copy', '--from', 'm1', '--yes');
    const tried = await letsHimselfIn(m2, copy());
    expect([...tried]).not.toContain('done');
    expect([...tried].join()).toContain('must be owner of database');
    expect(
      await m2.sql('postgres', "SELECT datdba::regrole::text AS owner FROM pg_database WHERE datname = 'bob_copy'"),
    ).toEqual([{ owner: 'bob' }]);
    const worse = [
      "CREATE TABLE asks (id int PRIMARY KEY, CONSTRAINT by_query CHECK (query_to_xml('SELECT public.evil(''query'')', true, true, '') IS NOT NULL))",
      'INSERT INTO asks VALUES (1)',
      "CREATE FUNCTION part(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM public.evil('partition'); RETURN v; END $$",
      'CREATE TABLE parts (v text) PARTITION BY LIST (part(v))',
      "CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a')",
      "INSERT INTO parts VALUES ('a')",
      "CREATE TYPE mood AS ENUM ('a')",
      "CREATE FUNCTION told(m mood) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil('cast'); RETURN 'a'; END $$",
      'CREATE CAST (mood AS text) WITH FUNCTION told(mood) AS IMPLICIT',
      'CREATE TABLE names (v text PRIMARY KEY)',
      'CREATE TABLE moods (m mood PRIMARY KEY REFERENCES names (v))',
      "INSERT INTO names VALUES ('a')",
      "INSERT INTO moods VALUES ('a')",
    ];
    for (const statement of worse) await m1.sql('bob_copy', statement, 'bob');
    await expect(copy()).rejects.toThrow(
      /not copied: .*: cast public\.mood AS text, public\.asks: by_query, public\.parts: PARTITION BY/,
    );
    expect(await gained()).toEqual([]);
  });
});
