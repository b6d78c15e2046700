/**
 * How one transaction of the other master is applied, inside the server, so that a conflict is decided where the row
 * is locked and without a question to Tandem. The whole is one transaction here too; it carries the place in the other
 * master's log (a replication origin), so place and rows are durable together or not at all, and its time is the
 * other master's commit time.
 *
 * Concurrent: `seen` is the time of this master's last transaction that the other master had when it wrote. A row that
 * was written here later than that was changed on both. Then the later commit wins; a deletion loses to a change, so
 * that nothing is lost. Both images are kept.
 *
 *   kind             here                          what is done
 *   insert/insert    same key                      the later one stays
 *   unique           another key, same unique text the later one stays, the other row goes
 *   update/update    changed here too              the later one stays
 *   update/delete    deleted here                  the changed row is put back
 *   delete/update    changed here too              it stays
 *   delete/delete    gone already                  nothing
 *
 * A customer's own code can run while a row is written: a check, an index on an expression. So every statement on a
 * customer's table runs inside a function that belongs to the table's owner, where the server allows neither SET ROLE
 * nor SET SESSION AUTHORIZATION, the search path is set anew right after it, before anything else is looked up, and
 * nothing of it may last until the transaction ends (at_rest).
 */
import { ownName } from './names.ts';
import { lateTriggers } from './own-sql.ts';
import { unseenHere } from './statements.ts';

/** What comes right after a customer's code may have run. */
const safe = "PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false);";

const runners = `
CREATE OR REPLACE FUNCTION ${ownName}.runner(owner oid) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE name text := '${ownName}.do_' || owner; other text := '${ownName}.look_' || owner; who text := (SELECT rolname FROM pg_roles WHERE oid = owner);
BEGIN
  -- REASSIGN OWNED needs no name: what it gave to another role would run as that one.
  IF (SELECT count(*) FROM pg_proc p WHERE p.proowner = owner AND p.prosecdef
      AND p.oid IN (to_regprocedure(name || '(text,text[],text[],timestamptz)'), to_regprocedure(other || '(text,text[],text[])'))) < 2 THEN
    EXECUTE format('CREATE OR REPLACE FUNCTION %s(q text, vals text[], olds text[], seen timestamptz) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $g$
      DECLARE n integer; BEGIN EXECUTE q USING vals, olds, seen; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $g$', name);
    EXECUTE format('CREATE OR REPLACE FUNCTION %s(q text, vals text[], olds text[]) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER AS $g$
      DECLARE found jsonb; BEGIN EXECUTE q INTO found USING vals, olds; RETURN found; END $g$', other);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s(text,text[],text[],timestamptz), %s(text,text[],text[]) FROM PUBLIC', name, other);
    EXECUTE format('ALTER FUNCTION %s(text,text[],text[],timestamptz) OWNER TO %I', name, who);
    EXECUTE format('ALTER FUNCTION %s(text,text[],text[]) OWNER TO %I', other, who);
  END IF;
  RETURN owner::text;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.owner(rel text) RETURNS text LANGUAGE sql AS
  $f$ SELECT ${ownName}.runner(relowner) FROM pg_class WHERE oid = rel::regclass $f$;
CREATE OR REPLACE FUNCTION ${ownName}.run(owner text, q text, vals text[], olds text[], seen timestamptz) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE n integer;
BEGIN
  EXECUTE 'SELECT ${ownName}.do_' || owner || '($1, $2, $3, $4)' INTO n USING q, vals, olds, seen;
  ${safe}
  RETURN n;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.look(owner text, q text, vals text[], olds text[]) RETURNS jsonb LANGUAGE plpgsql AS $f$
DECLARE found jsonb;
BEGIN
  EXECUTE 'SELECT ${ownName}.look_' || owner || '($1, $2, $3)' INTO found USING q, vals, olds;
  ${safe}
  RETURN found;
END $f$;`;

/**
 * After a customer's code ran, before anything else is said to this session, and before it commits: what it set is set
 * back (its client_encoding would make other texts of what comes next), and nothing may be left that runs while a
 * transaction ends, since that would run as Tandem: a trigger that is deferred, a cursor that is kept. In a session that
 * applies, only triggers that are enabled for it fire.
 */
const rest = `
CREATE OR REPLACE FUNCTION ${ownName}.at_rest() RETURNS void LANGUAGE plpgsql AS $f$
DECLARE found text;
BEGIN
  EXECUTE 'RESET ALL';
  SELECT c.name INTO found FROM pg_cursors c WHERE c.is_holdable LIMIT 1;
  IF found IS NOT NULL THEN RAISE EXCEPTION 'a user''s code keeps cursor % beyond its transaction', found USING ERRCODE = 'TD003'; END IF;
  SELECT t.name INTO found FROM (${lateTriggers} LIMIT 1) t;
  IF found IS NOT NULL THEN RAISE EXCEPTION 'trigger % is ENABLE ALWAYS or REPLICA and fires when a transaction ends', found USING ERRCODE = 'TD003'; END IF;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.run_alone(owner text, q text, vals text[], olds text[]) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE n integer := ${ownName}.run(owner, q, vals, olds, 'infinity');
BEGIN
  PERFORM ${ownName}.at_rest();
  RETURN n;
END $f$;`;

