import { merged } from './merge.ts';
import type { Known, Offer, Side, State, Version } from './model.ts';
import { sameState } from './states.ts';
import { bumped, joined, order } from './version.ts';

/** What to do about an offer. */
export type Decision =
  /** Both have it. */
  | { readonly kind: 'same' }
  /** This side has something newer, which the other will be told. */
  | { readonly kind: 'old' }
  /** Both made the same change; only what is known about it is put together. */
  | { readonly kind: 'join'; readonly version: Version }
  /** The other side changed what this side had. */
  | { readonly kind: 'take'; readonly version: Version; readonly state: State; readonly conflict: boolean }
  /**
   * Both changed it, and this side settles: `state` becomes its own and goes to the other side. `keepMine`: this side's
   * content loses and is kept outside the tree; `keepTheirs`: the other side is told to keep its own.
   */
  | {
      readonly kind: 'merge';
      readonly version: Version;
      readonly state: State;
      readonly keepMine: boolean;
      readonly keepTheirs: boolean;
    }
  /** Both changed it, and the other side settles: it needs to see this side's state. */
  | { readonly kind: 'crossed' };

/**
 * What `side` does when it is offered `offer` while `mine` is what it has, as its disk was looked at a moment ago.
 * `count` is the next number of its counter, used by side 1 for what it settles. Side 1 alone settles, and its answer
 * knows of both changes, so both sides end with the same state whatever each remembers.
 */
export function decide(mine: Known, offer: Offer, side: Side, count: number): Decision {
  switch (order(mine.version, offer.version)) {
    case 'equal':
      // Only a lost database makes two different states of one version.
      return sameState(mine.state, offer.state) ? { kind: 'same' } : settle(mine, offer, side, count);
    case 'newer':
      return { kind: 'old' };
    case 'older':
      return { kind: 'take', version: offer.version, state: offer.state, conflict: offer.conflict };
    case 'crossed':
      if (sameState(mine.state, offer.state)) return { kind: 'join', version: joined(mine.version, offer.version) };
      return settle(mine, offer, side, count);
  }
}

function settle(mine: Known, offer: Offer, side: Side, count: number): Decision {
  if (side === 2) return { kind: 'crossed' };
  const { state, loses } = merged(mine.pending ? mine.agreed : mine.state, mine.state, offer.state);
  const version = bumped(joined(mine.version, offer.version), side, count);
  return { kind: 'merge', version, state, keepMine: loses === 'first', keepTheirs: loses === 'second' };
}

/**
 * What this side knows after a decision, but for the fingerprint of what it then has. What both sides came to by
 * themselves stays pending: the other side knows of this side's change only when it has been told.
 */
export function remembered(mine: Known, offer: Offer, decision: Decision): Known {
  switch (decision.kind) {
    case 'same':
      return { version: offer.version, state: mine.state };
    case 'old':
      return mine;
    case 'join':
      return { version: decision.version, state: mine.state, agreed: mine.state, pending: true };
    case 'crossed':
      return { ...mine, pending: true };
    case 'take': {
      const { version, state } = decision;
      return order(version, offer.version) === 'equal'
        ? { version, state }
        : { version, state, agreed: state, pending: true };
    }
    case 'merge':
      return {
        version: decision.version,
        state: decision.state,
        agreed: offer.state,
        pending: true,
        ...(decision.keepTheirs ? { conflict: true as const } : {}),
      };
  }
}
