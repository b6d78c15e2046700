/**
 * What Tandem keeps inside each database that is carried, in one schema. Event triggers put a new table's identity
 * right, split a new sequence and write down what was defined, in the very transaction that does it; a fault in them
 * is logged and never stops a customer's statement. Our own sessions are passed by (tandem.off).
 *
 * They run as a superuser in customers' sessions: temporary relations and types of theirs would be found before the
 * server's own, so every path names pg_temp, last.
 */

import { ownName } from './names.ts';
import { applyFunctions } from './own-apply.ts';
import { lateTriggers, noViews } from './own-sql.ts';

/** Tables alone: what Tandem's own database needs first. */
export const ownTables = `
CREATE SCHEMA IF NOT EXISTS ${ownName};
CREATE TABLE IF NOT EXISTS ${ownName}.heartbeat (master text PRIMARY KEY, seq bigint NOT NULL, at double precision NOT NULL);
CREATE TABLE IF NOT EXISTS ${ownName}.local_mark (name text PRIMARY KEY, value text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS ${ownName}.split (seq oid PRIMARY KEY, increment bigint NOT NULL);
CREATE TABLE IF NOT EXISTS ${ownName}.made_full (rel oid PRIMARY KEY);
CREATE TABLE IF NOT EXISTS ${ownName}.ddl (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
  xid text NOT NULL, n integer NOT NULL, role text NOT NULL, path text NOT NULL, tag text NOT NULL, objects text NOT NULL, query text NOT NULL);
CREATE TABLE IF NOT EXISTS ${ownName}.conflict (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
  rel text NOT NULL, kind text NOT NULL, won text NOT NULL, here jsonb, there jsonb, differs boolean NOT NULL);`;

const ours = `
CREATE OR REPLACE FUNCTION ${ownName}.is_customers(rel oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${ownName}')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = rel $f$;`;

/** Without a key, changed rows are told apart by all columns; PostgreSQL would refuse the customer's UPDATE otherwise. */
const identity = `
CREATE OR REPLACE FUNCTION ${ownName}.place(id oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE c record; was text := current_setting('tandem.off', true); keyed boolean; wanted text;
BEGIN
  SELECT relkind, relpersistence, relreplident INTO c FROM pg_class WHERE oid = id;
  IF NOT FOUND OR c.relkind NOT IN ('r', 'p') OR c.relpersistence <> 'p' OR NOT ${ownName}.is_customers(id) THEN RETURN; END IF;
  keyed := EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = id AND i.indisprimary AND i.indisvalid);
  wanted := CASE WHEN NOT keyed AND (c.relreplident IN ('d', 'n') OR c.relreplident = 'i'
      AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = id AND i.indisreplident)) THEN 'FULL'
    WHEN keyed AND c.relreplident = 'n' THEN 'DEFAULT'
    WHEN keyed AND c.relreplident = 'f' AND EXISTS (SELECT 1 FROM ${ownName}.made_full m WHERE m.rel = id) THEN 'DEFAULT' END;
  IF wanted IS NULL THEN RETURN; END IF;
  PERFORM set_config('tandem.off', '1', true);
  EXECUTE format('ALTER TABLE %s REPLICA IDENTITY %s', id::regclass, wanted);
  PERFORM set_config('tandem.off', coalesce(was, ''), true);
  IF wanted = 'FULL' THEN INSERT INTO ${ownName}.made_full VALUES (id) ON CONFLICT DO NOTHING;
  ELSE DELETE FROM ${ownName}.made_full WHERE rel = id; END IF;
END $f$;`;

