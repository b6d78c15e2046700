import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { type Engine, mysql, postgres } from '../database/engine.ts';
import * as seen from '../database/seen.ts';
import { define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

const paramsOf = (engine: Engine) =>
  z
    .strictObject({
      account: seen.accountField,
      name: engine.user,
      password: seen.databasePassword.optional().meta({
        label: 'Password',
        secret: true,
        input: 'password',
        help: 'Left empty, a strong one is made.',
      }),
    })
    .refine((p) => f.mayUse(p.password, p.name), { path: ['password'], message: f.containsName });

interface Seen {
  readonly found: Readable<boolean>;
  readonly rules: seen.Rules | undefined;
}

const adding = <const Id extends string>(id: Id, engine: Engine) =>
  define({
    id,
    title: `Add ${engine.word === '' ? 'database' : engine.name} user`,
    audience: ['staff', 'reseller', 'customer'],
    params: paramsOf(engine),
    blind: ['password'],
    again: 'read back',
    covers: {
      [`${engine.module}::create_user`]: worded({ names: { ...cpanelUser, name: 'name', password: 'password' } }),
    },
    subject: (p) => ({ kind: 'account', account: p.account }),
    keys: (p) => [exclusive(`account:${p.account}`)],
    wants: (p) => (p.password === undefined ? ['password'] : []),
    choose: (p, chosen) => ({ ...p, password: p.password ?? chosen.password }),
    observe: (p) => [seen.lookAtUsers(p.account, engine), seen.lookAtRules(p.account, engine)],
    read: (p, answers): Seen => ({
      found: seen.readUser(answers, 0, p.name, engine),
      rules: seen.readRules(answers, 1),
    }),
    plan: (p, s, place) =>
      when(s.found, (found) => {
        const wrong = seen.wrongName(p.name, s.rules, s.rules?.max_username_length);
        if (wrong !== undefined) return refused(wrong);
        return create(place, {
          found: found ? p.name : undefined,
          same: () => true,
          call: uapi(p.account, `${engine.module}::create_user`, { name: p.name, password: p.password }),
          exists: `The ${engine.word}database user “${p.name}” already exists.`,
        });
      }),
  });

/** Mysql::create_user. */
export const addDatabaseUser = adding('database-user.add', mysql);

/** Postgresql::create_user. */
export const addPostgresUser = adding('postgres-user.add', postgres);
