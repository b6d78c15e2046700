import type { z } from 'zod';
import type { Master, Masters } from '../masters.ts';
import type { Args, WhmCall } from '../whm/call.ts';
import type { Again } from '../whm/functions/model.ts';
import type { Answer } from '../whm/outcome.ts';

/** Who is offered the action. */
export type Audience = 'staff' | 'reseller' | 'customer' | 'mailbox-user';

/** Whose thing the action changes; permission is asked on it. */
export type Subject =
  | { readonly kind: 'account'; readonly account: string; readonly domain?: string; readonly mailbox?: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'reseller'; readonly name: string }
  | { readonly kind: 'server' };

/** What an operation touches. `account:bob`, `domain:bob.example`, `package:gold`, `reseller:x`, `server`. */
export interface Key {
  readonly name: string;
  readonly exclusive: boolean;
}

export function exclusive(name: string): Key {
  return { name, exclusive: true };
}

export function shared(name: string): Key {
  return { name, exclusive: false };
}

/** Data that replication or file sync would carry away on the other master too. */
export type Destroyed = 'database' | 'home' | 'mail' | 'zone';

export type Plan =
  /** What is wanted is there. */
  | { readonly kind: 'settled' }
  /** Make these calls, in order. */
  | { readonly kind: 'apply'; readonly calls: readonly [WhmCall, ...WhmCall[]] }
  /** It cannot be done here, and nothing was changed by this look. */
  | { readonly kind: 'refused'; readonly reason: string };

export const settled: Plan = { kind: 'settled' };

export function apply(first: WhmCall, ...more: readonly WhmCall[]): Plan {
  return { kind: 'apply', calls: [first, ...more] };
}

export function refused(reason: string): Plan {
  return { kind: 'refused', reason };
}

/** The master a leg is for, and what the plan may know of the leg's own past. */
export interface Place {
  readonly master: Master;
  readonly masters: Masters;
  /**
   * True once a call of this leg may have taken effect here (it was sent, and not proved unsent).
   * Before that, a thing that is already there is somebody else's: a create is refused, "exists".
   */
  readonly sent: boolean;
}

/** Values that must be equal on all masters, made once by the runner when `wants` asks for them. */
export interface Chosen {
  /** Free uid, also used as gid, from the range reserved on all masters. */
  readonly uid?: number;
  /** A strong random password. */
  readonly password?: string;
  /** RSA 2048 private key, PEM. */
  readonly dkimKey?: string;
  /** A free dedicated address pair: master id → address. */
  readonly addresses?: Readonly<Record<string, string>>;
}

/**
 * Work on a master that takes too long for one call and comes before the leg's own calls: an archive of the account is
 * taken off it, or brought back to it.
 */
export type LongJob =
  | { readonly kind: 'archive'; readonly account: string }
  | { readonly kind: 'restore'; readonly account: string; readonly archive: string };

/** What is read from a master to complete the parameters before the operation is accepted. */
export interface Preparation<P> {
  readonly calls: readonly WhmCall[];
  /** `crypt`: crypt(3) of a password, SHA-512, with a salt of chance. */
  fill(answers: readonly Answer[], crypt: (password: string) => string): P;
}

/** What a creation asks every reachable master before the lead is. */
export interface Preflight {
  readonly calls: readonly WhmCall[];
  /** WHM's own sentence when this master would refuse, else undefined. */
  judge(answers: readonly Answer[]): string | undefined;
}

/**
 * What a program makes anew each time it asks for the same thing, as a billing system its customer's first password: a
 * request that differs in nothing else is the earlier one, and what was said last is set by another action after it.
 */
export interface Retold<P> {
  readonly fields: readonly (keyof P & string)[];
  /** undefined: nothing was said. `first` are the parameters of the earlier one, secrets taken out. */
  ask(
    p: P,
    first: Readonly<Record<string, unknown>>,
  ): { readonly action: string; readonly params: Readonly<Record<string, unknown>> } | undefined;
}

/**
 * A kind of change, declared once. Data plus pure functions: no client, no store, no clock, no chance.
 * Forms, permission, passthrough, CLI flags, API documents, audit text, dry run, verification and repair follow from it.
 */
