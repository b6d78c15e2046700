import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { actionOf, actions } from '../../../src/actions/index.ts';
import type { Actor } from '../../../src/auth/actor.ts';
import { may } from '../../../src/auth/may.ts';
import { Refused } from '../../../src/errors.ts';
import type { Operations, OperationView, Reads, Request, Status } from '../../../src/operations/model.ts';
import { isWithin } from '../../../src/operations/within.ts';
import { healthRouter, metricsRouter } from '../../../src/routes/api/health.ts';
import { metricsOf } from '../../../src/routes/api/metrics.ts';
import { apiRouter } from '../../../src/routes/api/router.ts';
import { testLog } from '../../support/log.ts';

const actors: ReadonlyMap<string, Actor> = new Map(
  Object.entries({
    ROOT: { kind: 'token', name: 'root', scope: 'all', acl: ['all'] },
    READER: { kind: 'token', name: 'root/reader', scope: 'all', acl: ['read'] },
    BOB: { kind: 'token', name: 'bob', scope: { account: 'bob' }, acl: ['all'] },
  } as const),
);

const status: Status = {
  light: 'behind',
  sentence: 'M2 is behind.',
  masters: ['m1', 'm2'].map((id) => ({
    id,
    name: id,
    site: 'a',
    hostname: id,
    state: id === 'm1' ? 'reachable' : 'unreachable',
    since: '2026-01-01T00:00:00.000Z',
    version: '11.134.0.20',
    backlog: 3,
    held: 1,
    oldest: '2026-01-01T00:00:00.000Z',
  })),
  open: 3,
  held: 1,
  drift: 4,
  redis: 'up',
  workers: 2,
  journal: { kind: 'sqlite', nodes: 1, singlePointOfFailure: true },
};

function viewOf(account: string, state: OperationView['state'] = 'accepted'): OperationView {
  return {
    id: `01${account}`,
    action: 'account.suspend',
    title: 'Suspend account',
    subject: { kind: 'account', account },
    state,
    lead: 'm1',
    actor: 'root',
    door: 'api',
    acceptedAt: '2026-01-01T00:00:00.000Z',
    ...(state === 'done' ? { decidedAt: '2026-01-01T00:00:02.000Z' } : {}),
    params: {},
    legs: [],
    canWithdraw: true,
  };
}

/** A scripted core behind the real routes. */
export async function openApi() {
  const accepted: Request[] = [];
  const waits: number[] = [];
  const resumed: string[] = [];
  const log = testLog();
  const listeners = new Set<(id: string) => void>();
  let fails: Error | undefined;
  let journalAway = false;
  const operations: Operations = {
    async accept(request) {
      if (fails !== undefined) throw fails;
      accepted.push(request);
      return { id: viewOf('bob').id };
    },
    dryRun: async () => [],
    get: async (id, within) =>
      ['bob', 'eve']
        .map((account) => viewOf(account, 'done'))
        .find((view) => view.id === id && (within === undefined || isWithin(within, view.subject))),
    list: async (filter) =>
      ['bob', 'eve']
        .filter((account) => filter?.account === undefined || filter.account === account)
        .map((account) => viewOf(account))
        .filter((view) => filter?.within === undefined || isWithin(filter.within, view.subject)),
    async wait(_id, _until, ms) {
      // For no time at all it is a look.
      if (ms === 0) return viewOf('bob');
      waits.push(ms);
      return viewOf('bob', 'done');
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    choose: async () => viewOf('bob', 'done'),
    withdraw: async () => viewOf('bob', 'withdrawn'),
    async resume(master, actor) {
      if (master !== 'm2') throw new Refused(`${master} is not parked`);
      resumed.push(`${actor.name} ${master}`);
    },
    adoptMaster: async () => undefined,
  };
  const reads: Reads = {
    async status() {
      if (journalAway) throw new Error('disk gone');
      return status;
    },
    accounts: async () => ({ rows: [], readAt: '', from: 'm1' }),
    call: async () => ({ outcome: { kind: 'not-sent', reason: '' }, master: 'm1' }),
    order: async () => ['m1'],
  };
  const metrics = metricsOf(
    operations,
    reads,
    () => undefined,
    () => Date.UTC(2026, 0, 1, 0, 1, 30),
  );
  const app = express().disable('x-powered-by');
  app.use(healthRouter(reads), metricsRouter(metrics));
  app.use(
    apiRouter({
      operations,
      reads,
      catalogue: { all: actions, get: actionOf },
      tokenCheck: async (token) => actors.get(token),
      may: (actor, id, subject, ownerOf) => {
        const action = actionOf(id);
        return action !== undefined && may(actor, action, subject, ownerOf);
      },
      log: log.log,
      now: () => 0,
      delay: async () => undefined,
      version: '1.2.3',
    }),
  );
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on an address and not on a pipe has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    accepted,
    waits,
    resumed,
    log,
    listeners,
    fail: (error: Error) => {
      fails = error;
    },
    loseJournal: () => {
      journalAway = true;
    },
    async ask(path: string, init: RequestInit & { readonly token?: string } = {}) {
      const { token = 'ROOT', headers, ...rest } = init;
      const auth = token === '' ? {} : { authorization: `Bearer ${token}` };
      return await fetch(`http://127.0.0.1:${port}${path}`, {
        ...rest,
        headers: { ...auth, 'content-type': 'application/json', ...(headers as Record<string, string> | undefined) },
      });
    },
    async close() {
      metrics.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