const small = (number: number): string => `
CREATE OR REPLACE FUNCTION ${ownName}.wins(there timestamptz, here timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $f$ SELECT here IS NULL OR there > here OR (there = here AND ${number === 2}) $f$;
CREATE OR REPLACE FUNCTION ${ownName}.texts(a jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS
  $f$ SELECT ARRAY(SELECT jsonb_array_elements_text(a)) $f$;
CREATE OR REPLACE FUNCTION ${ownName}.keep(rel jsonb, kind text, won text, here jsonb, there jsonb, differs boolean) RETURNS integer LANGUAGE sql AS
  $f$ INSERT INTO ${ownName}.conflict (rel, kind, won, here, there, differs) VALUES (rel->>'name', kind, won, here, there, differs) RETURNING 1 $f$;`;

/** Takes away rows that hold a unique value of the new one, if they are all older; false: the new one loses. */
const unique = `
CREATE OR REPLACE FUNCTION ${ownName}.make_room(rel jsonb, c jsonb, vals text[], olds text[], ts timestamptz) RETURNS boolean LANGUAGE plpgsql AS $f$
DECLARE x record; found jsonb; there jsonb := jsonb_object(${ownName}.texts(rel->'cols'), vals); hit boolean := false;
BEGIN
  FOR x IN SELECT (SELECT string_agg(format('t.%I = n.%I', a.attname, a.attname), ' AND ') FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])) AS same
      FROM pg_index i WHERE i.indrelid = (rel->>'name')::regclass AND i.indisunique AND i.indisvalid AND i.indexprs IS NULL AND i.indpred IS NULL LOOP
    found := ${ownName}.look(rel->>'owner', format('SELECT jsonb_build_object(''place'', t.ctid::text, ''image'', to_jsonb(t), ''at'', o.timestamp)
      FROM ONLY %s t, (%s) n, pg_xact_commit_timestamp_origin(t.xmin) o WHERE %s AND NOT (%s) FOR UPDATE OF t',
      rel->>'name', rel->>'row', x.same, CASE WHEN olds = '{}' THEN 'false' ELSE rel->>'key' END), vals, olds);
    IF found IS NULL THEN CONTINUE; END IF;
    hit := true;
    IF NOT ${ownName}.wins(ts, (found->>'at')::timestamptz) THEN
      PERFORM ${ownName}.keep(rel, 'unique', 'here', found->'image', there, c->>'k' = 'U');
      RETURN false;
    END IF;
    PERFORM ${ownName}.run(rel->>'owner', format('DELETE FROM ONLY %s WHERE ctid = %L', rel->>'name', found->>'place'), vals, olds, NULL);
    PERFORM ${ownName}.keep(rel, 'unique', 'there', found->'image', there, true);
  END LOOP;
  -- An index on an expression, or an exclusion: what stands in the way cannot be named.
  IF NOT hit THEN PERFORM ${ownName}.keep(rel, 'unique', 'here', NULL, there, true); END IF;
  RETURN hit;
END $f$;`;

