/**
 * What a database has besides its tables, as text for the end of a copy. The client that loads a copy cuts its text into
 * statements by rules that are not quite the server's, so a customer's routine could end early for it, and what follows
 * would run with Tandem's rights. Here each statement is its bytes as digits: nothing of a customer's stands in the text.
 */
import { DatabaseFailed, type Row } from '../model.ts';
import { sqlName } from '../repair/columns.ts';
import type { Server, Session } from './connect.ts';

/** Where a copy is to be loaded: 'itself', as a backup is; or the other master, by its server id. */
export type CopyFor = 'itself' | { readonly serverId: number };

interface Code {
  readonly text: string;
  readonly settings: Row;
}

function digits(text: string): string {
  return text === '' ? "''" : `CONVERT(X'${Buffer.from(text).toString('hex')}' USING utf8mb4)`;
}

function run(text: string): string {
  return `EXECUTE IMMEDIATE ${digits(text)};`;
}

/** Under the settings it was made with: they say what its text means. */
function made({ text, settings }: Code): readonly string[] {
  const variables = {
    sql_mode: settings['sql_mode'] ?? '',
    time_zone: settings['time_zone'] ?? '+00:00',
    character_set_client: settings['character_set_client'],
    collation_connection: settings['collation_connection'],
  };
  const set = Object.entries(variables).flatMap(([name, value]) =>
    value == null ? [] : [`SET SESSION ${name} = ${digits(value)};`],
  );
  return [...set, run(text)];
}

/** It stands on something that is gone. */
const invalidView = 1356;

async function fieldsOf(session: Session, view: string): Promise<readonly string[] | undefined> {
  try {
    return (await session.rows(`SHOW FIELDS FROM ${view}`)).map((row) => row['Field'] ?? '');
  } catch (error) {
    const cause = error instanceof DatabaseFailed ? error.cause : undefined;
    if (cause instanceof Error && 'errno' in cause && cause.errno === invalidView) return undefined;
    throw error;
  }
}

/** 'bob@localhost' as SQL. */
function userName(user: string): string {
  const at = user.lastIndexOf('@');
  return `${sqlName(user.slice(0, at))}@${sqlName(user.slice(at + 1))}`;
}

/** Valid only as long as its table is there: as invalid as its original afterwards, and as easily dropped. */
function invalid(name: string, definer: string): readonly string[] {
  return [
    'CREATE OR REPLACE TABLE tandem_gone (gone INT)',
    `CREATE OR REPLACE DEFINER = ${userName(definer)} SQL SECURITY INVOKER VIEW ${sqlName(name)} AS SELECT gone FROM tandem_gone`,
    'DROP TABLE tandem_gone',
  ].map(run);
}

/** Stand-ins first, since views name each other. */
async function viewsIn(session: Session, database: string): Promise<readonly string[]> {
  const rows = await session.rows(
    `SELECT t.table_name AS n, v.definer AS d FROM information_schema.tables t JOIN information_schema.views v
      ON v.table_schema = t.table_schema AND v.table_name = t.table_name
      WHERE t.table_schema = ? AND t.table_type = 'VIEW' ORDER BY 1`,
    [database],
  );
  const first: string[] = [];
  const then: string[] = [];
  for (const row of rows) {
    const name = row['n'] ?? '';
    const fields = await fieldsOf(session, sqlName(database, name));
    const [shown] = await session.rows(`SHOW CREATE VIEW ${sqlName(database, name)}`);
    const text = shown?.['Create View'] ?? '';
    if (fields === undefined) {
      first.push(`-- stands on something that is gone: ${Buffer.from(text).toString('hex')}`);
      first.push(...invalid(name, row['d'] ?? ''));
    } else {
      const columns = fields.map((one) => `1 AS ${sqlName(one)}`).join(', ');
      first.push(run(`CREATE OR REPLACE SQL SECURITY INVOKER VIEW ${sqlName(name)} AS SELECT ${columns}`));
      then.push(...made({ text: text.replace('CREATE ', 'CREATE OR REPLACE '), settings: shown ?? {} }));
    }
  }
  return [...first, ...then];
}

