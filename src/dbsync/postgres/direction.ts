/** One database in one direction, again and again until told to stop. */
import { AppError, messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { DatabaseAway } from '../model.ts';
import type { Applier } from './applier.ts';
import { codeOf, explained } from './connect.ts';
import { type FollowDeps, follow } from './follow.ts';
import { LetGo } from './leave.ts';

export type DirectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'streaming' }
  /** Another process, such as Tandem on the other watcher, does it. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'away'; readonly reason: string }
  /** A change that cannot be applied; it is tried again and again, and nothing behind it is applied. */
  | { readonly kind: 'stopped'; readonly reason: string };

export interface Running {
  readonly database: string;
  readonly from: string;
  readonly to: string;
  readonly state: DirectionState;
  /** Rows that both masters had changed, since this process began. */
  readonly conflicts: number;
  stop(): Promise<void>;
}

const retryMs = { away: 500, stopped: 5000, elsewhere: 3000 } as const;

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

/** What another holder of the slot or the origin makes the server say: object_in_use. */
function isHeldElsewhere(error: unknown): boolean {
  return codeOf(causeOf(error)) === '55006';
}

function stateOf(error: unknown): Exclude<DirectionState, { kind: 'connecting' | 'streaming' }> {
  if (isHeldElsewhere(error) || error instanceof LetGo) return { kind: 'elsewhere' };
  // A database that was dropped, and its slot with it: the watch ends this at its next look.
  const isGone = codeOf(causeOf(error)) === '3D000' || /replication slot "[^"]+" does not exist/.test(messageOf(error));
  return { kind: isGone || error instanceof DatabaseAway ? 'away' : 'stopped', reason: messageOf(error) };
}

/** Begins to carry; reconnects by itself. */
export function runDirection(deps: Omit<FollowDeps, 'careful'> & { readonly log: Logger }): Running {
  const stopping = new AbortController();
  const { signal } = stopping;
  let state: DirectionState = { kind: 'connecting' };
  let before = 0;
  let applier: Applier | undefined;
  let said = '';
  const careful = new Set<bigint>();
  let tried = 0;
  const names = { database: deps.database, from: deps.from.side.id, to: deps.to.side.id };
  const tell = (now: DirectionState): void => {
    state = now;
    const sentence = 'reason' in now ? now.reason : now.kind;
    // A reason that stays is told once.
    if (sentence !== said) deps.log.warn({ ...names, state: now.kind, reason: sentence }, 'replication of a database');
    said = sentence;
  };
  /** Follows until it fails; answers how long to wait then. */
  async function once(): Promise<number> {
    try {
      await follow({ ...deps, careful }, signal, (opened) => {
        applier = opened;
        state = { kind: 'streaming' };
      });
      return retryMs.away;
    } catch (error) {
      const isToBeTriedSlowly = careful.size > tried;
      tried = careful.size;
      if (isToBeTriedSlowly) return 0;
      // What the library throws between two statements is told apart like the rest.
      const now = stateOf(error instanceof AppError ? error : explained(deps.to.side, error));
      tell(now);
      return retryMs[now.kind];
    } finally {
      before += applier?.conflicts ?? 0;
      applier = undefined;
    }
  }
  async function go(): Promise<void> {
    while (!signal.aborted) await deps.clock.sleep(await once(), signal);
  }
  const going = go();
  return {
    ...names,
    get state() {
      return state;
    },
    get conflicts() {
      return before + (applier?.conflicts ?? 0);
    },
    async stop() {
      stopping.abort();
      await going;
    },
  };
}
