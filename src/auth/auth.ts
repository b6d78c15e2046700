import type { Actor } from './actor.ts';
import { type AuditEntry, type AuditInput, auditAppend, auditList, auditVerify } from './audit.ts';
import { type AuditFilter, auditFind, auditPages } from './audit-export.ts';
import { auditHead, auditHeadProblem, type SignedHead } from './audit-head.ts';
import { type Customers, openCustomers } from './customers.ts';
import { type Desk, openDesk } from './desk.ts';
import { type DoorSessions, openDoorSessions } from './door-sessions.ts';
import { type ForgottenLink, forgottenLink, forgottenWait } from './forgotten.ts';
import type { AuthJournal, AuthSeal } from './journal.ts';
import { openPasskeys, type Passkeys } from './passkeys.ts';
import {
  type Attempt,
  decoyHash,
  type Person,
  type PersonInput,
  passwordCheck,
  people,
  person,
  personAdd,
  type SignIn,
  signIn,
} from './people.ts';
import {
  type PasswordLink,
  type PersonChange,
  passwordByLink,
  passwordLink,
  passwordLinkOf,
  personChange,
  personPassword,
  personRemove,
  personSuspend,
} from './people-change.ts';
import { personUndo, personUndoSet } from './person-settings.ts';
import { openSecondFactor, type SecondFactor } from './second-factor.ts';
import {
  type SessionFrom,
  type SessionInfo,
  sessionBegin,
  sessionEnd,
  sessionIsOf,
  sessionList,
} from './session-list.ts';
import { JournalSessions } from './sessions.ts';
import {
  type Token,
  type TokenChange,
  type TokenInput,
  tokenActor,
  tokenCheck,
  tokenCreate,
  tokenRevoke,
  tokenRows,
  tokens,
  tokenUpdate,
} from './tokens.ts';

/** People, tokens, sessions and the audit trail, over one journal. */
export interface Auth {
  personAdd(input: PersonInput): Promise<Person>;
  personRemove(name: string): Promise<void>;
  person(name: string): Promise<Person | undefined>;
  people(): Promise<readonly Person[]>;
  personChange(name: string, change: PersonChange): Promise<void>;
  personSuspend(name: string, suspended: boolean): Promise<void>;
  /** How many seconds this person can undo a change; undefined: as configured. */
  personUndo(name: string): Promise<number | undefined>;
  personUndoSet(name: string, seconds: number | undefined): Promise<void>;
  /** Ends all sessions of the person but `keep`. */
  personPassword(name: string, password: string, keep?: string): Promise<void>;
  passwordLink(name: string): Promise<PasswordLink>;
  /** For whoever asks from outside: seconds to wait, or undefined when the attempt is counted and may go on. */
  forgottenWait(name: string, address: string): Promise<number | undefined>;
  /** undefined: nobody who can get a letter. */
  forgottenLink(name: string): Promise<ForgottenLink | undefined>;
  passwordLinkOf(secret: string): Promise<string | undefined>;
  passwordByLink(secret: string, password: string): Promise<string>;
  /** Name and password, and the second factor's `code` where one is set up. Every door signs people in by this. */
  signIn(attempt: Attempt): Promise<SignIn>;
  /** For a step up, by a person who is signed in already. */
  passwordCheck(attempt: Attempt): Promise<'right' | 'wrong' | 'wait'>;
  readonly secondFactor: SecondFactor;
  readonly passkeys: Passkeys;
  sessionBegin(sid: string, from: SessionFrom): Promise<void>;
  sessionIsOf(sid: string, person: string): Promise<boolean>;
  sessionList(person?: string): Promise<readonly SessionInfo[]>;
  sessionEnd(id: string, person?: string): Promise<boolean>;
  tokenCreate(input: TokenInput): Promise<{ readonly token: string; readonly info: Token }>;
  tokenCheck(token: string, from?: { readonly address?: string; readonly user?: string }): Promise<Actor | undefined>;
  tokens(): Promise<readonly Token[]>;
  tokenRevoke(id: string): Promise<boolean>;
  tokenUpdate(id: string, change: TokenChange): Promise<Token>;
  /** Cookie sessions and one-time links of the passthrough. */
  readonly door: DoorSessions;
  audit(input: AuditInput): Promise<AuditEntry>;
  auditList(page: { readonly before?: number; readonly limit: number }): Promise<readonly AuditEntry[]>;
  auditVerify(): Promise<{ readonly entries: number; readonly brokenAt?: number }>;
  auditFind(filter: AuditFilter): Promise<readonly AuditEntry[]>;
  /** The whole trail, oldest first, page by page. */
  auditPages(): AsyncGenerator<readonly AuditEntry[]>;
  /** The end of the trail, signed; to be kept elsewhere. */
  auditHead(): Promise<SignedHead>;
  auditHeadProblem(kept: unknown): Promise<string | undefined>;
  readonly desk: Desk;
  readonly customers: Customers;
  readonly sessions: JournalSessions;
}

