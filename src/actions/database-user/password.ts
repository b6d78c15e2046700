import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import * as seen from '../database/seen.ts';
import { apply, define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { cpanelUser, worded } from '../raw.ts';

const params = z
  .strictObject({ account: seen.accountField, name: seen.userField, password: seen.databasePassword })
  .refine((p) => f.mayUse(p.password, p.name), { path: ['password'], message: f.containsName });

/** Mysql::set_password. It cannot be read back, and setting it twice is harmless. */
export const setDatabaseUserPassword = define({
  id: 'database-user.password',
  title: 'Change database user password',
  audience: ['staff', 'reseller', 'customer'],
  params,
  blind: ['password'],
  again: 'safe',
  covers: { 'Mysql::set_password': worded({ names: { ...cpanelUser, user: 'name', password: 'password' } }) },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: () => [],
  read: () => undefined,
  plan: (p) => apply(uapi(p.account, 'Mysql::set_password', { user: p.name, password: p.password })),
});
