/** What the journal says must be on the masters, and what is there. */
import { type Done, domainOf, text, type Wish } from './chaos-history.ts';

/** What an account must be like when everything that ended well was done, in order. */
export interface Expected {
  plan: string;
  password: string;
  suspended: boolean;
  readonly boxes: Map<string, string>;
  readonly records: Set<string>;
  readonly databases: Set<string>;
  readonly forwarders: Set<string>;
}

type Step = (world: Map<string, Expected>, p: Wish['params'], a: Expected) => unknown;

const steps: Readonly<Record<string, Step>> = {
  'account.terminate': (world, p) => world.delete(text(p['account'])),
  'account.suspend': (_w, _p, a) => Object.assign(a, { suspended: true }),
  'account.unsuspend': (_w, _p, a) => Object.assign(a, { suspended: false }),
  'account.password': (_w, p, a) => Object.assign(a, { password: text(p['password']) }),
  'account.change-package': (_w, p, a) => Object.assign(a, { plan: text(p['plan']) }),
  'mailbox.add': (_w, p, a) => a.boxes.set(text(p['address']), text(p['password'])),
  'mailbox.password': (_w, p, a) => a.boxes.set(text(p['address']), text(p['password'])),
  'mailbox.delete': (_w, p, a) => a.boxes.delete(text(p['address'])),
  'dns.add-record': (_w, p, a) => a.records.add(`${text(p['name'])} ${text(p['type'])}`),
  'database.add': (_w, p, a) => a.databases.add(text(p['name'])),
  'database.delete': (_w, p, a) => a.databases.delete(text(p['name'])),
  'forwarder.add': (_w, p, a) => a.forwarders.add(text(p['to'])),
};

/** The journal's word: what is on the masters when every operation that is done was done, and no other. */
export function expectedOf(operations: readonly Done[]): ReadonlyMap<string, Expected> {
  const world = new Map<string, Expected>();
  for (const { action, params: p } of operations.filter((o) => o.state === 'done').sort((a, b) => a.seq - b.seq)) {
    if (action === 'account.create') {
      const [plan, password] = [text(p['plan']), text(p['password'])];
      const empty = {
        boxes: new Map(),
        records: new Set<string>(),
        databases: new Set<string>(),
        forwarders: new Set<string>(),
      };
      world.set(text(p['account']), { plan, password, suspended: false, ...empty });
    }
    const account = world.get(text(p['account']));
    if (account !== undefined) steps[action]?.(world, p, account);
  }
  return world;
}

type Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The same of a simulator's state. `own` is the master's address, which its records must name. */
export function foundOn(dump: Rows, own: string): ReadonlyMap<string, Expected> {
  // Rows of the simulator's own tables, as its modules declare them.
  const rows = <T>(table: string) => Object.values(dump[table] ?? {}) as readonly T[];
  const world = new Map<string, Expected>();
  for (const a of rows<{ user: string; plan: string; password: string; suspended: boolean }>('accounts')) {
    const mine = <T extends { user: string }>(table: string) => rows<T>(table).filter((r) => r.user === a.user);
    const boxes = mine<{ user: string; email: string; password: string }>('mailboxes');
    const zone = rows<{ domain: string; lines: readonly Line[] }>('zones').find((z) => z.domain === domainOf(a.user));
    world.set(a.user, {
      plan: a.plan,
      password: a.password,
      suspended: a.suspended,
      boxes: new Map(boxes.map((b) => [b.email, b.password])),
      records: new Set((zone?.lines ?? []).flatMap((line) => recordWord(line, own))),
      databases: new Set(mine<{ user: string; name: string }>('mysql-map-databases').map((d) => d.name)),
      forwarders: new Set(mine<{ user: string; target: string }>('forwarders').map((w) => w.target)),
    });
  }
  return world;
}

interface Line {
  readonly kind: string;
  readonly name?: string;
  readonly type?: string;
  readonly data?: readonly string[];
}

/** Only what a history adds; an address of the other master is told apart. */
function recordWord({ name = '', type = '', data = [] }: Line, own: string): readonly string[] {
  const found = /^([at]\d+)(\.|$)/.exec(name)?.[1];
  if (found === undefined) return [];
  return type === 'A' && data[0] !== own ? [`${found} A of another master`] : [`${found} ${type}`];
}
