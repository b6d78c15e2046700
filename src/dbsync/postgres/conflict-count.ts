/** How many conflicts every carried database keeps. */
import { AppError, messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Warning } from '../plan.ts';
import type { PgServer } from './connect.ts';
import { pgConflicts } from './watch.ts';

/** All of them, and a warning for each database where they may have left rows different. */
export interface ConflictCount {
  readonly all: number;
  readonly differing: readonly Warning[];
}

const none = { all: 0, differing: 0 };

/** A database that cannot be asked, such as one that is just gone, must not keep the others from being watched. */
async function countedIn(server: PgServer, database: string, log: Logger): Promise<typeof none> {
  try {
    return await pgConflicts(server, database);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.info({ database, master: server.side.id, reason: messageOf(error) }, 'conflicts could not be counted');
    return none;
  }
}

/** Counts them on both masters. */
export async function conflictsOf(
  servers: readonly PgServer[],
  databases: readonly string[],
  log: Logger,
): Promise<ConflictCount> {
  let all = 0;
  const differing: Warning[] = [];
  for (const server of servers)
    for (const database of databases) {
      const found = await countedIn(server, database, log);
      all += found.all;
      if (found.differing > 0) differing.push(warningOf(server, database, found.differing));
    }
  return { all, differing };
}

function warningOf({ side }: PgServer, database: string, count: number): Warning {
  return {
    code: `db.conflict.${side.id}.${database}`,
    sentence: `PostgreSQL database ${database} on ${side.name}: ${count} conflicts may have left rows different; tandem db postgres check ${database}`,
  };
}
