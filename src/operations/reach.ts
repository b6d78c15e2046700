/**
 * The breaker: what this process knows of each master. A refused connection is proof and is checked by one probe;
 * busy answers and doubts open the breaker only when they come from different accounts, so that one sick account never
 * parks a master. While it is open no leg of that master runs here; a cheap authenticated probe finds its return.
 * 'parked' (denied) ends only when a person says so, because cPHulk counts wrong passwords.
 */
import { whm } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';
import type { Deps } from './deps.ts';

/** Failures of different accounts, among the last WINDOW calls, that open the breaker. */
const STRANGERS = 3;
const WINDOW = 10;

export interface ReachState {
  readonly state: 'reachable' | 'unreachable' | 'parked';
  readonly since: number;
  readonly reason?: string;
}

export interface Reach {
  of(master: string): ReachState;
  /** Tells what became of a call, so that the breaker can open. */
  note(master: string, account: string, outcome: Outcome): void;
  /** Asks a master that is closed off or was not heard of lately, once; called by the worker's loop for this master. */
  probe(master: string): Promise<void>;
  /** Opens a parked master again, at a person's word. */
  resume(master: string): void;
  /** Takes over that another process parked the master. */
  park(master: string, reason: string): void;
  onChange(listener: (master: string, state: ReachState) => void): void;
}

interface Memory {
  state: ReachState;
  /** The last calls: the account of each failure, or null for a good one. */
  recent: (string | null)[];
  probing: boolean;
  /** Answers of a sick master's probe count only from then on: it answers questions and does nothing. */
  restUntil: number;
  /** How often in a row it fell ill. */
  relapses: number;
  /** When it last answered anything. */
  heardAt: number;
}

/** A master on which nothing happens is asked this often, so that people do not learn of an outage from a customer. */
const QUIET_MS = 10_000;

/**
 * A breaker for each master; `now` is in milliseconds. `restMs` is how long a master that is sick, and not away, is left
 * alone: longer each time, so that its lead passes to another.
 */
export function openReach(
  deps: Pick<Deps, 'clients' | 'log'>,
  now: () => number,
  restMs: { readonly first: number; readonly most: number } = { first: 0, most: 0 },
): Reach {
  const memory = new Map<string, Memory>();
  for (const id of deps.clients.keys()) {
    memory.set(id, {
      state: { state: 'reachable', since: now() },
      recent: [],
      probing: false,
      restUntil: 0,
      relapses: 0,
      heardAt: now(),
    });
  }
  const listeners: ((master: string, state: ReachState) => void)[] = [];

  function of(master: string): Memory {
    const known = memory.get(master);
    if (known === undefined) throw new RangeError(`no master is called ${master}`);
    return known;
  }

  function move(master: string, state: ReachState['state'], reason?: string): void {
    const known = of(master);
    if (known.state.state === state) return;
    known.state = { state, since: now(), ...(reason === undefined ? {} : { reason }) };
    known.recent = [];
    const line = { master, state, reason };
    if (state === 'reachable') deps.log.info(line, 'the master answers again');
    else deps.log.warn(line, 'no calls go to this master for now');
    for (const listener of listeners) listener(master, known.state);
  }

  async function ask(master: string): Promise<void> {
    const known = of(master);
    if (known.probing || now() < known.restUntil) return;
    known.probing = true;
    try {
      const outcome = await deps.clients.get(master)?.call(whm('version'), { deadlineMs: 5000 });
      if (outcome === undefined) return;
      known.heardAt = now();
      if (outcome.kind === 'denied') move(master, 'parked', outcome.reason);
      else if (outcome.kind === 'done' || outcome.kind === 'refused') move(master, 'reachable');
      else move(master, 'unreachable', outcome.reason);
    } finally {
      known.probing = false;
    }
  }

  function noteTrouble(master: string, account: string, reason: string): void {
    const known = of(master);
    if (!fallsIll(known, account)) return;
    known.restUntil = now() + Math.min(restMs.most, restMs.first * 2 ** Math.min(known.relapses, 20));
    known.relapses += 1;
    move(master, 'unreachable', `several accounts in a row: ${reason}`);
  }

  return {
    of: (master) => of(master).state,
    note(master, account, outcome) {
      const known = of(master);
      if (outcome.kind === 'denied') move(master, 'parked', outcome.reason);
      else if (outcome.kind === 'not-sent' && known.state.state === 'reachable') void ask(master);
      else if (outcome.kind === 'busy' || outcome.kind === 'in-doubt') noteTrouble(master, account, outcome.reason);
      else noteGood(known, now());
    },
    async probe(master) {
      if (isUnsure(of(master), now())) await ask(master);
    },
    resume: (master) => move(master, 'reachable'),
    park: (master, reason) => move(master, 'parked', reason),
    onChange: (listener) => void listeners.push(listener),
  };
}

/** Notes a call in trouble; true when those of different accounts make the master itself sick. */
function fallsIll(known: Memory, account: string): boolean {
  known.recent = [...known.recent.slice(1 - WINDOW), account];
  const strangers = new Set(known.recent.filter((a) => a !== null));
  return strangers.size >= STRANGERS && known.state.state === 'reachable';
}

/** Closed off, or not heard of lately. */
function isUnsure({ state, heardAt }: Memory, now: number): boolean {
  return state.state === 'unreachable' || (state.state === 'reachable' && now - heardAt > QUIET_MS);
}

/** A window full of good calls: it is well again. */
function noteGood(known: Memory, at: number): void {
  known.heardAt = at;
  if (known.recent.length === 0) return;
  known.recent = [...known.recent.slice(1 - WINDOW), null];
  if (known.recent.length === WINDOW && known.recent.every((a) => a === null)) known.relapses = 0;
}
