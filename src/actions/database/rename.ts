import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { apply, define, exclusive, refused, settled } from '../define.ts';
import { cpanelUser, worded } from '../raw.ts';
import { postgres } from './engine.ts';
import * as seen from './seen.ts';

interface Seen {
  readonly names: Readable<ReadonlyMap<string, readonly string[]>>;
  readonly rules: seen.Rules | undefined;
}

/**
 * Postgresql::rename_database. Names of PostgreSQL databases do not replicate, so each master is told. MySQL has no
 * such action: cPanel moves the tables there, which replication then does on the other master.
 */
export const renamePostgresDatabase = define({
  id: 'postgres-database.rename',
  title: 'Rename PostgreSQL database',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({
    account: seen.accountField,
    name: postgres.database,
    newName: postgres.database.meta({ label: 'New name', help: 'With the account’s prefix.' }),
  }),
  again: 'read back',
  covers: {
    'Postgresql::rename_database': worded({ names: { ...cpanelUser, oldname: 'name', newname: 'newName' } }),
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtDatabases(p.account, postgres), seen.lookAtRules(p.account, postgres)],
  read: (_p, answers): Seen => ({ names: seen.readDatabases(answers, 0), rules: seen.readRules(answers, 1) }),
  plan: (p, s, place) =>
    when(s.names, (names) => {
      const [has, hasNew] = [names.has(p.name), names.has(p.newName)];
      if (place.sent && hasNew && !has) return settled;
      if (!has) return refused(`The PostgreSQL database “${p.name}” does not exist.`);
      if (hasNew) return refused(`The PostgreSQL database “${p.newName}” already exists.`);
      const wrong = seen.wrongName(p.newName, s.rules, s.rules?.max_database_name_length);
      if (wrong !== undefined) return refused(wrong);
      return apply(uapi(p.account, 'Postgresql::rename_database', { oldname: p.name, newname: p.newName }));
    }),
});
