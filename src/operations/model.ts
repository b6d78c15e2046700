/**
 * The words of an operation's life, as the doors (portal, passthrough, API, command line) see them.
 * The states, who may change them and when are told once, in states.ts.
 */
import type { Subject } from '../actions/define.ts';
import type { Actor } from '../auth/actor.ts';

export type { Actor } from '../auth/actor.ts';

export type Door = 'portal' | 'cli' | 'passthrough' | 'api' | 'system';

/**
 * 'accepted': nobody has done it yet. 'following': the lead did it, others follow. 'done', 'refused', 'withdrawn':
 * final. 'undecided': the lead is on hold, or a new lead refused what another master may have done.
 */
export type OperationState = 'accepted' | 'following' | 'undecided' | 'done' | 'refused' | 'withdrawn';

/**
 * 'waiting': behind the lead or behind an earlier leg. 'ready': may be sent. 'sent': a call may be on its way.
 * 'doubt': not known whether it happened; looked at when `nextAt` comes. 'held': needs a person.
 */
export type LegState = 'waiting' | 'ready' | 'sent' | 'doubt' | 'held' | 'done' | 'refused' | 'skipped' | 'withdrawn';

export type Choice = 'retry' | 'adopt' | 'skip' | 'undo';

export interface LegView {
  readonly id: string;
  readonly master: string;
  readonly state: LegState;
  /** Calls noted as sent so far. */
  readonly attempts: number;
  readonly sentAt?: string;
  /** When it is tried or looked at next; absent when it waits for something else. */
  readonly nextAt?: string;
  readonly doneAt?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** Root cause of the wait, one sentence: 'M2 unreachable since 13:41', 'behind operation N on hold'. */
  readonly waitsFor?: { readonly sentence: string; readonly operation?: string };
  /** What a person may do now. */
  readonly choices: readonly Choice[];
  /** The master's answers, secrets taken out, in the order of the calls. */
  readonly answers: readonly { readonly fn: string; readonly reason: string; readonly data: unknown }[];
}

export interface OperationView {
  readonly id: string;
  readonly action: string;
  readonly title: string;
  readonly subject: Subject;
  readonly state: OperationState;
  readonly lead: string;
  readonly actor: string;
  readonly door: Door;
  readonly acceptedAt: string;
  /** Nothing is sent before, and until then it can be undone; absent where nothing waited for that. */
  readonly graceUntil?: string;
  readonly decidedAt?: string;
  readonly finalAt?: string;
  readonly verifiedAt?: string;
  /** Parameters with every secret replaced by '•••'. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly legs: readonly LegView[];
  /** True while no leg was ever sent. */
  readonly canWithdraw: boolean;
}

/** What became of a request: a new operation, or the one that it met. */
export interface Accepted {
  readonly id: string;
  /** The request met `id` and said something anew, which this operation sets after it. */
  readonly amendedBy?: string;
}

export interface Request {
  readonly action: string;
  /** Unparsed; accept() parses it with the action's schema and throws Invalid with an issue per field. */
  readonly params: unknown;
  readonly actor: Actor;
  readonly door: Door;
  /** Ids of the only masters that it is for: what makes one master like another. Left out: all. */
  readonly only?: readonly string[];
  /** The caller's own key: the same key with other parameters is Invalid. */
  readonly idempotencyKey?: string;
  /** Accept although no master can be reached (a person said "Queue it"). Default false: throws Unreachable. */
  readonly queue?: boolean;
  /**
   * How long a reversible action can be undone before anything is sent; 0 or left out: it begins at once. Only where a
   * person sees the button: programs and the command line never wait.
   */
  readonly graceMs?: number;
}

/** How far an asker sees. What is beyond does not exist for it, and costs it no other time than what does not exist. */
export interface Within {
  readonly accounts: readonly string[];
  /** Itself and its packages too. */
  readonly reseller?: string;
}

export interface OperationFilter {
  readonly state?: OperationState | 'open' | 'held';
  readonly account?: string;
  readonly action?: string;
  /** Operations older than this id, for paging. */
  readonly before?: string;
  readonly limit?: number;
  /** Left out: all. */
  readonly within?: Within | undefined;
}

/** The pair chip of one account or object on one master. */
export type ChipState = 'in-step' | 'queued' | 'running' | 'retrying' | 'held' | 'refused' | 'differs' | 'unseen';
export interface Chip {
  readonly master: string;
  readonly state: ChipState;
  /** Shown on hover and to screen readers. */
  readonly sentence: string;
  readonly operation?: string;
}

