import { isIP } from 'node:net';
import { z } from 'zod';
import { agentWay } from './config-filesync.ts';
import { notifySection } from './config-notify-schema.ts';
import { flag, host, kindFrom, milliseconds, port, text, whole } from './config-types.ts';
import { watchSection } from './config-watch-schema.ts';
import { mailSection, serviceNamesSection, webmailSection } from './config-webmail.ts';

/** The shape of tandem.yaml, before files are read and defaults that depend on other keys are filled in. */

const address = z.string().refine((value) => isIP(value) === 4, 'must be an IPv4 address');
const anyAddress = z.string().refine((value) => isIP(value) !== 0, 'must be an IP address');
const masterId = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,15}$/, 'must be 1 to 16 small letters and digits and begin with a letter');

const noTls =
  'cannot be switched off: credentials that may do everything travel over this connection, and whoever answers in the ' +
  "master's place would have them. Name its CA or pin its certificate's fingerprint";

/** Exactly one of the names must be there. */
function oneOf(names: readonly string[]) {
  return (value: object, context: z.RefinementCtx): void => {
    const given = Object.keys(value).filter((name) => names.includes(name));
    if (given.length !== 1)
      context.addIssue({ code: 'custom', message: `must have exactly one of ${names.join(', ')}` });
  };
}

const trust = z.preprocess(
  (value, context) => {
    if (typeof value === 'object' && value !== null) return value;
    context.addIssue({ code: 'custom', message: value === undefined ? 'is missing' : noTls });
    return z.NEVER;
  },
  z
    .strictObject({
      ca: text.optional(),
      fingerprint: z
        .string()
        .transform((value) => value.replaceAll(':', '').toUpperCase())
        .refine((value) => /^[0-9A-F]{64}$/.test(value), 'must be 32 pairs of hexadecimal digits')
        .transform((value) => value.replace(/(..)(?!$)/g, '$1:'))
        .optional(),
    })
    .superRefine(oneOf(['ca', 'fingerprint'])),
);

const credentials = z
  .strictObject({
    user: text.default('root'),
    token: text.optional(),
    tokenFile: text.optional(),
    password: text.optional(),
    passwordFile: text.optional(),
  })
  .superRefine(oneOf(['token', 'tokenFile', 'password', 'passwordFile']));

const archiveDirectory = z
  .string()
  .regex(/^\/[A-Za-z0-9._/-]+$/, 'must be an absolute path')
  .default('/home/tandem-archives');

/** The way to the folder of a master through which archives of accounts go. */
const archiveWay = z.preprocess(
  kindFrom('path', 'folder', 'ssh'),
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('ssh'),
      user: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user name')
        .default('root'),
      port: port.default(22),
      keyFile: text,
      knownHostsFile: text,
      directory: archiveDirectory,
    }),
    z.strictObject({ kind: z.literal('folder'), path: text, directory: archiveDirectory }),
  ]),
);

/** A master's own database server, as Tandem and the other master reach it. */
const databaseServer = (defaultPort: number, folder: string) =>
  z
    .strictObject({
      socket: text.optional(),
      host: host.optional(),
      port: port.default(defaultPort),
      user: text.default('root'),
      password: z.string().optional(),
      passwordFile: text.optional(),
      ca: text.optional(),
      peerHost: host.optional(),
      peerPort: port.optional(),
      from: anyAddress.optional(),
      configure: z.array(text).min(1).optional(),
      files: z.array(text).min(1).optional(),
      directory: text.default(folder),
    })
    .superRefine(oneOf(['socket', 'host']))
    .refine((value) => value.host === undefined || value.ca !== undefined, {
      path: ['ca'],
      message: 'is missing: the password travels over this connection',
    });

/** A master's own PostgreSQL server. The masters never speak to each other: Tandem reads the one and writes the other. */
const postgresServer = z
  .strictObject({
    socket: text.optional(),
    host: host.optional(),
    port: port.default(5432),
    user: text.default('postgres'),
    password: z.string().optional(),
    passwordFile: text.optional(),
    ca: text.optional(),
    restart: z.array(text).min(1).optional(),
  })
  .superRefine(oneOf(['socket', 'host']))
  .refine((value) => value.host === undefined || value.ca !== undefined, {
    path: ['ca'],
    message: 'is missing: the password travels over this connection',
  });

const master = z.strictObject({
  id: masterId,
  name: text.optional(),
  site: text,
  hostname: host,
  address,
  connect: host.optional(),
  port: port.default(2087),
  cpanelPort: port.default(2083),
  concurrency: whole(1, 200).default(10),
  credentials,
  tls: trust,
  archives: archiveWay.optional(),
  filesync: agentWay.optional(),
  mail: mailSection.optional(),
  mariadb: databaseServer(3306, '/etc/my.cnf.d/tandem').optional(),
  postgres: postgresServer.optional(),
});

const pair = z.strictObject({
  use: z.enum(['shared', 'dedicated']).default('dedicated'),
  addresses: z.record(masterId, address),
});

