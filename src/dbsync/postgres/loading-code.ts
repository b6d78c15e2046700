/**
 * What of a customer's would run while a superuser loads rows: expressions in checks of tables and domains, in generated
 * columns and in the keys of partitions, and casts that PostgreSQL takes by itself where a foreign key is made. Such an
 * expression is harmless when it calls the server's own functions alone, or an extension's, and of them none that runs a
 * query that it is given, reads files or has other effects (all of those are volatile, or make XML of a query's answer).
 */
/** An expression as it is stored names functions and operators by number, also those that no dependency is kept for. */
const expressions = `SELECT COALESCE(NULLIF(c.conrelid, 0)::regclass::text, c.contypid::regtype::text) || ': ' || c.conname AS place, c.conbin::text AS tree
    FROM pg_constraint c WHERE c.contype = 'c'
  UNION ALL SELECT g.adrelid::regclass::text || '.' || a.attname, g.adbin::text
    FROM pg_attrdef g JOIN pg_attribute a ON a.attrelid = g.adrelid AND a.attnum = g.adnum AND a.attgenerated <> ''
  UNION ALL SELECT p.partrelid::regclass::text || ': PARTITION BY', p.partexprs::text FROM pg_partitioned_table p WHERE p.partexprs IS NOT NULL`;

/** SQL that answers the places, in one text; NULL where there is none. */
export const loadingCode = `WITH expression AS (${expressions}),
  called AS (
    SELECT e.place, f.found[2]::oid AS id, f.found[1] AS kind FROM expression e, regexp_matches(e.tree, ':(funcid|opfuncid|opno) ([0-9]+)', 'g') AS f (found)),
  used AS (
    SELECT c.place, p.oid, p.proname, p.provolatile, p.proowner FROM called c
      LEFT JOIN pg_operator o ON c.kind = 'opno' AND o.oid = c.id
      JOIN pg_proc p ON p.oid = CASE c.kind WHEN 'opno' THEN o.oprcode::oid ELSE c.id END)
SELECT string_agg(DISTINCT x.place, ', ') FROM (
  SELECT f.place FROM used f JOIN pg_roles r ON r.oid = f.proowner
    WHERE NOT r.rolsuper OR f.provolatile = 'v' OR f.proname ~ '_to_xml(schema|_and_xmlschema)?$'
  UNION ALL
  SELECT format('cast %s AS %s', t.castsource::regtype, t.casttarget::regtype) FROM pg_cast t
    JOIN pg_proc p ON p.oid = t.castfunc JOIN pg_roles r ON r.oid = p.proowner
    WHERE NOT r.rolsuper AND (t.castcontext = 'i' OR t.casttarget = 'json'::regtype)) x`;
