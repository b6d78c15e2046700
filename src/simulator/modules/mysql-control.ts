/** What replication and the shell do to databases behind cPanel's back, as orders for the control port. */
import { z } from 'zod';
import type { State } from '../state.ts';
import { createServerDatabase, dropServerDatabase, mapObjects, mysqlStore, unmapAbsent } from './database-store.ts';

const names = z.array(z.string().min(1)).default([]);

/** One order. 'create', 'drop' and 'user' change the MySQL server alone; 'map' and 'unmap' are dbmaptool and rebuild_dbmap. */
export const databaseOrder = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('create'), name: z.string().min(1), bytes: z.number().int().min(0).default(0) }),
  z.strictObject({ do: z.literal('drop'), name: z.string().min(1) }),
  z.strictObject({ do: z.literal('user'), name: z.string().min(1), password: z.string() }),
  z.strictObject({ do: z.literal('map'), account: z.string().min(1), databases: names, users: names }),
  z.strictObject({ do: z.literal('unmap'), account: z.string().min(1) }),
]);

export type DatabaseOrder = z.output<typeof databaseOrder>;

/** Carries an order out. Must run inside a change of the engine. */
export function obeyDatabaseOrder(state: State, order: DatabaseOrder): void {
  switch (order.do) {
    case 'create':
      createServerDatabase(state, mysqlStore, order.name, order.bytes);
      break;
    case 'drop':
      dropServerDatabase(state, mysqlStore, order.name);
      break;
    case 'user':
      state.of(mysqlStore.users).set(order.name, { name: order.name, password: order.password });
      break;
    case 'map':
      mapObjects(state, mysqlStore, order.account, order.databases, order.users);
      break;
    case 'unmap':
      unmapAbsent(state, mysqlStore, order.account);
      break;
  }
}

/** Both sides, for looking: what the server holds, and what the map says of it. */
export function databaseView(state: State): {
  readonly server: readonly string[];
  readonly map: Readonly<Record<string, string>>;
} {
  const map = state
    .of(mysqlStore.mappedDatabases)
    .values()
    .map((row) => [row.name, row.user] as const);
  return {
    server: state
      .of(mysqlStore.databases)
      .values()
      .map((row) => row.name),
    map: Object.fromEntries(map),
  };
}
