import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { apply, define, exclusive, type Place, type Plan, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import { worded } from '../raw.ts';
import { type Account, lookAtAccount, noAccount, readAccount } from './seen.ts';

const params = z
  .strictObject({
    account: f.account().meta({ label: 'Account' }),
    newName: f.newAccount().meta({ label: 'New name' }),
    databases: f
      .flag()
      .default(false)
      .meta({ label: 'Rename databases too', help: 'Gives databases and their users the new prefix.' }),
  })
  .refine((p) => p.account !== p.newName, { path: ['newName'], message: 'is the name that the account has' });

interface Seen {
  readonly old: Account | undefined;
  readonly renamed: Account | undefined;
}

function plan(p: z.output<typeof params>, seen: Seen, place: Place): Plan {
  if (seen.old !== undefined && seen.renamed !== undefined) {
    return refused(`This system already has an account named “${p.newName}”.`);
  }
  if (seen.old !== undefined) {
    return apply(whm('modifyacct', { user: p.account, newuser: p.newName, rename_database_objects: p.databases }));
  }
  return seen.renamed !== undefined && place.sent ? settled : refused(noAccount(p.account));
}

/** modifyacct with a new name. After a time-out the account may stand under either name, so both are looked at. */
export const renameAccount = define({
  id: 'account.rename',
  title: 'Rename account',
  audience: ['staff'],
  params,
  homes: true,
  again: 'read back',
  reversible: true,
  proof: 'look',
  longestSeconds: 300,
  covers: {
    modifyacct(raw) {
      const renames = raw.some(([name, value]) => name === 'newuser' && value !== '');
      const names = { user: 'account', username: 'account', newuser: 'newName', rename_database_objects: 'databases' };
      return renames ? worded({ names })(raw) : undefined;
    },
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`account:${p.newName}`)],
  preflight: (p) => ({
    calls: [whm('verify_new_username', { user: p.newName })],
    judge: ([name]) => (name === undefined || name.ok ? undefined : name.reason),
  }),
  observe: (p) => [lookAtAccount(p.account), lookAtAccount(p.newName)],
  read: (_p, answers): Seen => ({ old: readAccount(answers, 0), renamed: readAccount(answers, 1) }),
  plan,
});
