import { z } from 'zod';
import { define, exclusive, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import { lookAtAccount, readAccount } from './seen.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  archive: z
    .string()
    .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'must be the id of an archive')
    .meta({ label: 'Archive', help: 'Its id: tandem archive list' }),
});

/**
 * Brings a terminated account back from its archive, on all masters. The whole of it is the long job: the archive is
 * brought to the master and restored there by WHM; what is left for a look is that the account is there.
 */
export const restoreAccount = define({
  id: 'account.restore',
  title: 'Restore account',
  audience: ['staff'],
  params,
  homes: true,
  again: 'never',
  longestSeconds: 300,
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  preflight: (p) => ({
    calls: [lookAtAccount(p.account)],
    judge: (answers) =>
      readAccount(answers, 0) === undefined
        ? undefined
        : `This system already has an account named “${p.account}”. An archive is not restored over it.`,
  }),
  job: (p) => ({ kind: 'restore', account: p.account, archive: p.archive }),
  observe: (p) => [lookAtAccount(p.account)],
  read: (_p, answers) => readAccount(answers, 0),
  plan: (p, seen) =>
    seen === undefined ? refused(`The account ${p.account} is not there: its archive was not restored.`) : settled,
});