const sqlite = z.strictObject({ kind: z.literal('sqlite'), file: text.optional() });
const mariadb = z
  .strictObject({
    kind: z.literal('mariadb'),
    host,
    port: port.default(3306),
    user: text,
    password: z.string().optional(),
    passwordFile: text.optional(),
    database: text,
    ca: text.optional(),
  })
  .superRefine(oneOf(['password', 'passwordFile']));

const redisUrl = z.string().regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://');

const timing = z.strictObject({
  leaseMs: milliseconds.default(15_000),
  sweepMs: milliseconds.default(2000),
  pollMs: milliseconds.default(250),
  leadDoubtSeconds: whole(1, 86_400).default(60),
  longestSeconds: whole(1, 86_400).optional(),
  probeMs: milliseconds.default(1000),
  verifyAfterMs: milliseconds.default(5000),
  waitSeconds: whole(1, 3600).default(25),
  maxDoubts: whole(1, 100).default(5),
  backoffMs: z
    .strictObject({ first: milliseconds.default(1000), most: milliseconds.default(300_000) })
    .refine((value) => value.first <= value.most, 'first must not be longer than most')
    .prefault({}),
});

/** Name of this machine. */
export const nodeSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be a short name without spaces')
  .optional();

export const logSchema = z
  .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info') })
  .prefault({});

export const fileSchema = z.strictObject({
  node: nodeSchema,
  nodes: whole(1, 9).default(1),
  stateDir: text.default('./var'),
  keyFile: text.optional(),
  masters: z.array(master).min(1),
  addressPairs: z.array(pair).default([]),
  ownNames: flag.default(true),
  journal: z
    .preprocess(kindFrom('host', 'mariadb', 'sqlite'), z.discriminatedUnion('kind', [sqlite, mariadb]))
    .prefault({ kind: 'sqlite' }),
  redis: z
    .preprocess(
      kindFrom('url', 'url', 'embedded'),
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('embedded') }),
        z.strictObject({ kind: z.literal('url'), url: redisUrl }),
      ]),
    )
    .prefault({ kind: 'embedded' }),
  portal: z
    .strictObject({
      host: anyAddress.default('127.0.0.1'),
      port: port.default(8443),
      url: z
        .url({ protocol: /^https$/, error: 'must begin with https://' })
        .transform((url) => url.replace(/\/+$/, ''))
        .optional(),
      requireSecondFactor: flag.default(false),
      undoSeconds: whole(0, 60).default(10),
    })
    .prefault({}),
  passthrough: z
    .strictObject({
      host: anyAddress.default('127.0.0.1'),
      whmPort: port.default(2087),
      cpanelPort: port.default(2083),
    })
    .prefault({}),
  webmail: webmailSection.optional(),
  serviceNames: serviceNamesSection.optional(),
  metrics: z.strictObject({ host: anyAddress.default('127.0.0.1'), port: port.default(9464) }).prefault({}),
  tls: z
    .preprocess(
      kindFrom('cert', 'files', 'self-signed'),
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('self-signed') }),
        z.strictObject({ kind: z.literal('files'), cert: text, key: text }),
      ]),
    )
    .prefault({ kind: 'self-signed' }),
  uidRange: z
    .strictObject({ from: whole(1000, 2_000_000).default(200_000), to: whole(1000, 2_000_000).default(299_999) })
    .refine((value) => value.from < value.to, 'from must be below to')
    .prefault({}),
  timing: timing.prefault({}),
  worker: z.strictObject({ standby: flag.default(true) }).prefault({}),
  archives: z
    .strictObject({
      keepDays: whole(1, 3650).default(30),
      mostGb: whole(1, 1_000_000).default(200),
      minFreeGb: whole(0, 1_000_000).default(2),
      giveUpMinutes: whole(1, 10_080).default(360),
    })
    .prefault({}),
  notify: notifySection.optional(),
  drift: z
    .strictObject({
      nightlyAt: z
        .string()
        .regex(/^(off|([01]\d|2[0-3]):[0-5]\d)$/, 'must be a time such as 02:30, or off')
        .default('02:30'),
      accountsPerBatch: whole(1, 500).default(220),
      restPercent: whole(0, 1000).default(100),
      recheckMs: milliseconds.default(3000),
      everyMs: milliseconds.default(5000),
      certificatesEveryMs: milliseconds.default(3_600_000),
      mostRepairs: whole(1, 500).default(50),
      mostRemovals: whole(1, 500).default(10),
    })
    .prefault({}),
  databases: z
    .strictObject({
      lagWarnSeconds: whole(1, 86_400).default(30),
      lagGateSeconds: whole(1, 3600).default(5),
      decideConflicts: flag.default(true),
      postgresMost: whole(1, 1000).default(100),
      postgresKeepMegabytes: whole(64, 10_000_000).default(20_000),
    })
    .prefault({}),
  crashAt: text.optional(),
  log: logSchema,
  watch: watchSection.optional(),
});

/** What the file says, checked for shape. */
export type FileConfig = z.output<typeof fileSchema>;
