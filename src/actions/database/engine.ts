import { z } from 'zod';
import * as f from '../fields.ts';

/** What differs between MySQL and PostgreSQL in cPanel: the module's name, and how a list of users looks. */
export interface Engine {
  readonly name: 'MySQL' | 'PostgreSQL';
  /** UAPI's module, whose functions are called alike in both. */
  readonly module: 'Mysql' | 'Postgresql';
  /** Before the noun in an action's title: MySQL is what is meant where nothing is said. */
  readonly word: '' | 'PostgreSQL ';
  /** Names of an answer to `list_users`. */
  readonly users: z.ZodType<readonly string[]>;
  readonly database: z.ZodString;
  readonly user: z.ZodString;
}

const help = 'With the account’s prefix.';

export const mysql: Engine = {
  ...{ name: 'MySQL', module: 'Mysql', word: '' },
  users: z.array(z.object({ user: z.string() })).transform((rows) => rows.map((row) => row.user)),
  database: f.databaseName(64).meta({ label: 'Database', placeholder: 'bob_shop', help }),
  user: f.databaseName(80).meta({ label: 'Database user', placeholder: 'bob_shop', help }),
};

/** Names end at 63 bytes there, silently; the server's own limit is asked of each master. */
export const postgres: Engine = {
  ...{ name: 'PostgreSQL', module: 'Postgresql', word: 'PostgreSQL ' },
  users: z.array(z.string()),
  database: f.databaseName(63).meta({ label: 'PostgreSQL database', placeholder: 'bob_shop', help }),
  user: f.databaseName(63).meta({ label: 'PostgreSQL user', placeholder: 'bob_shop', help }),
};
