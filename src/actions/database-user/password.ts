import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Engine, mysql, postgres } from '../database/engine.ts';
import * as seen from '../database/seen.ts';
import { apply, define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { cpanelUser, worded } from '../raw.ts';

const paramsOf = (engine: Engine) =>
  z
    .strictObject({ account: seen.accountField, name: engine.user, password: seen.databasePassword })
    .refine((p) => f.mayUse(p.password, p.name), { path: ['password'], message: f.containsName });

/** It cannot be read back, and setting it twice is harmless. */
const setting = <const Id extends string>(id: Id, engine: Engine) =>
  define({
    id,
    title: `Change ${engine.word === '' ? 'database' : engine.name} user password`,
    audience: ['staff', 'reseller', 'customer'],
    params: paramsOf(engine),
    blind: ['password'],
    again: 'safe',
    covers: {
      [`${engine.module}::set_password`]: worded({ names: { ...cpanelUser, user: 'name', password: 'password' } }),
    },
    subject: (p) => ({ kind: 'account', account: p.account }),
    keys: (p) => [exclusive(`account:${p.account}`)],
    observe: () => [],
    read: () => undefined,
    plan: (p) => apply(uapi(p.account, `${engine.module}::set_password`, { user: p.name, password: p.password })),
  });

/** Mysql::set_password. */
export const setDatabaseUserPassword = setting('database-user.password', mysql);

/** Postgresql::set_password. */
export const setPostgresUserPassword = setting('postgres-user.password', postgres);
