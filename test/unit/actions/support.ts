import type { Action, Place, Plan } from '../../../src/actions/define.ts';
import { actionOf } from '../../../src/actions/index.ts';
import { mastersOf } from '../../../src/masters.ts';
import type { WhmCall } from '../../../src/whm/call.ts';
import { api2Functions } from '../../../src/whm/functions/api2.ts';
import { accepts, functions } from '../../../src/whm/functions/index.ts';
import type { Answer } from '../../../src/whm/outcome.ts';

/** Two masters, a shared address each, and one dedicated pair. */
export const masters = mastersOf(
  [
    { id: 'm1', name: 'M1', site: 'a', hostname: 'm1.example.net', address: '192.0.2.1' },
    { id: 'm2', name: 'M2', site: 'b', hostname: 'm2.example.net', address: '198.51.100.2' },
  ],
  [{ use: 'dedicated', addresses: { m1: '192.0.2.50', m2: '198.51.100.50' } }],
);

export function placeOf(master: string, sent: boolean): Place {
  return { master: masters.get(master), masters, sent };
}

export function ok(data: unknown): Answer {
  return { ok: true, data };
}

export function no(reason: string): Answer {
  return { ok: false, reason };
}

export function action(id: string): Action {
  const found = actionOf(id);
  if (found === undefined) throw new RangeError(`no action is called ${id}`);
  return found;
}

/** Throws for a function or argument that the table does not know: WHM ignores wrong names without a word. */
export function checkKnown(call: WhmCall): void {
  if (call.api === 'api2' && Object.hasOwn(api2Functions, call.fn)) {
    const odd = call.args.find(([name]) => api2Functions[call.fn]?.params.includes(name) !== true);
    if (odd !== undefined) throw new Error(`API 2 ${call.fn} has no argument ${odd[0]}`);
    return;
  }
  const entry = functions.get(call.api === 'whm' ? 'whm' : 'uapi', call.fn);
  if (entry === undefined) throw new Error(`${call.fn} is not in the table`);
  const unknown = call.args.find(([name]) => !accepts(entry, name));
  if (unknown !== undefined) throw new Error(`${call.fn} has no argument ${unknown[0]}`);
}

/** A call on one line: 'Email::add_pop@bob email=ann domain=bob.example'. */
export function line(call: WhmCall): string {
  const user = call.user === undefined ? '' : `@${call.user}`;
  return [`${call.fn}${user}`, ...call.args.map(([name, value]) => `${name}=${value}`)].join(' ');
}

export function told(plan: Plan): string | readonly string[] {
  switch (plan.kind) {
    case 'settled':
      return 'settled';
    case 'refused':
      return `refused: ${plan.reason}`;
    case 'apply':
      return plan.calls.map(line);
  }
}

/** Input as a door gives it → plan, through the schema, `read` and `plan` of the action. */
export function planned(
  id: string,
  input: unknown,
  answers: readonly Answer[],
  place: Place,
): string | readonly string[] {
  const a = action(id);
  const params = a.params.parse(input);
  const calls = a.observe(params, place);
  if (calls.length !== answers.length) throw new RangeError(`${id} asks ${calls.map(line).join('; ')}`);
  const plan = a.plan(params, a.read(params, answers, place), place);
  for (const call of [...calls, ...(plan.kind === 'apply' ? plan.calls : [])]) checkKnown(call);
  return told(plan);
}

type Told = string | readonly string[];

/** sentence, input, answers to the look, whether sent before, and what is planned on each master. */
export type Row = readonly [
  sentence: string,
  input: Readonly<Record<string, unknown>>,
  answers: readonly Answer[] | ((place: Place) => readonly Answer[]),
  sent: boolean,
  expected: Told | ((place: Place) => Told),
];

/** What a row plans on every master, and what it should. */
export function both(id: string, [, input, answers, sent, expected]: Row) {
  const places = masters.list.map((m) => placeOf(m.id, sent));
  return {
    got: places.map((place) => planned(id, input, typeof answers === 'function' ? answers(place) : answers, place)),
    wanted: places.map((place) => (typeof expected === 'function' ? expected(place) : expected)),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export interface Entry {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: readonly string[];
}

/** An answer of parse_dns_zone: comment, $TTL and SOA before the records, as on a real server. */
export function zoneAnswer(zone: string, serial: number, records: readonly Entry[]): Answer {
  const soa = {
    name: `${zone}.`,
    type: 'SOA',
    ttl: 86400,
    data: ['ns1.example.net.', 'host.example.net.', String(serial), '3600', '1800', '1209600', '86400'],
  };
  return ok({
    payload: [
      { line_index: 0, type: 'comment', text_b64: base64('; cPanel first') },
      { line_index: 1, type: 'control', text_b64: base64('$TTL 14400') },
      ...[soa, ...records].map((r, index) => ({
        line_index: index + 3,
        type: 'record',
        dname_b64: base64(r.name),
        record_type: r.type,
        ttl: r.ttl,
        data_b64: r.data.map(base64),
      })),
    ],
  });
}

export function account(over: Readonly<Record<string, unknown>> = {}): Answer {
  return ok({
    acct: [
      {
        user: 'bob',
        domain: 'bob.example',
        owner: 'root',
        plan: 'gold',
        email: 'bob@mail.example',
        uid: 5001,
        suspended: 0,
        suspendreason: 'not suspended',
        shell: '/usr/local/cpanel/bin/noshell',
        theme: 'jupiter',
        disklimit: '500M',
        maxpop: '10',
        maxftp: 'unlimited',
        maxsql: '3',
        maxsub: 'unlimited',
        maxlst: '0',
        maxparked: '0',
        maxaddons: '0',
        ip: '192.0.2.1',
        suspendtime: null,
        ipv6: [],
        ...over,
      },
    ],
  });
}

export const noAccount = no('Account does not exist.');
