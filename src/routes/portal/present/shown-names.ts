import type { WatchDesk, WatcherSeen } from '../../../failover/portal/desk.ts';
import type { Seen } from '../../../failover/portal/seen.ts';
import type { Names } from './reader.ts';

/** Watchers speak of masters by their ids; people read the names that they gave them. */

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * A watcher's sentence with the masters' names: only where an id stands as a word of its own, so that 'm1/imap',
 * 'm1.example.com' and commands that are to be typed stay as they are.
 */
export function inShownNames(text: string, ids: readonly string[], names: Names): string {
  if (ids.length === 0) return text;
  const words = [...ids].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`tandem(?: [\\w-]+)+|(?<![\\w./:@-])(?:${words.join('|')})(?![\\w/@-]|[.:]\\w)`, 'g');
  return text.replace(pattern, (found) => (found.startsWith('tandem ') ? found : names(found)));
}

function seenNamed(seen: Seen, say: (text: string) => string): Seen {
  const all = (texts: readonly string[]): string[] => texts.map(say);
  const { publish } = seen;
  const last = publish?.last;
  return {
    ...seen,
    sentence: say(seen.sentence),
    masters: seen.masters.map((one) => ({ ...one, sentence: say(one.sentence), evidence: all(one.evidence) })),
    orders: seen.orders.map((one) => ({ ...one, evidence: all(one.evidence) })),
    warnings: all(seen.warnings),
    history: seen.history.map((one) => ({ ...one, sentence: say(one.sentence), evidence: all(one.evidence) })),
    ...(last === undefined
      ? {}
      : { publish: { last: { ...last, outcome: { ...last.outcome, sentence: say(last.outcome.sentence) } } } }),
  };
}

/** What the watchers said, for people. The same answer is worked on once. */
function shownWatchers(): (watchers: readonly WatcherSeen[], names: Names) => readonly WatcherSeen[] {
  const known = new WeakMap<Seen, Seen>();
  return (watchers, names) =>
    watchers.map((one) => {
      if (one.seen === undefined) return one;
      const ids = one.seen.masters.map(({ id }) => id);
      const seen = known.get(one.seen) ?? seenNamed(one.seen, (text) => inShownNames(text, ids, names));
      known.set(one.seen, seen);
      return { ...one, seen };
    });
}

/** A desk whose every sentence has the masters' names. */
export function namedDesk(desk: WatchDesk, ids: readonly string[], names: Names): WatchDesk {
  const say = (text: string): string => inShownNames(text, ids, names);
  const shown = shownWatchers();
  const named = <T extends { readonly sentence: string; readonly lines: string[] }>(result: T): T => ({
    ...result,
    sentence: say(result.sentence),
    lines: result.lines.map(say),
  });
  return {
    problem: desk.problem,
    watchers: () => shown(desk.watchers(), names),
    look(...asked) {
      const looked = desk.look(...asked);
      return looked.kind === 'answered' ? { ...looked, result: named(looked.result) } : looked;
    },
    tell: async (command) => named(await desk.tell(command)),
  };
}
