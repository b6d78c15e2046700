import { once } from 'node:events';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionOf, actions, fieldsOf } from '../../src/actions/index.ts';
import type { Auth } from '../../src/auth/auth.ts';
import type { Customer } from '../../src/auth/customers.ts';
import { actorOf } from '../../src/auth/people.ts';
import { selfSigned } from '../../src/certificates.ts';
import { mastersOf, withOwnLabels } from '../../src/masters.ts';
import { placed, type Said } from '../../src/operations/placement.ts';
import { customerApp, customerParts } from '../../src/routes/customer/customer.ts';
import type { Copies, CustomerDeps, PasswordAnswer, WantedCron } from '../../src/routes/customer/deps.ts';
import type { CustomerPage } from '../../src/routes/customer/page.ts';
import { routesOf } from '../../src/routes/portal/guard.ts';
import type { WhmCall } from '../../src/whm/call.ts';
import type { HomeFiles, Outcome } from '../../src/whm/outcome.ts';
import { type Visitor, visitor } from './browser-less.ts';
import { type FakeOperations, fakeOperations } from './fake-operations.ts';
import { testLog } from './log.ts';
import { openTestAuth, twoMasters } from './portal.ts';

export interface RunningCustomers {
  readonly url: string;
  readonly ca: string;
  readonly auth: Auth;
  readonly fake: FakeOperations;
  readonly logged: () => string;
  /** Accounts and mailboxes whose passwords the masters were asked for, in order. */
  readonly asked: readonly string[];
  /** Every route that the self-service has, out of the router itself. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** What a master answers to a read; 'not-sent' unless told otherwise. A promise: when it does. */
  setAnswer(answer: (call: WhmCall) => Outcome | Promise<Outcome>): void;
  /** What is known of the copies beside who is active; nothing more unless told. */
  setCopies(copies: Partial<Copies>): void;
  /** What the masters say of the next passwords. */
  setPassword(answer: PasswordAnswer): void;
  close(): Promise<void>;
}

/** The right password of every account and mailbox here. */
export const customerPassword = 'Right-Horse-42';

/** The real self-service over TLS on loopback, with operations held in memory. */
export async function startCustomers(
  clock: () => number = Date.now,
  pages: readonly CustomerPage[] = [],
): Promise<RunningCustomers> {
  const { auth, close } = await openTestAuth(clock);
  const fake = fakeOperations(twoMasters, clock);
  const { log, text } = testLog();
  const stopping = new AbortController();
  const asked: string[] = [];
  let forced: PasswordAnswer | undefined;
  let answer: (call: WhmCall) => Outcome | Promise<Outcome> = () => ({
    kind: 'not-sent',
    reason: 'nothing is connected',
  });
  const judge = (name: string, password: string): PasswordAnswer => {
    asked.push(name);
    return forced ?? (password === customerPassword ? 'right' : 'wrong');
  };
  let copies: Partial<Copies> = {};
  const crontabs = new Map<string, WantedCron>();
  const said = new Map<string, Said>();
  const home: HomeFiles = {
    upload: async () => ({ kind: 'away', reason: 'nothing is connected' }),
    download: async () => ({ kind: 'away', reason: 'nothing is connected' }),
  };
  const deps: CustomerDeps = {
    operations: fake.operations,
    reads: { ...fake.reads, call: async (call) => ({ outcome: await answer(call), master: 'm1' }) },
    auth,
    masters: mastersOf(withOwnLabels(twoMasters)),
    catalogue: { actions, actionOf, fieldsOf },
    secret: 'only for this run',
    log,
    clock,
    signal: stopping.signal,
    on: async (_master, call) => answer(call),
    passwords: {
      account: async (account, password) => judge(account, password),
      async mailbox(address, password) {
        const account = address.endsWith('@bob.example') ? 'bob' : address.endsWith('@eve.example') ? 'eve' : '';
        return { answer: account === '' ? 'wrong' : judge(address, password), account };
      },
    },
    home: () => home,
    spool: join(tmpdir(), `uploads-${process.pid}`),
    placement: {
      of: async (account) => placed(said.get(account) ?? {}, account === 'bob' ? { mayChoose: true } : {}, 'm1'),
      choose: async (account, _plan, preferred) => void said.set(account, { preferred }),
      waits: (account) => said.has(account),
    },
    siteCheck: (name) =>
      name.startsWith('www1.') ? { kind: 'answers', status: 200 } : { kind: 'redirects', to: 'bob.example' },
    crontabs: {
      wanted: async (account) => crontabs.get(account),
      keep: async (account, wanted) => void crontabs.set(account, wanted),
    },
    copies: async () => ({ active: 'm1', since: new Date(clock() - 60_000).toISOString(), ...copies }),
    staffActor: async (name, address) => {
      const person = await auth.person(name);
      return person === undefined ? undefined : actorOf(person, address);
    },
    pages,
  };
  const app = customerApp(customerParts(deps));
  const { cert, key } = await selfSigned({ names: ['127.0.0.1', 'localhost'], days: 1 });
  const server = createServer({ cert, key }, app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the self-service has no port');
  return {
    url: `https://127.0.0.1:${at.port}`,
    ca: cert,
    auth,
    fake,
    logged: text,
    asked,
    routes: routesOf(app.router),
    setAnswer: (next) => {
      answer = next;
    },
    setCopies: (next) => {
      copies = next;
    },
    setPassword: (next) => {
      forced = next;
    },
    async close() {
      stopping.abort();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await close();
    },
  };
}

/** Somebody who is signed in by a link, with a page seen, so that the next form carries the session's token. */
export async function asCustomer(site: RunningCustomers, customer: Customer): Promise<Visitor> {
  const person = visitor(site.url, site.ca);
  const entered = await person.get(`/my/enter/${await site.auth.customers.enterLink(customer)}`);
  if (entered.status !== 303) throw new Error(`${customer.name} could not enter: ${entered.status}`);
  await person.get((await person.get('/my')).location);
  return person;
}