/** Odd numbers on one master, even ones on the other; a sequence that was set by hand is put on its half again. */
const split = `
CREATE OR REPLACE FUNCTION ${ownName}.next_of(id oid) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp ${noViews} AS $f$
DECLARE coming bigint;
BEGIN
  EXECUTE format('SELECT CASE WHEN is_called THEN last_value + (SELECT seqincrement FROM pg_sequence WHERE seqrelid = $1) ELSE last_value END FROM %s', id::regclass) INTO coming USING id;
  RETURN coming;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.split(id oid, lowest bigint DEFAULT NULL) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp ${noViews} AS $f$
DECLARE s pg_sequence; step bigint; base bigint; next bigint; half int; first bigint; was text := current_setting('tandem.off', true);
BEGIN
  SELECT * INTO s FROM pg_sequence WHERE seqrelid = id;
  IF NOT FOUND OR s.seqcycle OR NOT ${ownName}.is_customers(id) THEN RETURN; END IF;
  SELECT value::int - 1 INTO half FROM ${ownName}.local_mark WHERE name = 'number';
  SELECT increment INTO step FROM ${ownName}.split x WHERE x.seq = id;
  IF NOT FOUND OR s.seqincrement <> 2 * step THEN step := s.seqincrement; END IF;
  base := CASE WHEN step > 0 THEN s.seqmin ELSE s.seqmax END;
  EXECUTE format('SELECT CASE WHEN is_called THEN last_value + $1 ELSE last_value END FROM %s', id::regclass) INTO next USING step;
  IF lowest IS NOT NULL AND (lowest - next) * sign(step) > 0 THEN next := lowest; END IF;
  IF mod((next - base) / step, 2) <> half THEN next := next + step; END IF;
  first := s.seqstart;
  IF mod((first - base) / step, 2) <> half THEN first := first + step; END IF;
  IF s.seqincrement <> 2 * step OR s.seqstart <> first OR next IS DISTINCT FROM ${ownName}.next_of(id) THEN
    PERFORM set_config('tandem.off', '1', true);
    EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s START WITH %s RESTART WITH %s', id::regclass, 2 * step, first, next);
    PERFORM set_config('tandem.off', coalesce(was, ''), true);
  END IF;
  INSERT INTO ${ownName}.split VALUES (id, step) ON CONFLICT (seq) DO UPDATE SET increment = excluded.increment;
EXCEPTION WHEN numeric_value_out_of_range OR invalid_parameter_value THEN
  PERFORM set_config('tandem.off', coalesce(was, ''), true);
  RAISE LOG 'tandem: sequence % stays as it is: %', id::regclass, SQLERRM;
END $f$;`;

const adopt = `
CREATE OR REPLACE FUNCTION ${ownName}.adopt() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE r record;
BEGIN
  DELETE FROM ${ownName}.split x WHERE NOT EXISTS (SELECT 1 FROM pg_sequence p WHERE p.seqrelid = x.seq);
  DELETE FROM ${ownName}.made_full x WHERE NOT EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = x.rel);
  FOR r IN SELECT c.oid, c.relkind FROM pg_class c WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence = 'p' AND ${ownName}.is_customers(c.oid) LOOP
    IF r.relkind = 'S' THEN PERFORM ${ownName}.split(r.oid); ELSE PERFORM ${ownName}.place(r.oid); END IF;
  END LOOP;
  -- A function of a role that owns nothing any more would keep the role from being dropped.
  FOR r IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = '${ownName}' AND p.proname ~ '^(do|look)_[0-9]+$'
    AND NOT EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = p.proowner AND c.relkind IN ('r', 'p') AND ${ownName}.is_customers(c.oid)) LOOP
    EXECUTE format('DROP FUNCTION %s', r.oid::regprocedure);
  END LOOP;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.let_go() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE r record;
BEGIN
  PERFORM set_config('tandem.off', '1', true);
  FOR r IN SELECT x.seq, x.increment FROM ${ownName}.split x JOIN pg_sequence p ON p.seqrelid = x.seq AND p.seqincrement = 2 * x.increment LOOP
    EXECUTE format('ALTER SEQUENCE %s INCREMENT BY %s', r.seq::regclass, r.increment);
  END LOOP;
  FOR r IN SELECT m.rel FROM ${ownName}.made_full m JOIN pg_class c ON c.oid = m.rel AND c.relreplident = 'f' LOOP
    EXECUTE format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', r.rel::regclass);
  END LOOP;
END $f$;`;

/**
 * A text of many statements is written down for each of them; of one that is very long it ends, and the other master says
 * that it cannot tell: else a text of a few megabytes would fill the disk.
 *
 * The outer functions have no search path of their own, since the customer's must be read there: they name everything in
 * full. The inner ones have a safe one.
 */
