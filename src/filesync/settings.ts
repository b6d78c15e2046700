import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { Invalid, messageOf } from '../errors.ts';
import { cpanelExcludes, ownedByActions } from './exclude.ts';
import { defaultBrake } from './safety.ts';

/** The agent's own configuration file, on each master: a master holds nothing of Tandem's. */

const path = z.string().regex(/^\/.*[^/]$/, 'must be an absolute path without a slash at the end');
const ids = z.record(z.string().min(1), z.int().min(1)).default({});

const tree = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be small letters, digits and dashes'),
  path,
  /** Root's own folder on the same file system. Default: .tandem-filesync in the tree. */
  spool: path.optional(),
  /** Further patterns that do not travel, beginning at the tree. */
  exclude: z.array(z.string().min(1)).default([]),
  /** false: the tree is no set of cPanel homes, so the usual patterns do not apply and whatever lies at its top is made. */
  homes: z.boolean().default(true),
});

const schema = z.strictObject({
  side: z.union([z.literal(1), z.literal(2)]),
  stateDir: path.default('/var/lib/tandem-filesync'),
  trees: z.array(tree).min(1),
  /** Only one side has it: how to reach the other. `command` stands in ssh's place on one machine, for trials. */
  peer: z
    .union([
      z.strictObject({ command: z.array(z.string().min(1)).min(1) }),
      z.strictObject({
        host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:-]*$/, 'must be a host name or an address'),
        port: z.int().min(1).max(65_535).default(22),
        user: z.string().default('root'),
        key: path,
        knownHosts: path,
      }),
    ])
    .optional(),
  events: z.enum(['auto', 'inotify', 'fanotify']).default('auto'),
  mailFolders: z.array(z.string()).default(['mail']),
  owners: z.strictObject({ users: ids, groups: ids, passwd: path.optional(), group: path.optional() }).prefault({}),
  trashDays: z.number().min(0).max(365).default(7),
  conflictDays: z.number().min(1).max(365).default(30),
  /** When everything is looked at, by the clock of the master, as in '03:10'; null: never. */
  nightly: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, as in 03:10')
    .nullable()
    .default('03:10')
    .transform((text) => (text === null ? null : Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))),
  keepSetId: z.boolean().default(false),
  /** An rsync older than 3.5 is refused unless its version stands here. */
  acceptRsync: z.string().optional(),
  /** How mailboxes that are no Maildirs are brought to the same: the words that begin `doveadm`. */
  doveadm: z
    .array(z.string().regex(/^[A-Za-z0-9_.,:=@%+/-]+$/, 'must be a word without spaces and quotes'))
    .min(1)
    .optional(),
  metrics: z.strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65_535) }).optional(),
  log: z.enum(['error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

export type Settings = z.output<typeof schema>;
/** How the other side is reached. */
export type PeerWay = NonNullable<Settings['peer']>;
export const brakeLimits = defaultBrake;

/** What does not travel of a tree. */
export function excludesOf(one: Settings['trees'][number]): readonly string[] {
  const usual = one.homes ? [...cpanelExcludes, ...ownedByActions] : ['.tandem-filesync'];
  return [...usual, ...one.exclude];
}

/** Checks what a file says. Throws Invalid with an issue for each wrong key. */
export function settingsFrom(raw: unknown, where: string): Settings {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((one) => ({ path: one.path.join('.'), message: one.message }));
  throw new Invalid(`${where}: the configuration of file sync is wrong`, issues);
}

/** Reads the YAML file. */
export function readSettings(file: string): Settings {
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Invalid(`${file} cannot be read: ${messageOf(cause)}`, [], { cause });
  }
  return settingsFrom(raw, file);
}
