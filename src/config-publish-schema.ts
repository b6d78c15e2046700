import { isIP } from 'node:net';
import { z } from 'zod';
import { flag, host, milliseconds, port, text, whole } from './config-types.ts';

/** The shape of `watch.publish` in tandem.yaml: where the zones are, and who answers for them. */

const anyAddress = z.string().refine((value) => isIP(value) !== 0, 'must be an IP address');
const master = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,15}$/, 'must be 1 to 16 small letters and digits and begin with a letter');
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be a short name without spaces');
const program = z.array(text).min(1);
const web = z.string().regex(/^https?:\/\//, 'must begin with https://');

const answering = z.strictObject({ name, address: anyAddress, port: port.default(53) });
const common = { name, answers: z.array(answering).default([]) };

const bind = z.strictObject({
  kind: z.literal('bind'),
  ...common,
  rndc: program.default(['rndc']),
  list: text.optional(),
  keyDirectory: text.optional(),
});
const powerdns = z.strictObject({
  kind: z.literal('powerdns'),
  ...common,
  control: program.default(['pdns_control']),
  util: program.default(['pdnsutil']),
  list: text.optional(),
});
const update = z.strictObject({
  kind: z.literal('rfc2136'),
  ...common,
  address: anyAddress,
  port: port.default(53),
  key: z
    .strictObject({
      name: z.string().regex(/^[A-Za-z0-9._-]{1,255}$/, 'must be a name'),
      algorithm: z.enum(['hmac-sha256', 'hmac-sha384', 'hmac-sha512']).default('hmac-sha256'),
      secretFile: text,
    })
    .optional(),
});
const powerdnsApi = z.strictObject({
  kind: z.literal('powerdns-api'),
  ...common,
  url: web,
  keyFile: text,
  serverId: name.default('localhost'),
});
const route53 = z.strictObject({
  kind: z.literal('route53'),
  ...common,
  accessKeyId: text,
  secretFile: text,
  url: web.optional(),
});
const cloudflare = z.strictObject({ kind: z.literal('cloudflare'), ...common, tokenFile: text, url: web.optional() });
const whm = {
  hostname: host,
  connect: host.optional(),
  port: port.default(2087),
  user: text.default('root'),
  tokenFile: text,
  ca: text.optional(),
  fingerprint: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/, 'must be 32 pairs of hexadecimal digits with colons')
    .transform((value) => value.toUpperCase())
    .optional(),
};
const cpanel = z.strictObject({ kind: z.literal('cpanel'), ...common, ...whm });
const source = z.strictObject({
  id: master,
  ...whm,
  dns: z.strictObject({ address: anyAddress, port: port.default(53) }).optional(),
});

const server = z.discriminatedUnion('kind', [bind, powerdns, update, powerdnsApi, route53, cloudflare, cpanel]);

export const publishSection = z.strictObject({
  zones: text,
  accounts: text.optional(),
  home: master.optional(),
  pairs: z.array(z.record(master, anyAddress)).default([]),
  stays: z.array(text).default(['www1', 'www2']),
  ttl: whole(1, 86_400).default(60),
  patienceMs: milliseconds.default(10_000),
  others: z.array(answering).default([]),
  resolver: z.strictObject({ address: anyAddress, port: port.default(53) }).optional(),
  blockLists: z.array(host).default([]),
  masters: z.array(source).default([]),
  pullMs: milliseconds.default(2000),
  keys: flag.default(false),
  guardMs: milliseconds.default(1000),
  threads: whole(0, 16).default(2),
  ahead: flag.default(true),
  brakeShare: z.number().min(0).max(10).default(0.3),
  servers: z.array(server).min(1),
});

/** `watch.publish` as the file says it, checked for shape. */
export type PublishSection = z.output<typeof publishSection>;
