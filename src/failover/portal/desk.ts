import type { Clock } from '../../clock.ts';
import { messageOf, Unreachable } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { loop } from '../../loop.ts';
import { type CommandInput, type CommandResult, resultSchema } from '../control/schema.ts';
import type { PeerClient } from '../peers/tls.ts';
import { type Seen, seenSchema } from './seen.ts';

/**
 * The watchers as the portal sees them: asked in the background every few seconds, so that no page waits for one, and
 * told what people order. The portal's word counts like a command line's: the watchers decide whether it can be done.
 */

/** One watcher as it was when it was last asked. */
export interface WatcherSeen {
  readonly id: string;
  /** Its last word; kept while it is silent, with its age. undefined: it never answered since the portal started. */
  readonly seen: Seen | undefined;
  /** When that came, epoch milliseconds. */
  readonly seenAt: number | undefined;
  /** Why it does not answer; undefined while it does. */
  readonly why: string | undefined;
  /** Since when it answers, or does not, as far as this portal knows; newest last. */
  readonly turns: readonly { readonly at: number; readonly answers: boolean }[];
}

/** What was looked up for a page, or that the answer is not there yet. */
export type Looked =
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly result: CommandResult; readonly from: string; readonly at: number }
  | { readonly kind: 'silent'; readonly why: string };

export interface WatchDesk {
  /** In the order of the configuration. */
  watchers(): readonly WatcherSeen[];
  /** Why nothing can be asked at all, such as a missing certificate; undefined: all is there. */
  readonly problem: string | undefined;
  /** What a switch or return would do, looked up in the background; the same question within half a minute is not asked again. */
  look(goal: 'switch' | 'return', master: string, by: string): Looked;
  /**
   * Tells one watcher, the one that answered last. Throws Unreachable when none answers: what was ordered may then stand
   * all the same, and the watchers' own history tells.
   */
  tell(command: CommandInput): Promise<CommandResult>;
}

/** Every watcher at once. */
export interface AllWatchers {
  /** A text is why one does not answer. */
  askAll(command: CommandInput): Promise<readonly { readonly id: string; readonly said: CommandResult | string }[]>;
}

interface Line {
  readonly id: string;
  readonly client: PeerClient;
}

export interface DeskOptions {
  readonly lines: readonly Line[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  /** How long a watcher may take to say how it is. */
  readonly askMs?: number;
}

const history = 400;
const keptTurns = 200;
const lookedMs = 30_000;
/** A switch publishes before it answers; the watchers go on whether somebody waits or not. */
const tellMs = 45_000;

function unseen(id: string): WatcherSeen {
  return { id, seen: undefined, seenAt: undefined, why: 'it was not asked yet', turns: [] };
}

function turned(was: WatcherSeen, answers: boolean, at: number): WatcherSeen['turns'] {
  if (was.turns.at(-1)?.answers === answers) return was.turns;
  return [...was.turns, { at, answers }].slice(-keptTurns);
}

/** Asks one watcher how it is; silence is kept beside what it said last. */
async function askOne(line: Line, was: WatcherSeen, options: DeskOptions): Promise<WatcherSeen> {
  const { clock, log, signal, askMs = 5000 } = options;
  const { id } = line;
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
    const said = resultSchema.parse(await line.client.post('/v1/command', { command: 'status', history }, until));
    const at = clock.now();
    return { id, seen: seenSchema.parse(said.data), seenAt: at, why: undefined, turns: turned(was, true, at) };
  } catch (error) {
    const why = messageOf(error);
    if (was.why !== why && !signal.aborted) log.warn({ watcher: id, reason: why }, 'watcher could not be asked');
    return { ...was, why, turns: turned(was, false, clock.now()) };
  }
}

/** What a switch or return would do, as last looked up. */
function openLooks(tell: (command: CommandInput) => Promise<Told>, clock: Clock) {
  const looks = new Map<string, { readonly begun: number; looked: Looked }>();
  return {
    forget: () => looks.clear(),
    look(goal: 'switch' | 'return', master: string, by: string): Looked {
      const key = `${goal} ${master}`;
      const now = clock.now();
      const last = looks.get(key);
      if (last !== undefined && (last.looked.kind === 'asking' || now - last.begun < lookedMs)) return last.looked;
      const entry: { begun: number; looked: Looked } = { begun: now, looked: { kind: 'asking' } };
      looks.set(key, entry);
      const to = goal === 'return' ? { to: master } : {};
      tell({ command: 'prepare', by, from: master, goal, ...to }).then(
        ({ result, from }) => {
          entry.looked = { kind: 'answered', result, from, at: clock.now() };
        },
        (error: unknown) => {
          entry.looked = { kind: 'silent', why: messageOf(error) };
        },
      );
      return entry.looked;
    },
  };
}

interface Told {
  readonly result: CommandResult;
  readonly from: string;
}

/** Opens the desk; it asks until the signal comes. */
export function openDesk(options: DeskOptions): WatchDesk & AllWatchers & { readonly ended: Promise<void> } {
  const { lines, clock, log, signal, everyMs = 2000 } = options;
  const known = new Map(lines.map(({ id }) => [id, unseen(id)]));
  const of = (id: string): WatcherSeen => known.get(id) ?? unseen(id);

  async function tell(command: CommandInput): Promise<Told> {
    const line = lines.find(({ id }) => of(id).why === undefined);
    const hint = 'On a watcher: tandem failover status';
    if (line === undefined) throw new Unreachable('No watcher answers, so nothing was ordered.', { hint });
    try {
      const said = await line.client.post('/v1/command', command, AbortSignal.timeout(tellMs));
      return { result: resultSchema.parse(said), from: line.id };
    } catch (cause) {
      const sentence = `${line.id} was told and did not answer: ${messageOf(cause)}. It may go on with it.`;
      throw new Unreachable(sentence, { cause, hint });
    }
  }

  const looks = openLooks(tell, clock);
  const asking = loop({
    name: 'watchers',
    everyMs,
    clock,
    signal,
    log,
    turn: () => Promise.all(lines.map(async (line) => known.set(line.id, await askOne(line, of(line.id), options)))),
  });
  return {
    watchers: () => lines.map(({ id }) => of(id)),
    problem: undefined,
    look: looks.look,
    async tell(command) {
      const { result } = await tell(command);
      // What was looked up before may no longer be true after it.
      looks.forget();
      asking.wake();
      return result;
    },
    askAll: (command) =>
      Promise.all(
        lines.map(async ({ id, client }) => {
          try {
            const said = await client.post('/v1/command', command, AbortSignal.timeout(tellMs));
            return { id, said: resultSchema.parse(said) };
          } catch (error) {
            return { id, said: messageOf(error) };
          }
        }),
      ),
    ended: asking.ended,
  };
}

/** The desk of a portal that has no certificate for the watchers. */
export function closedDesk(ids: readonly string[], problem: string): WatchDesk & AllWatchers {
  const silent = (): WatcherSeen[] => ids.map((id) => ({ ...unseen(id), why: problem }));
  return {
    watchers: silent,
    problem,
    look: () => ({ kind: 'silent', why: problem }),
    askAll: async () => ids.map((id) => ({ id, said: problem })),
    tell: async () => {
      throw new Unreachable(problem, { hint: 'See docs/watching.md › The portal.' });
    },
  };
}
