/**
 * What masters said when they were last asked. A page takes what is remembered and never waits; what is old is asked
 * for anew meanwhile, and the page fetches it as soon as it is there.
 */
import type { z } from 'zod';
import type { Actor } from '../../auth/actor.ts';
import { messageOf } from '../../errors.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { Outcome } from '../../whm/outcome.ts';
import type { PortalDeps } from './deps.ts';

/** What is known of one question. */
export interface Known<T> {
  /** undefined: nobody has answered yet, or the answer had no known shape. */
  readonly value: T | undefined;
  /** Epoch milliseconds; 0 while nobody has answered. */
  readonly at: number;
  /** Id of the master that answered. */
  readonly from: string;
  /** Something may have changed since; it is asked for anew. */
  readonly old: boolean;
  /** Why there is no answer; '' while there is one, or while it is awaited. */
  readonly problem: string;
  /** The problem is a master's own refusal. */
  readonly refused: boolean;
}

export interface Question<T> {
  readonly call: WhmCall;
  readonly shape: z.ZodType<T>;
  /** Asked for what is the account's: the master that has nothing unfinished on it is asked. */
  readonly account?: string;
  /** Asks this master and no other. */
  readonly master?: string;
}

export interface Remembered {
  /** The accounts that the actor sees, put together once for all who ask while no operation moved. */
  accounts(actor: Actor): Promise<Accounts>;
  /** Answers at once with what is known, or after at most `waitMs` with something newer. */
  ask<T>(question: Question<T>, waitMs?: number): Promise<Known<T>>;
}

type Accounts = Awaited<ReturnType<PortalDeps['reads']['accounts']>> & {
  /** An operation moved since the masters were read: a newer list is on its way. */
  readonly moved: boolean;
};

interface Kept {
  readonly outcome: Outcome;
  readonly from: string;
  readonly at: number;
}

/** An answer younger than this is not asked for again while no operation moved, milliseconds. */
const freshMs = 5000;
/** A list of accounts is put together again when it is older, milliseconds: with thousands of them it takes a while. */
const listMs = 4000;
/** One that was read longer ago is being read anew: it is looked for again soon, milliseconds. */
const oldListMs = 300;
/** So long the very first page waits for a master, milliseconds; afterwards there is always a list, and no page waits. */
const patienceMs = 800;
/** Answers that are kept; the one not used for longest goes first. */
const mostKept = 2000;

/** What the memory needs of a portal. */
export type MemoryDeps = Pick<PortalDeps, 'operations' | 'reads' | 'on' | 'clock' | 'log' | 'signal'>;

/** Opens the memory. Nothing in it outlives the process. */
export function openRemembered(deps: MemoryDeps): Remembered {
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<void>>();
  let movedAt = 0;
  const stop = deps.operations.watch(() => {
    movedAt = deps.clock();
  });
  deps.signal?.addEventListener('abort', stop);
  const isFresh = (one: Kept | undefined): boolean =>
    one !== undefined && one.at > movedAt && deps.clock() - one.at <= freshMs;

  function keep(key: string, one: Kept): void {
    kept.delete(key);
    kept.set(key, one);
    const oldest = kept.keys().next();
    if (kept.size > mostKept && oldest.done !== true) kept.delete(oldest.value);
  }

  async function ask(key: string, question: Question<unknown>): Promise<void> {
    const { call, account, master } = question;
    // The time of asking: what moves while the master answers makes the answer old.
    const at = deps.clock();
    const answer =
      master === undefined ? await deps.reads.call(call, account) : { outcome: await deps.on(master, call), master };
    keep(key, { outcome: answer.outcome, from: answer.master, at });
  }

  function asked(key: string, question: Question<unknown>): Promise<void> {
    const running = asking.get(key);
    if (running !== undefined) return running;
    const work = ask(key, question)
      .catch((error: unknown) => {
        deps.log.info({ fn: question.call.fn, error }, 'a page could not be brought up to date');
        keep(key, { outcome: { kind: 'not-sent', reason: messageOf(error) }, from: '', at: deps.clock() });
      })
      .finally(() => asking.delete(key));
    asking.set(key, work);
    return work;
  }

  const lists = new Map<string, { readonly at: number; readonly forMs: number; readonly accounts: Accounts }>();

  async function accounts(actor: Actor): Promise<Accounts> {
    const key = JSON.stringify(actor.scope);
    const known = lists.get(key);
    const at = deps.clock();
    if (known !== undefined && known.at > movedAt && at - known.at < known.forMs) return known.accounts;
    const now = await deps.reads.accounts(actor, 0);
    const read = now.from === '' ? await deps.reads.accounts(actor, patienceMs) : now;
    const found = { ...read, moved: Date.parse(read.readAt) <= movedAt };
    if (lists.size > 100) lists.clear();
    const isNew = !found.moved && at - Date.parse(read.readAt) < listMs;
    const forMs = isNew ? listMs : oldListMs;
    if (found.from !== '') lists.set(key, { at, forMs, accounts: found });
    return found;
  }

  return {
    accounts,
    async ask(question, waitMs = 0) {
      const { call, account = '', master = '' } = question;
      const key = JSON.stringify([call.api, call.fn, call.user, call.args, account, master]);
      if (!isFresh(kept.get(key))) {
        const work = asked(key, question);
        if (waitMs > 0) await within(work, waitMs);
      }
      return knownOf(kept.get(key), question.shape, !isFresh(kept.get(key)));
    },
  };
}

function knownOf<T>(kept: Kept | undefined, shape: z.ZodType<T>, old: boolean): Known<T> {
  if (kept === undefined) return { value: undefined, at: 0, from: '', old, problem: '', refused: false };
  const { outcome, from, at } = kept;
  if (outcome.kind !== 'done') {
    const refused = outcome.kind === 'refused';
    return { value: undefined, at, from, old, problem: outcome.reason, refused };
  }
  const parsed = shape.safeParse(outcome.data);
  if (parsed.success) return { value: parsed.data, at, from, old, problem: '', refused: false };
  return { value: undefined, at, from, old, problem: 'the answer has no known shape', refused: false };
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