const decide = `
CREATE OR REPLACE FUNCTION ${ownName}.settle(rel jsonb, c jsonb, vals text[], olds text[], ts timestamptz, seen timestamptz) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE row jsonb; there jsonb; u jsonb := rel->'upd'->(c->>'u'); kind text; late boolean; partial boolean; at timestamptz;
BEGIN
  IF olds <> '{}' THEN row := ${ownName}.look(rel->>'owner', rel->>'look', vals, olds); END IF;
  partial := c->>'k' = 'U' AND jsonb_array_length(u->'cols') < jsonb_array_length(rel->'cols');
  there := CASE c->>'k' WHEN 'D' THEN NULL WHEN 'I' THEN jsonb_object(${ownName}.texts(rel->'cols'), vals) ELSE jsonb_object(${ownName}.texts(u->'cols'), vals) END;
  IF row IS NULL THEN
    IF c->>'k' = 'D' THEN RETURN 0; END IF;
    IF partial THEN RETURN ${ownName}.keep(rel, 'update/delete', 'here', NULL, there, true); END IF;
    IF c->>'k' = 'U' THEN PERFORM ${ownName}.keep(rel, 'update/delete', 'there', NULL, there, false); END IF;
    FOR i IN 1..5 LOOP
      IF ${ownName}.run(rel->>'owner', rel->>'ins', vals, olds, NULL) > 0 OR NOT ${ownName}.make_room(rel, c, vals, '{}', ts) THEN RETURN 1; END IF;
    END LOOP;
    RETURN 1;
  END IF;
  at := (row->>'at')::timestamptz;
  late := row->>'local' = 'true' AND at > seen;
  IF c->>'k' = 'D' THEN RETURN ${ownName}.keep(rel, 'delete/update', 'here', row->'image', NULL, false); END IF;
  kind := CASE WHEN NOT late THEN 'differs' WHEN c->>'k' = 'I' THEN 'insert/insert' ELSE 'update/update' END;
  IF late AND NOT ${ownName}.wins(ts, at) THEN RETURN ${ownName}.keep(rel, kind, 'here', row->'image', there, false); END IF;
  PERFORM ${ownName}.run(rel->>'owner', CASE WHEN c->>'k' = 'I' THEN rel->>'full' ELSE u->>'sql' END, vals, olds, 'infinity');
  RETURN ${ownName}.keep(rel, kind, 'there', row->'image', there, partial);
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.truncate(c jsonb, seen timestamptz) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE one text; late bigint; conflicts integer := 0; names text[] := ${ownName}.texts(c->'t'); tables text[]; owners text[];
BEGIN
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', array_to_string(names, ', '));
  -- A partitioned table has no rows of its own, and those of its partitions are named.
  tables := ARRAY(SELECT x FROM unnest(names) x WHERE NOT EXISTS (SELECT 1 FROM pg_class r WHERE r.oid = x::regclass AND r.relkind = 'p'));
  owners := ARRAY(SELECT DISTINCT ${ownName}.owner(x) FROM unnest(tables) x);
  FOREACH one IN ARRAY tables LOOP
    late := ${ownName}.look(${ownName}.owner(one), format('SELECT to_jsonb(count(*)) FROM ONLY %s t WHERE ${unseenHere.replace('$3', '($1)[1]::timestamptz')}', one), ARRAY[seen::text], '{}')::bigint;
    IF late > 0 THEN
      PERFORM ${ownName}.keep(jsonb_build_object('name', one), 'truncate/insert', 'here', jsonb_build_object('rows', late), NULL, false);
      conflicts := conflicts + 1;
    END IF;
  END LOOP;
  -- Triggers on them run as whoever truncates; tables of several owners go only together.
  IF conflicts = 0 AND cardinality(owners) = 1 THEN
    PERFORM ${ownName}.run(owners[1], format('TRUNCATE %s %s', (SELECT string_agg('ONLY ' || x, ', ') FROM unnest(tables) x), CASE WHEN (c->>'restart')::boolean THEN 'RESTART IDENTITY' ELSE '' END), '{}', '{}', NULL);
  ELSE
    FOREACH one IN ARRAY tables LOOP
      PERFORM ${ownName}.run(${ownName}.owner(one), format('DELETE FROM ONLY %s t WHERE NOT ${unseenHere}', one), '{}', '{}', seen);
    END LOOP;
  END IF;
  RETURN conflicts;
END $f$;`;

const change = `
CREATE OR REPLACE FUNCTION ${ownName}.change(rel jsonb, c jsonb, ts timestamptz, seen timestamptz) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE vals text[] := ARRAY(SELECT jsonb_array_elements_text(c->'v')); olds text[] := ARRAY(SELECT jsonb_array_elements_text(c->'o'));
BEGIN
  IF ${ownName}.run(rel->>'owner', CASE c->>'k' WHEN 'I' THEN rel->>'ins' WHEN 'D' THEN rel->>'del' ELSE rel->'upd'->(c->>'u')->>'sql' END, vals, olds, seen) > 0 THEN RETURN 0; END IF;
  RETURN ${ownName}.settle(rel, c, vals, olds, ts, seen);
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.change_carefully(rel jsonb, c jsonb, ts timestamptz, seen timestamptz) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE vals text[]; u jsonb := rel->'upd'->(c->>'u');
BEGIN
  FOR i IN 1..5 LOOP
    BEGIN
      RETURN ${ownName}.change(rel, c, ts, seen);
    EXCEPTION WHEN unique_violation OR exclusion_violation THEN
      vals := ${ownName}.texts(c->'v');
      IF c->>'k' = 'U' AND jsonb_array_length(u->'cols') < jsonb_array_length(rel->'cols') THEN
        RETURN ${ownName}.keep(rel, 'unique', 'here', NULL, jsonb_object(${ownName}.texts(u->'cols'), vals), true);
      END IF;
      IF NOT ${ownName}.make_room(rel, c, vals, ${ownName}.texts(c->'o'), ts) THEN RETURN 1; END IF;
    END;
  END LOOP;
  RETURN ${ownName}.keep(rel, 'unique', 'here', NULL, jsonb_object(${ownName}.texts(rel->'cols'), vals), true);
END $f$;`;

