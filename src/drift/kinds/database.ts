import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Kind, noRepair } from '../model.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

const rows = z.array(z.object({ database: z.string(), users: z.array(z.string()).optional() }));

export const askDatabases = (account: string) => uapi(account, 'Mysql::list_databases');
export const databaseRows = rows;

/** MySQL databases by name. What is in them follows by replication. */
export const databaseKind: Kind = {
  id: 'database',
  title: 'Databases',
  scope: 'account',
  rank: 70,
  rounds: [(account) => [askDatabases(account)]],
  read(account, answers) {
    const read = told(answers, askDatabases(account), rows);
    if ('reason' in read) return unread(read.reason);
    return seen(read.value.map((r) => [r.database, { engine: 'MySQL' }]));
  },
  touched: (action, p) => (action === 'database.add' || action === 'database.delete' ? text(p['name']) : undefined),
  repair(input) {
    const { account, name, from } = input;
    if (from.value === undefined)
      return noRepair(
        'A database is not removed by a repair: with replication the removal would reach the other master. Delete it by hand if it is not wanted.',
      );
    return oneStep(input, 'database.add', { account, name }, `Make the empty database ${name}`);
  },
};
