import { ulid } from 'ulid';
import type { Action } from '../../src/actions/define.ts';
import { actionOf } from '../../src/actions/index.ts';
import { Invalid, NotFound, Refused, Unreachable } from '../../src/errors.ts';
import type { Master } from '../../src/masters.ts';
import type {
  AccountRow,
  Actor,
  Choice,
  LegView,
  OperationFilter,
  Operations,
  OperationView,
  Reads,
  Request,
  Status,
  Within,
} from '../../src/operations/model.ts';
import { isWithin } from '../../src/operations/within.ts';

/** Operations and reads held in memory, for looking at pages and testing what they show. Delivers nothing. */
export interface FakeOperations {
  readonly operations: Operations;
  readonly reads: Reads;
  /** What accept was given, newest last. */
  readonly requests: readonly Request[];
  readonly chosen: readonly { readonly id: string; readonly master: string; readonly choice: Choice }[];
  /** Puts an operation in, or a newer view in its place, and tells the watchers. */
  put(view: OperationView): void;
  putAccounts(rows: readonly AccountRow[]): void;
  setStatus(change: Partial<Status>): void;
  /** While true no master can be reached: accept refuses what is not queued. */
  setDown(down: boolean): void;
}

export function fakeOperations(masters: readonly Master[], clock: () => number): FakeOperations {
  const views = new Map<string, OperationView>();
  const watchers = new Set<(id: string) => void>();
  const requests: Request[] = [];
  const chosen: { id: string; master: string; choice: Choice }[] = [];
  const state = { accounts: [] as readonly AccountRow[], status: emptyStatus(masters, clock), down: false };

  function put(view: OperationView): void {
    views.set(view.id, view);
    for (const tell of watchers) tell(view.id);
  }

  function existing(id: string): OperationView {
    const view = views.get(id);
    if (view === undefined) throw new NotFound(`There is no operation ${id}.`);
    return view;
  }

  function unpark(id: string): void {
    if (!state.status.masters.some((master) => master.id === id && master.state === 'parked')) {
      throw new Refused(`${id} is not parked`);
    }
    const masters = state.status.masters.map((master) =>
      master.id === id ? { ...master, state: 'reachable' as const } : master,
    );
    state.status = { ...state.status, masters };
  }

  const operations: Operations = {
    async accept(request) {
      requests.push(request);
      const same = [...views.values()].find((view) => view.id === request.idempotencyKey);
      if (same !== undefined) return same;
      if (state.down && request.queue !== true) throw new Unreachable('Neither M1 nor M2 can be reached.');
      const view = accepted(request, masters, clock);
      if (request.action === 'account.create' && state.accounts.some((row) => row.user === accountOf(view))) {
        throw new Refused(`M1 would refuse: (XID 0) Sorry, a user ${accountOf(view)} already exists.`);
      }
      put(view);
      return view;
    },
    dryRun: async () => [],
    get: async (id, within) => [views.get(id)].find((view) => view !== undefined && isSeen(view, within)),
    list: async (filter = {}) => listed([...views.values()], filter),
    wait: async (id) => existing(id),
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    async choose(id, master, choice) {
      chosen.push({ id, master, choice });
      const view = existing(id);
      const leg = view.legs.find((one) => one.master === master);
      if (leg === undefined || !leg.choices.includes(choice)) throw new Refused('This choice is not open.');
      const next: LegView = { ...leg, state: choice === 'skip' ? 'skipped' : 'ready', choices: [] };
      put({ ...view, legs: view.legs.map((one) => (one === leg ? next : one)) });
      return existing(id);
    },
    async withdraw(id) {
      const view = existing(id);
      if (!view.canWithdraw) throw new Refused('A master was asked already.');
      const legs = view.legs.map((leg) => ({ ...leg, state: 'withdrawn' as const }));
      put({ ...view, state: 'withdrawn', canWithdraw: false, decidedAt: iso(clock()), finalAt: iso(clock()), legs });
      return existing(id);
    },
    resume: async (master) => unpark(master),
    adoptMaster: async (master) => unpark(master),
  };

  const reads: Reads = {
    status: async () => state.status,
    accounts: async (actor) => ({ rows: visible(state.accounts, actor), readAt: iso(clock() - 2000), from: 'm1' }),
    call: async () => ({ outcome: { kind: 'not-sent', reason: 'nothing is connected' }, master: 'm1' }),
    order: async () => ['m1', 'm2'],
  };

  return {
    operations,
    reads,
    requests,
    chosen,
    put,
    putAccounts: (rows) => {
      state.accounts = rows;
      // As an operation that ended would: what is remembered of accounts is old.
      for (const tell of watchers) tell('');
    },
    setStatus: (change) => {
      state.status = { ...state.status, ...change };
    },
    setDown: (down) => {
      state.down = down;
    },
  };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

function accountOf(view: OperationView): string {
  return view.subject.kind === 'account' ? view.subject.account : '';
}

function visible(rows: readonly AccountRow[], actor: Actor): readonly AccountRow[] {
  if (actor.scope === 'all') return rows;
  const { scope } = actor;
  if ('reseller' in scope) return rows.filter((row) => row.owner === scope.reseller || row.user === scope.reseller);
  return rows.filter((row) => row.user === scope.account);
}

/** A new operation as accept would show it: kept, nothing sent. */
export function accepted(request: Request, masters: readonly Master[], clock: () => number): OperationView {
  const action = actionOf(request.action);
  if (action === undefined) throw new Invalid(`There is no action ${request.action}.`);
  const parsed = action.params.safeParse(request.params);
  if (!parsed.success) throw new Invalid('Some fields need another look.');
  return {
    id: request.idempotencyKey ?? ulid(clock()),
    action: action.id,
    title: action.title,
    subject: action.subject(parsed.data),
    state: 'accepted',
    lead: masters[0]?.id ?? '',
    actor: request.actor.name,
    door: request.door,
    acceptedAt: iso(clock()),
    ...graceOf(request, action, clock),
    params: Object.fromEntries(
      Object.entries(parsed.data).map(([name, value]) => [name, name === 'password' ? '•••' : value]),
    ),
    legs: masters.map((master, index) => ({
      id: ulid(clock()),
      master: master.id,
      state: index === 0 ? 'ready' : 'waiting',
      attempts: 0,
      choices: [],
      answers: [],
    })),
    canWithdraw: true,
  };
}

function graceOf({ graceMs = 0 }: Request, { reversible }: Action, clock: () => number) {
  return reversible === true && graceMs > 0 ? { graceUntil: iso(clock() + graceMs) } : {};
}

function listed(views: readonly OperationView[], filter: OperationFilter): readonly OperationView[] {
  return views
    .filter((view) => filter.account === undefined || accountOf(view) === filter.account)
    .filter((view) => filter.action === undefined || view.action === filter.action)
    .filter((view) => isSeen(view, filter.within))
    .filter((view) => matches(view, filter.state))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .filter((view) => filter.before === undefined || view.id < filter.before)
    .slice(0, filter.limit ?? 50);
}

function isSeen(view: OperationView, within?: Within): boolean {
  return within === undefined || isWithin(within, view.subject);
}

function matches(view: OperationView, state: OperationFilter['state']): boolean {
  if (state === undefined) return true;
  if (state === 'open') return view.finalAt === undefined;
  return state === 'held' ? view.legs.some((leg) => leg.state === 'held') : view.state === state;
}

function emptyStatus(masters: readonly Master[], clock: () => number): Status {
  return {
    light: 'redundant',
    sentence: 'Redundant',
    masters: masters.map(({ id, name, site, hostname }) => ({
      ...{ id, name, site, hostname },
      state: 'reachable',
      since: iso(clock() - 3_600_000),
      version: '11.134.0.20',
      backlog: 0,
      held: 0,
    })),
    open: 0,
    held: 0,
    drift: 0,
    redis: 'up',
    workers: 1,
    journal: { kind: 'sqlite', nodes: 1, singlePointOfFailure: true },
  };
}
