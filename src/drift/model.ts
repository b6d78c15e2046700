/**
 * The words of drift: a *kind* of thing that is compared, a *thing* of it (a mailbox, a record set), what each master
 * shows of a thing (its *sides*), and a *finding* when the sides disagree. Masters are a list everywhere.
 */
import type { Masters } from '../masters.ts';
import type { BatchAnswer } from '../whm/batch.ts';
import type { WhmCall } from '../whm/call.ts';

/** What a master shows of one thing: field → text, in the words of people. Never a secret: keys are fingerprints. */
export type Value = Readonly<Record<string, string>>;

/** The things of one kind on one master by name, or why they could not be read: then nothing is concluded from it. */
export type Seen =
  | { readonly ok: true; readonly things: ReadonlyMap<string, Value> }
  | { readonly ok: false; readonly reason: string };

/** Where a thing stands while it is read: values of this master become those of the first, so that equal means equal. */
export interface Place {
  readonly master: string;
  readonly masters: Masters;
  /** Accounts whose domains get no names of one server. */
  readonly withoutOwnNames?: ReadonlySet<string> | undefined;
}

/** One request to make a master like another: an action for that master alone. */
export interface Repair {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The masters it is for: mostly the one that is to change. */
  readonly only: readonly string[];
  /** What is lost by it: nothing of unknown origin may be. */
  readonly removes: boolean;
  /** One line for the preview. */
  readonly sentence: string;
}

/** What a repair would do, or the sentence that says why Tandem does not. */
export type Repairs =
  | { readonly ok: true; readonly steps: readonly Repair[] }
  | { readonly ok: false; readonly reason: string };

export interface RepairInput {
  readonly account: string | null;
  readonly name: string;
  /** As neutral values; undefined: the thing is not there. */
  readonly from: { readonly master: string; readonly value: Value | undefined };
  readonly to: { readonly master: string; readonly value: Value | undefined };
  readonly masters: Masters;
  /** What a kind asked for with `fetch`, from the master that is right. */
  readonly fetched: readonly BatchAnswer[];
}

/** Answers by call, as `callKey` names it: several kinds may ask the same and it is asked once. */
export type Answers = (call: WhmCall) => BatchAnswer;

/** A kind of thing. A further kind is one more file in kinds/ and one line in kinds/index.ts. */
export interface Kind {
  /** Stored with findings; never renamed. */
  readonly id: string;
  /** For people, in the plural: 'Mailboxes'. */
  readonly title: string;
  /** 'account': read per account. 'server': read once for the whole server. */
  readonly scope: 'account' | 'server';
  /** Repairs run in this order: what others stand on comes first. */
  readonly rank: number;
  /**
   * Reads in rounds, as data: a round may depend on the answers before it. No more calls ends it. A kind of the server
   * gets account ''.
   */
  readonly rounds: readonly ((account: string, answers: Answers) => readonly WhmCall[])[];
  /** Throws Garbled for an answer of unknown shape. */
  read(account: string, answers: Answers, place: Place): Seen;
  /** The account of a thing of a server-wide kind. */
  accountOf?(value: Value): string | undefined;
  /** Compared only where every master has it. */
  readonly needs?: 'postgres';
  /** People search for its things by name. */
  readonly findable?: boolean;
  /** Fields that are shown and not compared. */
  readonly shown?: readonly string[];
  /** A text that stands for a value that a master does not tell: it equals every value. */
  readonly untold?: string;
  /** A value that is wrong although all masters agree on it, and what is wrong with it. */
  wrong?(value: Value): boolean;
  readonly wrongly?: string;
  /** The thing that an action with these parameters is about, when it is of this kind. */
  touched(action: string, params: Readonly<Record<string, unknown>>): string | undefined;
  /** Reads for a repair, from the master that is right: keys and other values that findings do not hold. */
  fetch?(input: Omit<RepairInput, 'fetched'>): readonly WhmCall[];
  repair(input: RepairInput): Repairs;
}

/** What one master, or the journal, has of a thing. */
export interface Side {
  /** A master's id. */
  readonly master: string;
  /** undefined: not there. */
  readonly value: Value | undefined;
}

/** Where a thing's present state comes from, as far as the journal knows. */
export interface Origin {
  readonly operation: string;
  readonly action: string;
  readonly at: number;
  /** What the journal expects after it; undefined: something later may have swept over it. */
  readonly expects: 'present' | 'absent' | undefined;
}

/** A difference, before it is known whether it was known before. */
export interface Difference {
  readonly kind: string;
  readonly account: string | null;
  readonly name: string;
  readonly sides: readonly Side[];
  readonly origin: Origin | undefined;
}

export type FindingState = 'open' | 'repairing' | 'repaired' | 'accepted' | 'gone';

/** A difference as people see it. */
export interface Finding extends Omit<Difference, 'origin'> {
  readonly id: string;
  readonly sentence: string;
  readonly state: FindingState;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly endedAt: number | undefined;
  /** The operation that touched it last; undefined: unknown. */
  readonly origin: string | undefined;
  readonly expects: 'present' | 'absent' | undefined;
  readonly repairOperation: string | undefined;
  readonly acceptedBy: string | undefined;
}

/** The name of a read: equal calls have equal ones. */
export function callKey(call: WhmCall): string {
  return JSON.stringify([call.api, call.fn, call.user ?? '', call.args]);
}

export const noRepair = (reason: string): Repairs => ({ ok: false, reason });
export const repairs = (...steps: readonly Repair[]): Repairs => ({ ok: true, steps });
