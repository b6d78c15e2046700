import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { postgres } from '../database/engine.ts';
import * as seen from '../database/seen.ts';
import { define, exclusive } from '../define.ts';
import { change, remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

/** cPanel knows of one privilege in PostgreSQL: all, or none. */
const params = z.strictObject({ account: seen.accountField, user: postgres.user, database: postgres.database });
type Params = z.output<typeof params>;

const takes = worded({ names: { ...cpanelUser, user: 'user', database: 'database' } });
const argsOf = (p: Params) => ({ user: p.user, database: p.database });

const alike = {
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  subject: (p: Params) => ({ kind: 'account' as const, account: p.account }),
  keys: (p: Params) => [exclusive(`account:${p.account}`)],
  observe: (p: Params) => [seen.lookAtDatabases(p.account, postgres)],
} as const;

type Access = Readable<ReadonlyMap<string, readonly string[]>>;

/** Postgresql::grant_all_privileges. */
export const grantPostgresDatabase = define({
  ...alike,
  id: 'postgres-user.grant',
  title: 'Grant PostgreSQL privileges',
  covers: { 'Postgresql::grant_all_privileges': takes },
  read: (_p, answers): Access => seen.readDatabases(answers, 0),
  plan: (p, s) =>
    when(s, (databases) =>
      change({
        found: databases.get(p.database),
        same: (users) => users.includes(p.user),
        call: uapi(p.account, 'Postgresql::grant_all_privileges', argsOf(p)),
        absent: `The PostgreSQL database “${p.database}” does not exist.`,
      }),
    ),
});

/** Postgresql::revoke_all_privileges. */
export const revokePostgresDatabase = define({
  ...alike,
  id: 'postgres-user.revoke',
  title: 'Revoke PostgreSQL privileges',
  covers: { 'Postgresql::revoke_all_privileges': takes },
  read: (_p, answers): Access => seen.readDatabases(answers, 0),
  plan: (p, s, place) =>
    when(s, (databases) =>
      remove(place, {
        found: databases.get(p.database)?.includes(p.user) === true,
        call: uapi(p.account, 'Postgresql::revoke_all_privileges', argsOf(p)),
        absent: `The PostgreSQL user “${p.user}” has no privileges on “${p.database}”.`,
      }),
    ),
});
