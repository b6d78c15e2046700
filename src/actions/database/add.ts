import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { define, exclusive, refused } from '../define.ts';
import { create } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import { type Engine, mysql, postgres } from './engine.ts';
import * as seen from './seen.ts';

interface Seen {
  readonly found: Readable<boolean>;
  readonly rules: seen.Rules | undefined;
}

const adding = <const Id extends string>(id: Id, engine: Engine) =>
  define({
    id,
    title: `Add ${engine.word}database`,
    audience: ['staff', 'reseller', 'customer'],
    params: z.strictObject({ account: seen.accountField, name: engine.database }),
    again: 'read back',
    covers: { [`${engine.module}::create_database`]: worded({ names: { ...cpanelUser, name: 'name' } }) },
    subject: (p) => ({ kind: 'account', account: p.account }),
    keys: (p) => [exclusive(`account:${p.account}`)],
    observe: (p) => [seen.lookAtDatabases(p.account, engine), seen.lookAtRules(p.account, engine)],
    read: (p, answers): Seen => ({ found: seen.readDatabase(answers, 0, p.name), rules: seen.readRules(answers, 1) }),
    plan: (p, s, place) =>
      when(s.found, (found) => {
        const wrong = seen.wrongName(p.name, s.rules, s.rules?.max_database_name_length);
        if (wrong !== undefined) return refused(wrong);
        return create(place, {
          found: found ? p.name : undefined,
          same: () => true,
          call: uapi(p.account, `${engine.module}::create_database`, { name: p.name }),
          exists: `The ${engine.word}database “${p.name}” already exists.`,
        });
      }),
  });

/** Mysql::create_database. */
export const addDatabase = adding('database.add', mysql);

/** Postgresql::create_database. */
export const addPostgresDatabase = adding('postgres-database.add', postgres);
