import { z } from 'zod';
import { type Engine, mysql, postgres } from '../../actions/database/engine.ts';
import { lookAtDatabases } from '../../actions/database/seen.ts';
import { type Kind, noRepair } from '../model.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

/** UAPI's list_databases. */
export const databaseRows = z.array(z.object({ database: z.string(), users: z.array(z.string()).nullish() }));

/** What is compared only where Tandem knows of such a server on every master: others refuse, in words of their own. */
export function needed(engine: Engine): Pick<Kind, 'needs'> {
  return engine === postgres ? { needs: 'postgres' } : {};
}

const kindOf = (object: string, title: string, rank: number, engine: Engine): Kind => ({
  ...{ id: object, title, scope: 'account', rank, findable: true, ...needed(engine) },
  rounds: [(account) => [lookAtDatabases(account, engine)]],
  read(account, answers) {
    const read = told(answers, lookAtDatabases(account, engine), databaseRows);
    if ('reason' in read) return unread(read.reason);
    return seen(read.value.map((r) => [r.database, { engine: engine.name }]));
  },
  touched(action, p) {
    if (action === `${object}.rename`) return text(p['newName']);
    return action === `${object}.add` || action === `${object}.delete` ? text(p['name']) : undefined;
  },
  repair(input) {
    const { account, name, from } = input;
    if (from.value === undefined)
      return noRepair(
        'A database is not removed by a repair: with replication the removal would reach the other master. Delete it by hand if it is not wanted.',
      );
    return oneStep(input, `${object}.add`, { account, name }, `Make the empty ${engine.word}database ${name}`);
  },
});

/** MySQL databases by name. What is in them follows by replication. */
export const databaseKind = kindOf('database', 'Databases', 70, mysql);

/** PostgreSQL databases by name. What is in them is carried. */
export const postgresDatabaseKind = kindOf('postgres-database', 'PostgreSQL databases', 73, postgres);
