import { z } from 'zod';
import { mysql } from '../../actions/database/engine.ts';
import { canonicalPrivileges, lookAtDatabases, lookAtPrivileges } from '../../actions/database/seen.ts';
import type { Answers, Kind, Value } from '../model.ts';
import { databaseRows } from './database.ts';
import { oneStep, seen, sofar, text, told, unread } from './reading.ts';

const privileges = z.union([
  z.array(z.string()),
  z.string().transform((all) => all.split(',')),
  z.null().transform((): string[] => []),
]);
const on = ' on ';

function pairs(account: string, answers: Answers): readonly { readonly user: string; readonly database: string }[] {
  return sofar(answers, lookAtDatabases(account, mysql), databaseRows, []).flatMap((d) =>
    (d.users ?? []).map((user) => ({ user, database: d.database })),
  );
}

/** What each MySQL user may do in each database. */
export const grantKind: Kind = {
  id: 'grant',
  title: 'Database privileges',
  scope: 'account',
  rank: 72,
  rounds: [
    (account) => [lookAtDatabases(account, mysql)],
    (account, answers) => pairs(account, answers).map((p) => lookAtPrivileges(account, p.user, p.database)),
  ],
  read(account, answers) {
    const all = told(answers, lookAtDatabases(account, mysql), databaseRows);
    if ('reason' in all) return unread(all.reason);
    const things: [string, Value][] = [];
    for (const { user, database } of pairs(account, answers)) {
      const read = told(answers, lookAtPrivileges(account, user, database), privileges);
      if ('reason' in read) return unread(read.reason);
      const list = canonicalPrivileges(read.value);
      if (list.length > 0) things.push([`${user}${on}${database}`, { privileges: list.join(', ') }]);
    }
    return seen(things);
  },
  touched: (action, p) =>
    /^database-user\.(grant|revoke)$/.test(action) ? `${text(p['user'])}${on}${text(p['database'])}` : undefined,
  repair(input) {
    const { account, name, from } = input;
    const [user = '', database = ''] = name.split(on);
    if (from.value === undefined)
      return oneStep(
        input,
        'database-user.revoke',
        { account, user, database },
        `Take all privileges on ${database} from ${user}`,
        true,
      );
    const wanted = (from.value['privileges'] ?? '').replaceAll(', ', ',');
    return oneStep(
      input,
      'database-user.grant',
      { account, user, database, privileges: wanted },
      `Give ${user} ${wanted} on ${database}`,
    );
  },
};
