import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import { type Engine, mysql, postgres } from './engine.ts';
import * as seen from './seen.ts';

const deleting = <const Id extends string>(id: Id, engine: Engine) =>
  define({
    id,
    title: `Delete ${engine.word}database`,
    audience: ['staff', 'reseller', 'customer'],
    params: z.strictObject({ account: seen.accountField, name: engine.database }),
    again: 'read back',
    destroys: ['database'],
    covers: { [`${engine.module}::delete_database`]: worded({ names: { ...cpanelUser, name: 'name' } }) },
    subject: (p) => ({ kind: 'account', account: p.account }),
    keys: (p) => [exclusive(`account:${p.account}`)],
    observe: (p) => [seen.lookAtDatabases(p.account, engine)],
    read: (p, answers) => seen.readDatabase(answers, 0, p.name),
    plan: (p, s, place) =>
      when(s, (found) =>
        remove(place, {
          found,
          call: uapi(p.account, `${engine.module}::delete_database`, { name: p.name }),
          absent: `The ${engine.word}database “${p.name}” does not exist.`,
        }),
      ),
  });

/** Mysql::delete_database, with the data in it. */
export const deleteDatabase = deleting('database.delete', mysql);

/** Postgresql::delete_database, with the data in it. */
export const deletePostgresDatabase = deleting('postgres-database.delete', postgres);
