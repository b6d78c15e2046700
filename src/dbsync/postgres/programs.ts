/** PostgreSQL's own programs: dump and load. Credentials go by file, never by argument. */
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Side } from '../model.ts';
import { runProgram } from '../programs.ts';
import { programOptions } from './connect.ts';
import { ownName } from './names.ts';

function quoted(value: string | number): string {
  return `'${String(value).replaceAll(/['\\]/g, '\\$&')}'`;
}

/** Runs `work` with a connection string and a folder that only this user can read; it is removed afterwards. */
async function withConnection<T>(
  side: Side,
  database: string,
  work: (text: string, dir: string) => Promise<T>,
): Promise<T> {
  const { access } = side;
  const dir = await mkdtemp(join(tmpdir(), 'tandem-sql-'));
  try {
    const parts = [
      `host=${quoted(access.socket ?? access.host)}`,
      `port=${access.port}`,
      `user=${quoted(access.user)}`,
    ];
    if (access.password !== undefined) {
      const text = access.password.replaceAll(/[:\\]/g, '\\$&');
      await writeFile(join(dir, 'pass'), `*:*:*:*:${text}\n`, { mode: 0o600 });
      parts.push(`passfile=${quoted(join(dir, 'pass'))}`);
    }
    if (access.socket === undefined) {
      await writeFile(join(dir, 'ca.pem'), access.ca ?? '', { mode: 0o600 });
      parts.push('sslmode=verify-full', `sslrootcert=${quoted(join(dir, 'ca.pem'))}`);
    }
    parts.push(`dbname=${quoted(database)}`, `options=${quoted(programOptions)}`);
    return await work(parts.join(' '), dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export interface DumpOptions {
  /** The moment that is read; without it, the moment of the call. */
  readonly snapshot?: string;
  /** Tables by their SQL names; without it, everything. */
  readonly tables?: readonly string[];
  readonly schemaOnly?: boolean;
}

/** A customer may hold a lock as long as he likes; nothing else is carried anew meanwhile. */
const lockWait = '--lock-wait-timeout=30s';

/** Copies a database without Tandem's own objects into a compressed archive, whole or not at all. */
export async function dumpPg(side: Side, database: string, file: string, options: DumpOptions = {}): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await withConnection(side, database, (connection) =>
    runProgram(side, 'pg_dump', [
      ...['-Fc', '-Z1', '--no-subscriptions', '--no-publications', '-N', ownName, lockWait],
      ...(options.snapshot === undefined ? [] : [`--snapshot=${options.snapshot}`]),
      ...(options.schemaOnly === true ? ['--schema-only'] : []),
      ...(options.tables ?? []).flatMap((one) => ['-t', one]),
      ...['-f', `${file}.part`, '-d', connection],
    ]),
  );
  await rename(`${file}.part`, file);
}

/** What a line of an archive's list is, behind its numbers: customers' names follow, whatever they hold. */
const entry = String.raw`^\d+; \d+ \d+ `;
const notCustomers = new RegExp(`${entry}(EVENT TRIGGER - tandem_|SCHEMA - public )`);
const checks = new RegExp(`${entry}CHECK CONSTRAINT `);

/**
 * Loads such an archive into a database that holds nothing yet. `look` sees all tables with their checks, still empty,
 * before the first row goes in. Throws when a single statement fails, and what `look` throws.
 */
export async function loadPg(side: Side, database: string, file: string, look: () => Promise<void>): Promise<void> {
  await withConnection(side, database, async (connection, dir) => {
    const list = join(dir, 'list');
    await runProgram(side, 'pg_restore', ['-l', '-f', list, file]);
    const lines = (await readFile(list, 'utf8')).split('\n').filter((line) => !notCustomers.test(line));
    async function load(section: string, wanted: (line: string) => boolean): Promise<void> {
      await writeFile(list, lines.filter(wanted).join('\n'));
      const how = ['--exit-on-error', '-j', '2', `--section=${section}`, '-L', list];
      await runProgram(side, 'pg_restore', [...how, '-d', connection, file]);
    }
    await load('pre-data', () => true);
    await load('post-data', (line) => checks.test(line));
    await look();
    await load('data', () => true);
    await load('post-data', (line) => !checks.test(line));
  });
}

/** The definitions of a database as SQL text. */
export async function definitionsOf(side: Side, database: string): Promise<string> {
  return await withConnection(side, database, async (connection, dir) => {
    const file = join(dir, 'definitions.sql');
    await runProgram(side, 'pg_dump', [
      ...['-s', '--no-subscriptions', '--no-publications', '-N', ownName, lockWait, '-f', file, '-d', connection],
    ]);
    return await readFile(file, 'utf8');
  });
}

/** Size in bytes. */
export async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}
