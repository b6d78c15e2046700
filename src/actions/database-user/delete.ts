import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { type Engine, mysql, postgres } from '../database/engine.ts';
import * as seen from '../database/seen.ts';
import { define, exclusive } from '../define.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';

const deleting = <const Id extends string>(id: Id, engine: Engine) =>
  define({
    id,
    title: `Delete ${engine.word === '' ? 'database' : engine.name} user`,
    audience: ['staff', 'reseller', 'customer'],
    params: z.strictObject({ account: seen.accountField, name: engine.user }),
    again: 'read back',
    covers: { [`${engine.module}::delete_user`]: worded({ names: { ...cpanelUser, name: 'name' } }) },
    subject: (p) => ({ kind: 'account', account: p.account }),
    keys: (p) => [exclusive(`account:${p.account}`)],
    observe: (p) => [seen.lookAtUsers(p.account, engine)],
    read: (p, answers) => seen.readUser(answers, 0, p.name, engine),
    plan: (p, s, place) =>
      when(s, (found) =>
        remove(place, {
          found,
          call: uapi(p.account, `${engine.module}::delete_user`, { name: p.name }),
          absent: `The ${engine.word}database user “${p.name}” does not exist.`,
        }),
      ),
  });

/** Mysql::delete_user. */
export const deleteDatabaseUser = deleting('database-user.delete', mysql);

/** Postgresql::delete_user. */
export const deletePostgresUser = deleting('postgres-user.delete', postgres);