async function routinesIn(session: Session, database: string): Promise<readonly Code[]> {
  const rows = await session.rows('SELECT name AS n, type AS t FROM mysql.proc WHERE db = ? ORDER BY type + 0, name', [
    database,
  ]);
  const found: Code[] = [];
  for (const row of rows) {
    // The kind is one of the server's own four words.
    const [shown] = await session.rows(`SHOW CREATE ${row['t']} ${sqlName(database, row['n'] ?? '')}`);
    const text = Object.entries(shown ?? {}).find(([name]) => name.startsWith('Create '))?.[1];
    found.push({ text: text ?? '', settings: shown ?? {} });
  }
  return found;
}

async function triggersIn(session: Session, database: string): Promise<readonly Code[]> {
  const rows = await session.rows(
    `SELECT trigger_name AS n FROM information_schema.triggers WHERE trigger_schema = ?
      ORDER BY event_object_table, event_manipulation, action_timing, action_order`,
    [database],
  );
  const found: Code[] = [];
  for (const row of rows) {
    const [shown] = await session.rows(`SHOW CREATE TRIGGER ${sqlName(database, row['n'] ?? '')}`);
    found.push({ text: shown?.['SQL Original Statement'] ?? '', settings: shown ?? {} });
  }
  return found;
}

/** An event runs on one master. It sleeps where it comes to, unless it is at home there. */
function standing(row: Row, wanted: CopyFor): string {
  const was = row['s'] ?? '';
  if (wanted === 'itself') return was;
  if (was === 'ENABLED') return 'SLAVESIDE_DISABLED';
  return was === 'SLAVESIDE_DISABLED' && Number(row['o']) === wanted.serverId ? 'ENABLED' : was;
}

const words: Readonly<Record<string, string>> = {
  ENABLED: 'ENABLE',
  DISABLED: 'DISABLE',
  SLAVESIDE_DISABLED: 'DISABLE ON SLAVE',
};

/** Each is made asleep, and only then set to what it shall be. */
async function eventsIn(session: Session, database: string, wanted: CopyFor): Promise<readonly string[]> {
  const rows = await session.rows(
    'SELECT event_name AS n, status AS s, originator AS o, definer AS d FROM information_schema.events WHERE event_schema = ? ORDER BY 1',
    [database],
  );
  const lines: string[] = [];
  for (const row of rows) {
    const name = row['n'] ?? '';
    const [shown] = await session.rows(`SHOW CREATE EVENT ${sqlName(database, name)}`);
    const text = shown?.['Create Event'] ?? '';
    const asleep = text.replace(/ ON COMPLETION (NOT )?PRESERVE ENABLE/, ' ON COMPLETION $1PRESERVE DISABLE ON SLAVE');
    lines.push(...made({ text: asleep, settings: shown ?? {} }));
    // Without the word it would be Tandem's from here on, and run with Tandem's rights.
    const status = words[standing(row, wanted)] ?? 'DISABLE ON SLAVE';
    lines.push(run(`ALTER DEFINER = ${userName(row['d'] ?? '')} EVENT ${sqlName(name)} ${status}`));
  }
  return lines;
}

/** A parameter without a character set has the one that the database had when the routine was made. */
function inCollations(codes: readonly Code[], database: string, own: string): readonly string[] {
  const name = sqlName(database);
  const set = (collation: string): string => run(`ALTER DATABASE ${name} COLLATE ${collation}`);
  return codes.flatMap((one) => {
    const collation = one.settings['Database Collation'] ?? own;
    return collation === own ? made(one) : [set(collation), ...made(one), set(own)];
  });
}

/** Views of a database, by name; the copy of its tables leaves them out. */
export async function viewNames(server: Session, database: string): Promise<readonly string[]> {
  const rows = await server.rows(
    "SELECT table_name AS n FROM information_schema.tables WHERE table_schema = ? AND table_type = 'VIEW'",
    [database],
  );
  return rows.map((row) => row['n'] ?? '');
}

/** Routines, views, triggers and events of a database, to be run once its tables are filled. */
export async function codeIn(server: Server, database: string, wanted: CopyFor): Promise<string> {
  return await server.session(async (session) => {
    const [schema] = await session.rows(
      'SELECT default_collation_name AS c FROM information_schema.schemata WHERE schema_name = ?',
      [database],
    );
    const own = schema?.['c'] ?? '';
    const lines = [
      ...inCollations(await routinesIn(session, database), database, own),
      ...(await viewsIn(session, database)),
      ...inCollations(await triggersIn(session, database), database, own),
      ...(await eventsIn(session, database, wanted)),
    ];
    return lines.length === 0 ? '' : `SET NAMES utf8mb4;\nUSE ${sqlName(database)};\n${lines.join('\n')}\n`;
  });
}
