import { type Engine, mysql, postgres } from '../../actions/database/engine.ts';
import { lookAtUsers } from '../../actions/database/seen.ts';
import { type Kind, noRepair } from '../model.ts';
import { needed } from './database.ts';
import { seen, text, told, unread } from './reading.ts';

const kindOf = (object: string, title: string, rank: number, engine: Engine): Kind => ({
  ...{ id: object, title, scope: 'account', rank, findable: true, ...needed(engine) },
  rounds: [(account) => [lookAtUsers(account, engine)]],
  read(account, answers) {
    const read = told(answers, lookAtUsers(account, engine), engine.users);
    if ('reason' in read) return unread(read.reason);
    return seen(read.value.map((name) => [name, { engine: engine.name }]));
  },
  touched: (action, p) =>
    ['add', 'delete', 'password'].some((verb) => action === `${object}.${verb}`) ? text(p['name']) : undefined,
  repair: ({ name, from }) =>
    from.value === undefined
      ? noRepair(
          `A database user is not removed by a repair: a site may sign in as ${name}. Delete it by hand if it is not wanted.`,
        )
      : noRepair(
          `The password of ${name} cannot be read. Delete it where it is and add it anew with a password that the site knows; or let replication bring it.`,
        ),
});

/** MySQL users. Their passwords cannot be read through cPanel, so a missing one cannot be made alike. */
export const databaseUserKind = kindOf('database-user', 'Database users', 71, mysql);

/** PostgreSQL users, which do not replicate. */
export const postgresUserKind = kindOf('postgres-user', 'PostgreSQL users', 74, postgres);
