import { postgres } from '../../actions/database/engine.ts';
import { lookAtDatabases } from '../../actions/database/seen.ts';
import type { Kind } from '../model.ts';
import { databaseRows, needed } from './database.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

const on = ' on ';

/** Who may use which PostgreSQL database: there is one privilege, all. */
export const postgresGrantKind: Kind = {
  ...{ id: 'postgres-grant', title: 'PostgreSQL privileges', scope: 'account', rank: 75, ...needed(postgres) },
  rounds: [(account) => [lookAtDatabases(account, postgres)]],
  read(account, answers) {
    const read = told(answers, lookAtDatabases(account, postgres), databaseRows);
    if ('reason' in read) return unread(read.reason);
    return seen(
      read.value.flatMap(({ database, users }) =>
        (users ?? []).map((user) => [`${user}${on}${database}`, { privileges: 'all' }] as const),
      ),
    );
  },
  touched: (action, p) =>
    /^postgres-user\.(grant|revoke)$/.test(action) ? `${text(p['user'])}${on}${text(p['database'])}` : undefined,
  repair(input) {
    const { account, name, from } = input;
    const [user = '', database = ''] = name.split(on);
    const params = { account, user, database };
    if (from.value === undefined)
      return oneStep(input, 'postgres-user.revoke', params, `Take all privileges on ${database} from ${user}`, true);
    return oneStep(input, 'postgres-user.grant', params, `Give ${user} all privileges on ${database}`);
  },
};
