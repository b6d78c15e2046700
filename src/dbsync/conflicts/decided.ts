/** The rows that were decided, and what they leave of a transaction. */
import type { Server } from '../mariadb/connect.ts';
import { DatabaseFailed } from '../model.ts';
import type { RowChange, RowsEvent, Transaction } from './events.ts';
import type { Decision } from './model.ts';
import { type ConflictTable, keyParts, tableOfBoth } from './tables.ts';

export interface DecidedDeps {
  /** Who applies. */
  readonly to: Server;
  readonly decisions: readonly { readonly n: number; readonly decision: Decision }[];
  readonly carries: (database: string, table: string) => boolean;
}

/** Decisions by table and spelling of the key. */
export class Decided {
  private readonly byName = new Map<string, number>();
  private readonly tables = new Map<string, ConflictTable>();
  private readonly deps: DecidedDeps;
  constructor(deps: DecidedDeps) {
    this.deps = deps;
    for (const [at, { decision }] of deps.decisions.entries())
      for (const name of decision.names) this.byName.set(`${decision.database}\0${decision.table}\0${name}`, at);
  }
  /** The table of a decision, as it is on the receiving server. */
  async table(database: string, table: string): Promise<ConflictTable> {
    const name = `${database}\0${table}`;
    const known = this.tables.get(name);
    if (known !== undefined) return known;
    const found = await tableOfBoth([this.deps.to, this.deps.to], database, table);
    if ('reason' in found) throw new DatabaseFailed(`${database}.${table}: ${found.reason}.`);
    this.tables.set(name, found);
    return found;
  }
  /** Whether replication of this run knows the table at all. */
  has({ table: { database, table } }: RowsEvent): boolean {
    return this.deps.decisions.some(({ decision }) => decision.database === database && decision.table === table);
  }
  isDecided(table: ConflictTable, event: RowsEvent, change: RowChange): boolean {
    return [change.before, change.after].some(
      (image) =>
        image !== undefined &&
        this.byName.has(`${table.database}\0${table.table}\0${keyParts(table, event.table, image).join('\0')}`),
    );
  }
}

/** What is left of a transaction's rows, and whether any was taken out. */
export async function keptRows(
  decided: Decided,
  deps: Pick<DecidedDeps, 'carries'>,
  one: Transaction,
): Promise<{ readonly kept: readonly RowsEvent[]; readonly touched: boolean }> {
  const kept: RowsEvent[] = [];
  let touched = false;
  for (const event of one.rows) {
    if (!deps.carries(event.table.database, event.table.table)) continue;
    if (!decided.has(event)) {
      kept.push(event);
      continue;
    }
    const table = await decided.table(event.table.database, event.table.table);
    const rows = event.rows.filter((change) => !decided.isDecided(table, event, change));
    if (rows.length < event.rows.length) touched = true;
    if (rows.length > 0) kept.push({ ...event, rows });
  }
  return { kept, touched };
}
