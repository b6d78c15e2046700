import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionOf, covered } from '../../../src/actions/index.ts';
import { may } from '../../../src/auth/may.ts';
import { Unreachable } from '../../../src/errors.ts';
import type {
  AccountRow,
  LegView,
  Operations,
  OperationView,
  Reads,
  Request,
  Status,
} from '../../../src/operations/model.ts';
import type { PassthroughDeps, Tables } from '../../../src/routes/passthrough/deps.ts';
import { openRecent } from '../../../src/routes/passthrough/recent.ts';
import { passthroughApp, passthroughServerOptions } from '../../../src/routes/passthrough/router.ts';
import { tablesOf } from '../../../src/routes/passthrough/tables.ts';
import type { WhmCall } from '../../../src/whm/call.ts';
import { functions } from '../../../src/whm/functions/index.ts';
import type { Outcome } from '../../../src/whm/outcome.ts';
import { testLog } from '../../support/log.ts';

const uploadFolder = join(tmpdir(), `tandem-desk-${process.pid}`);

/** What the lead says to the next operation. */
export interface Decision {
  readonly state: OperationView['state'];
  readonly answers?: LegView['answers'];
  readonly error?: LegView['error'];
  readonly canWithdraw?: boolean;
}

/** A passthrough on loopback before a scripted core: what the core was asked is kept, what it answers is set. */
export interface Desk {
  readonly url: string;
  readonly port: number;
  readonly accepted: readonly Request[];
  readonly read: readonly WhmCall[];
  readonly log: ReturnType<typeof testLog>;
  decide(decision: Decision): void;
  answer(outcome: Outcome): void;
  /** The next changes are not accepted, for this reason. */
  refuse(error: Error): void;
  down(): void;
  close(): Promise<void>;
}

const masterIds = ['m1', 'm2'] as const;

export const accountRows: readonly AccountRow[] = ['bob', 'eve'].map((user) => ({
  user,
  domain: `${user}.example`,
  owner: user === 'bob' ? 'rita' : 'root',
  plan: 'gold',
  email: '',
  suspended: false,
  diskused: '1M',
  active: 'm1',
  chips: [],
}));

function viewOf(request: Request, decision: Decision): OperationView {
  const leg = (master: string, lead: boolean): LegView => ({
    id: `leg-${master}`,
    master,
    state: lead && decision.state !== 'accepted' ? 'done' : 'waiting',
    attempts: lead ? 1 : 0,
    choices: [],
    answers: lead ? (decision.answers ?? []) : [],
    ...(lead && decision.error !== undefined ? { error: decision.error } : {}),
  });
  return {
    id: '01OPERATION',
    action: request.action,
    title: request.action,
    subject: { kind: 'server' },
    state: decision.state,
    lead: 'm1',
    actor: request.actor.name,
    door: request.door,
    acceptedAt: '2026-01-01T00:00:00.000Z',
    params: {},
    legs: [leg('m1', true), leg('m2', false)],
    canWithdraw: decision.canWithdraw ?? false,
  };
}

