import { z } from 'zod';
import { type Engine, mysql, postgres } from '../../actions/database/engine.ts';
import { lookAtDatabases } from '../../actions/database/seen.ts';
import type { WhmCall } from '../../whm/call.ts';
import { type Answers, type Kind, noRepair } from '../model.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

/** UAPI's list_databases. */
export const databaseRows = z.array(z.object({ database: z.string(), users: z.array(z.string()).nullish() }));

/**
 * A list of PostgreSQL: most servers have none and refuse, in words that are not documented, and have nothing then. A
 * server that did not answer at all is unread like every other.
 */
export function offered<T>(
  engine: Engine,
  answers: Answers,
  call: WhmCall,
  schema: z.ZodType<readonly T[]>,
): { readonly value: readonly T[] } | { readonly reason: string } {
  const isRefused = engine === postgres && answers(call).ok === false;
  return isRefused ? { value: [] } : told(answers, call, schema);
}

const kindOf = (object: string, title: string, rank: number, engine: Engine): Kind => ({
  ...{ id: object, title, scope: 'account', rank, findable: true },
  rounds: [(account) => [lookAtDatabases(account, engine)]],
  read(account, answers) {
    const read = offered(engine, answers, lookAtDatabases(account, engine), databaseRows);
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