const log = `
CREATE OR REPLACE FUNCTION ${ownName}.write_down(tag text, query text, path text, objects text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $f$
  DELETE FROM ${ownName}.ddl WHERE at < now() - interval '7 days';
  INSERT INTO ${ownName}.ddl (xid, n, role, path, tag, objects, query)
    SELECT pg_current_xact_id()::text, (SELECT count(*) FROM ${ownName}.ddl d WHERE d.xid = pg_current_xact_id()::text AND d.query = write_down.query AND d.tag = write_down.tag),
      CASE WHEN current_setting('role') = 'none' THEN session_user ELSE current_setting('role') END, path, tag, objects,
      CASE WHEN octet_length(query) > 10000 AND (SELECT sum(octet_length(d.query)) FROM ${ownName}.ddl d WHERE d.xid = pg_current_xact_id()::text) > 16000000 THEN '' ELSE query END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.log_ddl(tag text, query text, path text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE r record; objects text := '';
BEGIN
  IF current_setting('tandem.off', true) = '1' THEN RETURN; END IF;
  FOR r IN SELECT DISTINCT d.classid, d.objid, d.object_identity, d.schema_name, c.relkind, c.relpersistence
    FROM pg_event_trigger_ddl_commands() d LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid LOOP
    IF r.schema_name IN ('pg_temp', '${ownName}') OR r.relpersistence = 't' THEN CONTINUE; END IF;
    objects := objects || coalesce(r.object_identity, '') || E'\\n';
    IF r.relkind = 'S' THEN PERFORM ${ownName}.split(r.objid); ELSIF r.relkind IN ('r', 'p') THEN PERFORM ${ownName}.place(r.objid); END IF;
  END LOOP;
  -- These were written down before they began, since their rows come before this moment.
  IF objects <> '' AND tag NOT IN ('CREATE TABLE AS', 'SELECT INTO') THEN PERFORM ${ownName}.write_down(tag, query, path, objects); END IF;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.log_drop(tag text, query text, path text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE dropped text;
BEGIN
  IF current_setting('tandem.off', true) = '1' OR tag NOT LIKE 'DROP %' THEN RETURN; END IF;
  SELECT string_agg(object_identity, E'\\n') INTO dropped FROM pg_event_trigger_dropped_objects()
    WHERE original AND NOT is_temporary AND schema_name IS DISTINCT FROM '${ownName}';
  IF dropped IS NOT NULL THEN PERFORM ${ownName}.write_down(tag, query, path, dropped); END IF;
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.log_start(tag text, query text, path text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  IF current_setting('tandem.off', true) = '1' THEN RETURN; END IF;
  PERFORM ${ownName}.write_down(tag, query, path, '');
END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.on_start() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$
BEGIN PERFORM ${ownName}.log_start(TG_TAG, pg_catalog.current_query(), pg_catalog.current_setting('search_path'));
EXCEPTION WHEN OTHERS THEN RAISE LOG 'tandem: what was defined is not carried: %', SQLERRM; END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.on_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$
BEGIN PERFORM ${ownName}.log_ddl(TG_TAG, pg_catalog.current_query(), pg_catalog.current_setting('search_path'));
EXCEPTION WHEN OTHERS THEN RAISE LOG 'tandem: what was defined is not carried: %', SQLERRM; END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.on_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$
BEGIN PERFORM ${ownName}.log_drop(TG_TAG, pg_catalog.current_query(), pg_catalog.current_setting('search_path'));
EXCEPTION WHEN OTHERS THEN RAISE LOG 'tandem: what was dropped is not carried: %', SQLERRM; END $f$;
CREATE OR REPLACE FUNCTION ${ownName}.guard() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_event_trigger_ddl_commands() d WHERE d.schema_name = '${ownName}')
    AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
    RAISE EXCEPTION 'schema ${ownName} belongs to replication';
  END IF;
  -- On the other master it would fire while Tandem commits, and with its rights.
  IF TG_TAG IN ('CREATE TRIGGER', 'CREATE TABLE', 'ALTER TABLE') AND EXISTS (${lateTriggers}) THEN
    RAISE EXCEPTION 'in a replicated database no trigger that fires when a transaction ends can be ENABLE ALWAYS or REPLICA';
  END IF;
END $f$;
DROP EVENT TRIGGER IF EXISTS tandem_guard;
CREATE EVENT TRIGGER tandem_guard ON ddl_command_end EXECUTE FUNCTION ${ownName}.guard();
DROP EVENT TRIGGER IF EXISTS tandem_ddl;
DROP EVENT TRIGGER IF EXISTS tandem_drop;
DROP EVENT TRIGGER IF EXISTS tandem_start;
CREATE EVENT TRIGGER tandem_start ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS', 'SELECT INTO') EXECUTE FUNCTION ${ownName}.on_start();
CREATE EVENT TRIGGER tandem_ddl ON ddl_command_end EXECUTE FUNCTION ${ownName}.on_ddl();
CREATE EVENT TRIGGER tandem_drop ON sql_drop EXECUTE FUNCTION ${ownName}.on_drop();`;

/**
 * Customers can name nothing in it. What applies their rows belongs to them, so that it runs as them (own-apply.ts); could
 * they name it, a check of theirs would alter it to run as whoever calls it. Event triggers need no right to fire.
 */
const rights = `
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${ownName} FROM PUBLIC;
REVOKE ALL ON SCHEMA ${ownName} FROM PUBLIC;`;

/** Everything, for a database that is carried. May be run again; `number` is 1 or 2. */
export function ownObjects(number: number): string {
  const mark = `INSERT INTO ${ownName}.local_mark (name, value) VALUES ('number', '${number === 1 ? 1 : 2}') ON CONFLICT (name) DO UPDATE SET value = excluded.value;`;
  return [ownTables, mark, ours, identity, split, adopt, log, applyFunctions(number), rights].join('\n');
}
