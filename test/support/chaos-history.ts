/** A random history: what people ask for, what a master is made to suffer, and what a history must look like afterwards. */
import type { Chance, Seen, SeenCall } from './chaos.ts';

export interface Wish {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const accounts = ['ann', 'ben', 'cat'] as const;
const plans = ['gold', 'iron'] as const;
const names = ['one', 'two'] as const;

export const domainOf = (account: string) => `${account}.example`;
/** Strong, and never the same twice: what a master was told is then known to be of this very wish. */
const secret = (n: number) => `Sturdy-horse-${n}-battery-Q`;

type Maker = (account: string, n: number, chance: Chance) => Wish;

const makers: readonly (readonly [weight: number, make: Maker])[] = [
  [
    6,
    (account, n, chance) => ({
      action: 'account.create',
      params: { account, domain: domainOf(account), password: secret(n), plan: chance.pick(plans) },
    }),
  ],
  [1, (account) => ({ action: 'account.terminate', params: { account } })],
  [2, (account, n) => ({ action: 'account.suspend', params: { account, reason: `reason ${n}` } })],
  [2, (account) => ({ action: 'account.unsuspend', params: { account } })],
  [2, (account, n) => ({ action: 'account.password', params: { account, password: secret(n) } })],
  [2, (account, _n, chance) => ({ action: 'account.change-package', params: { account, plan: chance.pick(plans) } })],
  [
    4,
    (account, n, chance) => ({
      action: 'mailbox.add',
      params: { account, address: `${chance.pick(names)}@${domainOf(account)}`, password: secret(n), quotaMb: n + 1 },
    }),
  ],
  [
    2,
    (account, n, chance) => ({
      action: 'mailbox.password',
      params: { account, address: `${chance.pick(names)}@${domainOf(account)}`, password: secret(n) },
    }),
  ],
  [
    2,
    (account, _n, chance) => ({
      action: 'mailbox.delete',
      params: { account, address: `${chance.pick(names)}@${domainOf(account)}` },
    }),
  ],
  [
    4,
    (account, n) => ({
      action: 'dns.add-record',
      params: { account, zone: domainOf(account), name: `t${n}`, type: 'TXT', value: `value ${n}` },
    }),
  ],
  [
    2,
    (account, n, chance) => ({
      action: 'dns.add-record',
      params: {
        account,
        zone: domainOf(account),
        name: `a${n}`,
        type: 'A',
        value: chance.pick(['127.0.1.1', '127.0.1.2']),
      },
    }),
  ],
  [
    3,
    (account, _n, chance) => ({
      action: 'database.add',
      params: { account, name: `${account}_${chance.pick(names)}` },
    }),
  ],
  [
    1,
    (account, _n, chance) => ({
      action: 'database.delete',
      params: { account, name: `${account}_${chance.pick(names)}` },
    }),
  ],
  [
    2,
    (account, n) => ({
      action: 'forwarder.add',
      params: { account, address: `info@${domainOf(account)}`, to: `to${n}@elsewhere.example` },
    }),
  ],
];

/** The n-th wish of a history; also packages, which are shared by all accounts. */
export function wishOf(chance: Chance, n: number): Wish {
  if (chance.happens(0.06)) return { action: 'package.edit', params: { name: chance.pick(plans), quotaMb: 1000 + n } };
  const total = makers.reduce((sum, [weight]) => sum + weight, 0);
  let left = chance.int(total);
  for (const [weight, make] of makers) {
    left -= weight;
    if (left < 0) return make(chance.pick(accounts), n, chance);
  }
  throw new RangeError('weights');
}

/** Kinds that hit a call; 'down' takes the whole server away. Times stay below the longest run that the tests configure. */
const kinds = [
  'refuse',
  'busy',
  'denied',
  'slow',
  'hang',
  'drop-before',
  'drop-after',
  'late',
  'visible-early',
  'partial',
  'http-500',
  'html',
  'garbage',
  'down',
] as const;

const writes = [
  'createacct',
  'removeacct',
  'suspendacct',
  'unsuspendacct',
  'passwd',
  'changepackage',
  'mass_edit_dns_zone',
  'editpkg',
  'Email::add_pop',
  'Email::delete_pop',
  'Email::passwd_pop',
  'Email::add_forwarder',
  'Mysql::create_database',
  'Mysql::delete_database',
] as const;

/** The n-th trouble: each kind comes in turn, so that none is left out. */
export function troubleOf(chance: Chance, n: number): Record<string, unknown> {
  const kind = kinds[n % kinds.length] ?? 'refuse';
  if (kind === 'down') return { kind, ms: 200 + chance.int(1200) };
  const fn = chance.happens(0.5) && kind !== 'partial' ? '*' : chance.pick(writes);
  return {
    kind,
    function: fn,
    times: 1 + chance.int(3),
    ms: 100 + chance.int(500),
    ...(['http-500', 'html'].includes(kind) ? { effect: chance.happens(0.5) } : {}),
  };
}

export interface Done extends Wish {
  readonly id: string;
  readonly seq: number;
  readonly state: string;
  /** It was on hold somewhere, so a person had a hand in it. */
  readonly held: boolean;
}

export const text = (value: unknown) => String(value ?? '');

type Match = (p: Wish['params'], args: Seen['args']) => boolean;

function same(...pairs: readonly (readonly [arg: string, param: string])[]): Match {
  return (p, args) => pairs.every(([arg, param]) => args.get(arg) === text(p[param]));
}

function sameBox(p: Wish['params'], args: Seen['args']): boolean {
  return `${args.get('email')}@${args.get('domain')}` === text(p['address']);
}

function addsRecord(p: Wish['params'], args: Seen['args']): boolean {
  const name = `"${text(p['name'])}.${text(p['zone'])}."`;
  return args.get('zone') === text(p['zone']) && [...args.values()].some((v) => v.includes(name));
}

/** The call that an action comes down to, and what in it shows that it is of this very wish. */
const causes: Readonly<Record<string, readonly [fn: string, match: Match]>> = {
  'account.create': ['createacct', same(['password', 'password'])],
  'account.terminate': ['removeacct', same(['username', 'account'])],
  'account.suspend': ['suspendacct', same(['reason', 'reason'])],
  'account.unsuspend': ['unsuspendacct', same(['user', 'account'])],
  'account.password': ['passwd', same(['password', 'password'])],
  'account.change-package': ['changepackage', same(['user', 'account'], ['pkg', 'plan'])],
  'package.add': ['addpkg', same(['name', 'name'])],
  'package.edit': ['editpkg', same(['quota', 'quotaMb'])],
  'mailbox.add': ['Email::add_pop', same(['password', 'password'])],
  'mailbox.password': ['Email::passwd_pop', same(['password', 'password'])],
  'mailbox.delete': ['Email::delete_pop', sameBox],
  'dns.add-record': ['mass_edit_dns_zone', addsRecord],
  'database.add': ['Mysql::create_database', same(['name', 'name'])],
  'database.delete': ['Mysql::delete_database', same(['name', 'name'])],
  'forwarder.add': ['Email::add_forwarder', same(['fwdemail', 'to'])],
};

/** Whether an effect on a master can come from this operation. */
function canCause(wish: Wish, effect: Seen): boolean {
  const [fn, match] = causes[wish.action] ?? [];
  return fn === effect.fn && match?.(wish.params, effect.args) === true;
}

/** Calls that are made again when in doubt, because that changes nothing. */
const harmless = [
  'passwd',
  'suspendacct',
  'unsuspendacct',
  'changepackage',
  'editpkg',
  'Email::passwd_pop',
  'Email::add_forwarder',
];
/** Part of creating an account, for its mail; made again at will, and of no wish of its own. */
const belongings = ['install_dkim_private_keys', 'enable_dkim', 'ensure_dkim_keys_exist', 'install_spf_records'];

export interface Verdict {
  readonly doubled: readonly string[];
  readonly disorder: readonly string[];
  readonly orphans: readonly string[];
}

/** Walks what happened on one master: each effect belongs to the earliest operation that it can still belong to. */
export function judge(effects: readonly Seen[], operations: readonly Done[]): Verdict {
  const verdict = { doubled: [] as string[], disorder: [] as string[], orphans: [] as string[] };
  const used = new Set<string>();
  const last = new Map<string, number>();
  const latest = new Map<string, Done>();
  const inOrder = [...operations].sort((a, b) => a.seq - b.seq);
  for (const effect of effects) {
    if (takesBack(effect, latest.get(effect.account))) continue;
    const found = ownerOf(effect, inOrder, used, last);
    if (typeof found === 'string') {
      if (!isExtra(effect, inOrder)) verdict[found].push(`${effect.n} ${effect.fn} ${effect.account}`);
    } else if (found !== undefined) {
      used.add(found.id);
      last.set(keyOf(found), found.seq);
      latest.set(keyOf(found), found);
    }
  }
  return verdict;
}

/** The part of an account that a refused creation left is taken away again; no termination has to do with it. */
function takesBack(effect: Seen, before: Done | undefined): boolean {
  return effect.fn === 'removeacct' && before?.action === 'account.create' && before.state === 'refused';
}

function ownerOf(
  effect: Seen,
  inOrder: readonly Done[],
  used: ReadonlySet<string>,
  last: ReadonlyMap<string, number>,
): Done | keyof Verdict | undefined {
  const able = inOrder.filter((o) => canCause(o, effect));
  if (able.length === 0) return 'orphans';
  const fresh = harmless.includes(effect.fn) ? able : able.filter((o) => !used.has(o.id));
  if (fresh.length === 0) return 'doubled';
  const found = fresh.find((o) => o.seq >= (last.get(keyOf(o)) ?? 0));
  if (found !== undefined) return found;
  return fresh.some((o) => o.held) ? undefined : 'disorder';
}

/** Operations whose call was made again though it had taken effect: that a master refuses the second is luck. */
export function sentAgain(calls: readonly SeenCall[], operations: readonly Done[]): readonly string[] {
  const again: string[] = [];
  for (const operation of operations) {
    const [fn = '', match] = causes[operation.action] ?? [];
    if (harmless.includes(fn) || !TELLING.includes(operation.action)) continue;
    const mine = calls.filter((c) => c.function === fn && match?.(operation.params, new Map(c.args)) === true);
    const first = mine.findIndex((c) => c.effect !== null);
    if (first >= 0 && first < mine.length - 1) again.push(`${operation.id} ${fn}`);
  }
  return again;
}

/** Their calls show which operation they are of. */
const TELLING = ['account.create', 'mailbox.add', 'dns.add-record'];

function keyOf(wish: Wish): string {
  return text(wish.params['account'] ?? wish.params['name']);
}

/** Taking back an account that was made in part, and what belongs to the making of one: made again at will. */
function isExtra(effect: Seen, operations: readonly Done[]): boolean {
  if (effect.fn === 'removeacct') {
    return operations.some((o) => o.action === 'account.create' && o.params['account'] === effect.args.get('username'));
  }
  if (belongings.includes(effect.fn)) return true;
  return effect.fn === 'mass_edit_dns_zone' && [...effect.args.values()].some((v) => /spf1|_domainkey/.test(v));
}
