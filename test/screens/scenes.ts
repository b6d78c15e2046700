/** What the pictures show: made by real operations on two simulated masters, never drawn. */
import { Secret, TOTP } from 'otpauth';
import type { Accepted, OperationView } from '../../src/operations/model.ts';
import { driftOf } from '../../src/roles/drift.ts';
import { uapi, type WhmCall, whm } from '../../src/whm/call.ts';
import type { Doors } from '../support/doors.ts';
import { fault, heal, root } from '../support/pair.ts';
import type { World } from '../support/watch-world.ts';

export interface Scene {
  readonly name: string;
  readonly path: string;
  /** Sends the page's form as it is, to show what it then says. */
  readonly send?: Readonly<Record<string, string>>;
  /** Presses the button with these words. */
  readonly press?: string;
  /** What is there once it was sent or pressed; left out: what is wrong with it. */
  readonly awaits?: string;
}

type Params = Readonly<Record<string, unknown>>;

async function accept(
  doors: Doors,
  action: string,
  params: Params,
  more: { readonly queue?: boolean; readonly graceMs?: number } = {},
): Promise<Accepted> {
  return doors.core.operations.accept({ action, params, actor: { ...root, name: 'ana' }, door: 'portal', ...more });
}

async function done(doors: Doors, action: string, params: Params): Promise<OperationView> {
  const { id } = await accept(doors, action, params);
  const view = await doors.core.operations.wait(id, 'final', 20_000);
  if (view.state !== 'done') throw new Error(`${action} is ${view.state}: ${JSON.stringify(view.legs)}`);
  return view;
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** From here on the person's sign-in asks for a code. */
export async function withSecondFactor(doors: Doors, person: string): Promise<void> {
  const { secret } = await doors.core.auth.secondFactor.begin(person);
  const code = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate();
  await doors.core.auth.secondFactor.confirm(person, code, '127.0.0.1');
}

const names = ['bakery', 'cinema', 'garden', 'harbour', 'museum', 'orchard', 'theatre', 'workshop'] as const;

/** Accounts and packages on both masters. */
export async function furnish(doors: Doors): Promise<readonly Scene[]> {
  await done(doors, 'package.add', { name: 'basic', quotaMb: 1024 });
  await done(doors, 'package.add', { name: 'gold', quotaMb: 10_240 });
  let last: OperationView | undefined;
  for (const [n, account] of names.entries()) {
    const domain = `${account}.example`;
    const plan = n % 3 === 0 ? 'gold' : 'basic';
    last = await done(doors, 'account.create', { account, domain, plan, contactEmail: `owner@${domain}` });
  }
  await done(doors, 'account.suspend', { account: 'museum', reason: 'unpaid' });
  await done(doors, 'account.create', { account: 'bygone', domain: 'bygone.example', plan: 'basic' });
  await done(doors, 'account.terminate', { account: 'bygone', archive: 'verified' });
  await withSecondFactor(doors, 'ana');
  const id = last?.id ?? '';
  await until('it is verified', async () => (await doors.core.operations.get(id))?.verifiedAt !== undefined);
  const refused = await accept(doors, 'mailbox.quota', { account: 'bakery', address: 'no@bakery.example', quotaMb: 5 });
  await doors.core.operations.wait(refused.id, 'final', 10_000);
  return [
    { name: 'operation-done', path: `/operations/${id}` },
    { name: 'operation-refused', path: `/operations/${refused.id}` },
    { name: 'account', path: '/accounts/bakery' },
    { name: 'account-suspended', path: '/accounts/museum' },
    { name: 'placement', path: '/placement/accounts/bakery' },
    { name: 'actions', path: '/actions' },
    { name: 'form-create', path: '/actions/account.create' },
    {
      name: 'form-errors',
      path: '/actions/account.create',
      send: { account: 'Not Good', domain: '', contactEmail: 'x' },
    },
    { name: 'form-terminate', path: '/actions/account.terminate?account=bakery' },
    { name: 'form-modify', path: '/actions/account.modify?account=bakery' },
    { name: 'bulk', path: '/accounts/bulk?action=account.suspend&all=1' },
    { name: 'packages', path: '/packages' },
    { name: 'features', path: '/packages/features/default' },
    { name: 'resellers', path: '/resellers' },
    { name: 'reseller', path: '/resellers/root' },
    { name: 'zones', path: '/zones' },
    { name: 'zone', path: '/zones/bakery.example' },
    { name: 'people', path: '/people' },
    { name: 'person', path: '/people/ana' },
    { name: 'me', path: '/me' },
    { name: 'second-factor', path: '/me/second-factor' },
    { name: 'account-gone', path: '/accounts/bygone' },
    {
      name: 'zone-difference',
      path: '/zones/bakery.example',
      send: { records: 'bakery.example. 300 A 192.0.2.77\nshop.bakery.example. 300 A 192.0.2.78' },
      awaits: 'table.difference',
    },
    { name: 'tokens', path: '/tokens' },
    { name: 'functions', path: '/functions?q=create' },
    { name: 'function-one', path: '/functions/whm/createacct' },
    { name: 'settings', path: '/settings' },
    { name: 'masters', path: '/masters' },
    { name: 'search', path: '/search?q=ba' },
    { name: 'not-found', path: '/nowhere' },
  ];
}

/** What can still be undone, and what was. */
export async function undone(doors: Doors): Promise<readonly Scene[]> {
  const held = { graceMs: 600_000 };
  const can = await accept(doors, 'account.change-package', { account: 'garden', plan: 'gold' }, held);
  const was = await accept(doors, 'account.suspend', { account: 'harbour' }, held);
  await doors.core.operations.withdraw(was.id, { ...root, name: 'ana' });
  await doors.core.auth.desk.zoneSave('bakery.example', 'ana', 'bakery.example. 300 A 192.0.2.77');
  const saves = await doors.core.auth.desk.zoneSaves('bakery.example');
  return [
    { name: 'operation-undo', path: `/operations/${can.id}` },
    { name: 'operation-undone', path: `/operations/${was.id}` },
    { name: 'operations-undo', path: '/operations' },
    ...saves.slice(0, 1).map(({ id }) => ({ name: 'zone-save', path: `/zones/bakery.example/saves/${id}` })),
  ];
}

/** Changed behind Tandem's back, on either master, and found by a comparison. */
export async function drifted(doors: Doors): Promise<readonly Scene[]> {
  const held = await doors.core.operations.list({ state: 'open' });
  for (const { id } of held) await doors.core.operations.withdraw(id, { ...root, name: 'ana' });
  const forwarder = { account: 'bakery', address: 'orders@bakery.example', to: 'kitchen@harbour.example' };
  await done(doors, 'forwarder.add', forwarder);
  await done(doors, 'mailbox.add', {
    account: 'cinema',
    address: 'box@cinema.example',
    password: 'Sturdy-horse-42',
    quotaMb: 250,
  });
  const behind = async (master: string, call: WhmCall) => {
    const outcome = await doors.core.clients.get(master)?.call(call);
    if (outcome?.kind !== 'done') throw new Error(`${call.fn}: ${JSON.stringify(outcome)}`);
  };
  await behind(
    'm2',
    uapi('bakery', 'Email::delete_forwarder', { address: forwarder.address, forwarder: forwarder.to }),
  );
  await behind('m2', uapi('cinema', 'Email::edit_pop_quota', { email: 'box', domain: 'cinema.example', quota: 500 }));
  await behind('m2', whm('suspendacct', { user: 'orchard' }));
  await behind(
    'm1',
    whm('addzonerecord', { domain: 'garden.example', name: 'old', type: 'A', address: '192.0.2.7', ttl: 300 }),
  );
  await behind('m1', uapi('harbour', 'Mysql::create_database', { name: 'harbour_shop' }));
  await behind('m1', whm('createacct', { username: 'lonely', domain: 'lonely.example', plan: 'basic' }));
  const drift = driftOf(doors.core);
  const id = await drift.scan({ ...root, name: 'ana' });
  await until('the masters are compared', async () => (await drift.run(id))?.state === 'done');
  const open = await drift.list({ state: 'open' });
  const ids = open.map((f) => `id=${f.id}`).join('&');
  return [
    { name: 'drift', path: '/drift' },
    { name: 'drift-finding', path: `/drift/${open.find((f) => f.name === 'orchard')?.id ?? ''}` },
    {
      name: 'drift-adopt',
      path: `/drift/${open.find((f) => f.name === 'lonely')?.id ?? ''}`,
      press: 'Make it on M2 too',
      awaits: 'h2:has-text("Left for you")',
    },
    { name: 'drift-missing', path: `/drift/${open.find((f) => f.kind === 'zone')?.id ?? ''}` },
    { name: 'drift-preview', path: `/drift/preview?${ids}&from=m2` },
  ];
}

/** M1 dies and the names move; then it is back, and waits for its gate. */
export async function switched(_doors: Doors, world: World): Promise<readonly Scene[]> {
  await world.kill('m1');
  await until('names have moved', async () => (await world.status('s4')).active?.pair === 'm2');
  await world.start('m1');
  await until('M1 is seen again', async () => (await world.status('s4')).masters[0]?.state === 'failed-over');
  return [
    { name: 'switchover', path: '/switchover?span=1' },
    { name: 'switchover-return', path: '/switchover/return/m1' },
    { name: 'switchover-prepare', path: '/switchover/prepare/m2' },
    { name: 'switchover-switch', path: '/switchover/switch/m1' },
  ];
}

/** M2 away, with work waiting for it. */
export async function withoutM2(doors: Doors): Promise<readonly Scene[]> {
  await fault(doors.m2, { function: '*', kind: 'down' });
  const { id } = await accept(doors, 'account.create', {
    account: 'library',
    domain: 'library.example',
    plan: 'basic',
  });
  await doors.core.operations.wait(id, 'decided', 10_000);
  const box = { account: 'cinema', address: 'tickets@cinema.example', password: 'Sturdy-horse-42', quotaMb: 250 };
  await doors.core.operations.wait((await accept(doors, 'mailbox.add', box)).id, 'decided', 10_000);
  await until('M2 is known to be away', async () => (await doors.core.reads.status()).light === 'degraded');
  return [
    { name: 'operation-following', path: `/operations/${id}` },
    { name: 'masters-one-down', path: '/masters' },
  ];
}

/** Neither master: nothing is accepted unasked, and what was queued can be withdrawn. */
export async function withoutBoth(doors: Doors): Promise<readonly Scene[]> {
  await fault(doors.m1, { function: '*', kind: 'down' });
  const { id } = await accept(
    doors,
    'account.password',
    { account: 'garden', password: 'Sturdy-horse-42' },
    { queue: true },
  );
  await accept(doors, 'account.suspend', { account: 'workshop' }, { queue: true });
  const taken = await accept(doors, 'account.suspend', { account: 'orchard' }, { queue: true });
  await doors.core.operations.withdraw(taken.id, { ...root, name: 'ana' });
  await until('both are known to be away', async () => (await doors.core.reads.status()).light === 'down');
  return [
    { name: 'operation-waiting', path: `/operations/${id}` },
    { name: 'operation-withdrawn', path: `/operations/${taken.id}` },
    { name: 'form-queue-it', path: '/actions/account.suspend?account=harbour', send: { reason: 'unpaid since May' } },
  ];
}

/** Both back; M2 refuses one thing, and M1 loses an answer. */
export async function inTrouble(doors: Doors): Promise<readonly Scene[]> {
  await Promise.all([heal(doors.m1), heal(doors.m2)]);
  await until('all is done', async () => (await doors.core.reads.status()).open === 0);
  const why = { function: 'Email::add_forwarder', kind: 'refuse', reason: 'You have reached your forwarder limit.' };
  await fault(doors.m2, { ...why, times: 0 });
  const to = { account: 'theatre', address: 'box@theatre.example', to: 'ana@orchard.example' };
  const held = await accept(doors, 'forwarder.add', to);
  await until('it is held', async () => (await doors.core.reads.status()).held > 0);
  const behind = await accept(doors, 'account.suspend', { account: 'theatre' });
  await fault(doors.m1, { function: 'createacct', kind: 'drop-after' });
  const lost = await accept(doors, 'account.create', {
    account: 'velodrome',
    domain: 'velodrome.example',
    plan: 'gold',
  });
  const leg = async (state: string) =>
    (await doors.core.operations.get(lost.id))?.legs.some((one) => one.state === state) ?? false;
  await until('M1 is in doubt', () => leg('doubt'));
  return [
    { name: 'operation-held', path: `/operations/${held.id}` },
    { name: 'operation-behind-held', path: `/operations/${behind.id}` },
    { name: 'operation-doubt', path: `/operations/${lost.id}` },
    { name: 'operations', path: '/operations' },
    { name: 'operations-held', path: '/operations?state=held' },
    { name: 'accounts', path: '/accounts' },
    { name: 'audit', path: '/audit' },
  ];
}

/** M2 no longer takes Tandem's token, while M1 is away. */
export async function parked(doors: Doors): Promise<readonly Scene[]> {
  await fault(doors.m2, { function: '*', kind: 'denied', times: 0 });
  await accept(doors, 'account.suspend', { account: 'garden' });
  const state = async (id: string) => (await doors.core.reads.status()).masters.find((one) => one.id === id)?.state;
  await until('M2 is parked', async () => (await state('m2')) === 'parked');
  await fault(doors.m1, { function: '*', kind: 'down' });
  // It is calls for different accounts that show that a master is away.
  for (const account of ['bakery', 'cinema', 'harbour'])
    await accept(doors, 'account.suspend', { account }, { queue: true });
  await until('M1 is away', async () => (await state('m1')) === 'unreachable');
  return [{ name: 'masters-down-and-parked', path: '/masters' }];
}
