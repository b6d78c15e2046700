/** What was met while an archive was read from end to end, and what of the wanted is not among it. Pure. */
import type { Wanted } from './wanted.ts';

/** One file of an archive: where it stands in it, how long it is, and of dumps how they begin and end. */
export interface Member {
  /** Without the archive's own top folder: 'mysql/bob_shop.sql'. */
  readonly path: string;
  readonly bytes: number;
  readonly head?: string;
  readonly tail?: string;
}

export interface Findings {
  /** Takes one member in. */
  note(member: Member): void;
  /** What is wanted and is not there, or not whole; empty: verified. */
  missing(): readonly string[];
}

/** A dump that says what it is also says when it is complete; a cut one does not. */
function isWhole(member: Member): boolean {
  if (member.bytes === 0) return false;
  const says = /^-- (MySQL|MariaDB) dump/m.test(member.head ?? '');
  return !says || /^-- Dump completed/m.test(member.tail ?? '');
}

/** Whether the beginning and the end of a member are wanted beside its name. */
export function isDump(path: string): boolean {
  return /^mysql\/[^/]+\.sql$/.test(path);
}

interface Still {
  readonly databases: Set<string>;
  readonly cut: Set<string>;
  readonly mailboxes: Set<string>;
  readonly dkim: Set<string>;
  tlsKeys: number;
  hasAccount: boolean;
  hasHome: boolean;
}

function meet(still: Still, wanted: Wanted, member: Member): void {
  const { path } = member;
  const database = /^mysql\/([^/]+)\.sql$/.exec(path)?.[1];
  if (database !== undefined) {
    still.databases.delete(database);
    if (!isWhole(member)) still.cut.add(database);
  }
  const box = /^homedir\/mail\/([^/]+)\/([^/]+)(\/|$)/.exec(path);
  if (box !== null) still.mailboxes.delete(`${box[2]}@${box[1]}`);
  const domain = /^domainkeys\/private\/([^/]+)$/.exec(path)?.[1];
  if (domain !== undefined && member.bytes > 0) still.dkim.delete(domain);
  if (/^(homedir\/ssl\/keys|sslkeys)\/[^/]+\.key$/.test(path) && member.bytes > 0) still.tlsKeys += 1;
  if (path === `cp/${wanted.account}` && member.bytes > 0) still.hasAccount = true;
  if (path.startsWith('homedir')) still.hasHome = true;
}

/** Nothing met yet. Remembers only what is wanted, however large the archive is. */
export function findings(wanted: Wanted): Findings {
  const still: Still = {
    databases: new Set(wanted.databases),
    cut: new Set(),
    mailboxes: new Set(wanted.mailboxes),
    dkim: new Set(wanted.dkim),
    tlsKeys: 0,
    hasAccount: false,
    hasHome: false,
  };
  return {
    note: (member) => meet(still, wanted, member),
    missing: () => [
      ...(still.hasAccount ? [] : ['the account itself']),
      ...(still.hasHome ? [] : ['its home']),
      ...[...still.databases].map((name) => `database ${name}`),
      ...[...still.cut].map((name) => `the whole of database ${name}`),
      ...[...still.mailboxes].map((address) => `mailbox ${address}`),
      ...[...still.dkim].map((domain) => `the DKIM key of ${domain}`),
      ...(still.tlsKeys < wanted.tlsKeys ? [`${wanted.tlsKeys - still.tlsKeys} private keys of certificates`] : []),
    ],
  };
}
