/** `tandem doctor` on one master: reads only. */
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import type { MasterConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import { foreignSentence, journalId, readMark } from '../operations/mark.ts';
import { whm } from '../whm/call.ts';
import type { WhmClient } from '../whm/client.ts';
import { MasterAgent } from '../whm/connection.ts';
import type { Outcome } from '../whm/outcome.ts';
import type { Core } from './core.ts';
import { type DoctorCheck, judgeAddresses, judgeClock, judgeExpiry, judgeUids, type UidRange } from './doctor-judge.ts';

const LIMIT_MS = 10_000;
const LIST_LIMIT_MS = 60_000;

/** Everything about one master. A master that does not answer is one failed check, not many. */
export async function doctorMaster(core: Core, master: MasterConfig, range: UidRange): Promise<readonly DoctorCheck[]> {
  const client = core.clients.get(master.id);
  if (client === undefined) return [];
  const first = answers(master, await client.call(whm('version'), { deadlineMs: LIMIT_MS }));
  if (first.state === 'failed') return [first];
  const rest = await Promise.all([
    mark(core, client, master),
    addresses(core, client, master),
    uids(client, master, range),
    door(master),
  ]);
  return [first, ...rest.flat()];
}

const troubles = {
  denied: 'refuses the credentials',
  'not-sent': 'cannot be reached',
  refused: 'does not answer well',
  busy: 'is busy',
  'in-doubt': 'does not answer well',
} as const;

function answers(master: MasterConfig, outcome: Outcome): DoctorCheck {
  const check = `master ${master.id}`;
  if (outcome.kind === 'done') {
    return { check, state: 'ok', sentence: `${master.name} answers and accepts the credentials.` };
  }
  const denied = outcome.kind === 'denied';
  return {
    check,
    state: 'failed',
    sentence: `${master.name} ${troubles[outcome.kind]}: ${outcome.reason}`,
    hint: denied
      ? `Make a new token in WHM › Manage API Tokens, put it into the configuration, then: tandem resume ${master.id}.`
      : 'Check host name, port, certificate and firewall.',
  };
}

async function mark(core: Core, client: WhmClient, { id, name }: MasterConfig): Promise<DoctorCheck> {
  const check = `mark ${id}`;
  const found = await readMark(client, await journalId(core.journal));
  switch (found.kind) {
    case 'ours':
      return { check, state: 'ok', sentence: `${name} carries this journal's mark.` };
    case 'absent':
      return { check, state: 'ok', sentence: `${name} carries no mark yet; a worker writes it.` };
    case 'foreign':
      return {
        check,
        state: 'failed',
        sentence: `${name}: ${foreignSentence(found.journal)}.`,
        hint: `If that Tandem is gone for good: tandem adopt-master ${id}.`,
      };
    case 'cannot':
    case 'unknown':
      return { check, state: 'warning', sentence: `The mark on ${name} cannot be read: ${found.reason}` };
  }
}

const ipList = z.object({ ip: z.array(z.object({ ip: z.string(), public_ip: z.string().optional() })) });
const accountList = z.object({ acct: z.array(z.object({ user: z.string(), uid: z.coerce.number() })) });

async function addresses(core: Core, client: WhmClient, { id, name }: MasterConfig): Promise<DoctorCheck> {
  const check = `addresses ${id}`;
  const data = read(ipList, await client.call(whm('listips'), { deadlineMs: LIMIT_MS }));
  if (typeof data === 'string')
    return { check, state: 'warning', sentence: `${name} did not list its addresses: ${data}` };
  const listed = data.ip.map((a) => ({ ip: a.ip, publicIp: a.public_ip ?? a.ip }));
  return judgeAddresses(check, id, core.deps.masters, listed);
}

async function uids(client: WhmClient, { id, name }: MasterConfig, range: UidRange): Promise<DoctorCheck> {
  const check = `uids ${id}`;
  const call = whm('listaccts', { want: 'user,uid' });
  const data = read(accountList, await client.call(call, { deadlineMs: LIST_LIMIT_MS }));
  if (typeof data === 'string')
    return { check, state: 'warning', sentence: `${name} did not list its accounts: ${data}` };
  return judgeUids(check, name, data.acct, range);
}

/** The data in its known shape, or why there is none. */
function read<T>(schema: z.ZodType<T>, outcome: Outcome): T | string {
  if (outcome.kind !== 'done') return outcome.reason;
  const parsed = schema.safeParse(outcome.data);
  return parsed.success ? parsed.data : 'the answer has no known shape';
}

/** One request for the sign-in page: its certificate and its clock. */
async function door(master: MasterConfig): Promise<readonly DoctorCheck[]> {
  const agent = new MasterAgent({ ...master, connectTimeoutMs: LIMIT_MS, idleMs: LIMIT_MS });
  const before = Date.now();
  try {
    const { validTo, date } = await knock(master, agent);
    const whose = `the certificate of ${master.name}`;
    return [
      ...(Number.isNaN(validTo) ? [] : [judgeExpiry(`certificate ${master.id}`, whose, validTo, Date.now())]),
      ...(Number.isNaN(date) ? [] : [judgeClock(`clock ${master.id}`, master.name, date, before, Date.now())]),
    ];
  } catch (error) {
    const sentence = `The certificate of ${master.name} could not be read: ${messageOf(error)}`;
    return [{ check: `certificate ${master.id}`, state: 'warning', sentence }];
  } finally {
    agent.destroy();
  }
}

function knock(master: MasterConfig, agent: MasterAgent): Promise<{ readonly validTo: number; readonly date: number }> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      { agent, method: 'GET', path: '/', timeout: LIMIT_MS, headers: { Host: `${master.hostname}:${master.port}` } },
      (response) => {
        const { socket } = response;
        const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
        resolve({ validTo: Date.parse(certificate?.validTo ?? ''), date: Date.parse(response.headers.date ?? '') });
        response.destroy();
      },
    );
    request.once('timeout', () => request.destroy(new Error(`no answer within ${LIMIT_MS} ms`)));
    request.once('error', reject);
    request.end();
  });
}
