import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { host as hostName, port, text } from '../../../config-types.ts';
import { whm } from '../../../whm/call.ts';
import { openWhmClient } from '../../../whm/client.ts';
import { type CheckKind, critical, type Finding, ok } from '../kind.ts';

const params = z
  .strictObject({
    port: port.default(2087),
    user: text.default('root'),
    /** File with a WHM API token; read at each run, so that a new one counts at once. */
    tokenFile: text,
    name: hostName.optional(),
    fingerprint: text.optional(),
    ca: text.optional(),
    /** Services that must run; without it: those that WHM itself monitors. */
    services: z.array(text).optional(),
  })
  .refine((given) => (given.fingerprint === undefined) !== (given.ca === undefined), {
    path: ['fingerprint'],
    message: 'or ca, exactly one of them, makes the certificate trusted',
  });

type Params = z.output<typeof params>;

const answer = z.object({
  service: z.array(
    z.object({
      name: z.string(),
      running: z.coerce.number(),
      monitored: z.coerce.number(),
      enabled: z.coerce.number(),
    }),
  ),
});

function judge(data: unknown, wanted: readonly string[] | undefined): Finding {
  const parsed = answer.safeParse(data);
  if (!parsed.success) return { result: 'unknown', text: 'WHM’s list of services has a shape that nobody expected' };
  const { service } = parsed.data;
  const looked = service.filter(({ name, monitored, enabled }) =>
    wanted === undefined ? monitored === 1 && enabled === 1 : wanted.includes(name),
  );
  const missing = (wanted ?? []).filter((name) => !service.some((one) => one.name === name));
  const down = [...looked.filter(({ running }) => running !== 1).map(({ name }) => name), ...missing];
  return down.length === 0 ? ok(`${looked.length} services run`) : critical(`not running: ${down.join(', ')}`);
}

async function trustOf(given: Params) {
  if (given.fingerprint !== undefined) return { kind: 'pin', fingerprint256: given.fingerprint } as const;
  return { kind: 'ca', pem: await readFile(given.ca ?? '', 'utf8') } as const;
}

/** What WHM says of its own services: knows more than a look from outside, so it only warns. */
export const servicestatus: CheckKind<Params> = {
  kind: 'servicestatus',
  params,
  example: '{ id: services, kind: servicestatus, tokenFile: /etc/tandem/m1.token, fingerprint: "AB:CD:…" }',
  port: (given) => given.port,
  async run(host, given, around) {
    const token = (await readFile(given.tokenFile, 'utf8')).trim();
    const target = {
      id: host,
      hostname: given.name ?? host,
      connect: host,
      port: given.port,
      credentials: { kind: 'token', user: given.user, token },
      tls: await trustOf(given),
      concurrency: 1,
    } as const;
    const client = openWhmClient(target, { log: pino({ level: 'silent' }) });
    try {
      const said = await client.call(whm('servicestatus'), { deadlineMs: around.timeoutMs, signal: around.signal });
      if (said.kind === 'done') return judge(said.data, given.services);
      // A refusal or a wrong token is the check's fault, not the master's.
      if (said.kind === 'refused' || said.kind === 'denied') return { result: 'unknown', text: said.reason };
      return critical(said.reason);
    } finally {
      await client.close();
    }
  },
};