export interface MasterStatus {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly hostname: string;
  /** 'reachable', 'unreachable' (breaker open), 'parked' (denied, busy, foreign journal: an alarm). */
  readonly state: 'reachable' | 'unreachable' | 'parked';
  readonly since: string;
  readonly reason?: string;
  /** What a person does about it, with the command; absent while it is reachable. */
  readonly hint?: string;
  /** As WHM says it: '11.134.0.20'; absent until it was read. */
  readonly version?: string;
  /** Legs not yet done on this master. */
  readonly backlog: number;
  readonly held: number;
  readonly oldest?: string;
}

/** The light in the header: one word and one sentence. */
export interface Status {
  readonly light: 'redundant' | 'behind' | 'degraded' | 'down' | 'read-only';
  readonly sentence: string;
  /** What a person does now, one sentence with the command. */
  readonly next?: string;
  readonly masters: readonly MasterStatus[];
  readonly open: number;
  readonly held: number;
  readonly drift: number;
  readonly redis: 'up' | 'away';
  readonly workers: number;
  readonly journal: {
    readonly kind: 'sqlite' | 'mariadb';
    readonly nodes: number;
    readonly singlePointOfFailure: boolean;
  };
}

/** An account as lists show it: the active master's row overlaid with what the journal has not finished. */
export interface AccountRow {
  readonly user: string;
  readonly domain: string;
  readonly owner: string;
  readonly plan: string;
  readonly email: string;
  readonly suspended: boolean;
  readonly diskused: string;
  readonly active: string;
  readonly chips: readonly Chip[];
}

/**
 * What is waited for: 'decided': a master has done it, or nobody will. 'final': all masters are through with it.
 * 'ended' is 'final' for a caller who must have the outcome: one who leaves without it gets it when asking again.
 */
export type Until = 'decided' | 'final' | 'ended';

/** What every door builds on. Throws AppErrors of errors.ts; the doors only render them. */
export interface Operations {
  /** Steps 1 to 3 of an operation's life. Resolves when the journal has it durably. */
  accept(request: Request): Promise<Accepted>;
  /** The plan per master without sending: what would be called, or why it would be refused. */
  dryRun(
    request: Request,
  ): Promise<readonly { readonly master: string; readonly sentence: string; readonly calls: readonly string[] }[]>;
  /** `within`: how far the asker sees; left out: everything. */
  get(id: string, within?: Within): Promise<OperationView | undefined>;
  list(filter?: OperationFilter): Promise<readonly OperationView[]>;
  /** Resolves with the newest view when it is decided (or final), or when `ms` are over. */
  wait(id: string, until: Until, ms: number, signal?: AbortSignal): Promise<OperationView>;
  /** Calls `listener` with an id whenever that operation changed; returns the way to stop. */
  watch(listener: (id: string) => void): () => void;
  /** A person's choice about a held leg. Throws Refused with the reason when it is not open. */
  choose(id: string, master: string, choice: Choice, actor: Actor): Promise<OperationView>;
  withdraw(id: string, actor: Actor): Promise<OperationView>;
  /** Ends the parking of a master; what parked it is looked at anew. Throws Refused when it is not parked. */
  resume(master: string, actor: Actor): Promise<void>;
  /** Puts this journal's mark on a master that carries another one's, and ends its parking. */
  adoptMaster(master: string, actor: Actor): Promise<void>;
}

/** Reading, for the doors. */
export interface Reads {
  status(): Promise<Status>;
  /**
   * All accounts that the actor may see, overlaid with unfinished operations; `readAt` is the age of the master's list.
   * With `waitMs` a master that answers later is not waited for: the last list is taken, or none (`from` is '').
   */
  accounts(
    actor: Actor,
    waitMs?: number,
  ): Promise<{ readonly rows: readonly AccountRow[]; readonly readAt: string; readonly from: string }>;
  /** Relays a read to the master that has no unfinished legs on `account` (or the pair's active one). */
  call(
    call: import('../whm/call.ts').WhmCall,
    account?: string,
    /** Patient: behind calls of people and of operations, when there are many. `heard`: what was answered before. */
    options?: { readonly patient?: boolean; readonly heard?: import('../whm/outcome.ts').Heard },
  ): Promise<{ readonly outcome: import('../whm/outcome.ts').Outcome; readonly master: string }>;
  /** The masters in the order in which `call` asks them. */
  order(account?: string): readonly string[] | Promise<readonly string[]>;
}
