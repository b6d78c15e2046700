import type { Logger } from 'pino';
import type { Action, Subject } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import type { OwnerOf } from '../../auth/may.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { ActiveDesk } from '../../operations/move-active.ts';

/** The catalogue, as the API needs it. */
export interface Catalogue {
  readonly all: readonly Action[];
  /** undefined for an id that no action has. */
  get(id: string): Action | undefined;
}

/** Everything that the JSON API needs; main.ts wires it. */
export interface ApiDeps {
  readonly operations: Operations;
  readonly reads: Reads;
  /** For the watchers: who is active, and what a return must wait for. Without it those addresses are not there. */
  readonly active?: ActiveDesk;
  /** For the same: whether certificates are the same on all masters; 'unknown' when nobody compared them lately. */
  readonly certificatesEqual?: () => Promise<boolean | 'unknown'>;
  /** For the watchers: which account belongs where, and which no switch moves. */
  readonly placement?: () => Promise<unknown>;
  readonly catalogue: Catalogue;
  /** The actor of a bearer token; undefined when it is wrong, whatever the reason. */
  readonly tokenCheck: (token: string, from: { readonly address: string }) => Promise<Actor | undefined>;
  readonly may: (actor: Actor, action: string, subject: Subject, ownerOf: OwnerOf) => boolean;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms`; slows down answers to wrong tokens. */
  readonly delay: (ms: number) => Promise<void>;
  readonly version: string;
}