/**
 * `prev`: the place that must be the last applied one, so that nothing sent behind a failed transaction is taken.
 * `apply_all`: several small ones as one, when far behind; each keeps its own time where a conflict is decided.
 * `aside`: what Tandem writes for itself in between must neither move the place nor look newer than what was applied.
 */
const whole = `
CREATE OR REPLACE FUNCTION ${ownName}.time_of(micro bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
  $f$ SELECT '2000-01-01 00:00:00+00'::timestamptz + micro * interval '1 microsecond' $f$;
CREATE OR REPLACE FUNCTION ${ownName}.expect(prev pg_lsn) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
  IF coalesce(pg_replication_origin_session_progress(false), '0/0') <> prev THEN
    RAISE EXCEPTION 'out of turn: % is applied, not %', pg_replication_origin_session_progress(false), prev USING ERRCODE = 'TD001';
  END IF;
  -- A transaction that changes nothing here, such as a deletion of what is gone, must move the place too.
  PERFORM pg_current_xact_id();
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.changes(ts timestamptz, seen timestamptz, rels jsonb, list jsonb, careful boolean) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE c jsonb; conflicts integer := 0;
BEGIN
  FOR c IN SELECT jsonb_array_elements(list) LOOP
    IF c->>'k' = 'T' THEN conflicts := conflicts + ${ownName}.truncate(c, seen);
    ELSIF careful THEN conflicts := conflicts + ${ownName}.change_carefully(rels->(c->>'r'), c, ts, seen);
    ELSE conflicts := conflicts + ${ownName}.change(rels->(c->>'r'), c, ts, seen); END IF;
  END LOOP;
  RETURN conflicts;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.step(at bigint, seen bigint, rels jsonb, list jsonb, careful boolean) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE conflicts integer := ${ownName}.changes(${ownName}.time_of(at), ${ownName}.time_of(seen), rels, list, careful);
BEGIN
  PERFORM ${ownName}.at_rest();
  RETURN conflicts;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.apply(prev pg_lsn, lsn pg_lsn, at bigint, seen bigint, rels jsonb, list jsonb, careful boolean) RETURNS integer LANGUAGE plpgsql AS $f$
BEGIN
  PERFORM ${ownName}.expect(prev);
  PERFORM pg_replication_origin_xact_setup(lsn, ${ownName}.time_of(at));
  RETURN ${ownName}.step(at, seen, rels, list, careful);
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.apply_all(prev pg_lsn, lsn pg_lsn, at bigint, rels jsonb, parts jsonb) RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE p jsonb; conflicts integer := 0;
BEGIN
  PERFORM ${ownName}.expect(prev);
  PERFORM pg_replication_origin_xact_setup(lsn, ${ownName}.time_of(at));
  FOR p IN SELECT jsonb_array_elements(parts) LOOP
    conflicts := conflicts + ${ownName}.changes(${ownName}.time_of((p->>'at')::bigint), ${ownName}.time_of((p->>'seen')::bigint), rels, p->'list', false);
  END LOOP;
  PERFORM ${ownName}.at_rest();
  RETURN conflicts;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.aside(at bigint) RETURNS void LANGUAGE sql AS
  $f$ SELECT pg_replication_origin_xact_setup(coalesce(pg_replication_origin_session_progress(false), '0/0'), ${ownName}.time_of(greatest(at, 1))) $f$;
CREATE OR REPLACE FUNCTION ${ownName}.note_seen(seen bigint, at bigint) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
  PERFORM ${ownName}.aside(at);
  INSERT INTO ${ownName}.local_mark (name, value) VALUES ('seen', seen::text) ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = now();
END $f$;`;

/** A customer's definition, with the rights of its role alone. */
const define = `
CREATE OR REPLACE FUNCTION ${ownName}.define(who text, path text, query text) RETURNS void LANGUAGE plpgsql AS $f$
DECLARE owner text;
BEGIN
  SELECT ${ownName}.runner(oid) INTO owner FROM pg_roles WHERE rolname = who;
  IF owner IS NULL THEN RAISE EXCEPTION 'there is no database user % here', who USING ERRCODE = 'TD002'; END IF;
  PERFORM pg_catalog.set_config('search_path', path, false);
  EXECUTE 'SELECT ${ownName}.do_' OPERATOR(pg_catalog.||) owner OPERATOR(pg_catalog.||) '($1, NULL, NULL, NULL)' USING query;
  ${safe}
  PERFORM ${ownName}.at_rest();
  PERFORM ${ownName}.adopt();
END $f$;`;

/** Functions for the applying session, whose search path is pg_catalog. `number`: this master's, which decides ties. */
export function applyFunctions(number: number): string {
  return [runners, rest, small(number), unique, decide, change, whole, define].join('\n');
}