/** What the core says of its masters. */
export function statusOf(isDown: boolean): Status {
  const masters = masterIds.map((id) => ({
    id,
    name: id.toUpperCase(),
    site: 'a',
    hostname: `${id}.example`,
    state: isDown ? ('unreachable' as const) : ('reachable' as const),
    since: '2026-01-01T00:00:00.000Z',
    version: id === 'm1' ? '11.136.0.5' : '11.134.0.20',
    backlog: 0,
    held: 0,
  }));
  return {
    light: isDown ? 'down' : 'redundant',
    sentence: '',
    masters,
    open: 0,
    held: 0,
    drift: 0,
    redis: 'up',
    workers: 1,
    journal: { kind: 'sqlite', nodes: 1, singlePointOfFailure: true },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on an address and not on a pipe has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

const tables: Tables = tablesOf({
  functions,
  covered,
  actionOf,
});

const scriptedSessions: PassthroughDeps['sessions'] = {
  open: async () => ({ cookie: 'COOKIE', securityToken: '/cpsess0123456789' }),
  find: async (cookie, securityToken) =>
    cookie === 'COOKIE' && securityToken === '/cpsess0123456789'
      ? { kind: 'person', name: 'anna', scope: 'all', role: 'owner' }
      : undefined,
  close: async () => undefined,
  link: async () => ({ secret: 'LINK', session: 'abc', securityToken: '/cpsess0123456789', expires: 60 }),
  redeem: async () => undefined,
};

/** Opens a desk; `overrides` shortens times. */
export async function openDesk(
  overrides: Partial<PassthroughDeps> = {},
  options: ServerOptions = passthroughServerOptions,
): Promise<Desk> {
  const accepted: Request[] = [];
  const read: WhmCall[] = [];
  const log = testLog();
  let decision: Decision = { state: 'done' };
  let outcome: Outcome = { kind: 'not-sent', reason: 'nothing set' };
  let isDown = false;
  let refusal: Error | undefined;
  let view: OperationView | undefined;
  const operations: Pick<Operations, 'accept' | 'wait' | 'withdraw'> = {
    async accept(request) {
      if (refusal !== undefined) throw refusal;
      if (isDown && decision.state !== 'accepted') throw new Unreachable('No server can be reached at the moment.');
      accepted.push(request);
      view = viewOf(request, decision);
      return view;
    },
    wait: async (id) => {
      if (view?.id !== id) throw new Error(`no operation ${id}`);
      return view;
    },
    withdraw: async () => {
      if (view === undefined) throw new Error('no operation');
      return { ...view, state: 'withdrawn' };
    },
  };
  const reads: Pick<Reads, 'call' | 'order' | 'status' | 'accounts'> = {
    order: async () => ['m1'],
    async call(call) {
      read.push(call);
      return { outcome, master: 'm1' };
    },
    status: async () => statusOf(isDown),
    accounts: async ({ scope }) => ({
      rows: accountRows.filter(
        (row) => scope === 'all' || ('reseller' in scope ? row.owner === scope.reseller : row.user === scope.account),
      ),
      readAt: '',
      from: 'm1',
    }),
  };
  const deps: PassthroughDeps = {
    operations,
    reads,
    tables,
    recent: openRecent({}, () => Date.now()),
    on: async (master, call) => {
      if (master === 'm1') read.push(call);
      return outcome;
    },
    async signIn({ scheme, user, secret }) {
      if (scheme === 'whm' && user === 'root' && secret === 'GOOD')
        return { kind: 'token', name: 'root', scope: 'all', acl: ['all'] };
      if (scheme === 'whm' && user === 'rita' && secret === 'GOOD')
        return { kind: 'token', name: 'rita', scope: { reseller: 'rita' }, acl: ['all'] };
      if (scheme === 'basic' && user === 'anna' && secret === 'pass')
        return { kind: 'person', name: 'anna', scope: 'all', role: 'owner' };
      return undefined;
    },
    sessions: scriptedSessions,
    tokens: {
      create: () => Promise.reject(new Error('no tokens here')),
      update: () => Promise.reject(new Error('no tokens here')),
      revoke: async () => false,
      list: async () => [],
      check: async () => undefined,
    },
    views: { remember: async () => undefined, find: async () => undefined },
    outside: (address) => address,
    cpanelPort: () => 2083,
    openSelfService: async ({ account, mailbox }) => `/my/enter/${mailbox ?? account}`,
    may: (actor, id, subject, ownerOf) => {
      const action = actionOf(id);
      return action !== undefined && may(actor, action, subject, ownerOf);
    },
    uploads: { folder: uploadFolder, send: async () => ({ kind: 'done' }) },
    log: log.log,
    now: () => 0,
    delay: async () => undefined,
    ...overrides,
  };
  const server = createServer(options, passthroughApp(deps));
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    accepted,
    read,
    log,
    decide: (next) => {
      decision = next;
    },
    answer: (next) => {
      outcome = next;
    },
    refuse: (error) => {
      refusal = error;
    },
    down: () => {
      isDown = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
