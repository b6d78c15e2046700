/** Answers of masters kept for moments, so that the same is not read twice, nor asked for twice where that is no loss. */
import { hash } from 'node:crypto';
import type { WhmCall } from '../../whm/call.ts';
import { type Heard, type Outcome, textOf } from '../../whm/outcome.ts';

/**
 * Everything here is under the call as it goes to a master, which is root's whoever asked: what one caller may see of an
 * answer is cut out afterwards, for each anew.
 */
export interface Recent {
  /** What was last answered to this very call, for the one who makes it again. */
  heard(call: WhmCall): Heard;
  /**
   * What a master that does not decide adds to an answer: asked for again when the journal changed, or after two
   * seconds. Callers at the same moment share one question. What proves nothing is not kept. No promise where the
   * answer is there already.
   */
  beside(master: string, call: WhmCall, ask: () => Promise<Outcome>): Outcome | Promise<Outcome>;
}

interface Journal {
  /** Another number whenever anything was committed; left out where the database cannot tell. */
  stamp?(): number;
}

interface Beside {
  /** NaN: the journal cannot tell. */
  readonly stamp: number;
  readonly at: number;
  readonly outcome: Promise<Outcome>;
  /** The answer, once it is there. */
  told: Outcome | undefined;
  /** Characters of the answer, once it is there. */
  weight: number;
}

const besideMs = 2000;
/** The same where the journal cannot tell of changes. */
const blindMs = 500;
const mostKept = 64;
/** Bytes of answers that are kept, for each of the two. A full server's listaccts has a few million. */
const mostBytes = 16 * 1024 * 1024;

/** Arguments may be secret, so calls are known by a hash. */
function nameOf({ api, fn, user, args, json }: WhmCall): string {
  return hash('sha256', JSON.stringify([api, fn, user, args, json]), 'base64url');
}

/** Drops the oldest while there are too many, or their answers are too long. */
function bound<T>(kept: Map<string, T>, weightOf: (one: T) => number): void {
  let bytes = 0;
  for (const one of kept.values()) bytes += weightOf(one);
  for (const [name, one] of kept) {
    if (kept.size <= mostKept && bytes <= mostBytes) return;
    kept.delete(name);
    bytes -= weightOf(one);
  }
}

/** Opens nothing. `now`: milliseconds since the epoch. */
export function openRecent(journal: Journal, now: () => number): Recent {
  const heards = new Map<string, Heard>();
  const besides = new Map<string, Beside>();
  /** A call is asked about several times in a row. */
  let named: { readonly call: WhmCall; readonly name: string } | undefined;

  function known(call: WhmCall): string {
    if (named?.call !== call) named = { call, name: nameOf(call) };
    return named.name;
  }

  function isGood({ stamp, at }: Beside, current: number): boolean {
    const age = now() - at;
    return Number.isNaN(current) ? age < blindMs : stamp === current && age < besideMs;
  }

  function keep(name: string, stamp: number, asking: Promise<Outcome>): Promise<Outcome> {
    const entry: Beside = { stamp, at: now(), outcome: asking, told: undefined, weight: 0 };
    besides.set(name, entry);
    const drop = (): void => {
      if (besides.get(name) === entry) besides.delete(name);
    };
    asking.then((outcome) => {
      if (outcome.kind !== 'done' && outcome.kind !== 'refused') return drop();
      entry.told = outcome;
      entry.weight = textOf(outcome.body)?.length ?? 0;
      bound(besides, ({ weight }) => weight);
    }, drop);
    return asking;
  }

  return {
    heard(call) {
      const name = known(call);
      const before = heards.get(name);
      if (before !== undefined) return before;
      const heard: Heard = {};
      heards.set(name, heard);
      bound(heards, ({ last }) => last?.bytes.length ?? 0);
      return heard;
    },
    beside(master, call, ask) {
      const name = `${master} ${known(call)}`;
      const stamp = journal.stamp?.() ?? Number.NaN;
      const before = besides.get(name);
      if (before === undefined || !isGood(before, stamp)) return keep(name, stamp, ask());
      return before.told ?? before.outcome;
    },
  };
}
