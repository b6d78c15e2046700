/** Whether two servers hold the same, table by table. */
import type { Row } from '../model.ts';
import type { Server } from './connect.ts';

function name(row: Row): string {
  return row['t'] ?? '';
}

/** The base tables of a database, sorted. */
export async function tablesOf(server: Server, database: string): Promise<readonly string[]> {
  const rows = await server.rows(
    "SELECT table_name AS t FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY 1",
    [database],
  );
  return rows.map(name);
}

async function checksum(server: Server, database: string, table: string): Promise<string> {
  const [row] = await server.rows('CHECKSUM TABLE ??.??', [database, table]);
  return row?.['Checksum'] ?? '';
}

/** True when both hold the same tables with the same rows. Reads every row: for setup, not for watching. */
export async function isEqual(a: Server, b: Server, database: string): Promise<boolean> {
  const [left, right] = await Promise.all([tablesOf(a, database), tablesOf(b, database)]);
  if (left.join('\n') !== right.join('\n')) return false;
  for (const table of left) {
    const [one, other] = await Promise.all([checksum(a, database, table), checksum(b, database, table)]);
    if (one !== other) return false;
  }
  return true;
}
