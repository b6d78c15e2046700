import type { Actor } from './actor.ts';
import { type AuditEntry, type AuditInput, auditAppend, auditList, auditVerify } from './audit.ts';
import { type DoorSessions, openDoorSessions } from './door-sessions.ts';
import type { AuthJournal } from './journal.ts';
import {
  decoyHash,
  type Person,
  type PersonInput,
  people,
  person,
  personAdd,
  personRemove,
  type SignIn,
  signIn,
} from './people.ts';
import { JournalSessions } from './sessions.ts';
import {
  type Token,
  type TokenChange,
  type TokenInput,
  tokenActor,
  tokenCheck,
  tokenCreate,
  tokenRevoke,
  tokens,
  tokenUpdate,
} from './tokens.ts';

/** People, tokens, sessions and the audit trail, over one journal. */
export interface Auth {
  personAdd(input: PersonInput): Promise<Person>;
  personRemove(name: string): Promise<void>;
  person(name: string): Promise<Person | undefined>;
  people(): Promise<readonly Person[]>;
  signIn(attempt: { readonly name: string; readonly password: string; readonly address: string }): Promise<SignIn>;
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
  readonly sessions: JournalSessions;
}

/** Puts auth together. Opens nothing: the journal is its owner's to close. */
export function openAuth(options: { readonly journal: AuthJournal; readonly clock?: () => number }): Auth {
  const deps = { journal: options.journal, clock: options.clock ?? Date.now };
  let decoy: Promise<string> | undefined;
  return {
    personAdd: (input) => personAdd(deps, input),
    personRemove: (name) => personRemove(deps, name),
    person: (name) => person(deps, name),
    people: () => people(deps),
    signIn: (attempt) => {
      decoy ??= decoyHash();
      return signIn({ ...deps, decoy }, attempt);
    },
    tokenCreate: (input) => tokenCreate(deps, input),
    tokenCheck: (token, from) => tokenCheck(deps, token, from),
    tokens: () => tokens(deps),
    tokenRevoke: (id) => tokenRevoke(deps, id),
    tokenUpdate: (id, change) => tokenUpdate(deps, id, change),
    door: openDoorSessions(deps, {
      person: (name) => person(deps, name),
      token: (id, address) => tokenActor(deps, id, address),
    }),
    audit: (input) => auditAppend(deps, input),
    auditList: (page) => auditList(deps, page),
    auditVerify: () => auditVerify(deps),
    sessions: new JournalSessions(deps),
  };
}
