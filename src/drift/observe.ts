/** Reads masters for the comparison: in batches, in rounds, one call at a time on each master. */
import { Garbled, messageOf } from '../errors.ts';
import type { Masters } from '../masters.ts';
import type { Client } from '../operations/deps.ts';
import { type BatchAnswer, batchAnswers, batchOf } from '../whm/batch.ts';
import type { WhmCall } from '../whm/call.ts';
import { type Answers, callKey, type Kind, type Seen } from './model.ts';

/** Commands in one batch at most: the master works on them one after the other while the connection waits. */
export const MOST_COMMANDS = 1000;
/** cPanel forks for each UAPI call: some tenths of a second each, and a long batch is still an answer. */
const DEADLINE_MS = 600_000;

export interface ObserveDeps {
  readonly clients: ReadonlyMap<string, Client>;
  readonly masters: Masters;
  readonly withoutOwnNames?: ReadonlySet<string> | undefined;
  readonly signal?: AbortSignal;
  /** Told each call, for counting and pace: milliseconds it took. */
  readonly called: (master: string, ms: number) => void;
  readonly now: () => number;
}

/** A master that could not be read at all: nothing is concluded, the scan goes on later. */
export class MasterAway extends Error {
  readonly master: string;

  constructor(master: string, reason: string) {
    super(reason);
    this.master = master;
  }
}

/** What the masters show, by account ('' for the servers), kind and master. */
export type Observed = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Seen>>>;

/**
 * Reads some accounts with some kinds on some masters, all masters at the same time. Throws MasterAway when one cannot
 * be asked.
 */
export async function observe(
  deps: ObserveDeps,
  kinds: readonly Kind[],
  accounts: readonly string[],
  masters: readonly string[],
): Promise<Observed> {
  const read = await Promise.all(
    masters.map(async (master) => ({ master, ask: await readMaster(deps, kinds, accounts, master) })),
  );
  return new Map(
    accounts.map((account) => [
      account,
      new Map(
        kinds.map((kind) => [
          kind.id,
          new Map(
            read.map(({ master, ask }) => [
              master,
              readKind(kind, account, ask, { master, masters: deps.masters, withoutOwnNames: deps.withoutOwnNames }),
            ]),
          ),
        ]),
      ),
    ]),
  );
}

function readKind(kind: Kind, account: string, answers: Answers, place: Parameters<Kind['read']>[2]): Seen {
  try {
    return kind.read(account, answers, place);
  } catch (error) {
    // An answer of unknown shape proves nothing; everything else is a fault of ours.
    if (error instanceof Garbled) return { ok: false, reason: messageOf(error) };
    throw error;
  }
}

/** All rounds of all kinds on one master. Equal reads are asked once. */
async function readMaster(
  deps: ObserveDeps,
  kinds: readonly Kind[],
  accounts: readonly string[],
  master: string,
): Promise<Answers> {
  const known = new Map<string, BatchAnswer>();
  const answers: Answers = (call) => known.get(callKey(call)) ?? { ok: undefined, reason: `${call.fn} was not asked` };
  const most = Math.max(...kinds.map((k) => k.rounds.length));
  for (let round = 0; round < most; round += 1) {
    await ask(deps, master, unknownCalls(kinds, accounts, round, answers, known), known);
  }
  return answers;
}

function unknownCalls(
  kinds: readonly Kind[],
  accounts: readonly string[],
  round: number,
  answers: Answers,
  known: ReadonlyMap<string, BatchAnswer>,
): readonly WhmCall[] {
  const calls = accounts.flatMap((account) => kinds.flatMap((kind) => kind.rounds[round]?.(account, answers) ?? []));
  const wanted = new Map(calls.map((call) => [callKey(call), call]));
  return [...wanted].filter(([key]) => !known.has(key)).map(([, call]) => call);
}

async function ask(
  deps: ObserveDeps,
  master: string,
  calls: readonly WhmCall[],
  known: Map<string, BatchAnswer>,
): Promise<void> {
  for (let at = 0; at < calls.length; at += MOST_COMMANDS) {
    const some = calls.slice(at, at + MOST_COMMANDS);
    const answered = await askOnce(deps, master, some);
    some.forEach((call, i) => {
      const answer = answered[i];
      if (answer !== undefined) known.set(callKey(call), answer);
    });
  }
}

/** One batch. Throws MasterAway. */
export async function askOnce(
  deps: ObserveDeps,
  master: string,
  calls: readonly WhmCall[],
): Promise<readonly BatchAnswer[]> {
  const client = deps.clients.get(master);
  if (client === undefined) throw new RangeError(`no client for ${master}`);
  const began = deps.now();
  const outcome = await client.call(batchOf(calls), {
    deadlineMs: DEADLINE_MS,
    ...(deps.signal === undefined ? {} : { signal: deps.signal }),
  });
  deps.called(master, deps.now() - began);
  const answers = batchAnswers(calls, outcome);
  if (typeof answers === 'string') throw new MasterAway(master, answers);
  return answers;
}
