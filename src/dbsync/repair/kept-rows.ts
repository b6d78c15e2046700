/** What a repair answers, and where it keeps what it overwrites. */
import { open } from 'node:fs/promises';
import type { TableDifference } from './check.ts';

export interface RepairResult {
  readonly written: number;
  readonly deleted: number;
  /** Tables that need a copy of the whole database, each with its reason. */
  readonly left: readonly string[];
}

/** Adds one JSON document a line; on the disk before they are overwritten. */
export async function keepRows(path: string, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(`${rows.map((one) => JSON.stringify(one)).join('\n')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Tables whose rows cannot be named, each with its reason. */
export function wholeTables(differences: readonly TableDifference[]): readonly string[] {
  return differences.flatMap(({ shape, reason }) =>
    reason === undefined ? [] : [`${shape.database}.${shape.table}: ${reason}`],
  );
}
