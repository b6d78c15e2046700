import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Kind, noRepair } from '../model.ts';
import { seen, text, told, unread } from './reading.ts';

const rows = z.array(z.object({ user: z.string() }));
const ask = (account: string) => uapi(account, 'Mysql::list_users');

/** MySQL users. Their passwords cannot be read through cPanel, so a missing one cannot be made alike. */
export const databaseUserKind: Kind = {
  id: 'database-user',
  title: 'Database users',
  scope: 'account',
  rank: 71,
  rounds: [(account) => [ask(account)]],
  read(account, answers) {
    const read = told(answers, ask(account), rows);
    if ('reason' in read) return unread(read.reason);
    return seen(read.value.map((r) => [r.user, { engine: 'MySQL' }]));
  },
  touched: (action, p) => (/^database-user\.(add|delete|password)$/.test(action) ? text(p['name']) : undefined),
  repair: ({ name, from }) =>
    from.value === undefined
      ? noRepair(
          `A database user is not removed by a repair: a site may sign in as ${name}. Delete it by hand if it is not wanted.`,
        )
      : noRepair(
          `The password of ${name} cannot be read. Delete it where it is and add it anew with a password that the site knows; or let replication bring it.`,
        ),
};
