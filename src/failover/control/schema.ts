import { z } from 'zod';
import { loginSchema } from '../commands/logins.ts';
import type { GateKey } from '../return-gate.ts';

/** What a watcher can be told, over its local socket or by the portal. */

const by = z.string().min(1).max(64);
const master = z.string().min(1).max(32);
const reason = z.string().min(1).max(300);
const reported = z.string().min(1).max(80);
const number16 = z.int().min(0).max(65_535);
const account = z.string().min(1).max(64).optional();
const gateKeys = [
  'greenMs',
  'oldestLegMs',
  'legsInDoubt',
  'holds',
  'fileLagMs',
  'databaseLagMs',
  'certificatesEqual',
] as const satisfies readonly GateKey[];

/** The other watcher cannot be asked: say it a second time. */
const secondWord = z.boolean().default(false);
/** The change brake asked, and a person has seen its numbers. */
const confirmed = z.boolean().default(false);

export const commandSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('status'), history: z.int().min(0).max(1000).default(20) }),
  z.strictObject({ command: z.literal('hold'), by, reason }),
  z.strictObject({ command: z.literal('release'), by }),
  z.strictObject({ command: z.literal('downtime'), by, master, from: z.number(), until: z.number(), reason }),
  z.strictObject({ command: z.literal('end-downtime'), by, id: z.string().min(1).max(64) }),
  z.strictObject({ command: z.literal('ack'), by, check: z.string().min(1).max(80) }),
  /** TTLs of what a switch would move: low ahead of it, high again later. */
  z.strictObject({
    command: z.literal('ttl'),
    by,
    care: z.enum(['lower', 'raise']),
    zones: z.array(z.string().min(1).max(250)).max(200).default([]),
    hours: z.number().positive().max(720).optional(),
  }),
  z.strictObject({
    command: z.literal('prepare'),
    by,
    from: master,
    to: master.optional(),
    account,
    /** 'return': what bringing home what belongs to `to` would do, and which gates are closed. */
    goal: z.enum(['switch', 'return']).default('switch'),
  }),
  z.strictObject({
    command: z.literal('switch'),
    by,
    from: master,
    to: master.optional(),
    account,
    secondWord,
    confirmed,
    /** The target is not seen serving, and the person goes on. */
    force: z.boolean().default(false),
  }),
  z.strictObject({
    command: z.literal('return'),
    by,
    to: master,
    account,
    secondWord,
    confirmed,
    override: z.array(z.enum(gateKeys)).max(gateKeys.length).default([]),
  }),
  z.strictObject({ command: z.literal('free'), by, master, secondWord }),
  z.strictObject({
    command: z.literal('drill'),
    by,
    real: z.boolean().default(false),
    zones: z.array(z.string().min(1).max(255)).max(1000).default([]),
    logins: z.array(loginSchema).max(50).default([]),
  }),
  /** Whether every name server shows these keys of a zone: before its DS record is told to anybody. */
  z.strictObject({
    command: z.literal('keys'),
    zone: z
      .string()
      .max(253)
      .regex(/^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)+$/, 'must be a domain name'),
    keys: z.array(z.strictObject({ tag: number16, algorithm: z.int().min(0).max(255) })).max(32),
  }),
  /** What a foreign monitor saw: kept with the evidence, decides nothing. */
  z.strictObject({
    command: z.literal('report'),
    by,
    host: reported,
    service: reported,
    state: reported,
    type: reported,
    attempt: z.string().max(10),
  }),
]);

export type Command = z.output<typeof commandSchema>;
export type CommandInput = z.input<typeof commandSchema>;

/** What came of a command. `exit` is the program's exit code's name. */
export const resultSchema = z.object({
  exit: z.enum(['done', 'refused', 'waiting', 'invalid']),
  sentence: z.string(),
  /** More lines for people. */
  lines: z.array(z.string()),
  /** For scripts; depends on the command. */
  data: z.unknown(),
});

export type CommandResult = z.output<typeof resultSchema>;