/** Puts auth together. Opens nothing: the journal is its owner's to close. */
export function openAuth(options: {
  readonly journal: AuthJournal;
  /** Seals the secrets of second factors. */
  readonly seal: AuthSeal;
  readonly clock?: () => number;
}): Auth {
  const deps = { journal: options.journal, seal: options.seal, clock: options.clock ?? Date.now };
  const secondFactor = openSecondFactor(deps);
  const shown = tokenRows(deps);
  let decoy: Promise<string> | undefined;
  /** Once a token is changed it is looked at anew, and what was read meanwhile is not kept. */
  async function changing<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } finally {
      shown.forget();
    }
  }
  return {
    personAdd: (input) => personAdd(deps, input),
    personRemove: (name) => personRemove(deps, name),
    personChange: (name, change) => personChange(deps, name, change),
    personSuspend: (name, suspended) => personSuspend(deps, name, suspended),
    personUndo: (name) => personUndo(deps, name),
    personUndoSet: (name, seconds) => personUndoSet(deps, name, seconds),
    personPassword: (name, password, keep) => personPassword(deps, name, password, keep),
    passwordLink: (name) => passwordLink(deps, name),
    forgottenWait: (name, address) => forgottenWait(deps, name, address),
    forgottenLink: (name) => forgottenLink(deps, name),
    passwordLinkOf: (secret) => passwordLinkOf(deps, secret),
    passwordByLink: (secret, password) => passwordByLink(deps, secret, password),
    passwordCheck: (attempt) => passwordCheck(deps, attempt),
    secondFactor,
    passkeys: openPasskeys(deps),
    sessionBegin: (sid, from) => sessionBegin(deps, sid, from),
    sessionIsOf: (sid, name) => sessionIsOf(deps, sid, name),
    sessionList: (name) => sessionList(deps, name),
    sessionEnd: (id, name) => sessionEnd(deps, id, name),
    person: (name) => person(deps, name),
    people: () => people(deps),
    signIn: (attempt) => {
      decoy ??= decoyHash();
      return signIn({ ...deps, decoy, secondFactor }, attempt);
    },
    tokenCreate: (input) => changing(() => tokenCreate(deps, input)),
    tokenCheck: (token, from) => tokenCheck(deps, token, from, shown),
    tokens: () => tokens(deps),
    tokenRevoke: (id) => changing(() => tokenRevoke(deps, id)),
    tokenUpdate: (id, change) => changing(() => tokenUpdate(deps, id, change)),
    door: openDoorSessions(deps, {
      person: (name) => person(deps, name),
      token: (id, address) => tokenActor(deps, id, address),
    }),
    audit: (input) => auditAppend(deps, input),
    auditList: (page) => auditList(deps, page),
    auditVerify: () => auditVerify(deps),
    auditFind: (filter) => auditFind(deps, filter),
    auditPages: () => auditPages(deps),
    auditHead: () => auditHead(deps),
    auditHeadProblem: (kept) => auditHeadProblem(deps, kept),
    desk: openDesk(deps),
    customers: openCustomers(deps),
    sessions: new JournalSessions(deps),
  };
}