export interface Action<Id extends string = string, P extends z.ZodObject = z.ZodObject, Seen = unknown> {
  /** Stored in the journal, typed at the command line. Never renamed. 'mailbox.add'. */
  readonly id: Id;
  /** Verb and noun for buttons, headings and help: 'Add mailbox'. */
  readonly title: string;
  readonly audience: readonly Audience[];
  /** Each field has `.meta({ label, help?, input?, secret?, placeholder? })`. */
  readonly params: P;
  /** Fields that cannot be read back, such as a password. */
  readonly blind?: readonly (keyof z.output<P> & string)[];
  /** Left out: a request is the same one only if all of it is. */
  readonly retold?: Retold<z.output<P>>;
  readonly again: Again;
  /** Where it depends on the parameters (generic calls); otherwise `again` counts. */
  againFor?(p: z.output<P>): Again;
  /**
   * Asking for the opposite puts back what stood before. Staff see *Undo* for a while before anything is sent; what is
   * not reversible asks beforehand instead, or makes something new.
   */
  readonly reversible?: boolean;
  /** What it destroys, default nothing. */
  readonly destroys?: readonly Destroyed[];
  /** It makes, moves or removes the homes of the accounts that it takes for itself: file sync leaves them alone meanwhile. */
  readonly homes?: boolean;
  /** What ends a leg: WHM's "1" (default), or a look that finds the plan settled. */
  readonly proof?: 'answer' | 'look';
  /**
   * Passthrough functions it takes over: raw arguments → parameters (unparsed). undefined: these arguments ask for more
   * than the action can say, so it does not take the call. UAPI and API 2 name the account 'cpanel.user'.
   */
  readonly covers?: Readonly<Record<string, (raw: Args) => Record<string, unknown> | undefined>>;
  /** A refusal that only says that the master moved on since the look: look and plan again. */
  stale?(reason: string): boolean;
  subject(p: z.output<P>): Subject;
  /** Without `server`, which every operation takes as shared unless it names it. */
  keys(p: z.output<P>): readonly Key[];
  wants?(p: z.output<P>): readonly (keyof Chosen)[];
  choose?(p: z.output<P>, chosen: Chosen): z.output<P>;
  /** Completes the parameters from what the active master knows; left out when no master can be reached. Throws Invalid. */
  prepare?(p: z.output<P>, masters: Masters): Preparation<z.output<P>> | undefined;
  /**
   * 'active': only the account's active master, as it is when the operation is accepted. What it leaves are files of a
   * home, which file sync carries on; so nothing is asked of the others, and nothing is compared afterwards: the
   * account's own programs may change a file at any time.
   */
  readonly where?: 'active';
  /** Ids of the only masters that it concerns; undefined: all of them. */
  masters?(p: z.output<P>): readonly string[] | undefined;
  preflight?(p: z.output<P>, place: Place): Preflight;
  /** Reads, as data. */
  observe(p: z.output<P>, place: Place): readonly WhmCall[];
  /** Parses the answers to `observe`, same order. Throws Garbled when they have no known shape. */
  read(p: z.output<P>, answers: readonly Answer[], place: Place): Seen;
  plan(p: z.output<P>, seen: Seen, place: Place): Plan;
  /** Takes back what this operation did on one master; only offered where it is safe. */
  undo?(p: z.output<P>, seen: Seen, place: Place): Plan;
  /** Further secret values inside the parameters (generic calls); fields with `secret` need not be listed. */
  secrets?(p: z.output<P>): readonly string[];
  /** What has to be over on a master before anything is called there; undefined: nothing. */
  job?(p: z.output<P>): LongJob | undefined;
  /** The longest that the master may go on working after we stopped listening. Default: from the function table. */
  readonly longestSeconds?: number;
}

/** Identity function that lets TypeScript infer the parameters and what is seen. */
export function define<Id extends string, P extends z.ZodObject, Seen>(
  action: Action<Id, P, Seen>,
): Action<Id, P, Seen> {
  return action;
}
